"""Whether files are still those that were read, by what the file system says of them: nothing is read again.

Each change of a file's content sets the time of its inode (ctime), which nobody but the machine's administrator can set
back. That is so on the file systems of this machine; one on the network may answer from what it remembers of the file.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

LOCAL = ("btrfs", "ext2", "ext3", "ext4", "f2fs", "xfs")
"""File systems whose times are taken for true."""

SETTLED = 60.0
"""Seconds for which a file has not changed before its times tell anything.

Two changes within a tick of the clock have one time; and whoever has mapped a file into memory may go on writing until
the system has written its pages back, half a minute later.
"""

_MOUNTS = Path("/proc/self/mountinfo")

Traits = list[tuple[str, int, int, int, int, int]]


def traits(paths: Sequence[Path]) -> Traits | None:
    """What tells files from all others and from what they were at other times; None where nothing does.

    Of each: path, device, inode, length, and the times of its content and of its inode.
    """
    try:
        found = [(str(path.resolve(strict=True)), path.stat()) for path in paths]
        local = _local_devices()
    except (OSError, ValueError):
        return None
    if not all(stat.st_dev in local and time.time() - stat.st_ctime >= SETTLED for _, stat in found):
        return None
    return [(path, s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for path, s in found]


def _local_devices() -> set[int]:
    """The devices of file systems that are taken for true; none where this system does not list them."""
    devices = set()
    for line in _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
        mounted, _, kind = line.partition(" - ")
        if kind.split(" ", 1)[0] in LOCAL:
            major, minor = mounted.split(" ", 3)[2].split(":")
            devices.add(os.makedev(int(major), int(minor)))
    return devices
