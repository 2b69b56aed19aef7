"""What is made of an experiment's results: one analysis a file, each a function from results to an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sweeper.questions.registry import ANALYSES

if TYPE_CHECKING:
    from sweeper.questions.experiment_results import Results
    from sweeper.report.answer.answer import Answer


def answer(results: Results) -> Answer:
    """The answer that a question's analysis makes of its results."""
    found: Answer = ANALYSES[results.prepared.question.analysis].load()(results)
    return found
