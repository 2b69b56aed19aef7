"""A recorded model with everything that other rows need to be shown to it: its files, and its preprocessing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweeper.data import places, preprocessing
from sweeper.data.loader import preprocessing as fitted_again
from sweeper.errors import InputError, SweeperError
from sweeper.jobs.shared.subjects import subject
from sweeper.tracking import open_reader
from sweeper.tracking.models import model_files
from sweeper.tracking.recorded import Recorded, find_trial


@dataclass(frozen=True)
class TrainedModel:
    """A recorded model.

    Attributes:
        found: its run.
        files: its ``.keras`` files, one a member.
        preprocessing: as ``data.preprocessing.document`` gives it.
    """

    found: Recorded
    files: list[Path]
    preprocessing: dict[str, Any]


def trained_model(called: str, runs: Path) -> TrainedModel:
    """The model of a run, a trial, or a study's chosen trial.

    Args:
        called: the run's id, the beginning of it, or its name; ``STUDY``, or ``STUDY:N``.
        runs: where everything is recorded.

    Raises:
        InputError: there is no such run, it did not finish, or its preprocessing can neither be read nor made again.
        SweeperError: its models are gone, or damaged.
    """
    found = _trained(subject(called, runs), runs)
    places.use_runs(runs)
    files = model_files(open_reader(runs), found.run_id)
    return TrainedModel(found, files, _preprocessing(found, files[0]))


def _trained(found: Recorded, runs: Path) -> Recorded:
    """The run itself, or the trial of the same configuration whose result it has."""
    result = found.record.result
    if result.status != "finished" or found.record.interrupted:
        why = result.failure.message if result.failure else found.record.interrupted or "it was pruned"
        raise InputError(f"the run {found.title} did not finish: {why}", hint="name one that did", key="run")
    same = found.facts.get("same_as", "")
    return find_trial(open_reader(runs), found.record.study, int(same)) if same.isdigit() else found


def _preprocessing(found: Recorded, model: Path) -> dict[str, Any]:
    try:
        kept = preprocessing.read(model)
    except ValueError as error:
        raise SweeperError(f"the model of {found.title}: {error}", hint="train it again", key="run") from error
    if kept:
        return kept
    digest = str(found.record.result.data.get("digest", ""))
    try:
        return fitted_again(found.config.dataset, found.config.validation, digest)
    except InputError as error:
        raise InputError(
            f"{found.title} is from before models kept their preprocessing, and it cannot be fitted again: "
            f"{error.message}",
            hint=error.hint or "put the data back, or train it again",
            key="run",
        ) from error
