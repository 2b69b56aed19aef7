"""An attempt at a slot: a trial under way, the workers that it has cost, and when failures end a sweep."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sweeper.config.history import SCHEMA
from sweeper.trial import EpochReport, Failure, Trial, TrialResult, TrialSpec, TrialStatus
from sweeper.workers.base import WorkerLost

if TYPE_CHECKING:  # a single run has attempts, too, and no use for Optuna
    import optuna
    from optuna.trial import FrozenTrial

    from sweeper.study.search.source import Drawn

COSTS_WORKERS = "poison"
"""The kind of failure of a trial that has ended too many workers, as records have always had it."""

FATAL = 2
"""A trial that has ended so many workers is not run again."""

UNLUCKY = 20
"""A trial whose workers were killed so often from outside is not run again either: it may be the reason after all."""


def signature(failure: Failure) -> tuple[str, str]:
    """What failures of one cause have in common: the kind, and the message but for its numbers."""
    return failure.kind, re.sub(r"[0-9a-f]*\d[0-9a-f.]*", "#", failure.message)


def reason(failures: Iterable[Failure]) -> str:
    """The cause that most of these failures share, with how many they are: ``all with diverged: the loss is nan``."""
    causes: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        causes.setdefault(signature(failure), []).append(failure)
    most = max(causes.values(), key=len)
    of_them = "all" if len(causes) == 1 else f"{len(most)} of them"
    return f"{of_them} with {most[0].kind}: {most[0].message}"


@dataclass
class Losses:
    """The workers that one trial has lost: why, and whether it is to blame."""

    reasons: list[str] = field(default_factory=list)
    guilty: int = 0

    def add(self, lost: WorkerLost) -> None:
        """Another one."""
        self.reasons.append(lost.reason)
        self.guilty += not lost.outside

    @property
    def apart(self) -> bool:
        """Whether the trial had better run alone; one worker that somebody killed is no reason yet."""
        return self.guilty > 0 or len(self.reasons) > 1

    @property
    def suspect(self) -> bool:
        """Whether it had better begin anew, too, as its checkpoint may be what ends its workers."""
        return self.guilty > 0 or len(self.reasons) >= UNLUCKY // 2

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the trial's attributes: a driver that takes over shall know of them."""
        return asdict(self)

    @property
    def fatal(self) -> Failure | None:
        """The failure of a trial that has lost too many; None while it may try again."""
        if self.guilty < FATAL and len(self.reasons) < UNLUCKY:
            return None
        last = "; ".join(dict.fromkeys(self.reasons[-FATAL:]))
        return Failure(COSTS_WORKERS, f"ended its worker {len(self.reasons)} times: {last}")


@dataclass
class Streak:
    """Trials in a row that failed in the same way.

    Args:
        threshold: so many of them stop the sweep.
    """

    threshold: int
    _signature: tuple[str, str] | None = None
    _count: int = 0
    _groups: set[int] = field(default_factory=set)
    _succeeded: bool = False

    def succeed(self) -> None:
        """A trial finished or was pruned."""
        self._succeeded = True
        self._signature, self._count = None, 0
        self._groups.clear()

    def fail(self, failure: Failure, group: int) -> bool:
        """A trial of some group failed; whether the sweep shall stop.

        Numbers in the message do not count, and neither do trials of one group only. A loss that diverges is the
        configuration's own fault, so it stops a sweep only where nothing has ever succeeded.
        """
        if signature(failure) != self._signature:
            self._signature, self._count = signature(failure), 0
            self._groups.clear()
        self._count += 1
        self._groups.add(group)
        own_fault = failure.kind == "diverged" and self._succeeded
        return self._count >= self.threshold and len(self._groups) > 1 and not own_fault


@dataclass(eq=False)
class Attempt:
    """One trial under way.

    Attributes:
        drawn: its configuration; None where the values that were drawn make none, as `failure` says.
        key: names it in specs and events.
        began: seconds since the epoch.
        history: its validations so far.
        losses: the workers that it has cost.
        group: number of the group that it was submitted with; 0 while it waits.
        done: the fraction of its steps that it has done.
        stopping: it was asked to stop, by the pruner.
        weight: what it counts of a group's limit.
        same_as: the earlier trial whose result it takes.
        over: this driver has ended it, or found it ended.
    """

    trial: optuna.Trial
    slot: int
    key: str
    began: float
    drawn: Drawn | None = None
    failure: Failure | None = None
    history: list[EpochReport] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)
    group: int = 0
    done: float = 0.0
    stopping: bool = False
    weight: float = 1.0
    same_as: int | None = None
    over: bool = False

    @property
    def number(self) -> int:
        """The number of the trial in the study."""
        return self.trial.number

    @property
    def frozen(self) -> FrozenTrial:
        """The trial as the store has it."""
        return self.trial.study._storage.get_trial(self.trial._trial_id)  # noqa: SLF001

    @property
    def members(self) -> int:
        """How many members (repeats) it has; 1 where its values make no configuration."""
        return self.drawn.config.repeats if self.drawn else 1

    @property
    def overrides(self) -> tuple[str, ...]:
        """The overrides that make its configuration."""
        return self.drawn.overrides if self.drawn else ()

    @property
    def values(self) -> Mapping[str, Any]:
        """What was drawn."""
        return self.drawn.values if self.drawn else self.trial.params

    @property
    def has_ended(self) -> bool:
        """Whether it has become a trial, by whatever driver."""
        return self.over or self.frozen.state.is_finished()

    def ended(
        self, state: TrialStatus, score: float | None, result: TrialResult | None, failure: Failure | None
    ) -> Trial:
        """The trial that it has become, as of now."""
        return Trial(
            self.number,
            state,
            score,
            dict(self.values),
            self.overrides,
            result,
            self.began,
            time.time(),
            failure,
            self.drawn.config.to_dict() if self.drawn else {},
            tuple(self.history),
            SCHEMA,
            self.same_as,
        )

    def spec(self, digest: str, model_dir: str) -> TrialSpec:
        """For a worker."""
        assert self.drawn is not None
        return TrialSpec(self.key, self.drawn.config.to_dict(), digest, model_dir)
