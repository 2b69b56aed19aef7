"""When a sweep gives up: on a configuration that kills its workers, and on an error that every trial has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sweeper.trial import Failure, WorkerLost

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
        return Failure("poison", f"ended its worker {len(self.reasons)} times: {'; '.join(self.reasons[-FATAL:])}")


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
