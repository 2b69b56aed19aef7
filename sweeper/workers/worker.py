"""What the pool knows of one worker process."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from sweeper.trial import Event, TrialResult, TrialSpec
from sweeper.workers.death import MemoryKills
from sweeper.workers.files import Files
from sweeper.workers.worker_main import Answer, Message


class Worker:
    """One worker: its pipe, its process, and the trials that it still owes a result.

    Attributes:
        ordered: when it was, on the pool's clock.
        pid: 0 until it is born.
        ready: has said so, and can only fail through a trial from now on.
        busy: has a group and has not yet said that it is idle.
        waiting: keys of the trials without a result, in order.
        mute: its pipe has closed.
        verdict: why the pool killed it; empty where it did not.
        memory_kills: the kernel's, since its last group began.
    """

    def __init__(self, pipe: Connection[Any, Any], ordered: float) -> None:
        """Ordered, not yet born."""
        self.pipe = pipe
        self.ordered = ordered
        self.pid = 0
        self.ready = False
        self.busy = False
        self.waiting: list[str] = []
        self.mute = False
        self.verdict = ""
        self.memory_kills = MemoryKills()
        self._members = 0
        self._begun = 0.0
        self._heard = 0.0

    @property
    def free(self) -> bool:
        """Can take a group; one that is not born yet can, too, and finds it in its pipe."""
        return not (self.busy or self.mute or self.verdict)

    def give(self, group: Sequence[TrialSpec], files: Files, now: float) -> None:
        """Hand over a group."""
        self.busy = True
        self.waiting = [spec.key for spec in group]
        self.memory_kills = MemoryKills(self.pid)
        self._members, self._begun, self._heard = len(group), now, now
        self.send(("group", (group, files)))

    def send(self, message: Message) -> None:
        """Say something; a worker that has died does not hear it, and its death is seen elsewhere."""
        with suppress(OSError):
            self.pipe.send(message)

    def listen(self, now: float) -> list[Event]:
        """Everything that it has said and nobody has read."""
        events: list[Event] = []
        try:
            while not self.mute and self.pipe.poll():
                answer: Answer = self.pipe.recv()
                self._heard = now
                if answer == "ready":
                    self.ready, self._begun, self.memory_kills = True, now, MemoryKills(self.pid)
                elif answer == "idle":
                    self.busy = False
                else:
                    events.append(self._note(answer))
        except (EOFError, OSError):
            self.mute = True
        return events

    def overdue(self, now: float, deadline: float, silence: float) -> str:
        """Why it must be taken for hung; empty while it need not. The time to start up is not a trial's."""
        if not self.busy or not self.ready:
            return ""
        if deadline and now - self._begun > deadline * self._members:
            each = f" for each of {self._members} trials" if self._members > 1 else ""
            return f"deadline: longer than {deadline:g} s{each}"
        if silence and now - self._heard > silence:
            return f"deadline: silent for {silence:g} s"
        return ""

    def kill(self) -> None:
        """End it at once; one that is not born yet finds its pipe closed."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _note(self, event: Event) -> Event:
        if isinstance(event, TrialResult):
            self.waiting.remove(event.key)
        return event
