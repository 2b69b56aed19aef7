"""Pages of files that this process has mapped and will hardly look at again."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_DONTNEED = 4
"""MADV_DONTNEED of <sys/mman.h>."""

_LEAST = 2**20
"""Bytes of a mapping that are worth a call."""

_HEAD = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ [1-9]\d* +/")


def let_go_of_code() -> None:
    """Take the pages of libraries that were read, and never written, off this process; what is used is mapped again.

    Importing a large library walks through most of it once. What lies in the page cache all the same costs no read
    when it is wanted, but it counts for this process and its children no longer, and the kernel may use the room.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    library.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    with suppress(OSError):
        for start, size in _clean(Path("/proc/self/smaps").read_text(encoding="utf-8", errors="replace")):
            library.madvise(start, size, _DONTNEED)


def _clean(text: str) -> Iterator[tuple[int, int]]:
    """Start and size of the mappings of files that cannot be written and of which no page was ever changed.

    Relocations change pages before they are protected: dropped, those would come back as they are in the file.
    """
    for block in re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", text):
        found = _HEAD.match(block)
        if found and re.search(r"(?m)^Anonymous: +0 kB$", block):
            start, end = int(found[1], 16), int(found[2], 16)
            if end - start >= _LEAST:
                yield start, end - start
