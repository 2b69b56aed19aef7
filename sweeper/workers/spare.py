"""Workers that wait for the next driver, with the data and the compiled programs of the last one.

The copy of the warm server that forked them calls them (``call``); they stand then where it stands, which has taken
over what the new driver would have handed on to a child of its own.
"""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from sweeper.system.warm import frames
from sweeper.system.warm.spare import let_go_of_caller
from sweeper.system.warm.standing import stand, standing

_FIXED = ("nice", "cores", "limits", "oom", "ignored")
"""What of a driver's standing must be the same as the last one's: they cannot change it, or libraries saw it."""

PATIENCE = 2.0
"""Seconds that a worker may take for a call; what is said to it fits into its socket in any case."""


def may_stand(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether workers that stood in one driver's place may stand in another one's.

    Args:
        before: what the one would hand on to a child, as ``standing`` gives it.
        now: the same of the other.
    """
    used_up = now["limits"]["RLIMIT_CPU"][0] != resource.RLIM_INFINITY  # what was used for others would count
    return not used_up and all(before[name] == now[name] for name in _FIXED)


def call(leash: socket.socket, pipe: int) -> bool:
    """Call a worker to a driver, and have it stand where this process stands; whether it can hear that.

    Args:
        leash: to the worker.
        pipe: the worker's end of a pipe to the driver.
    """
    folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        leash.settimeout(PATIENCE)
        frames.send(leash, standing(), [pipe, folder, 2])
    except OSError:
        return False
    finally:
        os.close(folder)
    return True


def wait_for_call(leash: socket.socket, kept: Mapping[str, str]) -> Connection[Any, Any] | None:
    """Let go of the last driver and wait; a pipe to the next one, None where there will be none.

    Args:
        leash: to the copy of the warm server.
        kept: variables that are this worker's own.
    """
    let_go_of_caller()
    try:
        there, (pipe, folder, stream) = frames.receive(leash, 3)
    except (OSError, ValueError):
        return None
    stand(there, folder, kept)
    os.dup2(stream, 2)
    os.dup2(2, 1)
    os.close(folder)
    os.close(stream)
    return Connection(pipe)
