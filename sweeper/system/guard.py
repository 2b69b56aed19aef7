"""Runs a command for as long as whoever started it lives: ``python -P -m sweeper.system.guard COMMAND ...``.

Standard input is a pipe into which nobody writes. It closes when the other side ends, even by a SIGKILL, and then this
process's group is killed: the command, its children, and this process itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import NoReturn

from sweeper.system.python import module_command


def guarded(command: list[str]) -> list[str]:
    """The command under guard.

    To be started in a session of its own, with a pipe as its standard input, in a ``safe_environment``.
    """
    return module_command("sweeper.system.guard", *command)


def main(command: list[str]) -> NoReturn:
    """Run the command; its exit code is this process's."""
    signal.signal(signal.SIGTERM, lambda *_: None)  # the whole group gets it: first the command ends, in its own way
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False)  # what was passed is for the command
    threading.Thread(target=_watch, daemon=True).start()
    sys.exit(process.wait())


def _watch() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
