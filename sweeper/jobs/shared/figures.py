"""The figures that a study's record in MLflow carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.jobs.scores import measure_of
from sweeper.report.facts import TrialRow
from sweeper.report.study.facts import Front
from sweeper.study.plan import Outcome
from sweeper.trial import Trial

if TYPE_CHECKING:
    from sweeper.study.study_record import StudyRecord


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


def _pareto(record: StudyRecord, path: Path) -> Path:
    from sweeper.report.figures.search import pareto
    from sweeper.report.figures.style import save

    front = front_of(record)
    assert front is not None
    measure = measure_of(record.objective)
    save(pareto(front.points, x=front.x, y=measure, title=f"{record.study}: {measure.name} and cost"), path)
    return path


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
