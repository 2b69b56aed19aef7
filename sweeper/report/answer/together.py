"""Many answers on one page: the chance that one of their intervals misses, and intervals that all hold at once."""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.report.answer.answer import Answer
from sweeper.report.documents.model import Block, Cell, Paragraph, Table, TableColumn
from sweeper.statistics.paired import PairVerdict, rescaled


def together(answers: Sequence[Answer]) -> list[Block]:
    """What one who reads all of them has to know; nothing where fewer than two compare anything."""
    comparing = [answer for answer in answers if answer.pairs]
    count = len(comparing)
    if count < 2:
        return []
    chance = 1 - 0.95**count
    said = (
        f"{count} questions compare something, and the intervals of each hold together in 95% of experiments. In all "
        f"of them at once they need not: if they were independent, the chance that an interval of at least one of "
        f"these questions misses would be {chance:.0%}. The table has the differences to the leader of each question "
        f"with intervals that hold for all {count} questions together (Bonferroni). No comparison was made across "
        "questions."
    )
    return [Paragraph(said), _table(comparing)]


def _table(answers: Sequence[Answer]) -> Table:
    columns = (
        TableColumn("Question"),
        TableColumn("A"),
        TableColumn("B"),
        TableColumn("A less B", align="right"),
        TableColumn("Interval for all questions", align="right"),
    )
    rows: list[list[Cell]] = [
        [answer.name, pair.a, pair.b, *_difference(answer, pair, len(answers))]
        for answer in answers
        for pair in _leaders(answer)
    ]
    return Table(
        "Differences to each question’s leader, in its measure’s unit; 95% for all of them together", columns, rows
    )


def _leaders(answer: Answer) -> list[PairVerdict]:
    """The comparisons that its leader takes part in."""
    leader = next((c.name for c in answer.conditions if c.verdict in {"best", "leads"}), "")
    return [pair for pair in answer.pairs if leader in {pair.a, pair.b}]


def _difference(answer: Answer, pair: PairVerdict, questions: int) -> list[Cell]:
    interval = rescaled(pair, questions)
    texts = [answer.measure.apart(value, sign="+") for value in (pair.difference, interval.low, interval.high)]
    return [texts[0], f"{texts[1]} to {texts[2]}"]
