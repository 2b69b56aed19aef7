"""What MLflow's page of a study shows: its description above everything else, its figures, and its report."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sweeper.data import ledger
from sweeper.jobs.confirm.confirmation import Confirmation
from sweeper.jobs.scores import measure_of
from sweeper.jobs.shared.opening import LEDGER
from sweeper.report.facts import TrialRow
from sweeper.report.study.facts import Front
from sweeper.report.study.report import best_sentence
from sweeper.study.plan import Outcome
from sweeper.study.study_record import StudyRecord
from sweeper.tracking import StoredRun, Tracker
from sweeper.tracking.describe import study_ref
from sweeper.trial import Trial

_WIDTH = 90
"""Characters of a line of a command."""

_NOTE = "mlflow.note.content"
_WRITTEN = "described"
"""The digest of the description that was written last: another one there is a person's, and stays."""


def describe(
    record: StudyRecord,
    confirmed: Confirmation | None,
    runs: Path,
    tracker: Tracker,
    *,
    report: Path | None = None,
) -> None:
    """Put the description of a study on its record, and its report; without a word where it has no record.

    Args:
        record: the study.
        confirmed: what is known of its leaders on fresh seeds.
        runs: the runs folder.
        tracker: of the folder.
        report: its HTML file.
    """
    parents = tracker.reader.runs(ref=study_ref(record.study))
    if not parents:
        return
    parent = parents[-1]
    text = description(record, confirmed, runs)
    tags = {_NOTE: text, _WRITTEN: _digest(text)} if _is_ours(parent) else {}
    tracker.update(parent.run_id, tags=tags, artifacts=[(report, "report")] if report else ())


def description(record: StudyRecord, confirmed: Confirmation | None, runs: Path) -> str:
    """Markdown: the verdict, how the trials ended, how often the test split was opened, and commands."""
    measure = measure_of(record.objective)
    flags = [] if runs == Path("runs") else ["--runs", str(runs)]
    verdict = confirmed.sentence if confirmed else best_sentence(by_worker(record.trials), measure)
    ends = Counter(str(trial.state) for trial in record.trials)
    counts = ", ".join(f"{number} {state}" for state, number in ends.items())
    openings = len(ledger.openings(runs / LEDGER, [str(record.facts.get("data", {}).get("digest"))]))
    opened = f"opened {openings} {'time' if openings == 1 else 'times'}" if openings else "not opened yet"
    trials = "1 trial" if len(record.trials) == 1 else f"{len(record.trials)} trials"
    told = [f"{does}:\n\n```\n{_wrapped(command)}\n```" for does, command in commands(record, confirmed, flags).items()]
    facts = f"{trials}: {counts}. The test split of its data was {opened}."
    return "\n\n".join([verdict, facts, *told])


def commands(record: StudyRecord, confirmed: Confirmation | None, flags: Sequence[str]) -> dict[str, str]:
    """What each does, and the command, for the trial that is named the best; none where no trial finished."""
    leaders = record.leaders()
    if not leaders:
        return {}
    number = confirmed.winner if confirmed else leaders[0].number
    winner = next(trial for trial in leaders if trial.number == number)
    return {
        "Run it again": shlex.join(["sweeper", "run", *winner.overrides, *flags]),
        "Open the test split for it, once, when nothing is left to choose": shlex.join(
            ["sweeper", "test", record.study, *flags]
        ),
        "Train it again and compare to the last bit": shlex.join(
            ["sweeper", "reproduce", "--from-trial", f"{record.study}:{number}", *flags]
        ),
    }


def study_figures(record: StudyRecord, outcome: Outcome, folder: Path, chosen: int | None = None) -> list[Path]:
    """Draw the history of the search and the learning curves of its leaders into a folder; the files."""
    from sweeper.report.figures.learning import learning_curves
    from sweeper.report.figures.search import history
    from sweeper.report.figures.style import save

    measure = measure_of(record.objective)
    paths = [folder / "optimisation_history.png"]
    shown = [replace(shown_trial(trial), chosen=trial.number == chosen) for trial in record.trials]
    save(history(shown, measure=measure, title=record.study), paths[0])
    leaders = {trial.number for trial in outcome.top[:5]}
    curves = {f"trial {trial.number}": trial.history for trial in record.trials if trial.number in leaders}
    if any(len(curve) > 1 for curve in curves.values()):
        paths.append(folder / "learning_curves.png")
        save(learning_curves(curves, measure=measure, title=f"{record.study}: the leaders"), paths[-1])
    if len(record.objectives) > 1:
        paths.append(_pareto(record, folder / "front.png"))
    return paths


def front_of(record: StudyRecord) -> Front | None:
    """The first objective against the second; None where there is one."""
    if len(record.objectives) < 2:
        return None
    on_front = set(record.front())
    points = [(f"trial {n}", values[1], values[0], n in on_front) for n, values in record.points().items()]
    return Front(measure_of(record.objectives[1]), points)


def by_worker(trials: Sequence[Trial], chosen: int | None = None) -> list[TrialRow]:
    """Trials as reports see them, each with its worker, and from when its group began; `chosen` is the one named."""
    workers = [trial.result.worker for trial in trials if trial.result and trial.result.worker]
    names = {worker: f"worker {number}" for number, worker in enumerate(dict.fromkeys(workers), 1)}
    shown = []
    for trial in trials:
        total = trial.result.seconds.get("total") if trial.result else None
        began = trial.started if total is None else max(trial.started, trial.ended - total)
        worker = names.get(trial.result.worker, "") if trial.result else ""
        shown.append(replace(shown_trial(trial), started=began, worker=worker, chosen=trial.number == chosen))
    return shown


def shown_trial(trial: Trial) -> TrialRow:
    """A trial as reports see it."""
    failure = f"{trial.failure.kind}: {trial.failure.message}" if trial.failure else ""
    return TrialRow(trial.number, trial.state, trial.score, trial.values, trial.started, trial.ended, failure=failure)


def _pareto(record: StudyRecord, path: Path) -> Path:
    from sweeper.report.figures.search import pareto
    from sweeper.report.figures.style import save

    front = front_of(record)
    assert front is not None
    measure = measure_of(record.objective)
    save(pareto(front.points, x=front.x, y=measure, title=f"{record.study}: {measure.name} and cost"), path)
    return path


def _is_ours(parent: StoredRun) -> bool:
    there = parent.tags.get(_NOTE, "")
    return not there or _digest(there) == parent.tags.get(_WRITTEN)


def _wrapped(command: str) -> str:
    """A command in lines that MLflow's page has room for, to be copied as one."""
    lines = [""]
    for word in map(shlex.quote, shlex.split(command)):
        if len(lines[-1]) + len(word) > _WIDTH:
            lines.append(" ")
        lines[-1] += f" {word}" if lines[-1] else word
    return " \\\n".join(lines)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
