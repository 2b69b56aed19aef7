"""A run's record put together again from what the tracker keeps of it: row, files and curves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweeper.config.metrics import METRICS
from sweeper.tracking.base import Curves, RunRecord, StoredRun
from sweeper.tracking.describe import FINAL
from sweeper.trial import EpochReport, Failure, Scores, TrialResult, TrialStatus, result_from_json


@dataclass(frozen=True, slots=True)
class RunFiles:
    """What a run's files say.

    Attributes:
        config: of its ``config.yaml``.
        overrides: of its ``overrides.txt``.
        result: of its ``result.json``; None for runs from before there was one, of which less is known.
    """

    config: dict[str, Any]
    overrides: Sequence[str]
    result: dict[str, Any] | None


def record_of(stored: StoredRun, files: RunFiles, curves: Curves) -> RunRecord:
    """The record of a run, every score exact to the last bit; the times of its validations are not kept.

    Args:
        stored: its row.
        files: its files.
        curves: all of its metrics by step.
    """
    tags, config = stored.tags, files.config
    first = int(config.get("seed", 0))
    seeds = range(first, first + int(config.get("repeats", 1)))
    result = _result(stored, seeds) if files.result is None else result_from_json(files.result)
    number = tags.get("number", "")
    return RunRecord(
        name=stored.name,
        config=config,
        overrides=files.overrides,
        history=_history(result.key, curves, seeds),
        result=result,
        started=stored.started,
        ended=stored.ended or stored.started,
        study=tags.get("study", ""),
        number=int(number) if number.isdigit() else None,
        interrupted=tags.get("interrupted", ""),
    )


def _result(stored: StoredRun, seeds: range) -> TrialResult:
    tags, metrics = stored.tags, stored.metrics
    return TrialResult(
        key=stored.name,
        status=_status(tags),
        steps=int(metrics.get("steps_done", 0)),
        train=_scores(metrics, "train", seeds, FINAL),
        validation=_scores(metrics, "validation", seeds, FINAL),
        seconds={key.removeprefix("seconds."): v for key, v in metrics.items() if key.startswith("seconds.")},
        group=int(metrics.get("group", 1)),
        parameters=int(metrics.get("parameters", 0)),
        data=_data(tags),
        versions={key.removeprefix("version."): v for key, v in tags.items() if key.startswith("version.")},
        failure=_failure(tags),
    )


def _history(key: str, curves: Curves, seeds: range) -> list[EpochReport]:
    by_step: dict[int, dict[str, float]] = {}
    for name, points in curves.items():
        for step, value in points:
            by_step.setdefault(step, {})[name] = value
    reports = []
    for step, values in sorted(by_step.items()):
        train, validation = (_scores(values, part, seeds) for part in ("train", "validation"))
        if train and validation:
            rate = values.get("learning_rate", 0.0)
            reports.append(EpochReport(key, step, values.get("epoch", 0.0), train, validation, rate, 0.0))
    return reports


def _scores(values: Mapping[str, float], part: str, seeds: range, prefix: str = "") -> Scores | None:
    """The scores of a split, each member's own where there are several, as ``describe.points_of`` names them."""
    if f"{prefix}{part}.loss" not in values:
        return None
    own = [part] if len(seeds) == 1 else [f"seed_{seed}/{part}" for seed in seeds]
    known = {
        score: tuple(values[f"{prefix}{name}.{score}"] for name in own)
        for score in ("loss", "accuracy", *METRICS)
        if f"{prefix}{own[0]}.{score}" in values
    }
    return Scores(known.pop("loss"), known.pop("accuracy", ()), known)


def _status(tags: Mapping[str, str]) -> TrialStatus:
    try:
        return TrialStatus(tags.get("status", TrialStatus.FAILED))
    except ValueError:  # such as a run that was interrupted
        return TrialStatus.FAILED


def _data(tags: Mapping[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {key: tags[f"data.{key}"] for key in ("name", "digest") if f"data.{key}" in tags}
    return data | ({"sizes": json.loads(tags["data.sizes"])} if "data.sizes" in tags else {})


def _failure(tags: Mapping[str, str]) -> Failure | None:
    if "failure.kind" not in tags:
        return None
    return Failure(tags["failure.kind"], tags.get("failure.message", ""), int(tags.get("failure.step", 0)))
