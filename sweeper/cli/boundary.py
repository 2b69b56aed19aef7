"""Where every error ends: one line (or one JSON document) and an exit code.

0 done, 1 the work failed, 2 bad input, 3 interrupted but resumable, 130 interrupted at once: a second Ctrl-C ends the
program, whatever is still being tidied up or waited for.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import typer

from sweeper.cli.render import OutputError, emit, note
from sweeper.cli.streams import ReaderGoneError, abandon
from sweeper.errors import InputError, SweeperError
from sweeper.system.signals import ENDING

DISK = {
    errno.ENOSPC: "free some space, or give another folder with --runs",
    errno.EDQUOT: "free some of your quota, or give another folder with --runs",
    errno.EFBIG: "raise the limit of a file's size (ulimit -f)",
    errno.EROFS: "give a folder that can be written with --runs",
    errno.EACCES: "give a folder that can be written with --runs",
    errno.EPERM: "give a folder that can be written with --runs",
    errno.EBADF: "leave the shell's >&- out; > /dev/null throws the answer away",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
}
"""Failures of the machine that a person can mend, each with its hint."""


class InterruptedAtOnceError(SweeperError):
    """Stopped at once, by a second Ctrl-C or in the middle of something that cannot go on later."""

    exit_code = 130


@dataclass
class Guarded:
    """A command line that is run.

    Attributes:
        arguments: what was typed, for the command.
        code: the exit code, once that the command has ended.
    """

    arguments: list[str]
    code: int = 0


@contextmanager
def guard(arguments: Sequence[str], parser: Callable[[], Any] | None = None) -> Iterator[Guarded]:
    """Run a command in this block; whatever it raises is shown here, and comes to an exit code.

    ``--debug`` may stand anywhere before ``--``; it is taken out here, so that it works even where
    the arguments cannot be parsed. `parser` makes what reads commands: what is said to be typed is read by it.
    """
    options = list(arguments[: arguments.index("--")]) if "--" in arguments else list(arguments)
    rest = list(arguments[len(options) :])
    debug, as_json = "--debug" in options, "--json" in options
    run = Guarded([option for option in options if option != "--debug"] + rest)
    show = partial(_show, as_json=as_json, once=threading.Lock())
    try:
        with second_signal_ends(lambda: show(InterruptedAtOnceError("interrupted"))):
            try:
                yield run
            except typer.Exit as end:
                run.code = end.exit_code
            sys.stdout.flush()
    except ReaderGoneError:  # the work is done, and nobody wants to read of it
        abandon(sys.stdout)
        run.code = 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the boundary is where everything ends
        if debug:
            _trace()
        run.code = show(_readable(error, run.arguments, parser))


def _trace() -> None:
    """Where it came from; libraries put whole addresses into what they raise, with their passwords."""
    from sweeper.system.addresses import redact

    note(redact(traceback.format_exc()))


def _readable(error: BaseException, typed: Sequence[str], parser: Callable[[], Any] | None) -> SweeperError:
    if _folder_is_gone(error):
        return InputError("the folder that this was started in has been deleted", hint="cd to another one")
    if isinstance(error, SweeperError):
        from sweeper.cli.mistakes import with_command

        return with_command(error, typed, parser)
    if isinstance(error, KeyboardInterrupt):
        return InterruptedAtOnceError("interrupted")
    if isinstance(error, typer.TyperException):
        from sweeper.cli.mistakes import usage_error

        return usage_error(error, typed, parser)
    if isinstance(error, OSError) and error.errno in DISK:
        where = f": {error.filename}" if error.filename else ""
        return SweeperError(f"{error.strerror}{where}", hint=DISK[error.errno])
    what = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
    return SweeperError(f"internal error: {what}", hint="--debug shows the traceback")


def _folder_is_gone(error: BaseException | None) -> bool:
    """Whether something was not found because the working directory is not there."""
    while error is not None and not isinstance(error, FileNotFoundError):
        error = error.__cause__
    try:
        return error is not None and not Path.cwd()
    except OSError:
        return True


def _show(error: SweeperError, *, as_json: bool, once: threading.Lock) -> int:
    if not once.acquire(blocking=False):
        return error.exit_code
    if not (as_json and not isinstance(error, OutputError) and _document(error)):
        hint = f" ({error.hint})" if error.hint else ""
        note(f"error: {error.message}{hint}")
    return error.exit_code


def _document(error: SweeperError) -> bool:
    """The error as JSON on standard output; whether that could be written, or nobody reads it."""
    body = {"message": error.message, "hint": error.hint, "key": error.key}
    try:
        emit({"error": body}, "", as_json=True)
    except ReaderGoneError:
        abandon(sys.stdout)
    except OutputError:
        return False
    return True


GRACE = 1.0
"""Seconds for the second Ctrl-C to end things in order."""


@contextmanager
def second_signal_ends(last_words: Callable[[], object]) -> Iterator[None]:
    """End the process with 130, after some last words, when a second signal that asks for its end came, and it has not.

    What is finished is safe without any tidying: studies are written trial by trial, workers end with their
    driver, and what MLflow has not got waits in a file.

    The signals are read where Python's own handler writes them, so that whoever handles them goes on doing so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader, last_words), name="second signal", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)


def _watch(reader: int, last_words: Callable[[], object]) -> None:
    """Count signals until the other end is closed."""
    seen = 0
    while number := os.read(reader, 1):
        seen += number[0] in ENDING
        if seen == 2:
            time.sleep(GRACE)
            last_words()
            os._exit(130)
    os.close(reader)
