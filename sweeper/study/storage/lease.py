"""Leases: each driver keeps one in its study, which says whether the driver can still finish what it has begun."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sweeper.system.process import Life, Process, this_process

PREFIX = "driver:"
"""The beginning of a lease's key among the study's attributes."""

RENEW = 10.0
"""Seconds from one renewal to the next."""

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
