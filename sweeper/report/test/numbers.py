"""The report of an opening of the test split of a regression: the error with its interval, in the target's unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sweeper.report.documents.model import Block, Callout, Cell, Document, Facts, Figure, Paragraph, Section
from sweeper.report.documents.provenance import provenance_blocks
from sweeper.report.documents.publish import Published, publish
from sweeper.report.facts import Measure, Provenance, scope
from sweeper.report.test.report import opening_sentence
from sweeper.statistics.intervals import Interval


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """An opening of the test split; all numbers are in the target's unit, means over members.

    Attributes:
        title: what was tested.
        run: its id.
        opening: which opening of this test split it was, from 1.
        when: it was opened, and `who` asked.
        target: the column that is predicted.
        loss: of the standardised target.
        rmse, mae, r2: the metrics.
        spread: standard deviation of the test examples: the RMSE of one who always says their mean.
        interval: of the RMSE that new seeds would have on new examples.
        per_seed: RMSE of each member.
        examples: of the test split.
        picture: predicted against true (PNG); empty where it is lost.
        validation: RMSE on the validation split, for comparison.
        measure: how the error is shown.
        notes: what a reader must know.
    """

    title: str
    run: str
    opening: int
    when: str
    who: str
    target: str
    loss: float
    rmse: float
    mae: float
    r2: float
    spread: float
    interval: Interval
    per_seed: Sequence[float]
    examples: int
    provenance: Provenance
    measure: Measure
    picture: bytes = b""
    validation: float | None = None
    notes: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, without the picture."""
        values: Mapping[str, Any] = asdict(self)
        return {name: value for name, value in values.items() if name != "picture"}


def publish_numbers(facts: NumberFacts, reports: Path, name: str) -> Published:
    """Write the report to the folder `name` in `reports`."""
    return publish(numbers_document(facts), reports, name, facts.to_json())


def numbers_document(facts: NumberFacts) -> Document:
    """The error and its interval first, then each prediction against the truth."""
    sections = [
        Section("Predicted against true", _picture(facts)),
        Section("Where it comes from", provenance_blocks(facts.provenance)),
    ]
    return Document(f"Test of {facts.title}", _summary(facts), [section for section in sections if section.blocks])


def _summary(facts: NumberFacts) -> list[Block]:
    measure, interval = facts.measure, facts.interval
    said = (
        f"{facts.target} is predicted with a root mean squared error of {measure.text(facts.rmse)} on "
        f"{facts.examples:,} test examples ({interval.level:.0%} interval {measure.ends(interval.low, interval.high)}, "
        f"{scope(interval.over, interval.examples, split='test')}; {interval.method}). One who always says their mean "
        f"has {measure.text(facts.spread)}, the standard deviation."
    )
    rows: dict[str, Cell] = {
        "Mean absolute error": measure.text(facts.mae),
        "R²": f"{facts.r2:.4f}",
        "Loss": f"{facts.loss:.4f}, of the standardised target",
        "Opened": f"{facts.when} by {facts.who}",
        "Run": facts.run,
    }
    if len(facts.per_seed) > 1:
        rows["RMSE of each seed"] = ", ".join(measure.text(value) for value in facts.per_seed)
    if facts.validation is not None:
        rows["On validation it was"] = measure.text(facts.validation)
    notes = [Callout("note", note) for note in facts.notes]
    return [Paragraph(said, leading=True), Callout("note", opening_sentence(facts.opening)), *notes, Facts(rows)]


def _picture(facts: NumberFacts) -> list[Block]:
    if not facts.picture:
        return []
    over = ", the mean over seeds" if len(facts.per_seed) > 1 else ""
    caption = f"Each point is a test example{over}; on the line it is predicted exactly."
    alt = f"Predicted against true {facts.target}: R² is {facts.r2:.3f}."
    return [Figure("predicted", facts.picture, caption, alt)]
