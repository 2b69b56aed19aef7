"""What a process inherits from whoever starts it, taken over by one that somebody else has forked."""

from __future__ import annotations

import os
import re
import resource
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_LIMITS = sorted({name for name in dir(resource) if name.startswith("RLIMIT_")})
_OOM = Path("/proc/self/oom_score_adj")
_INHERITED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


def standing() -> dict[str, Any]:
    """What this process would hand on to a child, as far as JSON can say it; its files go beside it."""
    return {
        "environment": dict(os.environ),
        "umask": _umask(),
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "cores": sorted(os.sched_getaffinity(0)),
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in _LIMITS},
        "oom": int(_OOM.read_text(encoding="ascii")),
        "ignored": [number for number in _INHERITED if signal.getsignal(number) is signal.SIG_IGN],
    }


def take_over(standing: Mapping[str, Any], folder: int, kept: Mapping[str, str]) -> None:
    """Be as if a process with this standing had started this one.

    Args:
        standing: as ``standing`` gave it there.
        folder: a handle of its working directory.
        kept: variables that loading the libraries set here.

    Raises:
        OSError, ValueError: this process may not, because it was given less (a lower priority, a smaller limit).
    """
    for name, (soft, hard) in standing["limits"].items():
        resource.setrlimit(getattr(resource, name), (soft, hard))
    os.setpriority(os.PRIO_PROCESS, 0, standing["nice"])
    os.sched_setaffinity(0, standing["cores"])
    if os.sched_getaffinity(0) != set(standing["cores"]):
        raise OSError("other processor cores")
    stand(standing, folder, kept)
    for number in _INHERITED:
        usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, signal.SIG_IGN if number in standing["ignored"] else usual)


def stand(standing: Mapping[str, Any], folder: int, kept: Mapping[str, str]) -> None:
    """Take over what any process may: environment, working directory, umask, and how soon the kernel takes it.

    Args:
        standing: as ``standing`` gave it there.
        folder: a handle of its working directory.
        kept: variables that are this process's own.

    Raises:
        OSError: the working directory may not be entered, or the kernel shall take it later than is allowed.
    """
    _OOM.write_text(str(standing["oom"]), encoding="ascii")
    os.umask(standing["umask"])
    os.fchdir(folder)
    os.environ.clear()
    os.environ.update({**standing["environment"], **kept})


def first_to_go() -> None:
    """Let the kernel take this process before any other, where memory runs out."""
    with suppress(OSError):
        _OOM.write_text("900", encoding="ascii")


def _umask() -> int:
    """Read, where setting it for a moment would be seen by other threads."""
    found = re.search(r"^Umask:\s*([0-7]+)", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    return int(found[1], 8) if found else 0o077
