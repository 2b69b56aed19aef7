"""Answers as documents: one alone, or all of them with a page of contents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sweeper.report.answer.answer import Answer, ConditionResult
from sweeper.report.answer.together import together
from sweeper.report.documents.model import (
    Block,
    Callout,
    Cell,
    Document,
    Items,
    Link,
    Paragraph,
    Section,
    Table,
    TableColumn,
)
from sweeper.report.documents.provenance import provenance_blocks
from sweeper.report.documents.publish import Published, publish
from sweeper.report.facts import Measure, scope, short
from sweeper.statistics.intervals import Interval
from sweeper.statistics.paired import PairVerdict

ALL = "all-questions"
"""Name of the report of all questions together."""

VERDICTS = (
    "Verdicts speak of new seeds on these validation examples, and of runs that train.",
    "Better or worse: the interval of the difference, widened for comparisons and further repeats, leaves out zero.",
    "Better or worse where runs collapsed: by the other runs or by the share that collapsed, if neither contradicts.",
    "Tie: the interval holds zero and lies within the smallest difference that matters, and no run collapsed.",
    "Undecided: neither; more repeats may tell.",
)
"""How the four verdicts are meant, said wherever they are used."""


def publish_answer(answer: Answer, reports: Path) -> Published:
    """Write one answer as a report of its own, named after its question."""
    return publish(answer_document(answer), reports, answer.name, answer.to_json())


def publish_answers(answers: Sequence[Answer], reports: Path) -> Published:
    """Write all answers as one report with a page of contents."""
    return publish(answers_document(answers), reports, ALL, {"answers": [answer.to_json() for answer in answers]})


def answer_document(answer: Answer) -> Document:
    """One answer: the sentences first, then what they rest on."""
    return Document(answer.title, _opening(answer), _grounds(answer))


def answers_document(answers: Sequence[Answer]) -> Document:
    """All answers: a table of the questions with their answers in one sentence each, then each in full."""
    columns = (TableColumn("Question"), TableColumn("Answer"), TableColumn("Warnings", ",d", "right"))
    rows: list[list[Cell]] = [
        [
            Link(answer.title, answer.title),
            answer.sentences[0] if answer.sentences else "",
            len(answer.warnings) or None,
        ]
        for answer in answers
    ]
    opening = (
        Paragraph(
            "Each question is answered by experiment on validation data, with repeats and intervals.", leading=True
        ),
        Table("The questions, each with the first sentence of its answer", columns, rows),
        *together(answers),
    )
    sections = [Section(answer.title, _opening(answer), _grounds(answer)) for answer in answers]
    return Document("The tutorial’s questions, answered by experiment", opening, sections)


def _opening(answer: Answer) -> list[Block]:
    return [
        *([Paragraph(answer.asked)] if answer.asked and answer.asked.strip() != answer.title.strip() else []),
        *(Paragraph(sentence, leading=True) for sentence in _joined(answer.sentences)),
        *(Callout("warning", warning) for warning in answer.warnings),
        *answer.figures[:1],
    ]


def _grounds(answer: Answer) -> list[Section]:
    compared: list[Block] = [_conditions(answer)] if answer.conditions else []
    compared += [_tuned(answer.conditions)] if any(condition.tuned for condition in answer.conditions) else []
    compared += [Callout("note", answer.ledger)] if answer.ledger else []
    if answer.pairs:
        compared += [_pairs(answer.pairs, answer.measure), Items([*VERDICTS, *_open_ends(answer.pairs)])]
    more: list[Block] = [*answer.figures[1:], *answer.tables]
    return [
        *([Section("What was compared", compared)] if compared else []),
        *([Section("More of what was measured", more)] if more else []),
        *([Section("How to read it", [Items(answer.notes)])] if answer.notes else []),
        Section("Where it comes from", provenance_blocks(answer.provenance)),
    ]


def _joined(sentences: Sequence[str]) -> list[str]:
    return [" ".join(sentences)] if sentences else []


def _conditions(answer: Answer) -> Table:
    measure, shown = answer.measure, answer.conditions
    interval = next((c.interval for c in shown if c.interval), None)
    level = interval.level if interval else 0.95
    columns = [
        TableColumn("Condition"),
        TableColumn(measure.name, align="right"),
        TableColumn(f"{level:.0%} interval", align="right"),
    ]
    columns += [TableColumn(ALONE, align="right")] if any(c.over_seeds for c in shown) else []
    columns += [TableColumn("Seeds", ",d", "right")]
    if any(c.collapses and c.collapses.seen for c in shown) or any(map(_skewed, shown)):
        columns += [TableColumn("Median of all", align="right"), TableColumn("Collapsed", align="right")]
    columns += [TableColumn("Training", align="right")] if any(c.train is not None for c in shown) else []
    columns += [TableColumn("Gap", align="right")] if any(c.gap is not None for c in shown) else []
    columns += [TableColumn("Test", align="right")] if any(c.test is not None for c in shown) else []
    columns += [TableColumn("Verdict", verdicts=True)] if any(c.verdict for c in shown) else []
    rows = [[_cell(condition, column.name, measure) for column in columns] for condition in shown]
    over = scope(interval.over, interval.examples, interval.chosen_on) if interval else ""
    said = f"; the interval is {over} ({interval.method})" if interval else ""
    return Table(f"Each condition: the mean of its runs that did not collapse{said}", columns, rows)


ALONE = "Over these examples alone"


def _skewed(condition: ConditionResult) -> bool:
    """Whether mean and median differ by more than the mean is uncertain over seeds."""
    narrow, median, mean = condition.over_seeds, condition.median, condition.mean_of_all
    if narrow is None or median is None or mean is None:
        return False
    return abs(median - mean) > narrow.half_width


def _cell(condition: ConditionResult, column: str, measure: Measure) -> Cell:
    interval = condition.interval
    cells: dict[str, Cell] = {
        "Condition": condition.name,
        measure.name: measure.text(condition.value),
        "Seeds": len(condition.points),
        ALONE: _span(condition.over_seeds, measure),
        "Median of all": None if condition.median is None else measure.text(condition.median),
        "Collapsed": condition.collapses.seen if condition.collapses else None,
        "Training": None if condition.train is None else measure.text(condition.train),
        "Gap": None if condition.gap is None else _gap(condition.gap, measure),
        "Test": None if condition.test is None else measure.text(condition.test),
        "Verdict": condition.verdict,
    }
    if column in cells:
        return cells[column]
    return _span(interval, measure)


def _span(interval: Interval | None, measure: Measure) -> str | None:
    return f"{measure.text(interval.low)} to {measure.text(interval.high)}" if interval else None


def _gap(gap: float, measure: Measure) -> str:
    """A difference without a minus before nothing."""
    return f"{100 * gap:z.2f} pp".replace("-", "−") if measure.percent else measure.apart(gap)


def _tuned(conditions: Sequence[ConditionResult]) -> Table:
    keys = list(dict.fromkeys(key for condition in conditions for key in condition.tuned))
    columns = [TableColumn("Condition"), *(TableColumn(key, align="right") for key in keys)]
    rows: list[list[Cell]] = [
        [condition.name, *(short(condition.tuned[key]) if key in condition.tuned else None for key in keys)]
        for condition in conditions
    ]
    return Table("What was tuned for each condition, and found", columns, rows)


def _pairs(pairs: Sequence[PairVerdict], measure: Measure) -> Table:
    level = f"level {_percent(pairs[0].interval.level)}"
    over_folds = any(pair.over_folds for pair in pairs)
    columns = (
        TableColumn("A"),
        TableColumn("B"),
        TableColumn("A less B", align="right"),
        TableColumn(f"Interval over seeds ({level})", align="right"),
        *([TableColumn(f"Over folds ({level})", align="right")] if over_folds else []),
        TableColumn("A beats B", ".0%", "right"),
        TableColumn("A is", verdicts=True),
    )
    rows: list[list[Cell]] = [
        [
            pair.a,
            pair.b,
            _difference(pair.difference, measure),
            _ends(pair.interval, measure),
            *([_ends(pair.over_folds, measure) if pair.over_folds else None] if over_folds else []),
            pair.improvement.probability,
            pair.verdict,
        ]
        for pair in pairs
    ]
    count = pairs[0].comparisons
    allowed = (
        f"; intervals on these examples, for {count} comparisons" if count > 1 else "; intervals on these examples"
    )
    allowed += ", allowing for the luck of the searches" if any(pair.luck for pair in pairs) else ""
    unit = "in percentage points" if measure.percent else f"in {measure.unit}" if measure.unit else "in its own units"
    chance = "“A beats B” is the probability for one seed"
    return Table(f"Differences of {measure.name.lower()}, {unit}, paired by seed{allowed}; {chance}", columns, rows)


def _open_ends(pairs: Sequence[PairVerdict]) -> list[str]:
    return [
        f"{pair.a} against {pair.b}: about {pair.repeats_needed} repeats in all give an even chance of settling it"
        + (f"; {pair.repeats_likely} usually do." if pair.repeats_likely else "; no reasonable number usually does.")
        for pair in pairs
        if pair.verdict == "undecided" and pair.repeats_needed
    ]


def _ends(interval: Interval, measure: Measure) -> str:
    return f"{_difference(interval.low, measure)} to {_difference(interval.high, measure)}"


def _difference(value: float, measure: Measure) -> str:
    shown = measure.shown(value)
    return (f"{shown:+.2f}" if measure.percent else f"{shown:+.3g}").replace("-", "−")


def _percent(level: float) -> str:
    return f"{100 * level:.3g}%"
