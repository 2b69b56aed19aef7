"""The labels of a table: texts, unless all of them are plain whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Dataset
from sweeper.data.labels import Coding
from sweeper.data.sealed._lookalike import differ_in_case, look_alike
from sweeper.data.sealed._stored import MISSING, Stored
from sweeper.errors import InputError

_ANY_NUMBER = r"^[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?$"
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?$"


def labels_of(
    stored: Stored, dataset: Dataset, where: str, *, like: Coding | None = None
) -> tuple[npt.NDArray[np.generic], tuple[str, ...]]:
    """The label of each row, None where it is missing, and what a person should know of how they were read.

    Args:
        stored: the column.
        dataset: with the key that says what labels are.
        where: the file, for messages.
        like: the classes of another file, that these must be of.

    Raises:
        InputError: they are to be numbers, and are not.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = stored.cells.type
    texts = pc.if_else(pc.equal(stored.texts, ""), pa.scalar(None, stored.texts.type), stored.texts)
    known = pc.drop_null(texts)
    if like is not None:
        wanted = "text" if like.values.dtype.kind == "U" else "numbers"
        dataset = replace(dataset, labels=wanted)
    numeric = _all(known, _ANY_NUMBER if dataset.labels == "numbers" else _NUMBER) and not pa.types.is_dictionary(kind)
    if dataset.labels == "numbers" and not numeric:
        raise InputError(f"{where}: not all labels in '{stored.name}' are numbers", key="dataset.labels")
    if pa.types.is_boolean(kind):
        return _array(pc.utf8_capitalize(texts)), ()
    if dataset.labels != "text" and numeric:
        return _numbers(texts), ()
    return _array(texts), tuple(_said(stored, known))


def lacking(labels: npt.NDArray[np.generic]) -> npt.NDArray[np.bool_]:
    """Which labels are None, [N]."""
    if labels.dtype != object:
        return np.zeros(len(labels), bool)
    return np.asarray(np.equal(labels, np.array(None, object)), bool)


def _all(texts: Any, pattern: str) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(pc.unique(texts), pattern)).as_py())


def _numbers(texts: Any) -> npt.NDArray[np.generic]:
    found = _array(texts, float)
    return found if lacking(found).any() else found.astype(np.float64)


def _array(texts: Any, read: Callable[[str], object] = str) -> npt.NDArray[np.generic]:
    """Texts, each different one read once; None stays None."""
    encoded = texts.combine_chunks().dictionary_encode()
    different = [*(read(text) for text in encoded.dictionary.to_pylist()), None]
    names = np.empty(len(different), object)
    names[:] = different
    return np.asarray(names[encoded.indices.fill_null(len(different) - 1).to_numpy()])


def _said(stored: Stored, known: Any) -> list[str]:
    import pyarrow.compute as pc

    lines = []
    if stored.is_text:
        untidy = pc.sum(pc.not_equal(pc.drop_null(stored.cells), pc.utf8_trim_whitespace(pc.drop_null(stored.cells))))
        if count := untidy.as_py():
            lines.append(f"{count:,} labels have blanks around them, which do not count: classes {_names(known)}")
    if stored.led_by_zeros:
        lines.append(f"labels are taken as text, as 01 is not 1: classes {_names(known)} (dataset.labels=numbers)")
    if alike := differ_in_case(sorted(map(str, pc.unique(known).to_pylist()))):
        lines.append(f"warning: classes differ in case alone: {alike}; write them alike if one is meant")
    if alike := look_alike(sorted(map(str, pc.unique(known).to_pylist()))):
        lines.append(
            f"warning: classes look alike and are not the same signs: {alike}; write them alike if one is meant"
        )
    missing = sorted(set(pc.unique(known).to_pylist()) & set(MISSING))
    if missing:
        lines.append(f"the label {missing[0]!r} is taken for a class, not for a missing value")
    return lines


def _names(known: Any) -> str:
    import pyarrow.compute as pc

    names = sorted(str(name) for name in pc.unique(known).to_pylist())
    return ", ".join(repr(name) for name in names[:8]) + (", ..." if len(names) > 8 else "")
