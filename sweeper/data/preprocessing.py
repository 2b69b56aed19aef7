"""The preprocessing of a training as a plain document: what its model needs to be shown other rows.

It is part of the model's own file, and holds numbers, names and nothing that could be run.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.config.schema import Dataset
from sweeper.data.columns import CATEGORY, Column
from sweeper.data.encode import Transform, Values, ends
from sweeper.data.mapped import Mapped
from sweeper.data.raw import Raw

SCHEMA = 1
"""The number of the documents that this version writes and reads."""

MEMBER = "preprocessing.json"
"""Its name among the members of a ``.keras`` file, which is a ZIP archive."""


def document(raw: Raw, train: Values | Mapped, transform: Transform, dataset: Dataset) -> dict[str, Any]:
    """The preprocessing of a training as plain JSON values; none for tables of the first rule, whose reading is lost.

    ``classes`` their names; ``plan`` how values become features; ``columns`` of a table, with the range or the
    categories that the training rows have, and ``reading`` of its file; ``shape`` of an array's examples. ``target`` of
    a table, and of numbers to predict.

    Args:
        raw: the source.
        train: the training rows among its values, [N, K].
        transform: fitted on them.
        dataset: how it was to be read.
    """
    if not transform.plan:
        return {}
    if isinstance(train, Mapped) or not raw.columns:
        about = _array(raw, train)
    else:
        about = _table(raw, train, transform, dataset)
    return {
        "schema": SCHEMA,
        "data": {"name": raw.name, "digest": raw.digest},
        "rows": len(train),
        "classes": list(raw.classes),
        **about,
        "plan": transform.plan,
    }


def as_text(found: dict[str, Any]) -> str:
    """A document as JSON; "" for none."""
    return json.dumps(found, ensure_ascii=False) if found else ""


def add(path: Path, text: str) -> None:
    """Put a document into a ``.keras`` file, which Keras reads as before."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(MEMBER), text, zipfile.ZIP_DEFLATED)


def read(path: Path) -> dict[str, Any]:
    """The document in a ``.keras`` file; {} for one from before there were any.

    Raises:
        ValueError: the file is damaged, or of a later version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read(MEMBER)) if MEMBER in archive.namelist() else {}
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if found and found.get("schema", 0) > SCHEMA:
        raise ValueError(f"its preprocessing is of schema {found['schema']}, and this version reads up to {SCHEMA}")
    return dict(found)


def _table(raw: Raw, train: Values, transform: Transform, dataset: Dataset) -> dict[str, Any]:
    used = [column for column in raw.columns if column.is_feature]
    known = {block["column"]: block["codes"] for block in transform.plan["blocks"] if block["kind"] == "category"}
    low, high = np.fmin.reduce(train, axis=0), np.fmax.reduce(train, axis=0)
    lacking = np.asarray(np.isnan(train).any(axis=0))
    return {
        "kind": "table",
        "target": dataset.target or raw.target,
        "reading": raw.reading,
        "columns": [
            _column(column, bool(lacking[k]), (float(low[k]), float(high[k])), known.get(k, ()))
            for k, column in enumerate(used)
        ],
    }


def _column(column: Column, lacking: bool, ends: tuple[float, float], known: Sequence[int]) -> dict[str, Any]:
    about: dict[str, Any] = {"name": column.name, "kind": column.kind, "lacking": lacking}
    if column.kind == CATEGORY:
        return about | {"categories": list(column.categories), "known": list(known)}
    low, high = (end if np.isfinite(end) else 0.0 for end in ends)
    further = {"units": list(column.units), "date_format": column.date_format}
    about |= {name: value for name, value in further.items() if value}
    return about | {"decimal": column.decimal, "thousands": column.thousands, "low": low, "high": high}


def _array(raw: Raw, train: Values | Mapped) -> dict[str, Any]:
    is_bytes = train.dtype == np.uint8
    flat = not is_bytes and len(raw.shape) == 1
    low, high = ends(train)
    if not flat:
        low, high = low.min(), high.max()
    shares = not is_bytes and _are_shares(train) and _are_shares(raw.values)
    unit = "bytes" if is_bytes else "shares" if shares else "numbers"
    found = {"kind": "array", "shape": list(raw.shape), "unit": unit, "low": low.tolist(), "high": high.tolist()}
    return found if raw.numbers is None else found | {"target": raw.target}


def _are_shares(values: Values | Mapped) -> bool:
    low, high = ends(values)
    return float(low.min()) >= 0 and float(high.max()) <= 1
