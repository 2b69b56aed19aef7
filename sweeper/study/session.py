"""What a command works with: its folder, its workers and tracker, who observes, and facts of its data."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sweeper.config.metrics import CLASSIFICATION, Task
from sweeper.config.schema import Config
from sweeper.data import places
from sweeper.data.columns import Column
from sweeper.errors import InputError, SweeperError
from sweeper.study.plan import Note, Observer, ignore
from sweeper.tracking import Tracker, open_tracker
from sweeper.workers.base import Files, Pool
from sweeper.workers.cluster import HERE_ALONE, Cluster
from sweeper.workers.pools import PoolOptions, lend_pool


@dataclass(frozen=True, slots=True)
class Session:
    """The surroundings of one command; whoever opened the pool and the tracker closes them.

    Attributes:
        runs: the folder with studies, checkpoints and models.
        pool: the workers.
        tracker: where each trial is recorded.
        observe: is given everything that happens.
    """

    runs: Path
    pool: Pool
    tracker: Tracker
    observe: Observer = ignore

    @property
    def files(self) -> Files:
        """How files are exchanged with the workers."""
        return self.pool.files(self.runs)

    def note(self, text: str, *, loud: bool = True) -> None:
        """Tell the observer a line that a person should see."""
        self.observe(Note(text, loud))


@dataclass(frozen=True, slots=True)
class Data:
    """What is to be known of the data before anything is trained on them.

    Attributes:
        facts: ``name``, ``digest``, ``sizes`` and ``seal``, for plans and records.
        notes: lines that a person must see.
        inputs: features of an example.
        classes: outputs of a network: one for each class, or one for a number.
        earlier: digests that the same data had by earlier rules; a study that is bound to one goes on by that rule.
        settled: keys whose usual value does not fit the data, with what they shall be instead.
        task: ``classification`` or ``regression``.
        columns: of a table, what each is taken for.
        labels: the names of the classes; none of numbers.
        in_file: whether features stay in their file.
    """

    facts: dict[str, Any]
    notes: tuple[str, ...]
    inputs: int = 0
    classes: int = 0
    earlier: tuple[str, ...] = ()
    settled: Mapping[str, int | str] = field(default_factory=dict)
    task: Task = CLASSIFICATION
    columns: tuple[Column, ...] = ()
    labels: tuple[str, ...] = ()
    in_file: bool = False

    @property
    def overrides(self) -> tuple[str, ...]:
        """The same as it would be typed."""
        return tuple(f"{key}={value}" for key, value in self.settled.items())


@contextmanager
def workers(
    runs: Path,
    size: int,
    *,
    threads: int = 1,
    deadline: float = 0.0,
    memory: int = 0,
    at_once: bool = True,
    cluster: Cluster = HERE_ALONE,
) -> Iterator[Pool]:
    """Workers over a runs folder. They load TensorFlow while the caller goes on.

    They end with the block, or later where the next call may use them (``workers.pools``).

    Args:
        runs: the folder.
        size: how many; 0 for one a core, or as many as the cluster has room for.
        threads: that each may use.
        deadline: seconds that a trial may take; 0 for no limit.
        memory: bytes that each may take; 0 for no limit.
        at_once: whether they start now; else when the caller says so, or gives out the first trial.
        cluster: where they run.

    Raises:
        InputError: the folder cannot be written, or there is no such cluster. Nothing was.
    """
    check_writable(runs)
    places.use_runs(runs)
    with lend_pool(PoolOptions(size, threads, deadline, memory, at_once=at_once, cluster=cluster)) as pool:
        yield pool


@contextmanager
def recording(runs: Path, observe: Observer) -> Iterator[Tracker]:
    """A tracker over a runs folder for as long as the block lasts; what waits at its end is said in a note.

    Args:
        runs: where everything is recorded.
        observe: is given what waits, and why.

    Raises:
        InputError: the folder cannot be written, or its record was deleted.
        SweeperError: something can be written neither to MLflow nor to the spool.
    """
    with open_tracker(runs) as tracker:
        tracker.check()
        try:
            yield tracker
        except BaseException:
            with suppress(SweeperError):  # what went wrong first is what has to be said
                _say_what_waits(tracker, runs, observe)
            raise
        _say_what_waits(tracker, runs, observe)


def _say_what_waits(tracker: Tracker, runs: Path, observe: Observer) -> None:
    left = tracker.flush()
    if left:
        why = f" ({tracker.trouble})" if tracker.trouble else ""
        what = "1 entry waits" if left == 1 else f"{left} entries wait"
        observe(
            Note(
                f"MLflow takes nothing now{why}: {what} in {runs / 'spool'}, to be written by the next command "
                "once it does, or by sweeper doctor --fix"
            )
        )


def read_data(
    config: Config,
    digest: str = "",
    *,
    free: Collection[str] = (),
    others: Iterable[Config] = (),
    pool: Pool | None = None,
) -> Data:
    """Look at the data of a configuration, and check the one against the other.

    Args:
        config: with the data set.
        digest: of the data that a study or run is bound to; see ``data.load``.
        free: keys (``GIVE_WAY``) that nobody asked for; see ``settled``.
        others: more configurations that this holds for, of the same study.
        pool: of workers that will want the examples.

    Raises:
        InputError: the data are not there or are damaged, or the configuration asks of them what they cannot give.
    """
    from sweeper.config.with_data import check_with_data, settled
    from sweeper.data.summary import summary

    wanted = config.dataset, config.validation
    use = partial(pool.prepare, *wanted) if pool and pool.wants_examples else None
    found = summary(*wanted, digest, use)
    size = found.facts["sizes"]["train"]
    other, said = settled(config, size, found.classes, free, others)
    values: dict[str, Any] = dict(other)
    check_with_data(replace(config, **values), size, found.classes, in_file=found.in_file)
    notes = (*found.notes, *said)
    return Data(
        found.facts,
        notes,
        found.features,
        found.outputs,
        found.earlier,
        other,
        found.task,
        found.columns,
        found.classes,
        found.in_file,
    )


def check_writable(runs: Path) -> None:
    """Make sure that a folder can be written, or made, without doing so.

    Raises:
        InputError: it cannot.
    """
    place = runs.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    why = "" if place.is_dir() else f"{place} is not a folder"
    if not why and not os.access(place, os.W_OK | os.X_OK):
        read_only = os.statvfs(place).f_flag & os.ST_RDONLY
        why = "its file system is mounted read-only" if read_only else "no permission"
    if why:
        raise InputError(f"the folder {runs} cannot be written: {why}", hint="name another with --runs", key="runs")
