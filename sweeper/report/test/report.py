"""The report of an opening of the test split: one number with its interval, and where it comes short."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sweeper.report.documents.model import (
    Block,
    Callout,
    Cell,
    Document,
    Facts,
    Figure,
    Paragraph,
    Section,
    Table,
    TableColumn,
)
from sweeper.report.documents.provenance import provenance_blocks
from sweeper.report.documents.publish import Published, publish
from sweeper.report.facts import METRIC_NAMES, Measure, not_excluded, ordinal, scope
from sweeper.report.figures.pictures import confusion
from sweeper.report.figures.style import png
from sweeper.report.test.facts import ClassScore, OpeningFacts
from sweeper.statistics.intervals import Interval

ACCURACY = Measure("Test accuracy")


def publish_opening(facts: OpeningFacts, reports: Path, name: str) -> Published:
    """Write the report to the folder `name` in `reports`."""
    return publish(opening_document(facts), reports, name, facts.to_json())


def opening_document(facts: OpeningFacts) -> Document:
    """The number and its interval first, then each class, the confusion, and the mistakes."""
    sections = [
        Section("Each class", [_classes(facts)] if facts.classes else []),
        Section("Which class is taken for which", [_confusion(facts)] if len(facts.confusion) else []),
        Section("The most confident mistakes", _mistakes(facts)),
        Section("Where it comes from", provenance_blocks(facts.provenance)),
    ]
    return Document(f"Test of {facts.title}", _summary(facts), [section for section in sections if section.blocks])


def opening_sentence(opening: int) -> str:
    """Which opening a number is of, and what that means for it."""
    more = "" if opening == 1 else ": each choice by such numbers adds to the bias of the next one"
    return f"{ordinal(opening)} opening of this test set{more}."


def _summary(facts: OpeningFacts) -> list[Block]:
    interval = facts.interval
    said = (
        f"{ACCURACY.text(facts.accuracy)} of {facts.examples:,} test examples are right "
        f"({interval.level:.0%} interval {_range(interval)}, {scope(interval.over, interval.examples, split='test')}; "
        f"{interval.method})."
    )
    rows: dict[str, Cell] = {"Loss": f"{facts.loss:.4f}", "Opened": f"{facts.when} by {facts.who}", "Run": facts.run}
    if facts.largest:
        rows["Largest class"] = f"{facts.largest}: {ACCURACY.text(facts.share)} of the examples"
    rows |= {METRIC_NAMES.get(name, name): f"{value:.4f}" for name, value in facts.more.items()}
    if len(facts.per_seed) > 1:
        rows["Each seed"] = ", ".join(ACCURACY.text(value) for value in facts.per_seed)
    if facts.validation is not None:
        rows["On validation it was"] = ACCURACY.text(facts.validation)
    notes = [Callout("note", note) for note in (*facts.notes, *_collapses(facts))]
    return [Paragraph(said, leading=True), Callout("note", opening_sentence(facts.opening)), *notes, Facts(rows)]


def _collapses(facts: OpeningFacts) -> list[str]:
    seen = facts.collapses
    if not seen or seen["runs"] < 2:
        return []
    low, high = seen["share"]
    if not seen["seen"]:
        return [f"{not_excluded(seen['runs'], high)[:1].upper()}{not_excluded(seen['runs'], high)[1:]}."]
    others = ACCURACY.text(seen["accuracy_of_the_others"])
    said = (
        f"{seen['seen']} of {seen['runs']} members collapsed (95% interval {low:.0%} to {high:.0%} of runs). The "
        f"interval is of the others, which have {others}."
    )
    return [said]


def _classes(facts: OpeningFacts) -> Table:
    columns = (
        TableColumn("Class"),
        TableColumn("Examples", ",d", "right"),
        TableColumn("Recall", align="right"),
        TableColumn("95% interval", align="right"),
        TableColumn("Precision", align="right"),
    )
    ranked = sorted(facts.classes, key=lambda one: one.accuracy)
    rows: list[list[Cell]] = [
        [one.name, one.examples, ACCURACY.text(one.accuracy), _range(one.interval), _precision(one)] for one in ranked
    ]
    said = "Recall: the share of a class's examples that is right; precision: of the answers that name it"
    return Table(f"Each class, the hardest first. {said}", columns, rows)


def _precision(one: ClassScore) -> str | None:
    return None if one.precision is None else ACCURACY.text(one.precision)


def _confusion(facts: OpeningFacts) -> Figure:
    counts = np.asarray(facts.confusion, dtype=np.int64)
    drawn = confusion(counts, list(facts.names), title="True class against predicted class")
    over = f", over {len(facts.per_seed)} seeds" if len(facts.per_seed) > 1 else ""
    caption = f"Counts of test examples{over}. Colour is for mistakes; what is right is left pale."
    return Figure("confusion", png(drawn), caption, _worst(counts, facts))


def _worst(counts: np.typing.NDArray[np.int64], facts: OpeningFacts) -> str:
    wrong = counts * ~np.eye(len(counts), dtype=bool)
    if not wrong.any():
        return "No example is taken for another class."
    true, taken = divmod(int(wrong.argmax()), len(wrong))
    return f"Most often {facts.names[true]} is taken for {facts.names[taken]}: {wrong[true, taken]:,} times."


def _mistakes(facts: OpeningFacts) -> list[Block]:
    if not facts.mistakes:
        return []
    over = ", by the mean over seeds" if len(facts.per_seed) > 1 else ""
    caption = f"True class, the class that it was taken for, and the probability given to that{over}."
    return [Figure("mistakes", facts.mistakes, caption, f"The first: {facts.captions[0]}.")]


def _range(interval: Interval) -> str:
    return f"{ACCURACY.text(interval.low)} to {ACCURACY.text(interval.high)}"
