"""The answer to a question: what was asked, what was found, and everything that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from sweeper.report.documents.model import Figure, Table
from sweeper.report.facts import ACCURACY, Estimate, Measure, Provenance, Value
from sweeper.statistics.collapse import Collapses
from sweeper.statistics.intervals import Interval
from sweeper.statistics.paired import PairVerdict
from sweeper.statistics.summary import Summary
from sweeper.statistics.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One of the things compared, after its nuisance hyperparameters were tuned and it ran with fresh seeds.

    Attributes:
        name: as it reads in a table.
        value: mean of the measure over seeds; of accuracies, over those that did not collapse.
        interval: of that mean.
        points: the measure for each seed.
        over_seeds: the narrower interval on these examples, where `interval` is over examples, too.
        median: of all seeds.
        mean_of_all: of all seeds, collapses included.
        collapses: how many runs collapsed; None where that was not asked.
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
    over_seeds: Interval | None = None
    median: float | None = None
    mean_of_all: float | None = None
    collapses: Collapses | None = None

    @property
    def estimate(self) -> Estimate:
        """As a figure draws it."""
        low, high = (self.interval.low, self.interval.high) if self.interval else (None, None)
        return Estimate(self.name, self.value, low, high, tuple(self.points), self.verdict)


def summarized(name: str, found: Summary, points: Sequence[float], **more: Any) -> ConditionResult:
    """A condition of accuracies that were summed up; `more` are its other attributes."""
    return ConditionResult(
        name=name,
        value=found.mean,
        interval=found.interval,
        points=tuple(points),
        over_seeds=found.over_seeds,
        median=found.median,
        mean_of_all=found.mean_of_all,
        collapses=found.collapses,
        **more,
    )


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
    conditions: Sequence[ConditionResult] = ()
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


def _condition(condition: ConditionResult) -> dict[str, Any]:
    return {
        "name": condition.name,
        "seeds": len(condition.points),
        "mean": condition.value,
        "interval": asdict(condition.interval) if condition.interval else None,
        "over_seeds": asdict(condition.over_seeds) if condition.over_seeds else None,
        "median": condition.median,
        "mean_of_all": condition.mean_of_all,
        "collapses": asdict(condition.collapses) if condition.collapses else None,
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
