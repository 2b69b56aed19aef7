"""What scikit-learn's preprocessing has learned of a table, as plain numbers: nothing of it need be pickled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

ENOUGH = 10_000
"""Rows that the median of a column which lacks no value is taken of, roughly."""


def plan_of(fitted: Sequence[tuple[Any, list[int]]], values: npt.NDArray[Any]) -> dict[str, Any]:
    """The blocks of features that fitted preprocessing makes, in its order.

    A block of numbers has for its columns what stands for a missing value (the training median), those of them that
    have a feature which says where one is missing, and of all its features the shift and the scale. A category has the
    place of the one feature that is 1, for each code, for a missing value and for any other; -1 where there is none.

    Args:
        fitted: scalers, pipelines of imputer and scaler, and one-hot encoders, each with its columns.
        values: that it was fitted on, [N, K].
    """
    blocks: list[dict[str, Any]] = []
    for part, columns in fitted:
        if hasattr(part, "categories_"):
            blocks += [_category(part, place, column) for place, column in enumerate(columns)]
        elif hasattr(part, "steps"):
            imputer, scaler = (step for _, step in part.steps)
            flags = imputer.indicator_.features_.tolist()
            blocks.append(_numbers(columns, imputer.statistics_, flags, scaler))
        else:
            blocks.append(_numbers(columns, _medians(values, columns), [], part))
    return {"rule": "table", "blocks": blocks}


def _medians(values: npt.NDArray[Any], columns: list[int]) -> npt.NDArray[np.float64]:
    """The columns' medians over up to ``ENOUGH`` rows, evenly chosen: all would take as long as the fitting."""
    some = values[:: max(1, len(values) // ENOUGH)]
    return np.array([np.median(some[:, k]) for k in columns])


def _numbers(columns: list[int], fill: npt.NDArray[Any], flags: list[int], scaler: Any) -> dict[str, Any]:
    return {
        "kind": "numbers",
        "columns": list(columns),
        "fill": fill.tolist(),
        "flags": flags,
        "shift": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
    }


def _category(encoder: Any, place: int, column: int) -> dict[str, Any]:
    codes, rare = encoder.categories_[place], encoder.infrequent_categories_[place]
    shared = np.zeros(len(codes), bool)
    if rare is not None:
        shared = np.array([_among(code, rare) for code in codes])
    own = np.cumsum(~shared) - 1
    others = int(own[-1]) + 1 if shared.any() else -1
    found = np.where(shared, others, own)
    known = ~np.isnan(codes)
    return {
        "kind": "category",
        "column": column,
        "width": int(found.max()) + 1,
        "codes": codes[known].astype(np.int64).tolist(),
        "places": found[known].tolist(),
        "missing": others if known.all() else int(found[-1]),
        "other": others,
    }


def _among(code: float, some: npt.NDArray[np.float64]) -> bool:
    return bool(np.isnan(some).any() if np.isnan(code) else code in some)
