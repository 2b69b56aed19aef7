"""A table of one's own before anything is trained: how it is read, its classes or numbers, and a picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load, sealed
from sweeper.data.columns import NUMBER, Column
from sweeper.data.encode import ends
from sweeper.data.mapped import Mapped
from sweeper.errors import InputError
from sweeper.report.figures.distributions import against, features
from sweeper.report.figures.style import save

if TYPE_CHECKING:
    from sweeper.data.raw import Raw
    from sweeper.data.split import Numbers

DRAWN = 12
"""Features in the picture, at most."""

MOST_DRAWN = 100_000
"""Rows in it, at most, of those that stay in their file; evenly chosen."""


def has_pictures(dataset: Dataset, validation: Validation) -> bool:
    """Whether the examples of a data set are pictures, or features as a table has them."""
    raw = sealed.training(dataset, "", validation)
    return len(raw.shape) > 1


def show(dataset: Dataset, validation: Validation, *, output: Path | None = None, folder: Path) -> dict[str, Any]:
    """Read a table as a run would, and draw its features by class, or against the number that is predicted.

    All of it is of the rows alone that are not sealed.

    Args:
        dataset: as of a run.
        validation: as of a run.
        output: the PNG file; one that is there is not overwritten. None for a file in `folder`, which is made anew.
        folder: of pictures without a name of their own.

    Returns:
        ``path`` of the picture, ``dataset`` (as of a run), ``columns`` (each with ``name``, ``kind``, ``why``,
        ``missing``, ``categories`` and more), ``classes`` (each with ``name``, ``rows`` and ``share``; none of a
        regression), ``target`` (of a regression its ``name``, ``rows``, ``mean``, ``spread``, the standard deviation,
        ``least``, ``median`` and ``greatest``; else None), ``features`` after preprocessing, and ``notes``.

    Raises:
        InputError: the table cannot be read as it was meant, or the output file is there already.
    """
    if output is not None and output.exists():
        raise InputError(f"{output} is there already", hint="give --output another name", key="--output")
    split = load(dataset, validation)
    raw = sealed.training(dataset, split.digest, validation)
    path = output or folder / f"table-{split.digest[:8]}.png"
    save(_picture(raw, Path(dataset.path).name or dataset.name), path)
    return {
        "path": str(path),
        "dataset": split.facts,
        "columns": [column.to_json() for column in raw.columns or _of_array(raw)],
        "classes": _classes(raw) if raw.numbers is None else [],
        "target": None if raw.numbers is None else {"name": raw.target} | _distribution(raw.numbers),
        "features": split.features,
        "notes": list(split.notes),
    }


def _classes(raw: Raw) -> list[dict[str, Any]]:
    counts = np.bincount(raw.labels, minlength=len(raw.classes))
    return [
        {"name": name, "rows": int(count), "share": float(count / len(raw.labels))}
        for name, count in zip(raw.classes, counts, strict=True)
    ]


def _distribution(numbers: Numbers) -> dict[str, Any]:
    return {
        "rows": len(numbers),
        "mean": float(numbers.mean()),
        "spread": float(numbers.std()),
        "least": float(numbers.min()),
        "median": float(np.median(numbers)),
        "greatest": float(numbers.max()),
    }


def _of_array(raw: Raw) -> list[Column]:
    """The features of an archive, which have no names but their places."""
    return [Column(f"x[{place}]", NUMBER, "constant" if same else "") for place, same in enumerate(_same(raw))]


def _same(raw: Raw) -> list[bool]:
    low, high = ends(raw.values)
    return [bool(same) for same in low == high]


def _some(raw: Raw) -> Raw:
    """The rows that are drawn: all of them, or enough of those that stay in a file."""
    if not isinstance(raw.values, Mapped):
        return raw
    rows = np.unique(np.linspace(0, len(raw.values) - 1, MOST_DRAWN).astype(np.int64))
    numbers = None if raw.numbers is None else raw.numbers[rows]
    return replace(raw, values=raw.values[rows], labels=raw.labels[rows], numbers=numbers)


def _picture(raw: Raw, title: str) -> Any:
    used = [column for column in raw.columns or _of_array(raw) if column.is_feature][:DRAWN]
    raw = _some(raw)
    drawn = {column.name: raw.in_memory[:, k].astype(np.float64) for k, column in enumerate(used)}
    names = {column.name: column.categories for column in used}
    if raw.numbers is not None:
        said = f"{title}: {raw.target} by feature, sealed rows left out"
        return against(drawn, names, raw.numbers, raw.target, title=said)
    return features(drawn, names, raw.labels, raw.classes, title=f"{title}: features by class, sealed rows left out")
