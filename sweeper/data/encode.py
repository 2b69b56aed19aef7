"""How stored values become features; whatever is learned from data is learned from the training split alone."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, final, overload

import numpy as np
import numpy.typing as npt

from sweeper.data.encode_plan import plan_of
from sweeper.data.mapped import InFile, Mapped
from sweeper.data.portable.values import LARGEST
from sweeper.data.split import Examples, Held, scaled

Array = npt.NDArray[Any]
Values = npt.NDArray[np.uint8] | npt.NDArray[np.float64] | npt.NDArray[np.float32]


@dataclass(frozen=True)
class Transform:
    """A rule that has learned what it needs.

    Attributes:
        apply: values [N, K] to features [N, F].
        plan: the same as plain numbers, as ``portable.features`` takes them.
    """

    apply: Callable[[Values], Examples]
    plan: dict[str, Any]

    @overload
    def __call__(self, rows: Values) -> Examples: ...
    @overload
    def __call__(self, rows: Values | Mapped) -> Examples | InFile: ...
    def __call__(self, rows: Values | Mapped) -> Examples | InFile:
        """Features [N, F] of values [N, K]; those of a file stay there."""
        return InFile(rows, self.plan) if isinstance(rows, Mapped) else self.apply(rows)


_BLOCK = 2**13
"""Rows that are made features of at a time."""

MOST_ONE_HOT = 100
"""Categories with a feature of their own, at most."""


def usable(values: npt.NDArray[np.float64]) -> bool:
    """Whether all values are finite, and none is beyond ``LARGEST``."""
    return bool(np.all(np.abs(values) <= LARGEST))


def first_unusable(values: npt.NDArray[np.float64]) -> int:
    """The first row [K] of some, not all of which are ``usable``, that is not."""
    return int(np.argmin(np.all(np.abs(values) <= LARGEST, axis=1)))


def lacks_any(values: npt.NDArray[np.float64]) -> bool:
    """Whether some value is missing: the greatest is then missing, too, which is found faster than each by itself."""
    return bool(len(values) and np.isnan(values.max()))


def ends(values: Values | Mapped) -> tuple[Array, Array]:
    """The least and the greatest value of each column, [K] each."""
    return values.ends if isinstance(values, Mapped) else (values.min(axis=0), values.max(axis=0))


class Encoding(ABC):
    """A rule that turns values [N, K] into features [N, F]; those of a file only where ``fit`` says so."""

    @abstractmethod
    def fit(self, values: Any) -> Transform:
        """Learn what the rule needs from the training split's values, and return the finished transform."""

    def hold(self, values: Values | Mapped, transform: Transform) -> tuple[Held | InFile, float]:
        """Values as a split holds them, and what they are then divided by (0: they are features already)."""
        return transform(values), 0.0


@final
@dataclass(frozen=True)
class Scale(Encoding):
    """Divide by `top`: pixels become 0 to 1. Learns nothing."""

    top: float = 1.0

    def fit(self, values: Values | Mapped) -> Transform:  # noqa: ARG002 - nothing is learned
        """See Encoding."""
        return Transform(lambda rows: scaled(rows, self.top), {"rule": "share", "top": self.top})

    def hold(self, values: Values | Mapped, transform: Transform) -> tuple[Held | InFile, float]:
        """Bytes as they are."""
        if values.dtype != np.uint8:
            return super().hold(values, transform)
        return InFile(values, None) if isinstance(values, Mapped) else values.astype(np.uint8, copy=False), self.top


@final
@dataclass(frozen=True)
class Range(Encoding):
    """Pictures of numbers that are not bytes: all values are shifted and divided alike, so that those of training lie
    from 0 to 1. Values that do already are left as they are.
    """  # noqa: D205 - one sentence

    def fit(self, values: Values | Mapped) -> Transform:
        """See Encoding."""
        least, greatest = ends(values)
        low, high = float(least.min()), float(greatest.max())
        shift, scale = (0.0, 1.0) if low >= 0 and high <= 1 else (low, (high - low) or 1.0)
        return _shifted(shift, scale)


@final
@dataclass(frozen=True)
class Standard(Encoding):
    """Each feature is standardised by its training mean and standard deviation; a constant one becomes 0."""

    def fit(self, values: Values | Mapped) -> Transform:
        """See Encoding."""
        numbers = values if isinstance(values, Mapped) else values.astype(np.float64)
        mean, deviation = (
            numbers.moments if isinstance(numbers, Mapped) else (numbers.mean(axis=0), numbers.std(axis=0))
        )
        low, high = ends(numbers)
        # A constant column's deviation can come out as rounding noise instead of 0.
        return _shifted(np.where(low == high, low, mean), np.where(low == high, 1.0, deviation))


def _shifted(shift: Any, scale: Any) -> Transform:
    plan = {"rule": "shift", "shift": np.asarray(shift).tolist(), "scale": np.asarray(scale).tolist()}
    return Transform(lambda rows: np.asarray((rows - shift) / scale, np.float32), plan)


@final
@dataclass(frozen=True)
class Columns(Encoding):
    """Numbers are standardised by the training mean and standard deviation; categories become one column each.

    A column that is constant in training becomes 0. A category that training has not seen becomes all zeros.

    Attributes:
        categorical: for each column, whether its values are codes of categories, [K].
    """

    categorical: tuple[bool, ...]

    def fit(self, values: Values) -> Transform:
        """See Encoding."""
        parts = [
            _one_hot(values[:, k]) if is_category else _standard(values[:, k])
            for k, is_category in enumerate(self.categorical)
        ]

        def transform(rows: Values) -> Examples:
            columns = [part(rows[:, k]) for k, part in enumerate(parts)]
            return np.concatenate(columns, axis=1, dtype=np.float32)

        return Transform(transform, {})


@final
@dataclass(frozen=True)
class TableEncoding(Encoding):
    """The features of a table, by scikit-learn's preprocessing, column by column in their order.

    Numbers are standardised by the training mean and standard deviation. Where a column lacks values, the training
    median stands for them, and a column of its own says where. Categories become one column each, missing ones a
    category of their own, those that training has not seen all zeros; of more than 100, the rarest share one.

    Attributes:
        categorical: for each column, whether its values are codes of categories, [K].
        lacking: whether it lacks any, [K].
    """

    categorical: tuple[bool, ...]
    lacking: tuple[bool, ...]

    def fit(self, values: Values) -> Transform:
        """See Encoding."""
        kinds = list(zip(self.categorical, self.lacking, strict=True))
        runs = [(kind, list(places)) for kind, places in groupby(range(len(kinds)), key=kinds.__getitem__)]
        # As a ColumnTransformer would, which transforms what it is fitted to and holds all of it in 64 bits.
        columns: Any = np.asfortranarray(values)  # sums are then taken in one order, whatever that of the values is
        fitted = [(_preprocessing(*kind).fit(_part(columns, run)), run) for kind, run in runs]

        def transform(rows: Values) -> Examples:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Found unknown categories")  # the rule for them is above
                return _in_blocks(fitted, rows)

        return Transform(transform, plan_of(fitted, values))


def _part(values: Values, run: list[int]) -> Values:
    """Some columns that follow each other."""
    return values[:, run[0] : run[-1] + 1]


def _in_blocks(fitted: Sequence[tuple[Any, list[int]]], rows: Values) -> Examples:
    """The features of some rows, made a block at a time, so that no more than that is held in 64 bits."""
    made: Examples | None = None
    for start in range(0, max(1, len(rows)), _BLOCK):
        some = rows[start : start + _BLOCK]
        parts = [np.asarray(part.transform(_part(some, run)), np.float32) for part, run in fitted]
        if made is None:
            made = np.empty((len(rows), sum(part.shape[1] for part in parts)), np.float32)
        np.concatenate(parts, axis=1, out=made[start : start + len(some)])
    assert made is not None
    return made


def _preprocessing(categorical: bool, lacking: bool) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    if categorical:
        return OneHotEncoder(
            handle_unknown="infrequent_if_exist", max_categories=MOST_ONE_HOT + 1, sparse_output=False, dtype=np.float32
        )
    if not lacking:
        return StandardScaler()
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )


Column = Callable[[Values], npt.NDArray[np.float64]]


def _standard(column: Values) -> Column:
    mean, deviation = float(np.mean(column)), float(np.std(column))
    # A constant column's deviation can come out as rounding noise instead of 0.
    scale = 1.0 if np.ptp(column) == 0 else deviation
    shift = float(column[0]) if np.ptp(column) == 0 else mean
    return lambda rows: np.asarray((rows - shift) / scale, np.float64)[:, None]


def _one_hot(column: Values) -> Column:
    seen = np.unique(column)
    return lambda rows: np.asarray(rows[:, None] == seen[None, :], np.float64)
