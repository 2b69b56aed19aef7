"""Run a question's experiment: search each condition's nuisance values, then repeat the winners on fresh seeds."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sweeper.config.space import Value
from sweeper.data.split import Split
from sweeper.errors import SweeperError
from sweeper.questions.prepare import Prepared
from sweeper.questions.results import Results
from sweeper.study.driver import Observe, tune
from sweeper.study.plan import Plan, Point, Trial
from sweeper.study.results import load_study
from sweeper.study.story import Story
from sweeper.study.workers.base import Pool
from sweeper.tracking.base import Tracker


def experiment(
    prepared: Prepared,
    *,
    data: Mapping[str, Any],
    load: Callable[[], Split],
    runs: Path,
    pool: Pool,
    tracker: Tracker,
    observe: Observe,
    command: str,
) -> Results:
    """Run what is not run yet of a question's trials, all in one study, and read all of them back.

    The winners of the search are compared by new trials alone: their search scores were the best of
    several, and flatter them.

    Raises:
        SweeperError: no condition has a trial that finished.
    """
    started = time.monotonic()
    study = study_name(prepared, str(data["digest"]))

    def run(points: Sequence[Point]) -> list[Story]:
        plan = Plan(study, len(points), data, points=points, keep_models=True, command=command)
        tune(plan, runs=runs, pool=pool, tracker=tracker, observe=observe)
        return list(load_study(runs, study).stories)

    search = prepared.search()
    stories = run(search) if search else []
    chosen = {name: best for name, trials in _by_condition(stories).items() if (best := _best(trials)) is not None}
    if not prepared.question.candidates:
        stories = run([*search, *prepared.repeats(chosen)])
    results = Results(
        prepared=prepared,
        search=_by_condition(s for s in stories if s.trial.values.get("phase") == "search"),
        chosen=chosen,
        repeats=_repeats(prepared, stories),
        failed=[story.trial for story in stories if story.trial.state == "failed"],
        data=data,
        load=load,
        command=command,
        seconds=time.monotonic() - started,
    )
    if not any(story.trial.state == "finished" for story in stories):
        raise SweeperError(
            f"question {prepared.question.name}: no trial finished", hint="see: sweeper results " + study
        )
    return results


def study_name(prepared: Prepared, digest: str) -> str:
    """The study of a question as it is asked: asked again the same way, it goes on."""
    asked = json.dumps([asdict(prepared.question), prepared.overrides, digest], sort_keys=True, default=list)
    return f"explore-{prepared.question.name.replace(' ', '-')}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}"


def _by_condition(stories: Any) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for story in stories:
        found.setdefault(str(story.trial.values["condition"]), []).append(story.trial)
    return found


def _best(trials: Sequence[Trial]) -> dict[str, Value] | None:
    """The nuisance values of the best finished trial; the first of equals."""
    finished = [trial for trial in trials if trial.state == "finished" and trial.score is not None]
    if not finished:
        return None
    best = max(finished, key=lambda trial: (trial.score or 0.0, -trial.number))
    return {key: value for key, value in best.values.items() if key not in {"condition", "phase"}}


def _repeats(prepared: Prepared, stories: Sequence[Story]) -> dict[str, dict[int, Story]]:
    found: dict[str, dict[int, Story]] = {condition.name: {} for condition in prepared.conditions}
    for story in stories:
        values = story.trial.values
        if values.get("phase") == "repeat" and story.trial.state == "finished":
            found[str(values["condition"])][int(values["seed"])] = story
    return {name: seeds for name, seeds in found.items() if seeds}
