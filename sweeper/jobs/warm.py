"""``sweeper warm``: keep what commands import loaded between them, see how it is kept, and let it go."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from sweeper.errors import InputError, SweeperError
from sweeper.system.python import module_command, safe_environment
from sweeper.system.warm import client, place
from sweeper.system.warm.place import COMMANDS
from sweeper.system.warm.server import session_leader
from sweeper.workers.early import WARM

SERVERS = {WARM: "sweeper.workers.warm_server", COMMANDS: "sweeper.cli.warm_commands"}
"""The modules that they run: one with TensorFlow, for workers; one with the rest, for commands themselves."""


def start(idle: float) -> dict[str, Any]:
    """Start the servers, or others in their place, and wait until they answer.

    Args:
        idle: seconds without a command after which it ends.

    Returns:
        as ``status``.

    Raises:
        InputError: this system, or the folder of its socket, does not allow it.
        SweeperError: one did not start.
    """
    _check()
    stop()
    starting = [_begin(module, idle) for module in SERVERS.values()]
    try:
        for process in starting:
            _await(process)
    except BaseException:  # Ctrl-C, while they were loading, among others
        for process in starting:
            process.kill()
        raise
    return status()


def _begin(module: str, idle: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        module_command(module, str(idle), session_leader()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=safe_environment(),
        cwd="/",
        start_new_session=True,
        text=True,
    )


def _await(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    if process.stdout.readline() != "ready\n":
        said = process.stderr.read().strip().splitlines()
        raise SweeperError(f"a warm server ended with {process.wait()}: {said[-1] if said else 'no word'}")


def stop() -> dict[str, Any]:
    """End the servers; commands that they have lent copies to keep them.

    Returns:
        ``stopped``: the process id of that with TensorFlow, 0 where there was none; ``commands``: of the other.

    Raises:
        InputError: the folder of its socket is not the user's alone.
    """
    try:
        ended = {name: client.stop(name) if place.supported() else 0 for name in SERVERS}
    except place.RefusedError as error:
        raise _refused(error) from error
    return {"stopped": ended[WARM], COMMANDS: ended[COMMANDS]}


def status() -> dict[str, Any]:
    """How they are.

    Returns:
        of that with TensorFlow ``running``; then also ``pid``, ``began`` (seconds since the epoch), ``in_use``
        (commands that have a copy of it), ``ends_in`` (seconds, if nobody comes), ``memory`` (bytes, its share of what
        it shares with them) and ``refused``: why commands from here do without it, or empty. ``spares`` are the workers
        that wait for the next command: ``pid`` and ``memory`` of each. In ``commands`` the same of the other.

    Raises:
        InputError: the folder of its socket is not the user's alone.
    """
    if not place.supported():
        return {"running": False, COMMANDS: {"running": False}}
    return {**_status(WARM), COMMANDS: _status(COMMANDS)}


def _status(name: str) -> dict[str, Any]:
    try:
        found = client.status(name)
    except FileNotFoundError:
        return {"running": False}
    except place.RefusedError as error:
        raise _refused(error) from error
    except ConnectionRefusedError:
        return {"running": False, "refused": "it was killed, and has left its socket behind"}
    except OSError as error:
        return {"running": False, "refused": f"it does not answer: {error}"}
    spares = [{"pid": pid, "memory": _share(pid)} for pid in _children(found.pop("spare", 0))]
    return {"running": True, **found, "memory": _share(found["pid"]), "spares": spares}


def _check() -> None:
    if not place.supported():
        off = os.environ.get(place.VARIABLE) == ""
        why = f"{place.VARIABLE} is empty, which turns it off" if off else "this needs Linux, which tells who connects"
        raise InputError(f"no server can be kept warm: {why}", hint=f"unset {place.VARIABLE}" if off else "")
    try:
        os.close(place.open_folder(make=True))
    except OSError as error:
        raise _refused(error) from error


def _refused(error: OSError) -> InputError:
    return InputError(str(error), hint=f"remove it, or name another folder with {place.VARIABLE}")


def _children(pid: int) -> list[int]:
    """Process ids; none where the system does not say."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def _share(pid: int) -> int:
    """Bytes of memory, what is shared divided by those who share it; 0 where the system does not say."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next(int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
