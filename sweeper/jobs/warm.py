"""``sweeper warm``: keep TensorFlow loaded between commands, see how it is kept, and let it go."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from sweeper.errors import InputError, SweeperError
from sweeper.system.python import module_command, safe_environment
from sweeper.system.warm import client, place
from sweeper.system.warm.server import session_leader
from sweeper.workers.fork_client import WARM

_MODULE = "sweeper.workers.warm_server"


def start(idle: float) -> dict[str, Any]:
    """Start the server, or another one in its place, and wait until it answers.

    Args:
        idle: seconds without a command after which it ends.

    Returns:
        as ``status``.

    Raises:
        InputError: this system, or the folder of its socket, does not allow it.
        SweeperError: it did not start.
    """
    _check()
    stop()
    process = subprocess.Popen(
        module_command(_MODULE, str(idle), session_leader()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=safe_environment(),
        cwd="/",
        start_new_session=True,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        ready = process.stdout.readline()
    except BaseException:  # Ctrl-C, while it was loading
        process.kill()
        raise
    if ready != "ready\n":
        said = process.stderr.read().strip().splitlines()
        raise SweeperError(f"the warm server ended with {process.wait()}: {said[-1] if said else 'no word'}")
    return status()


def stop() -> dict[str, Any]:
    """End the server; sweeps that it has lent workers to keep them.

    Returns:
        ``stopped``: its process id, 0 where there was none.

    Raises:
        InputError: the folder of its socket is not the user's alone.
    """
    try:
        return {"stopped": client.stop(WARM) if place.supported() else 0}
    except place.RefusedError as error:
        raise _refused(error) from error


def status() -> dict[str, Any]:
    """How it is.

    Returns:
        ``running``; then also ``pid``, ``began`` (seconds since the epoch), ``in_use`` (commands that have workers of
        it), ``ends_in`` (seconds, if nobody comes), ``memory`` (bytes, its share of what it shares with them) and
        ``refused``: why commands from here do without it, or empty.

    Raises:
        InputError: the folder of its socket is not the user's alone.
    """
    if not place.supported():
        return {"running": False}
    try:
        found = client.status(WARM)
    except FileNotFoundError:
        return {"running": False}
    except place.RefusedError as error:
        raise _refused(error) from error
    except OSError as error:
        return {"running": False, "refused": f"it does not answer: {error}"}
    return {"running": True, **found, "memory": _share(found["pid"])}


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


def _share(pid: int) -> int:
    """Bytes of memory, what is shared divided by those who share it; 0 where the system does not say."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next(int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
