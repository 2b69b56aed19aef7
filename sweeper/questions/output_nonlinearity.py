"""Why the output stays linear, and why the loss is computed from logits."""

from __future__ import annotations

from dataclasses import replace

from sweeper.questions.compare import compare
from sweeper.questions.results import Results
from sweeper.questions.stability import Stability, breaks_at, stability
from sweeper.report.answer import Answer
from sweeper.report.document import Column, Table


def output_nonlinearity(results: Results) -> Answer:
    """The comparison of output nonlinearities, and where a cross-entropy written by hand breaks."""
    answer = compare(results)
    why = (
        "A ReLU at the output makes every score of at least zero and passes no gradient where it cuts off; tanh and "
        "sigmoid leave the scores so close together that softmax cannot be sure of any class."
    )
    broken = (
        f"Computed from logits the loss is right for any scores; a softmax followed by a logarithm is infinite in "
        f"32-bit floats from a gap of {breaks_at():g} between two logits on, and its gradient is then not a number."
    )
    return replace(answer, sentences=[*answer.sentences, why, broken], tables=[*answer.tables, _table()])


def _table() -> Table:
    columns = (
        Column("Gap between two logits", "g", "right"),
        Column("Loss, exact", ".4f", "right"),
        Column("From logits", ".4f", "right"),
        Column("Softmax, then logarithm", align="right"),
    )
    rows = [(s.gap, s.exact, s.from_logits, _by_hand(s)) for s in stability()]
    return Table("The loss of a wrong answer that the network is sure of, in 32-bit floats", columns, rows)


def _by_hand(found: Stability) -> str:
    text = "infinite" if found.by_hand == float("inf") else f"{found.by_hand:.4f}"
    return f"{text} (broken)" if found.broken else text
