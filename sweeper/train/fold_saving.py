"""Checkpoints of trainings over folds: what each fold's own would be, and what the folds have said, in one file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from sweeper.checkpoint import About, Checkpoint
from sweeper.trial import EpochReport, TrialResult, TrialStatus, report_from_json, result_from_json, to_json

_OF = "folds"
"""The name of the array with what the parts are of and what was said: JSON, as bytes."""


@dataclass
class Heard:
    """What the folds have said of one trial, by fold.

    Attributes:
        latest: the last validation.
        ended: results.
        told: the validations that were reported, as means over folds.
    """

    latest: dict[int, EpochReport] = field(default_factory=dict)
    ended: dict[int, TrialResult] = field(default_factory=dict)
    told: list[EpochReport] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether a fold was pruned or has failed, so that there is nothing to go on for."""
        return any(result.status != TrialStatus.FINISHED for result in self.ended.values())


def together(about: About, parts: Mapping[int, Checkpoint], heard: Mapping[str, Heard]) -> Checkpoint:
    """One checkpoint out of those of all folds that still train.

    Args:
        about: of all of it; its trials that go on are those that `heard` has.
        parts: by fold.
        heard: by the trials' keys.
    """
    said = [_plain(heard[trial.key]) for trial in about.running]
    kept = {"parts": {fold: asdict(part.about) for fold, part in parts.items()}, "said": said}
    arrays = {f"{fold}.{name}": array for fold, part in parts.items() for name, array in part.arrays.items()}
    return Checkpoint(about, {_OF: np.frombuffer(json.dumps(kept).encode(), np.uint8), **arrays})


def apart(found: Checkpoint, keys: Sequence[str]) -> tuple[dict[int, Checkpoint], dict[str, Heard]]:
    """What ``together`` was given: parts and what was said, of trials under the keys that they have now.

    Args:
        found: the checkpoint.
        keys: of those that go on, in order.

    Raises:
        ValueError: it is not of folds.
    """
    if _OF not in found.arrays:
        raise ValueError("it is not of folds")
    kept = json.loads(found.arrays[_OF].tobytes())
    parts = {int(fold): Checkpoint(About.of(about), _own(found, fold)) for fold, about in kept["parts"].items()}
    return parts, {key: _heard(key, said) for key, said in zip(keys, kept["said"], strict=True)}


def _own(found: Checkpoint, fold: str) -> dict[str, Any]:
    """The arrays of a fold, by the names that they have there."""
    prefix = f"{fold}."
    return {name.removeprefix(prefix): array for name, array in found.arrays.items() if name.startswith(prefix)}


def _plain(heard: Heard) -> dict[str, Any]:
    return {
        "latest": {fold: to_json(report) for fold, report in heard.latest.items()},
        "ended": {fold: to_json(result) for fold, result in heard.ended.items()},
        "told": [to_json(report) for report in heard.told],
    }


def _heard(key: str, said: Mapping[str, Any]) -> Heard:
    now = {"key": key}
    return Heard(
        {int(fold): report_from_json(report | now) for fold, report in said["latest"].items()},
        {int(fold): result_from_json(result | now) for fold, result in said["ended"].items()},
        [report_from_json(report | now) for report in said["told"]],
    )
