"""An example of what a model can be shown, made of what training fixed: no row of the data is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Document = Mapping[str, Any]
_TYPES = {"bytes": np.uint8, "shares": np.float64, "numbers": np.float64}


def example(document: Document, count: int = 2) -> Any:
    """Rows between the least and the greatest training value: a DataFrame, or an array [count, ...]."""
    if document["kind"] == "array":
        low, high = (np.asarray(document[end], np.float64) for end in ("low", "high"))
        steps = np.linspace(0, 1, count + 2)[1:-1].reshape(-1, *[1] * len(document["shape"]))
        found = np.broadcast_to(low + steps * (high - low), (count, *document["shape"]))
        return found.astype(_TYPES[document["unit"]])
    import pandas as pd

    texts = set(document["reading"]["texts"])
    return pd.DataFrame({one["name"]: _column(one, count, texts) for one in document["columns"]})


def _column(column: Document, count: int, texts: set[str]) -> list[Any]:
    if column["kind"] == "category":
        known = [column["categories"][code] for code in column["known"]] or [""]
        return [known[(row * (len(known) - 1)) // max(count - 1, 1)] for row in range(count)]
    is_text = column["name"] in texts
    if column["kind"] == "yes/no":
        return [("yes" if row % 2 else "no") if is_text else bool(row % 2) for row in range(count)]
    shares = np.linspace(0, 1, count + 2)[1:-1]
    values = [float(f"{column['low'] + share * (column['high'] - column['low']):.6g}") for share in shares]
    if column["kind"] == "date":
        days = [np.datetime64(int(value), "D") for value in values]
        return [str(day) if is_text else day.astype("datetime64[us]").item() for day in days]
    return values
