"""Which drivers are alive: each keeps a lease in the study, and nobody has to guess.

On the same machine a driver is alive while its process is, told by process id and start time, so that neither a clock
that jumps nor a driver that is stopped for an hour costs it its trials. A driver of another machine is alive while its
lease was renewed lately.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

PREFIX = "driver:"
"""Of a lease's key among the study's attributes."""

RENEW = 10.0
"""Seconds from one renewal to the next."""

EXPIRE = 300.0
"""Seconds without a renewal after which a driver of another machine counts as dead."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One driver's claim to be alive.

    Attributes:
        driver: its id, which its trials carry.
        host: for people.
        machine: what shares process ids with this process: a boot of a machine, and a container on it.
        pid, started: of the process; `started` in clock ticks after the machine's boot.
        renewed: seconds since the epoch.
        ended: the driver has closed it.
    """

    driver: str
    host: str
    machine: str
    pid: int
    started: int
    renewed: float
    ended: bool = False

    @classmethod
    def new(cls) -> Lease:
        """For this process."""
        pid = os.getpid()
        host = socket.gethostname()
        return cls(uuid.uuid4().hex[:12], host, machine(), pid, start_time(pid), time.time())

    @property
    def key(self) -> str:
        """Among the study's attributes."""
        return PREFIX + self.driver

    def renew(self, *, ended: bool = False) -> Lease:
        """The same lease, as of now."""
        return replace(self, renewed=time.time(), ended=ended)

    def to_json(self) -> dict[str, Any]:
        """Plain values for the study's attributes."""
        return asdict(self)

    def alive(self) -> bool:
        """Whether the driver can still finish what it has begun."""
        if self.ended:
            return False
        if self.machine == machine():
            return self.started == start_time(self.pid)
        return abs(time.time() - self.renewed) < EXPIRE


@dataclass(frozen=True)
class Leases:
    """All drivers that a study has ever had."""

    by_driver: Mapping[str, Lease] = field(default_factory=dict)

    @classmethod
    def read(cls, attributes: Mapping[str, Any]) -> Leases:
        """Out of the study's attributes."""
        leases = [Lease(**value) for key, value in attributes.items() if key.startswith(PREFIX)]
        return cls({lease.driver: lease for lease in leases})

    def alive(self, driver: str) -> bool:
        """Whether a driver is; one without a lease never was."""
        lease = self.by_driver.get(driver)
        return lease is not None and lease.alive()


def machine() -> str:
    """Names what this process shares its process ids with; empty where that is not to be known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def start_time(pid: int) -> int:
    """When a process started, in clock ticks after the boot; -1 if it does not run, 0 if no more is known."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return -1 if Path("/proc/self/stat").exists() else _runs(pid)
    return -1 if fields[0] in {"Z", "X"} else int(fields[19])


def _runs(pid: int) -> int:
    """Without /proc: 0 if there is such a process, -1 if not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return -1
    except PermissionError:
        return 0
    return 0
