"""What a sweep is asked to do, what it says as it goes, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sweeper.study.objectives import DEFAULT, feasible
from sweeper.trial import CHECKPOINT_EVERY, EpochReport, StepReport, Trial, Value

if TYPE_CHECKING:
    from sweeper.config.schema import Config
    from sweeper.config.space import Space
    from sweeper.data.columns import Column
    from sweeper.tracking.base import RunRef


@dataclass(frozen=True)
class Plan:
    """One sweep: either a space for a sampler, or points, each of which is run once.

    Attributes:
        study: its name; a study of that name goes on where it stood.
        trials: how many finished or pruned trials the study shall have in total (for points: their number).
        space: what is searched; None where `points` are given.
        points: what is run, in order. A study that goes on may have more of them than before, not other ones.
        data: ``name``, ``digest`` and ``sizes`` of the data set; the study is bound to the digest.
        sampler, pruner: by name (``search.samplers``, ``search.pruners``); a study keeps those that it began with.
        seed: of the sampler. Trial for trial the same, however often the sweep was interrupted.
        objective: what the best is the best by (``objectives.SCORES``): the mean over members.
        more: further objectives (``objectives.OBJECTIVES``); with any, nothing is pruned.
        constraints: what a trial must keep to be the best, as ``objectives.constraint`` reads them.
        inputs, classes: of the data, so that what is too large is known before it is trained; 0 where not known.
        enqueue: values of the space that are tried before the sampler's.
        past: trials of an earlier study, for a sampler that learns; they are not among this one's.
        timeout: seconds after which nothing new is begun and what is running is stopped; None for no limit.
        max_errors: the sweep stops when this many trials in a row failed with one and the same error.
        group_limit: at most so many trials are trained as one program.
        storage: an Optuna storage URL; empty for ``runs/studies/NAME.db``.
        keep_models: whether the workers save what they trained.
        checkpoint_every: seconds of training from one checkpoint of a group to the next.
        command: the command line that goes on with this study, for messages and the record.
        columns: of a table, what each is taken for, for the record.
        planned: of a confirmation, the fresh seeds that were asked for, each time that was more than before.
    """

    study: str
    trials: int
    data: Mapping[str, Any]
    space: Space | None = None
    points: Sequence[Point] = ()
    sampler: str = "tpe"
    pruner: str = "none"
    seed: int = 0
    objective: str = DEFAULT
    more: Sequence[str] = ()
    constraints: Sequence[str] = ()
    inputs: int = 0
    classes: int = 0
    enqueue: Sequence[Mapping[str, Value]] = ()
    past: Sequence[Past] = ()
    timeout: float | None = None
    max_errors: int = 10
    group_limit: int = 16
    storage: str = ""
    keep_models: bool = False
    checkpoint_every: float = CHECKPOINT_EVERY
    command: str = ""
    columns: Sequence[Column] = ()
    planned: Sequence[int] = ()

    @property
    def fixed(self) -> tuple[str, ...]:
        """The overrides that all trials share, where their values are drawn from a space."""
        return tuple(self.space.fixed) if self.space else ()


@dataclass(frozen=True, slots=True)
class Point:
    """One configuration of a sweep that has no sampler: a grid, a list of repeats, confirmations.

    Attributes:
        values: what tells this point from the others, by key; shown in tables, and kept with the trial.
        overrides: as they would be typed, one ``KEY=VALUE`` each.
        config: resolved and checked.
    """

    values: Mapping[str, Value]
    overrides: tuple[str, ...]
    config: Config


@dataclass(frozen=True, slots=True)
class Past:
    """A finished trial of an earlier study.

    Attributes:
        name: ``STUDY:N``.
        values: in the space that is searched now.
        objectives: its value of each objective.
        violations: by how much it misses each constraint of the new study; without them a sampler would take it as
            one that keeps them all.
    """

    name: str
    values: Mapping[str, Value]
    objectives: tuple[float, ...]
    violations: Mapping[str, float] = field(default_factory=dict)

    @property
    def feasible(self) -> bool:
        """Whether it keeps the new study's constraints."""
        return feasible(self.violations)


@dataclass(frozen=True, slots=True)
class Counts:
    """Trials of the study: asked for, and ended so far (by all drivers, ever); `running` are this driver's.

    `repeated`: of the finished and pruned ones, those that took the result of an equal one instead of being trained.
    """

    requested: int
    finished: int = 0
    pruned: int = 0
    failed: int = 0
    running: int = 0
    repeated: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """The first of a sweep: how the study stands that is gone on with (or begun), and its best so far.

    `fixed` are the overrides that all of its trials share.
    """

    counts: Counts
    best: Trial | None
    study: str = ""
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Began:
    """Trials were handed to a worker as one group: by key (as in reports), with their overrides."""

    trials: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ended:
    """A trial has ended; how the study stands, and the best so far."""

    trial: Trial
    counts: Counts
    best: Trial | None


@dataclass(frozen=True, slots=True)
class Note:
    """A line that a person should see (a worker was lost, another driver's trials were taken over).

    Attributes:
        loud: it must not be overlooked.
    """

    text: str
    loud: bool = True


SweepEvent = Opened | Began | Ended | Note | StepReport | EpochReport
"""What a driver or a single run gives its observer."""

Observer = Callable[[SweepEvent], None]
"""Is given each event; questions have some more (``questions.run.explorer``)."""


class Notes:
    """Lines that a person should see at once, and again at the end.

    Args:
        observe: is given each at once.

    Attributes:
        lines: all of them so far.
    """

    def __init__(self, observe: Observer) -> None:
        """There are none."""
        self._observe = observe
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        """One more."""
        self.lines.append(text)
        self._observe(Note(text))


def ignore(_: object) -> None:
    """An observer that takes no notice."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sweep came to.

    Attributes:
        best: the finished trial with the best score; None where none has finished.
        top: the best finished trials, best first.
        seconds: of this call.
        workers: how many there were.
        importance: of each hyperparameter for the score, largest first; empty with too few trials or none to compare.
        evaluator: the name of the method that the importance is by.
        variance, variance_evaluator: the same by a second method, which is about variance and needs more trials.
        no_importance: why there is none.
        ended: ``done`` (all trials asked for), or ``timeout``.
        notes: lines that a person should see.
        run: the study's own record in the tracker, to add files to.
    """

    study: str
    counts: Counts
    best: Trial | None
    top: tuple[Trial, ...]
    seconds: float
    data: Mapping[str, Any]
    workers: int
    objective: str
    importance: tuple[tuple[str, float], ...] = ()
    evaluator: str = ""
    variance: tuple[tuple[str, float], ...] = ()
    variance_evaluator: str = ""
    no_importance: str = ""
    ended: Literal["done", "timeout"] = "done"
    notes: tuple[str, ...] = field(default=())
    run: RunRef = ""
