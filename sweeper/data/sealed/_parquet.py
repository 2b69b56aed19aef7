"""Parquet files as columns of the types that they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.data.sealed._stored import Stored
from sweeper.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa


def read(path: Path) -> list[Stored]:
    """The columns of a Parquet file, an index that was saved with it among them.

    Raises:
        InputError: it is no Parquet file, or a damaged one.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        hint = "it may have been cut off: write it again, or name another"
        raise InputError(
            f"{path} is no parquet table: {why[:200].rstrip('.')}", hint=hint, key="dataset.path"
        ) from error
    categories = _categories(table.schema)
    return [_stored(name, column, categories) for name, column in zip(table.column_names, table.columns, strict=True)]


def _stored(name: str, column: pa.ChunkedArray, categories: set[str]) -> Stored:
    import pyarrow as pa

    if pa.types.is_string_view(column.type):  # as Polars writes text
        column = column.cast(pa.large_string())
    if name in categories and not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return Stored(name.strip(), column)


def _categories(schema: object) -> set[str]:
    """Columns that pandas saved as categories: of whole-number ones, only its own notes in the file know."""
    notes = (getattr(schema, "metadata", None) or {}).get(b"pandas")
    try:
        kept = json.loads(notes)["columns"] if notes else []
    except (ValueError, KeyError, TypeError):
        return set()
    return {str(one.get("name")) for one in kept if one.get("pandas_type") == "categorical"}
