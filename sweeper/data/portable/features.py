"""From a row's numbers to a network's features, by the plain numbers of a plan (see ``sweeper.data.encode_plan``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Plan = Mapping[str, Any]
Values = npt.NDArray[Any]
Features = npt.NDArray[np.float32]


def features(plan: Plan, values: Values) -> Features:
    """Values [N, K] as features [N, F], as training made its own, to the last bit."""
    return _RULES[plan["rule"]](plan, values)


def _share(plan: Plan, values: Values) -> Features:
    return np.divide(values, np.float32(plan["top"]), dtype=np.float32)


def _shift(plan: Plan, values: Values) -> Features:
    shift, scale = (np.asarray(plan[name], np.float64) for name in ("shift", "scale"))
    return np.asarray((values - shift) / scale, np.float32)


def _table(plan: Plan, values: Values) -> Features:
    blocks = [_BLOCKS[block["kind"]](block, values) for block in plan["blocks"]]
    return np.concatenate(blocks, axis=1, dtype=np.float32)


def _numbers(block: Plan, values: Values) -> Values:
    found = values[:, block["columns"]]
    lacking = np.isnan(found)
    filled = np.where(lacking, np.asarray(block["fill"]), found)
    every = np.concatenate([filled, lacking[:, block["flags"]]], axis=1)
    return np.asarray((every - np.asarray(block["shift"])) / np.asarray(block["scale"]))


def _category(block: Plan, values: Values) -> Values:
    codes = values[:, block["column"]]
    absent = np.isnan(codes)
    of_code = np.full(max(block["codes"], default=0) + 2, block["other"])
    of_code[block["codes"]] = block["places"]
    # Codes that training did not have, and -1, are at the end.
    whole = np.where(absent, -1, codes).astype(np.int64)
    places = of_code[np.where(whole < len(of_code), whole, -1)]
    places[absent] = block["missing"]
    return np.asarray(places[:, None] == np.arange(block["width"]), np.float32)


_RULES: dict[str, Callable[[Plan, Values], Features]] = {"share": _share, "shift": _shift, "table": _table}
_BLOCKS: dict[str, Callable[[Plan, Values], Values]] = {"numbers": _numbers, "category": _category}
