"""Numbers as they come in: checked once, so that the formulas need not."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError

Values = npt.NDArray[np.float64]


def sample(values: Iterable[float] | Values, *, least: int = 1, name: str = "values") -> Values:
    """Scores as a float array, [n].

    Raises:
        InputError: fewer than `least`, or one that is not a finite number.
    """
    array = np.asarray(values if isinstance(values, np.ndarray) else list(values), dtype=np.float64)
    if array.ndim != 1 or array.size < least:
        raise InputError(
            f"{name}: {least} or more scores are needed, and here are {array.size}", hint="ask for more repeats"
        )
    if not np.isfinite(array).all():
        raise InputError(
            f"{name}: score {int(np.flatnonzero(~np.isfinite(array))[0]) + 1} is not a finite number",
            hint="leave failed runs out, and say how many there were",
        )
    return array


def checked_level(level: float) -> float:
    """A confidence level between 0 and 1.

    Raises:
        InputError: it is not, such as 95 for 95 %.
    """
    if not 0.0 < level < 1.0:
        raise InputError(f"level: {level:g} is not between 0 and 1", hint="write 95% as 0.95", key="level")
    return level


def truths(correct: Iterable[float] | npt.NDArray[np.generic], *, dimensions: int, name: str = "correct") -> Values:
    """Whether each example was classified rightly, as 0 and 1: [N], or [R, N] by seed and example.

    Raises:
        InputError: another shape, nothing in it, or values besides 0 and 1.
    """
    array = np.asarray(correct if isinstance(correct, np.ndarray) else list(correct), dtype=np.float64)
    if array.ndim != dimensions or array.size == 0:
        shape = "examples" if dimensions == 1 else "seeds by examples"
        raise InputError(
            f"{name}: {shape} are expected, not an array of shape {array.shape}", hint="give true or false by example"
        )
    if not np.isin(array, (0.0, 1.0)).all():
        raise InputError(f"{name}: holds values besides true and false", hint="compare predictions with labels first")
    return array


def generator(seed: int) -> np.random.Generator:
    """The source of every resample: the same seed gives the same interval."""
    return np.random.default_rng(seed)
