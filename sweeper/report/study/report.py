"""A study's report: what was found, how sure it is, and how the search went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sweeper.report.documents.model import (
    Block,
    Callout,
    Cell,
    Code,
    Document,
    Facts,
    Paragraph,
    Section,
    Table,
    TableColumn,
)
from sweeper.report.documents.provenance import duration, provenance_blocks
from sweeper.report.documents.publish import Published, publish
from sweeper.report.facts import STATES, Dimension, Measure, TrialRow, best_trial, finished, ordinal, scope, short
from sweeper.report.study.facts import StudyFacts
from sweeper.report.study.figures import StudyFigures
from sweeper.statistics.intervals import Interval

MOST_ROWS = 10
MOST_FAILURES = 20


def publish_study(facts: StudyFacts, reports: Path) -> Published:
    """Write the study's report to the folder ``study-NAME`` in `reports`, apart from the answers to questions."""
    return publish(study_document(facts), reports, report_name(facts.name), facts.to_json())


def report_name(study: str) -> str:
    """The name of a study's report."""
    return f"study-{study}"


def study_document(facts: StudyFacts) -> Document:
    """The report: the winner and the warnings first, then the evidence, the search, and where it comes from."""
    draw = StudyFigures(facts)
    sections = [
        Section("The best trials", _leaders(facts, draw)),
        Section("How the search went", _search(facts, draw)),
        Section("What was searched", [_space(facts)]),
        Section("What mattered", _importance(facts, draw)),
        Section("How the score depends on the hyperparameters", draw.space()),
        Section("Learning curves", draw.learning()),
        Section(f"{facts.measure.of_both.name} against cost", draw.front()),
        Section("Failures", _failures(facts)),
        Section("How the time was spent", _time(facts, draw)),
        Section("The test split", _openings(facts)),
        Section("Where it comes from", provenance_blocks(facts.provenance)),
    ]
    return Document(f"Study {facts.name}", _opening(facts), [section for section in sections if section.blocks])


def _opening(facts: StudyFacts) -> list[Block]:
    warnings = [Callout("warning", f"{_sentence(c.message)} {_sentence(c.hint)}".strip()) for c in facts.cautions]
    commands: list[Block] = []
    for does, command in facts.commands.items():
        commands += [Paragraph(f"{does}:"), Code(command)]
    return [
        Paragraph(facts.named or best_sentence(facts.trials, facts.measure), leading=True),
        *warnings,
        *(Callout("note", note) for note in facts.notes),
        *commands,
    ]


def best_sentence(trials: Sequence[TrialRow], measure: Measure) -> str:
    """Which trial is the best where none was confirmed, and what that is worth."""
    best = best_trial(trials, measure)
    if best is None or best.score is None:
        return f"None of {len(trials)} trials finished, so there is no best one."
    score = f"{measure.noun} {measure.text(best.score)}"
    return (
        f"Trial {best.number} is the best of {len(trials)} with {score}. "
        "It was chosen by that score, which therefore flatters it; fresh seeds would confirm it."
    )


def _leaders(facts: StudyFacts, draw: StudyFigures) -> list[Block]:
    made: list[Block] = []
    if facts.confirmed:
        made += [*draw.confirmed(), _confirmed(facts)]
    scored = sorted(finished(facts.trials), key=lambda t: (t.score or 0.0) * (-1 if facts.measure.maximize else 1))
    if scored:
        made.append(_trials(scored[:MOST_ROWS], facts))
    return made


def _confirmed(facts: StudyFacts) -> Table:
    measure = facts.measure
    columns = (
        TableColumn("Trial"),
        TableColumn("When chosen", align="right"),
        TableColumn("Confirmed", align="right"),
        TableColumn("95% interval", align="right"),
        TableColumn("Seeds", ",d", "right"),
        TableColumn("Parameters", ",d", "right"),
        TableColumn("Standing"),
    )
    rows: list[list[Cell]] = [
        [
            str(one.number),
            measure.text(one.original),
            measure.text(one.value),
            _interval(one.interval, measure),
            len(one.points),
            one.parameters or None,
            one.standing,
        ]
        for one in facts.confirmed
    ]
    over = next((_over(one.interval) for one in facts.confirmed if one.interval), "")
    return Table(f"The leaders run again on fresh seeds: {measure.name.lower()}{over}", columns, rows)


def _over(interval: Interval) -> str:
    return f"; intervals {scope(interval.over, interval.examples, interval.chosen_on)}"


def _trials(trials: Sequence[TrialRow], facts: StudyFacts) -> Table:
    names = [dimension.name for dimension in facts.dimensions]
    together = len(names) > 6
    columns = [TableColumn("Trial"), TableColumn(facts.measure.name, align="right")]
    columns += [TableColumn("Hyperparameters")] if together else [_column(d) for d in facts.dimensions]
    rows: list[list[Cell]] = []
    for trial in trials:
        values: list[Cell] = [short(trial.params[name]) if name in trial.params else None for name in names]
        joined = ", ".join(f"{key}={short(value)}" for key, value in trial.params.items())
        score = facts.measure.text(trial.score) if trial.score is not None else None
        rows.append([str(trial.number), score, *([joined] if together else values)])
    return Table(f"The {len(rows)} best trials by the score that they were chosen by", columns, rows)


def _column(dimension: Dimension) -> TableColumn:
    return TableColumn(dimension.name, align="left" if dimension.choices else "right")


def _search(facts: StudyFacts, draw: StudyFigures) -> list[Block]:
    counts = Counter(trial.state for trial in facts.trials)
    how = {"Trials": ", ".join(f"{counts[state]:,} {state}" for state in STATES if counts[state]) or "none"}
    how |= {"Sampler": facts.sampler} if facts.sampler else {}
    how |= {"Pruner": facts.pruner}
    return [Facts(how), *draw.history(), *draw.tuning()]


def _space(facts: StudyFacts) -> Table:
    best = best_trial(facts.trials, facts.measure)
    columns = (TableColumn("Hyperparameter"), TableColumn("Searched"), TableColumn("Best trial", align="right"))
    rows: list[list[Cell]] = [
        [d.name, d.text, short(best.params[d.name]) if best and d.name in best.params else None]
        for d in facts.dimensions
    ]
    return Table("The space, and where the best trial lies in it", columns, rows)


def _importance(facts: StudyFacts, draw: StudyFigures) -> list[Block]:
    if not facts.importance:
        return (
            [Paragraph(f"{facts.importance_note[0].upper()}{facts.importance_note[1:]}.")]
            if facts.importance_note
            else []
        )
    said = (
        f"Importance by {facts.evaluator}: {facts.importance_note}. The spread over resamples says only how much hangs "
        "on which trials were run."
    )
    return [*draw.importance(), Paragraph(said), *_variance(facts)]


def _variance(facts: StudyFacts) -> list[Block]:
    if not facts.variance:
        return []
    columns = (TableColumn("Hyperparameter"), TableColumn("Share of variance", align="right"))
    rows: list[list[Cell]] = [[name, f"{share:.2f}"] for name, share in facts.variance]
    return [Table(f"The same by another measure: {facts.variance_note}", columns, rows)]


def _failures(facts: StudyFacts) -> list[Block]:
    failed = [trial for trial in facts.trials if trial.state == "failed"]
    if not failed:
        return []
    columns = (TableColumn("Trial"), TableColumn("Why"), TableColumn("Hyperparameters"))
    rows: list[list[Cell]] = [
        [str(t.number), t.failure, ", ".join(f"{key}={short(value)}" for key, value in t.params.items())]
        for t in failed[:MOST_FAILURES]
    ]
    more = (
        f"the first {MOST_FAILURES} of {len(failed)} failed trials" if len(failed) > MOST_FAILURES else "failed trials"
    )
    made: list[Block] = [Table(more.capitalize(), columns, rows)]
    if facts.shared:
        columns = (
            TableColumn("Value"),
            TableColumn("Failed", align="right"),
            TableColumn("Times as often as all", ".1f", "right"),
        )
        rows = [[f"{s.key} {s.value}", f"{s.failed} of {s.trials}", s.lift] for s in facts.shared]
        made.append(Table("What the failed trials share", columns, rows))
    return made


def _time(facts: StudyFacts, draw: StudyFigures) -> list[Block]:
    timed = [t for t in facts.trials if t.started is not None and t.ended is not None]
    if not timed:
        return []
    seconds = [(t.ended or 0.0) - (t.started or 0.0) for t in timed]
    span = max(t.ended or 0.0 for t in timed) - min(t.started or 0.0 for t in timed)
    each = f"{duration(span / len(timed))} a trial, all workers together"
    return [
        Facts({"From first to last": duration(span), "Pace": each, "Longest": duration(max(seconds))}),
        *draw.timing(),
    ]


def _openings(facts: StudyFacts) -> list[Block]:
    if not facts.openings:
        return [Paragraph("The test split of this data has never been opened; no number here comes from it.")]
    columns = (
        TableColumn("Opening", align="right"),
        TableColumn("When"),
        TableColumn("Who"),
        TableColumn("Run"),
        TableColumn(facts.tested.on("Test").name, align="right"),
        TableColumn("95% interval", align="right"),
    )
    rows: list[list[Cell]] = [
        [
            ordinal(at),
            each.when[:16].replace("T", " "),
            each.who,
            each.run[:8],
            _score(each.score, facts.tested),
            _interval(each.interval, facts.tested),
        ]
        for at, each in enumerate(facts.openings, 1)
    ]
    said = f"The latest is the {ordinal(len(rows))} opening of this test set: each choice made by one adds to the bias."
    return [Callout("note", said), Table("Openings of the test split of this data, from the ledger", columns, rows)]


def _score(score: float | None, measure: Measure) -> str | None:
    return None if score is None else measure.text(score)


def _interval(interval: Interval | None, measure: Measure) -> str | None:
    return None if interval is None else f"{measure.text(interval.low)} to {measure.text(interval.high)}"


def _sentence(text: str) -> str:
    return "" if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")
