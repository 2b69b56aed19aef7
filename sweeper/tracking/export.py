"""Rows in a file, or on standard output: CSV, JSON, Parquet."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.config.registry import unknown
from sweeper.errors import InputError, SweeperError
from sweeper.tracking.run_rows import Row, to_frame

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("table", "csv", "json", "parquet")
_ENDINGS = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".pq": "parquet", ".txt": "table"}


def format_of(asked: str, output: Path | None) -> str:
    """The format that was asked for, or that the file's ending says, or a table.

    Raises:
        InputError: there is no such format, or Parquet without a file to go to.
    """
    ending = output.suffix.lower() if output else ""
    if not asked and ending and ending not in _ENDINGS:
        raise InputError(
            f"{output}: the ending {ending} says no format",
            hint=f"one of {', '.join(_ENDINGS)}; or --format",
            key="--output",
            instead=(str(output), str(output.with_suffix(".csv")) if output else ""),
        )
    chosen = asked or _ENDINGS.get(ending, "table")
    if chosen not in FORMATS:
        raise unknown("format", chosen, FORMATS, key="--format")
    if chosen == "parquet" and output is None:
        raise InputError("Parquet is not text and needs a file", hint="add --output FILE.parquet", key="--output")
    return chosen


def as_text(table: Sequence[Row], chosen: str) -> str:
    """Rows as CSV or JSON; numbers that are not finite are empty there."""
    if chosen == "json":
        return json.dumps([{key: _finite(value) for key, value in row.items()} for row in table], indent=2)
    return str(to_frame(table).to_csv(index=False)).rstrip("\n")


def write(table: Sequence[Row], chosen: str, text: str, output: Path, *, force: bool) -> None:
    """Write the file whole: Parquet from the rows, everything else from `text`; raises as ``put`` does."""

    def save(draft: Path) -> None:
        if chosen == "parquet":
            _columnar(to_frame(table)).to_parquet(draft, index=False)
        else:
            draft.write_text(text + "\n", encoding="utf-8")

    put(output, save, force=force)


def check(output: Path, *, force: bool) -> None:
    """Make sure that a file may be written.

    Raises:
        InputError: it exists and `force` is not given, or its folder does not exist.
    """
    if output.exists() and not force:
        raise InputError(f"{output} exists", hint="--force replaces it", key="--output")
    if not output.absolute().parent.is_dir():
        raise InputError(f"{output.parent} is no folder", hint="make it first", key="--output")


def put(output: Path, save: Callable[[Path], None], *, force: bool) -> None:
    """Write a file whole or not at all.

    Args:
        output: the file.
        save: writes a draft of it.
        force: whether it may be replaced.

    Raises:
        InputError: see ``check``.
        SweeperError: it cannot be written.
    """
    check(output, force=force)
    draft = output.with_name(f".{output.name}.{os.urandom(4).hex()}")
    try:
        save(draft)
        draft.replace(output)
    except OSError as error:
        raise SweeperError(f"{output} cannot be written: {error.strerror}", key="--output") from error
    finally:
        draft.unlink(missing_ok=True)


def _columnar(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of one type each, as Parquet wants them: those that mix numbers and text (batch_size=full) as text."""
    for name in frame.columns:
        kinds = {type(value) for value in frame[name] if value is not None and value == value}  # noqa: PLR0124
        if str in kinds and len(kinds) > 1:
            frame[name] = [None if value is None else str(value) for value in frame[name]]
    return frame


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
