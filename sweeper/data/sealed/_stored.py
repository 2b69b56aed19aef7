"""A column as its file stores it, and the texts and numbers that are in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sweeper.data.portable import cells as reading

if TYPE_CHECKING:
    import pyarrow as pa

_ZEROS = r"^0[0-9]+$"
_TRIED = 1000
_OFTEN = 0.5
_MANY = 10_000
"""Rows from which it pays to look at different texts alone."""
DAY = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None", "none", "-", ".")
"""What stands for a missing value among numbers and dates, unless dataset.missing_markers says otherwise."""


@dataclass(frozen=True)
class Stored:
    """A column of a file.

    Attributes:
        name: of the column, without blanks around it.
        held: its values, as they are stored, [N]; or what reads them, where they are hardly ever asked for.
        read: of a column of text the numbers that it holds, where all are numbers, and none is led by zeros.
    """

    name: str
    held: pa.ChunkedArray | Callable[[], pa.ChunkedArray]
    read: npt.NDArray[np.float64] | None = None

    @cached_property
    def cells(self) -> pa.ChunkedArray:
        """Its values, as they are stored, [N]."""
        return self.held() if callable(self.held) else self.held

    @property
    def rows(self) -> int:
        """N."""
        return len(self.cells) if self.read is None else len(self.read)

    @property
    def is_text(self) -> bool:
        """Whether it is stored as text."""
        return self.read is not None or reading.is_text(self.cells)

    @cached_property
    def texts(self) -> pa.ChunkedArray:
        """Its values as text, without blanks around them; nulls stay nulls."""
        return self.cells if self._bare is not None else reading.texts(self.cells)

    def without(self, units: tuple[str, ...]) -> Stored:
        """The same column without the units around its numbers."""
        return Stored(self.name, reading.without(self.texts, units))

    def missing(self, markers: tuple[str, ...]) -> pa.ChunkedArray:
        """Which values are null or one of the markers, [N]."""
        encoded = self._encoded
        if encoded is None:
            return reading.missing(self.texts, markers)
        import pyarrow.compute as pc

        found = pc.take(reading.missing(encoded.dictionary, markers), encoded.indices)
        return _chunked(pc.fill_null(found, True))

    def like(self, pattern: str) -> pa.ChunkedArray:
        """Which of its texts are of a form, [N]; false where there is none."""
        import pyarrow.compute as pc

        encoded = self._encoded
        if encoded is None:
            return pc.fill_null(pc.match_substring_regex(self.texts, pattern), False)
        found = pc.take(pc.match_substring_regex(encoded.dictionary, pattern), encoded.indices)
        return _chunked(pc.fill_null(found, False))

    @cached_property
    def _encoded(self) -> pa.DictionaryArray | None:
        """Its texts as places among the different ones, where these are few: what is asked of them is asked once."""
        if len(self.texts) < _MANY or len(self.texts.slice(0, _TRIED).unique()) * 2 > _TRIED:
            return None
        return self.texts.combine_chunks().dictionary_encode()

    @cached_property
    def led_by_zeros(self) -> bool:
        """Whether it has numbers such as 01, which mean something as texts alone."""
        import pyarrow.compute as pc

        if self.read is not None:
            return False
        texts = self.texts if self.plain is None else _whole(self.texts, self.plain)
        led = pc.and_not(pc.starts_with(texts, "0"), pc.starts_with(texts, "0."))
        if not pc.any(led).as_py():
            return False
        return bool(pc.any(pc.match_substring_regex(pc.filter(texts, pc.fill_null(led, False)), _ZEROS)).as_py())

    @cached_property
    def plain(self) -> npt.NDArray[np.float64] | None:
        """Its texts as numbers where every one of them is one, as most columns of numbers are; None otherwise."""
        if self.read is not None:
            return self.read
        return self._bare if self._bare is not None else _as_numbers(self.texts)

    @cached_property
    def _bare(self) -> npt.NDArray[np.float64] | None:
        """The same of its cells as they are, which have no blanks around them then."""
        return _as_numbers(self.cells) if self.is_text and self.read is None else None

    @cached_property
    def typed(self) -> npt.NDArray[np.float64]:
        """Its numbers, or times in seconds, as the file stores them, [N]."""
        return reading.typed(self.cells)

    def days(self, missing: Any, form: str = "") -> npt.NDArray[np.float64]:
        """Its dates in text as days since 1970, NaN where they are missing, [N].

        Raises:
            ValueError: one is none.
        """
        if form not in self._days:
            self._days[form] = reading.days_of_texts(self.texts, missing, form)
        return self._days[form]

    def first_odd_day(self, missing: Any, form: str = "") -> tuple[str, int]:
        """The first of its texts that is no date, and its row."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for text in pc.unique(pc.filter(self.texts, pc.invert(missing))):
            try:
                reading.days_of_texts(pa.chunked_array([pa.array([text.as_py()])]), pa.array([False]), form)
            except (ValueError, OverflowError):
                return str(text), int(pc.index(self.texts, text).as_py())
        return "", -1

    @cached_property
    def _days(self) -> dict[str, npt.NDArray[np.float64]]:
        """Dates that were read already, by their form: the kind is found by them, and values are made of them."""
        return {}

    def numbers(self, missing: Any, decimal: str = ".", thousands: str = "") -> npt.NDArray[np.float64]:
        """Its texts as numbers, NaN where they are missing; all others must be numbers, [N]."""
        return reading.numbers_of_texts(self.texts, missing, decimal, thousands)


def _whole(texts: pa.ChunkedArray, numbers: npt.NDArray[np.float64]) -> pa.ChunkedArray:
    """Those of texts that are whole numbers; most columns of measured values have few of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = numbers == np.floor(numbers)
    return texts if whole.mean() > _OFTEN else pc.filter(texts, pa.array(whole))


def _as_numbers(texts: pa.ChunkedArray) -> npt.NDArray[np.float64] | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.cast(texts.slice(0, _TRIED), pa.float64())
        return np.asarray(pc.cast(texts, pa.float64()).to_numpy(), np.float64)
    except pa.ArrowInvalid:
        return None


def _chunked(array: pa.Array) -> pa.ChunkedArray:
    """An array as the columns of files are."""
    import pyarrow as pa

    return pa.chunked_array([array])
