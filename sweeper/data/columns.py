"""What a table's columns are taken for, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

NUMBER, YES_NO, CATEGORY, DATE = KEPT = ("number", "yes/no", "category", "date")
"""Kinds that become features."""
IDENTIFIER, DROPPED, GROUP, TIME, TARGET = "identifier", "left out", "group", "time", "target"


@dataclass(frozen=True)
class Column:
    """One column of a table, as it is read.

    Attributes:
        name: of the column.
        kind: one of ``KEPT``, or what else it is used or not used for.
        why: it was taken for that, in a few words.
        missing: how many values it lacks.
        categories: of a category, in order.
        decimal: what separates whole numbers from their fractions.
        thousands: what separates thousands; "" for nothing.
        base: the kind that its values have, whatever the column is used for.
        units: texts around its numbers, such as "%".
        date_format: of its dates in text; "" for 2026-01-31.
    """

    name: str
    kind: str
    why: str = ""
    missing: int = 0
    categories: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    base: str = ""
    units: tuple[str, ...] = ()
    date_format: str = ""

    @property
    def is_feature(self) -> bool:
        """Whether it is trained on."""
        return self.kind in KEPT

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"categories": list(self.categories), "units": list(self.units)}


def columns_file(columns: Sequence[Column], folder: Path) -> list[tuple[Path, str]]:
    """``columns.json``: each column with its kind and why, as an artifact below ``data``; none for what is no table."""
    if not columns:
        return []
    path = folder / "columns.json"
    text = json.dumps([column.to_json() for column in columns], ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    return [(path, "data")]
