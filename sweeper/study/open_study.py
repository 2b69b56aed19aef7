"""A study that is open, what it starts warm with, and its leases: who runs it, and can still finish what they began."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from sweeper.config.space import Space
from sweeper.study.converters import SAME_AS, SLOT, WARM, distribution, is_warm, read_trial
from sweeper.study.objectives import feasible
from sweeper.study.plan import Past
from sweeper.study.search.source import SlotSource
from sweeper.study.storage.cached import CachedStorage
from sweeper.system.process import AwakeClock, Life, Process, this_process
from sweeper.trial import Trial

PREFIX = "driver:"
"""The beginning of a lease's key among the study's attributes."""

RENEW = 10.0
"""Seconds from one renewal to the next."""

BRINGS = "brings the past"
"""The study's attribute with the driver that puts the earlier trials into it."""

_EARLIER = re.compile(r"([0-9a-f]{8})[0-9a-f-]*/pid:\[(\d+)\]")
"""The machine in leases of earlier versions: a boot's id and a namespace of process ids."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One driver's claim to be running.

    Attributes:
        driver: its id, which its trials carry.
        process: that runs it.
        renewed: seconds since the epoch.
        ended: the driver has closed it, or a person has said that it is gone.
    """

    driver: str
    process: Process
    renewed: float
    ended: bool = False

    @classmethod
    def new(cls) -> Lease:
        """A lease for a driver in this process."""
        return cls(uuid.uuid4().hex[:12], this_process(), time.time())

    @property
    def key(self) -> str:
        """Its name among the study's attributes."""
        return PREFIX + self.driver

    def renew(self, *, ended: bool = False) -> Lease:
        """The same lease, as of now."""
        return replace(self, renewed=time.time(), ended=ended)

    def close(self) -> Lease:
        """The same lease, ended by somebody else."""
        return replace(self, ended=True)

    def life(self) -> Life:
        """Whether the driver runs; seen by its process where that is visible from here, else by its renewals."""
        return Life.ENDED if self.ended else self.process.life(self.renewed)

    def to_json(self) -> dict[str, Any]:
        """Plain values for the study's attributes."""
        process = {"host": self.process.host, "pid": self.process.pid, "start": self.process.start}
        return {"driver": self.driver, **process, "renewed": self.renewed, "ended": self.ended}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Lease:
        """The lease that ``to_json`` made, here or in an earlier version."""
        start = values["start"] if "start" in values else _earlier_start(values["machine"], values["started"])
        process = Process(values["host"], int(values["pid"]), start)
        return cls(values["driver"], process, float(values["renewed"]), bool(values["ended"]))


@dataclass(frozen=True)
class Leases:
    """All drivers that a study has ever had."""

    by_driver: Mapping[str, Lease] = field(default_factory=dict)

    @classmethod
    def read(cls, attributes: Mapping[str, Any]) -> Leases:
        """The leases among the study's attributes."""
        leases = [Lease.from_json(value) for key, value in attributes.items() if key.startswith(PREFIX)]
        return cls({lease.driver: lease for lease in leases})

    def alive(self, driver: str) -> bool:
        """Whether a driver runs, or may run; one without a lease never did."""
        lease = self.by_driver.get(driver)
        return lease is not None and lease.life() is not Life.ENDED

    def unknown(self) -> list[Lease]:
        """The drivers of other machines that may run: they were heard of lately, and cannot be seen from here."""
        return [lease for lease in self.by_driver.values() if lease.life() is Life.UNKNOWN]


def _earlier_start(machine: str, ticks: int) -> str:
    found = _EARLIER.fullmatch(machine)
    return f"{found[1]}.{found[2]}.{ticks}" if found else ""


@dataclass
class OpenStudy:
    """A study with this driver's lease in it.

    Attributes:
        source: what fills its slots.
        facts: what it is bound to.
        broken: its storage has failed, and is not to be asked again.
    """

    study: optuna.Study
    source: SlotSource
    facts: dict[str, Any]
    lease: Lease
    broken: bool = False
    _clock: AwakeClock = field(default_factory=AwakeClock)
    _renewed: float = -RENEW

    @property
    def store(self) -> CachedStorage:
        """The study's storage."""
        store = self.study._storage  # noqa: SLF001
        assert isinstance(store, CachedStorage)
        return store

    def renew(self) -> bool:
        """Renew the lease when it is time; whether it was."""
        now = self._clock.now()
        if now - self._renewed < RENEW:
            return False
        self._renewed = now
        self._write(self.lease.renew())
        return True

    def alive(self) -> Callable[[str], bool]:
        """Tells of a driver's id whether that driver is alive, as of now: of each it is found out once."""
        return cache(self.leases().alive)

    def leases(self) -> Leases:
        """The leases of all drivers that the study has had."""
        return Leases.read(self.store.get_study_user_attrs(self.study._study_id))  # noqa: SLF001

    def leaders(self, count: int) -> tuple[Trial, ...]:
        """The best finished trials by the first objective that keep the constraints, each configuration once."""
        sign = -1 if self.study.directions[0] == StudyDirection.MAXIMIZE else 1

        def place(trial: FrozenTrial) -> tuple[float, int]:
            assert trial.values is not None
            return sign * trial.values[0], trial.number

        complete = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        own = [trial for trial in complete if not is_warm(trial) and SAME_AS not in trial.user_attrs]
        finished = [trial for trial in own if feasible(trial.constraints)]
        return tuple(read_trial(self.store, trial) for trial in sorted(finished, key=place)[:count])

    def has(self, task: str) -> bool:
        """Whether a task of the whole study is this driver's: the first that asks for it has it, while it is alive.

        Args:
            task: the study's attribute that says who has it.
        """
        own, alive = self.lease.driver, self.alive()

        def claim(kept: str | None) -> str:
            return kept if kept and alive(kept) else own

        made: str = self.store.change_study_user_attr(self.study._study_id, task, claim)  # noqa: SLF001
        return made == own

    def start_warm(self, past: Sequence[Past], space: Space) -> None:
        """Put trials of an earlier study into one that has none of its own yet; one that goes on has them already.

        They are no attempts at a slot, so that nobody counts them; samplers see them as any other. Of drivers that
        begin at once one brings them, and the next where it died before it had brought them all.
        """
        begun = any(SLOT in trial.user_attrs for trial in self._all())
        if begun or not self.has(BRINGS):
            return
        known = {trial.user_attrs[WARM] for trial in self._all() if WARM in trial.user_attrs}
        for one in past:
            if one.name not in known:
                self.store.create_new_trial(self.study._study_id, _warm(one, space))  # noqa: SLF001

    def _all(self) -> list[FrozenTrial]:
        """All trials that there are now, those of other drivers among them."""
        self.store.refresh(self.study._study_id)  # noqa: SLF001
        return self.study.get_trials(deepcopy=False)

    def close(self) -> None:
        """Give the lease back and let go of the storage."""
        if not self.broken:
            self._write(self.lease.renew(ended=True))
        self.store.close()

    def _write(self, lease: Lease) -> None:
        self.lease = lease
        self.store.set_study_user_attr(self.study._study_id, lease.key, lease.to_json())  # noqa: SLF001


def _warm(one: Past, space: Space) -> FrozenTrial:
    return create_trial(
        state=TrialState.COMPLETE,
        values=list(one.objectives),
        params=dict(one.values),
        distributions={name: distribution(space.dimensions[name]) for name in one.values},
        user_attrs={WARM: one.name},
        constraints=dict(one.violations),
    )
