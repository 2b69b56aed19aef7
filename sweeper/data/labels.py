"""Labels as people write them, as class numbers from 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.data.split import Labels
from sweeper.errors import InputError

_MOST_CLASSES = 1000
_MANY = 1000
"""Labels from which on it pays to look at different ones alone; and to load pandas for that."""


@dataclass(frozen=True)
class Coding:
    """The classes of a data set, in order: numbers by size, words by alphabet."""

    values: npt.NDArray[np.generic]

    @property
    def names(self) -> tuple[str, ...]:
        """What each class is called, [C]."""
        return tuple(str(value) for value in self.values.tolist())

    def number(self, labels: npt.NDArray[np.generic], where: str) -> Labels:
        """The class number of each label, [N].

        Raises:
            InputError: a label is of no class.
        """
        if _are_texts(labels):
            return self._of_texts(labels, where)
        labels = _plain(labels, where)
        if (labels.dtype.kind == "U") != (self.values.dtype.kind == "U"):
            raise _unknown(labels[:1], where)
        strangers = labels[~np.isin(labels, self.values)]
        if len(strangers):
            raise _unknown(strangers, where)
        return np.searchsorted(self.values, labels).astype(np.int64)

    def _of_texts(self, labels: npt.NDArray[np.generic], where: str) -> Labels:
        """Each different text is looked up once."""
        import pandas as pd

        places, different = pd.factorize(labels)
        return self.number(np.asarray(different, np.str_), where)[places]


def coding(labels: npt.NDArray[np.generic], where: str) -> Coding:
    """The classes among some labels.

    Raises:
        InputError: they are no classes: fractions, more than 1,000 different ones, or only one.
    """
    values = np.unique(_plain(_different(labels), where))
    if not 2 <= len(values) <= _MOST_CLASSES:
        raise InputError(
            f"{where} has {len(values)} different labels; a classifier needs 2 to {_MOST_CLASSES:,}",
            hint="name the column or array that holds the classes",
            key="dataset.target",
        )
    return Coding(values)


def _different(labels: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """The labels, without most of their repetitions where these are costly."""
    import pandas as pd

    return np.asarray(pd.unique(labels), np.str_) if _are_texts(labels) else labels


def _are_texts(labels: npt.NDArray[np.generic]) -> bool:
    import pandas as pd

    is_long = labels.dtype == object and labels.ndim == 1 and len(labels) > _MANY
    return is_long and pd.api.types.infer_dtype(labels, skipna=False) == "string"


def _plain(labels: npt.NDArray[np.generic], where: str) -> npt.NDArray[np.generic]:
    """Labels as whole numbers or as text."""
    if labels.ndim != 1:
        hint = "give one label, or one number, for each example"
        raise _no_classes(where, f"has the shape {list(labels.shape)}, not one label an example", hint)
    if labels.dtype.kind == "f":
        return _whole(labels, where)
    if labels.dtype.kind == "u" and np.any(labels.astype(np.uint64) > np.iinfo(np.int64).max):
        return labels.astype(np.str_)
    if labels.dtype.kind in "iub":
        return labels.astype(np.int64)
    if labels.dtype.kind == "S":
        return _decoded(labels, where)
    return labels.astype(np.str_)


def _decoded(labels: npt.NDArray[np.generic], where: str) -> npt.NDArray[np.generic]:
    """Bytes are text in UTF-8, as everywhere."""
    try:
        return np.char.decode(labels.astype(np.bytes_), "utf-8")
    except UnicodeDecodeError as error:
        hint = "save them as text, with numpy.str_"
        raise InputError(
            f"{where} has labels that are no UTF-8: {error.object!r}", hint=hint, key="dataset.path"
        ) from error


def _whole(labels: npt.NDArray[np.generic], where: str) -> npt.NDArray[np.generic]:
    numbers = labels.astype(np.float64)
    if not np.all(np.isfinite(numbers)):
        hint = "take those rows out, or give them a label"
        raise _no_classes(where, "has missing or infinite labels", hint)
    # Above 2**53 not every whole number can be told from the next.
    if np.any(numbers != np.round(numbers)) or np.any(np.abs(numbers) >= 2**53):
        hint = "dataset.task=regression predicts numbers; it is of csv, parquet and npy"
        raise _no_classes(where, "has fractions; labels are classes, as whole numbers or words", hint)
    return numbers.astype(np.int64)


def _no_classes(where: str, why: str, hint: str) -> InputError:
    return InputError(f"{where} {why}", hint=hint, key="dataset.target")


def _unknown(strangers: npt.NDArray[np.generic], where: str) -> InputError:
    return InputError(
        f"{where} has the label '{strangers[0]}', which is in no training example",
        hint="take its rows out of the test part, or add examples of it to the training part; nothing was opened",
        key="dataset.path",
    )
