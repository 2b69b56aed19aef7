"""The answer to a question: what was asked, what was found, and everything that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sweeper.report.documents.model import Figure, Table
from sweeper.report.facts import ACCURACY, Estimate, Measure, Provenance, Value
from sweeper.statistics.intervals import Interval
from sweeper.statistics.paired import PairVerdict
from sweeper.statistics.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the things compared, after its nuisance hyperparameters were tuned and it ran with fresh seeds.

    Attributes:
        name: as it reads in a table.
        value: mean of the measure over seeds.
        interval: of that mean.
        points: the measure for each seed.
        tuned: the nuisance hyperparameters that were found for it.
        train: mean training accuracy, where it is known.
        gap: training less validation accuracy.
        test: mean test accuracy and its interval, where the test split was opened.
        verdict: against the best or the reference; of the highest itself ``best``, or ``leads`` where others may be
            as good.
    """

    name: str
    value: float
    interval: Interval | None = None
    points: Sequence[float] = ()
    tuned: Mapping[str, Value] = field(default_factory=dict)
    train: float | None = None
    gap: float | None = None
    test: float | None = None
    test_interval: Interval | None = None
    verdict: Verdict | Literal["", "reference", "leads", "best"] = ""

    @property
    def estimate(self) -> Estimate:
        """As a figure draws it."""
        low, high = (self.interval.low, self.interval.high) if self.interval else (None, None)
        return Estimate(self.name, self.value, low, high, tuple(self.points), self.verdict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``explore`` says to one question.

    Attributes:
        name: the question's, such as ``activation``; names the report and begins its figures' names.
        title: the question in one line.
        asked: what the tutorial, or the user, asks.
        sentences: the answer: two or three plain sentences with their numbers.
        provenance: where the numbers come from.
        conditions: what was compared, in the order to read them; none for questions that compare nothing.
        pairs: the comparisons.
        measure: of the conditions.
        figures: the most telling first.
        tables: more numbers, where the conditions are not all.
        warnings: what a reader must know before believing it.
        notes: how to read it: remarks that belong to the question.
        ledger: said where test numbers are shown: which opening of the test split this was.
    """

    name: str
    title: str
    asked: str
    sentences: Sequence[str]
    provenance: Provenance
    conditions: Sequence[Condition] = ()
    pairs: Sequence[PairVerdict] = ()
    measure: Measure = ACCURACY
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    warnings: Sequence[str] = ()
    notes: Sequence[str] = ()
    ledger: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; of the figures everything but the picture."""
        return {
            "question": self.name,
            "title": self.title,
            "asked": self.asked,
            "answer": list(self.sentences),
            "measure": asdict(self.measure),
            "conditions": [_condition(condition) for condition in self.conditions],
            "pairs": [_pair(pair) for pair in self.pairs],
            "tables": [_table(table) for table in self.tables],
            "figures": [{"name": f.name, "caption": f.caption, "alt": f.alt} for f in self.figures],
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "ledger": self.ledger or None,
            "provenance": asdict(self.provenance),
        }


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "name": condition.name,
        "seeds": len(condition.points),
        "mean": condition.value,
        "interval": asdict(condition.interval) if condition.interval else None,
        "per_seed": list(condition.points),
        "tuned": dict(condition.tuned),
        "train": condition.train,
        "gap": condition.gap,
        "test": condition.test,
        "test_interval": asdict(condition.test_interval) if condition.test_interval else None,
        "verdict": condition.verdict or None,
    }


def _pair(pair: PairVerdict) -> dict[str, Any]:
    values = asdict(pair)
    improvement = values.pop("improvement")
    return values | {
        "probability_of_improvement": improvement["probability"],
        "probability_interval": improvement["interval"],
    }


def _table(table: Table) -> dict[str, Any]:
    names = [column.name for column in table.columns]
    rows = [{name: getattr(cell, "text", cell) for name, cell in zip(names, row, strict=True)} for row in table.rows]
    return {"caption": table.caption, "rows": rows}
