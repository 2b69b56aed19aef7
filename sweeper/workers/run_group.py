"""What every worker does with a group, wherever it lives: run it, and answer for each of its trials exactly once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sweeper.config.schema import Config, Dataset, Validation
from sweeper.data.split import Split
from sweeper.errors import InputError, SweeperError
from sweeper.trial import (
    NO_ROOM,
    NOBODYS,
    OTHER_DATA,
    EpochReport,
    Failure,
    StepReport,
    TrialResult,
    TrialSpec,
    TrialStatus,
)
from sweeper.workers.base import HERE, Event, Files
from sweeper.workers.handed import Handed

Emit = Callable[[Event], None]
Stopped = Callable[[], Collection[str]]
Job = tuple[Sequence[TrialSpec], Files]
"""A group, and the port by which its files are found."""

Target = Callable[[Sequence[TrialSpec], Emit, Stopped], Sequence[TrialResult]]
"""The work itself: takes a group, a way to report, and the keys that shall stop; gives each trial's result.

A result may also be reported as soon as it is known. A target travels to the workers by pickle, so it is a
function of a module, or a partial of one.
"""

MOST = 2
"""Data sets that a worker keeps, those it used last."""

_DATA = frozenset({"dataset", "dataset.path", "dataset.test_path"})
"""Keys that errors of the data themselves name; the command has read these data, so they were other ones then."""

_kept: dict[tuple[Dataset, Validation, bool], Split] = {}

Load = Callable[[Dataset, Validation, bool, str], Split]
"""Gives the data of a configuration, of a digest; for a refit with all that is not sealed in one part."""


def run_group(group: Sequence[TrialSpec], target: Target, emit: Emit, stopped: Stopped, files: Files = HERE) -> None:
    """Run a group and emit its reports and exactly one result for each trial, whatever happens.

    Specs and results have names of files; only the target sees where they lie on this machine.

    Args:
        group: trials of one structure.
        target: the work.
        emit: sends an event to the driver.
        stopped: the keys that shall stop.
        files: finds the files that specs name, and lets the driver have what was written.
    """
    kept = {spec.key: spec for spec in group}

    def publish(event: Event) -> None:
        if isinstance(event, StepReport | EpochReport | TrialResult):
            for name in (kept[event.key].checkpoint, kept[event.key].model_dir):
                if name:
                    files.publish(name)
        if isinstance(event, TrialResult):
            event = replace(event, models=tuple(files.name(Path(model)) for model in event.models))
        emit(event)

    _run([_located(spec, files) for spec in group], target, publish, stopped)


def _located(spec: TrialSpec, files: Files) -> TrialSpec:
    """A spec with the paths that its names have on this machine."""
    checkpoint = str(files.fetch(spec.checkpoint)) if spec.checkpoint else ""
    return replace(spec, checkpoint=checkpoint, model_dir=str(files.draft(spec.model_dir)) if spec.model_dir else "")


def _run(group: Sequence[TrialSpec], target: Target, emit: Emit, stopped: Stopped) -> None:
    """Run a group whose files lie here.

    If a group of several fails as a whole, its trials are run one by one, so that only the guilty fail; for want of
    memory half of them at a time, so that groups become as small as need be. Where the disk is full or the data are
    others, none is guilty, and none is run again.
    """
    answered: set[str] = set()

    def tell(event: Event) -> None:
        if isinstance(event, TrialResult):
            if event.key in answered:
                return
            answered.add(event.key)
            event = replace(event, worker=str(os.getpid()))
        emit(event)

    try:
        for result in target(group, tell, stopped):
            tell(result)
        error: Exception = RuntimeError("the trainer gave no result")
    except Exception as caught:  # noqa: BLE001 - whatever a trial raises is that trial's failure, not the worker's
        error = caught
    left = [spec for spec in group if spec.key not in answered]
    if len(group) == 1 or failure_of(error).kind in NOBODYS:
        for spec in left:
            tell(TrialResult(spec.key, TrialStatus.FAILED, failure=failure_of(error)))
    else:
        size = -(-len(group) // 2) if isinstance(error, MemoryError) else 1
        alone = [replace(spec, checkpoint="") for spec in left]  # the group's is of no use to a part of it
        for first in range(0, len(alone), size):
            _run(alone[first : first + size], target, tell, stopped)


def train_group(
    group: Sequence[TrialSpec], report: Emit, stopped: Stopped, *, load: Load | None = None
) -> Sequence[TrialResult]:
    """The real target: load the data (once a worker), make sure they are the right ones, and train.

    Args:
        group: trials of one structure.
        report: takes its reports.
        stopped: the keys that shall stop.
        load: where the data come from, if not from the files of this machine.

    Raises:
        InputError: the data are not those that the trial is bound to, or cannot be read.
    """
    from sweeper.train.folds import train_folds
    from sweeper.train.loop import train

    config = Config.from_dict(group[0].config)
    asked = (config.dataset, config.validation, group[0].refit, group[0].data_digest)
    split = load(*asked) if load else _here(*asked, sealed=group[0].sealed)
    for spec in group:
        if spec.data_digest and spec.data_digest != split.digest:
            raise InputError(
                f"the data of {spec.key} changed: digest {split.digest[:12]}, not {spec.data_digest[:12]}",
                hint="put the first data back, or begin another study with --study",
                key="dataset",
            )
        if spec.sealed and split.sealed and spec.sealed != split.sealed:
            raise InputError(
                f"the data of {spec.key} changed: other rows are sealed than when it was asked for",
                hint="put the first file back, or begin another study with --study",
                key="dataset",
            )
    return (train_folds if split.folds else train)(group, split, report, stopped)


def load_ahead(dataset: Dataset, validation: Validation) -> None:
    """Load the data that the next group will want; what is wrong with them will be said of that group."""
    if os.environ.get("SWEEPER_DOWNLOAD"):  # one process is enough for that
        return
    with suppress(Exception):
        _here(dataset, validation, refit=False, digest="")


def take_over(dataset: Dataset, validation: Validation, handed: Handed) -> None:
    """Have the data that the next group will want from the driver, or else from their files."""
    try:
        split = handed.taken()
    except (OSError, ValueError):
        load_ahead(dataset, validation)
        return
    with suppress(Exception):
        _keep((dataset, validation, False), split)


def _here(dataset: Dataset, validation: Validation, refit: bool, digest: str, sealed: str = "") -> Split:
    """The data of a configuration, which this process has in memory once: as tensors."""
    from sweeper.train.resident import is_resident

    wanted = dataset, validation, refit
    split = _kept.pop(wanted, None)
    if split is None or not _will_do(split, digest, sealed) or (split.released and not is_resident(split)):
        split = None  # before others take its place
        split = _split(dataset, validation, refit, digest)
    return _keep(wanted, split)


def _keep(wanted: tuple[Dataset, Validation, bool], split: Split) -> Split:
    from sweeper.train.resident import resident

    _kept[wanted] = split
    while len(_kept) > MOST:
        del _kept[next(iter(_kept))]
    if not split.folds and not split.released:
        resident(split)
        split.release()
    return split


def _will_do(split: Split, digest: str, sealed: str) -> bool:
    """Whether it is of this digest, and these rows of it are sealed; empty for any."""
    return digest in {"", split.digest} and (not sealed or split.sealed in {"", sealed})


def _split(dataset: Dataset, validation: Validation, refit: bool, digest: str = "") -> Split:
    """The data of a configuration, from its files."""
    from sweeper.data import load as load_split

    split = load_split(dataset, validation, digest)
    return split.joined() if refit else split


def failure_of(error: Exception) -> Failure:
    """The failure of a trial that has raised an error: one line that says what it was."""
    if isinstance(error, MemoryError):
        return Failure("out of memory", "the worker's memory limit was reached")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        where = f": {error.filename}" if error.filename else ""
        return Failure(NO_ROOM, f"{os.strerror(error.errno)}{where}")
    if isinstance(error, InputError) and error.key in _DATA:
        return Failure(OTHER_DATA, error.message)
    text = error.message if isinstance(error, SweeperError) else str(error)
    first = next(iter(text.strip().splitlines()), "")
    return Failure(type(error).__name__, first or type(error).__name__)
