"""How a table was read, as a file on the record of what was trained on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.data.columns import Column

FOLDER = "data"
"""Its folder among the artifacts."""


def columns_file(columns: Sequence[Column], folder: Path) -> list[tuple[Path, str]]:
    """``columns.json``: each column with its kind and why, as an artifact; none for what is no table."""
    if not columns:
        return []
    path = folder / "columns.json"
    text = json.dumps([column.to_json() for column in columns], ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    return [(path, FOLDER)]
