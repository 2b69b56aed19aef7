"""SQLite files read without writing anything, in a folder that cannot be written as well."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any


def connect_read_only(path: Path, **more: Any) -> sqlite3.Connection:
    """A connection that only reads.

    Beside a file in WAL mode SQLite wants to write even to read it, unless its log and the log's index are there, or
    it is told that the file stays as it is. That is true where there is no log: without one, nothing is missing.

    Args:
        path: the file.
        more: as ``sqlite3.connect`` takes it.

    Raises:
        sqlite3.Error: it cannot be read; it is damaged, perhaps, or its log cannot be read with it.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection: sqlite3.Connection = sqlite3.connect(address, uri=True, **more)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.OperationalError as error:
        connection.close()
        refused = "unable to open" in str(error) or "readonly" in str(error)
        log = path.with_name(f"{path.name}-wal")
        if not refused or (log.exists() and log.stat().st_size):
            raise
        connection = sqlite3.connect(f"{address}&immutable=1", uri=True, **more)
    except BaseException:
        connection.close()
        raise
    return connection
