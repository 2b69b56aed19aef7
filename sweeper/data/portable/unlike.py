"""Rows that look unlike those of training: a note for each, in words.

A row is noted where a number or a date lies outside the range of the training rows by more than a tenth of that range,
where a category is one that no training row had, and where a value is missing in a column of which no training row
lacked it: the checks of a schema that training data give (Breck, Polyzotis, Roy, Whang and Zinkevich 2019, Data
Validation for Machine Learning). The tenth is there because among exchangeable rows a new one lies outside the range
of N others in any one column with probability 2 / (N + 1), without being unlike them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Document = Mapping[str, Any]
Values = npt.NDArray[Any]
Finding = tuple[npt.NDArray[np.bool_], Callable[[int], str]]
"""Rows, and what is said of one of them."""

MARGIN = 0.1
"""The share of the training range that a value may lie outside of it."""


def notes(document: Document, values: Values, texts: Mapping[str, Values] | None = None) -> list[str]:
    """What is unlike training in each row, "" where nothing is, [N].

    Args:
        document: the preprocessing.
        values: of the rows, [N, K].
        texts: of the categories, by column, [N] each: to name those that the training file did not have.
    """
    said: list[list[str]] = [[] for _ in range(len(values))]
    found = _of_table(document, values, texts or {}) if document["kind"] == "table" else _of_array(document, values)
    for rows, say in found:
        for row in np.flatnonzero(rows).tolist():
            said[row].append(say(row))
    return ["; ".join(one) for one in said]


def _of_table(document: Document, values: Values, texts: Mapping[str, Values]) -> Iterator[Finding]:
    for k, column in enumerate(document["columns"]):
        found, name = values[:, k], column["name"]
        if not column["lacking"]:
            yield np.isnan(found), lambda _, name=name: f"{name} is missing"  # type: ignore[misc]
        if column["kind"] == "category":
            yield _new_category(found, column, texts.get(name))
        elif column["kind"] == "yes/no":
            yield _new_answer(found, column)
        else:
            yield from _outside(found, column)


def _new_category(found: Values, column: Document, texts: Values | None) -> Finding:
    names = column["categories"]

    def say(row: int) -> str:
        value = names[int(found[row])] if found[row] >= 0 else "" if texts is None else texts[row]
        return f"{column['name']} {str(value)!r} is new"

    return ~np.isnan(found) & ~np.isin(found, column["known"]), say


def _new_answer(found: Values, column: Document) -> Finding:
    new = (found < column["low"]) | (found > column["high"])
    return new, lambda row: f"{column['name']} '{'yes' if found[row] else 'no'}' is new"


def _outside(found: Values, column: Document) -> Iterator[Finding]:
    name, low, high = column["name"], column["low"], column["high"]
    margin = MARGIN * (high - low)
    text = _day if column["kind"] == "date" else _number
    yield found < low - margin, lambda row: f"{name} {text(found[row])} is below {text(low)}"
    yield found > high + margin, lambda row: f"{name} {text(found[row])} is above {text(high)}"


def _of_array(document: Document, values: Values) -> Iterator[Finding]:
    low, high = (np.asarray(document[end], np.float64) for end in ("low", "high"))
    margin = MARGIN * (high - low)
    count = np.sum((values < low - margin) | (values > high + margin), axis=1)
    yield count > 0, lambda row: f"{count[row]} of {values.shape[1]} values are outside the training range"


def _number(value: float) -> str:
    return f"{value:.6g}"


def _day(value: float) -> str:
    return str(np.datetime64(int(np.floor(value)), "D"))
