"""Run a question's experiment: search each condition's nuisance values, then repeat the winners on fresh seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweeper.config.space import Value
from sweeper.data.split import Split
from sweeper.errors import SweeperError
from sweeper.questions.ask.prepare import Prepared
from sweeper.questions.experiment_results import Results
from sweeper.report.facts import ACCURACY, Measure
from sweeper.study.driver import tune
from sweeper.study.objectives import rank
from sweeper.study.plan import Plan, Point
from sweeper.study.session import Session
from sweeper.study.study_record import list_studies, load_study
from sweeper.trial import Trial, TrialStatus

TOLD = {"condition", "phase", "seed", "repeats"}
"""Values of a trial that are not nuisance hyperparameters."""


def experiment(
    prepared: Prepared,
    session: Session,
    *,
    data: Mapping[str, Any],
    load: Callable[[], Split],
    command: str,
    measure: Measure = ACCURACY,
) -> Results:
    """Run what is not run yet of a question's trials, all in one study, and read all of them back.

    The winners of the search are compared by new trials alone: their search scores were the best of
    several, and flatter them.

    Raises:
        SweeperError: there is nothing to answer with, as too few trials finished.
    """
    started, objective = time.monotonic(), f"validation.{measure.key}"
    study = prepared.study(str(data["digest"]))

    def run(points: Sequence[Point], *, keep_models: bool) -> list[Trial]:
        plan = Plan(
            study,
            len(points),
            data,
            points=points,
            max_errors=_patience(prepared),
            objective=objective,
            keep_models=keep_models,
            command=command,
        )
        tune(plan, session)
        return list(load_study(session.runs, study).trials)

    search = prepared.search()
    searched = _by_condition(run(search, keep_models=False), "search") if search else {}
    chosen = {name: best for name, trials in searched.items() if (best := _best(trials, objective)) is not None}
    points = [*search, *([] if prepared.question.candidates else prepared.repeats(chosen))]
    trials = run(points, keep_models=True)
    results = Results(
        prepared=prepared,
        search=searched,
        chosen=chosen,
        repeats=_repeats(prepared, trials),
        failed=[trial for trial in trials if trial.state == TrialStatus.FAILED],
        data=data,
        load=load,
        command=command,
        seconds=_seconds(trials) or time.monotonic() - started,
        earlier=_earlier(prepared, str(data["digest"]), session.runs),
        measure=measure,
    )
    _check(results, study)
    return results


def _earlier(prepared: Prepared, digest: str, runs: Path) -> tuple[int, ...]:
    """Fewer repeats that the same question was asked with before, each in a study of its own."""
    asked = prepared.question.repeats
    variants = {repeats: _typed_or_not(prepared, repeats) for repeats in range(2, asked)}
    known = set(list_studies(runs))
    return tuple(n for n, forms in variants.items() if any(form.study(digest) in known for form in forms))


def _typed_or_not(prepared: Prepared, repeats: int) -> list[Prepared]:
    """The question with so many repeats, whether they were typed or are its own."""
    other = prepared.asked_with(repeats)
    own = tuple(text for text in other.overrides if text.partition("=")[0] != "repeats")
    return [other, replace(other, overrides=own), replace(other, overrides=(*own, f"repeats={repeats}"))]


def _patience(prepared: Prepared) -> int:
    """Trials that may fail in a row: a condition that fails as a whole is an answer, and all of them are not."""
    return 10 + max(len(prepared.draws), prepared.question.repeats)


def _check(results: Results, study: str) -> None:
    if len(results.seeds) > 1 or results.prepared.question.candidates:
        return
    first = next((f"; the first: {t.failure.kind}: {t.failure.message}" for t in results.failed if t.failure), "")
    raise SweeperError(
        f"question {results.prepared.question.name}: no condition has two finished repeats to compare{first}",
        hint=f"see: sweeper results {study}",
    )


def _by_condition(trials: Iterable[Trial], phase: str) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.values["phase"] == phase:
            found.setdefault(str(trial.values["condition"]), []).append(trial)
    return found


def _best(trials: Sequence[Trial], objective: str) -> dict[str, Value] | None:
    """The nuisance values of the best finished trial; the first of equals."""
    finished = [trial for trial in trials if trial.state == TrialStatus.FINISHED and trial.score is not None]
    if not finished:
        return None
    best = max(finished, key=lambda trial: rank(trial, objective))
    return {key: value for key, value in best.values.items() if key not in TOLD}


def _repeats(prepared: Prepared, trials: Sequence[Trial]) -> dict[str, dict[int, Trial]]:
    found: dict[str, dict[int, Trial]] = {condition.name: {} for condition in prepared.conditions}
    for trial in trials:
        values = trial.values
        if values.get("phase") == "repeat" and trial.state == TrialStatus.FINISHED:
            found[str(values["condition"])][int(values["seed"])] = trial
    return found


def _seconds(trials: Sequence[Trial]) -> float:
    """From the first trial's start to the last one's end, less the time in which none was under way."""
    spent, until = 0.0, 0.0
    for started, ended in sorted((trial.started, trial.ended) for trial in trials):
        spent += max(0.0, ended - max(started, until))
        until = max(until, ended)
    return spent
