"""Where the command line begins: in a copy of the user's warm server, where there is one, or else here.

Such a copy has imported everything. It stands where this process stands, with the same standard streams, and does the
work; this process passes on the signals that it gets and ends with the copy's exit code. Each ends when the other does.
Elsewhere the first thing is to have the workers' libraries imported, where they will be needed, by another process.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.system.warm.client import Lent

LONG = ("run", "tune", "explore", "compare", "test", "reproduce")
"""Commands whose imports take longer than to ask for a copy."""

TRAINING = {"run": "", "tune": "", "explore": "", "reproduce": "", "compare": "--repeats", "test": "--refit"}
"""Commands that train, each with the option without which it does not.

A study may be complete; then TensorFlow is imported in vain, beside what takes as long. To look into the study first
would take what others wait for.
"""

_UNTRAINED = {"--help", "-h", "--list", "--cluster"}
"""Options with which nothing is trained, or not by processes of this machine."""

ENDED = 128 + signal.SIGKILL
"""The exit code where the copy was killed, as a shell says it."""

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_STREAMS = (2, 1, 0)
"""Standard error, output and input, in the order in which a server takes them."""


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    arguments = sys.argv[1:]
    code = _in_a_copy(arguments) if _may_be_elsewhere(arguments) else None
    if code is not None:
        sys.exit(code)
    with _early_imports(arguments) if _will_train(arguments) else nullcontext():
        from sweeper.cli.app import main as here

        here()


def _will_train(arguments: Sequence[str]) -> bool:
    """Whether it is a command that trains, unless all is done already, and in processes of this machine."""
    options = {"", *(word.partition("=")[0] for word in arguments)}
    return TRAINING.get(_command(arguments)) in options and not _UNTRAINED & options


@contextmanager
def _early_imports(arguments: Sequence[str]) -> Iterator[None]:
    """Have another process import what workers need, while this one imports what it needs itself."""
    from sweeper.workers import early

    early.begin_early()
    try:
        if not _knows_keys(arguments):
            early.end()  # it shall not keep a core from what says so
        yield
    finally:
        early.end()


def _knows_keys(arguments: Sequence[str]) -> bool:
    """Whether nothing that looks like KEY=VALUE has a key that there is not."""
    from dataclasses import fields

    from sweeper.config.schema import Config

    keys = {word.partition("=")[0].partition(".")[0] for word in arguments if "=" in word}
    return {key for key in keys if key.isidentifier()} <= {field.name for field in fields(Config)}


def _command(arguments: Sequence[str]) -> str:
    return next((word for word in arguments if not word.startswith("-")), "")


def _may_be_elsewhere(arguments: Sequence[str]) -> bool:
    """Whether it is a long command, and all that it needs of this process can be handed over."""
    if _command(arguments) not in LONG or {"--help", "-h"} & set(arguments):
        return False
    if any(("/dev/fd/" in word or "/proc/" in word) for word in arguments):  # a file that only this process has
        return False
    with suppress(OSError):
        return all(os.fstat(stream) for stream in _STREAMS)
    return False


def _in_a_copy(arguments: Sequence[str]) -> int | None:
    """Have a copy run the command; its exit code, or None where there is no copy."""
    from sweeper.system.warm import place

    if not place.supported() or not place.inode(place.COMMANDS):
        return None
    from sweeper.system.warm.client import borrow

    signals = _Signals()
    signals.catch()
    lent = borrow(place.COMMANDS, {"argv": [sys.argv[0], *arguments], "path": sys.path}, _STREAMS)
    if lent is None:
        signals.let_go()
        return None
    signals.pass_to(lent)
    return _wait(lent)


def _wait(lent: Lent) -> int:
    from sweeper.system.warm import frames

    with lent.channel:
        try:
            answer, _ = frames.receive(lent.channel)
            return int(answer["code"])
        except OSError:
            line = f"error: process {lent.pid}, which ran this for `sweeper warm`, was killed (the same again goes on)"
            os.write(2, f"{line}\n".encode())
            return ENDED


class _Signals:
    """The signals that ask a command to end or to stop, for whoever does its work."""

    def __init__(self) -> None:
        self.before: dict[signal.Signals, object] = {}
        self.early: list[int] = []
        self.lent: Lent | None = None

    def catch(self) -> None:
        """Keep them until it is known whose they are; one that is ignored stays ignored, by both."""
        for number in (*_PASSED_ON, signal.SIGTSTP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self.before[number] = signal.signal(number, self._hear)

    def pass_to(self, lent: Lent) -> None:
        """From now on they go to the copy, and those that came before, too."""
        self.lent = lent
        for number in self.early:
            self._hear(number, None)

    def let_go(self) -> None:
        """They are this process's after all."""
        for number, handler in self.before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as it was given
        for early in self.early:
            os.kill(os.getpid(), early)

    def _hear(self, number: int, _: FrameType | None) -> None:
        if self.lent is None:
            self.early.append(number)
        elif number == signal.SIGTSTP:
            self._stop(self.lent)
        else:
            self.lent.send_signal(number)

    def _stop(self, lent: Lent) -> None:
        """A Ctrl-Z stops both; what wakes this process wakes the copy."""
        lent.send_signal(signal.SIGSTOP)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._hear)
        lent.send_signal(signal.SIGCONT)
