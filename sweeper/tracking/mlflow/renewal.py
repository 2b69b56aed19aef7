"""Views of the runs, written where there is a record, and renewed while somebody looks at it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from sweeper.errors import SweeperError
from sweeper.system.addresses import sqlite_file, tracking_uri
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.mlflow.views import View, write_views


def write_where_recorded(runs: Path, uri: str, views: Sequence[View]) -> str:
    """Put the views in their place; the id of the experiment, empty where nothing is recorded yet."""
    there = [each for each in MlflowReader(runs, uri=uri).experiments() if not each.deleted]
    if not there:
        return ""
    write_views(uri, there[0].experiment_id, views)
    return there[0].experiment_id


def renewing(runs: Path, made: Callable[[], Sequence[View]]) -> Callable[[], None]:
    """What puts new views in place of the old ones, where the record has changed; of a file alone that is known."""
    uri = tracking_uri(runs)
    file = sqlite_file(uri)
    seen = _written(file)

    def renew() -> None:
        nonlocal seen
        if _written(file) != seen:
            with contextlib.suppress(SweeperError, sqlite3.Error):  # the pages go on as they are
                write_where_recorded(runs, uri, made())
            seen = _written(file)

    return renew


def _written(file: Path | None) -> list[int]:
    places = [file, Path(f"{file}-wal")] if file else []
    return [place.stat().st_mtime_ns for place in places if place.exists()]
