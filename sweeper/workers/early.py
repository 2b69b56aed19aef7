"""A fork server that loads what workers need before its driver knows what they shall do.

The command line starts it first of all: TensorFlow is imported while the driver imports what it needs itself. Whoever
makes a fork server then takes this one, if it stands where a new one would.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sweeper.system.process import cores
from sweeper.system.python import import_path, module_command, safe_environment
from sweeper.system.warm import place

TRAINER = ("sweeper.train.folds",)
"""What workers that train need: the trainer, TensorFlow with it; no operation is run."""

WARM = "workers"
"""The name of the warm server that has TensorFlow loaded."""

_LATER = ("SWEEPER_RUNS",)
"""Variables that no import reads: they may be set when the server has begun."""

THE_DRIVERS = ("MLFLOW_", "DO_NOT_TRACK")
"""Beginnings of variables that no worker reads; the first call sets some of them when it loads MLflow."""


@dataclass(frozen=True)
class Begun:
    """A fork server that loads, or has loaded; it waits for the rest of what it is to know.

    Attributes:
        process: its standard input is open for that.
        channel: the driver's end.
        environment: that it was started in.
        path, preload: to import from, and what.
    """

    process: subprocess.Popen[bytes]
    channel: socket.socket
    environment: Mapping[str, str]
    path: Sequence[str]
    preload: Sequence[str]

    def tell(self, setup: Mapping[str, Any]) -> None:
        """Say what workers have in common (``fork_server.Setup``), and what has changed meanwhile."""
        assert self.process.stdin is not None
        now = safe_environment()
        changed = {name: now[name] for name in _LATER if now.get(name, "") != self.environment.get(name, "")}
        with suppress(BrokenPipeError), self.process.stdin as stdin:  # one that has ended is heard of by its channel
            stdin.write(json.dumps({"setup": setup, "environment": changed}).encode())

    def fits(self, path: Sequence[str], preload: Sequence[str]) -> bool:
        """Whether a server that begins now would stand and load alike, and whether this one lives."""
        same = (list(self.path), list(self.preload)) == (list(path), list(preload))
        return same and _read(self.environment) == _read(safe_environment()) and self.process.poll() is None

    def end(self) -> None:
        """End it at once."""
        self.channel.close()
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()


_begun: list[Begun] = []
"""At most one."""


def begin_early() -> None:
    """Begin a server for workers that train, where there is a core for it, and the user keeps no warm one."""
    if cores() > 1 and not (place.supported() and place.inode(WARM)):
        _begun.append(begin(import_path(), TRAINER))


def begin(path: Sequence[str], preload: Sequence[str]) -> Begun:
    """Start a server; it begins to load."""
    channel, theirs = socket.socketpair()
    environment = safe_environment()  # a copy: another thread may be changing the environment, which exec would read
    process = subprocess.Popen(
        module_command("sweeper.workers.fork_server", str(theirs.fileno())),
        stdin=subprocess.PIPE,
        pass_fds=[theirs.fileno()],
        env=environment,
    )
    theirs.close()
    assert process.stdin is not None
    process.stdin.write(json.dumps({"path": list(path), "preload": list(preload)}).encode() + b"\n")
    process.stdin.flush()
    return Begun(process, channel, environment, list(path), list(preload))


def take(path: Sequence[str], preload: Sequence[str]) -> Begun:
    """The server that has begun, if it fits, or a new one."""
    while _begun:
        begun = _begun.pop()
        if begun.fits(path, preload):
            return begun
        begun.end()
    return begin(path, preload)


def end() -> None:
    """End the server that nobody has taken. Nothing happens where there is none."""
    while _begun:
        _begun.pop().end()


def _read(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that the server may have read."""
    return {k: v for k, v in environment.items() if k not in _LATER and not k.startswith(THE_DRIVERS)}
