"""Files of a report: each written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from sweeper.system.atomic import atomic_write


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file by way of a temporary one beside it, so that nobody ever sees half of it; returns its path."""
    with atomic_write(path, path.with_name(f".{path.name}.{os.getpid()}.tmp")) as file:
        file.write(content)
    return path
