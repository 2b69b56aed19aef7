"""Which analysis makes the answer to which question."""

from __future__ import annotations

from collections.abc import Callable

from sweeper.questions.analyses.batch_size import batch_size
from sweeper.questions.analyses.conditions import compare
from sweeper.questions.analyses.gap import gaps
from sweeper.questions.analyses.generalization import generalization
from sweeper.questions.analyses.output_nonlinearity import output_nonlinearity
from sweeper.questions.analyses.selection import selection
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Answer

ANALYSES: dict[str, Callable[[Results], Answer]] = {
    "compare": compare,
    "gap": gaps,
    "batch_size": batch_size,
    "generalization": generalization,
    "output_nonlinearity": output_nonlinearity,
    "test_tuning": selection,
}
"""By the name in a question's file."""


def answer(results: Results) -> Answer:
    """The answer that a question's analysis makes of its results."""
    return ANALYSES[results.prepared.question.analysis](results)
