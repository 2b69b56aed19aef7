"""A sample of many rows' keys, small enough for a line of the ledger: it tells whether two sets of rows share some.

The sample holds the smallest keys (a bottom-k sketch; Broder 1997). Of two sets, all keys below a common limit are
known, and the share of them that is in both is an estimate of the share of the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.data.row_keys import Keys

SIZE = 256
"""Keys in a sample; of smaller sets, all are in it."""

_DIGITS = 12
_OTHER_USE = 0x6C65646765720A


def sample(keys: Keys) -> str:
    """The sample of some rows, as hexadecimal digits, 12 a key."""
    import numpy as np

    from sweeper.data.row_keys import mixed

    ranks = mixed(keys ^ np.uint64(_OTHER_USE))
    smallest = np.unique(_lowest(ranks, SIZE))
    if len(smallest) < SIZE:  # equal rows are among them
        smallest = np.unique(ranks)[:SIZE]
    return "".join(f"{int(key):016x}"[:_DIGITS] for key in smallest)


def _lowest(ranks: Keys, count: int) -> Keys:
    import numpy as np

    return np.partition(ranks, count)[:count] if len(ranks) > count else ranks


def shared(one: str, other: str) -> float:
    """The share of the smaller set's rows that both have, 0 to 1, as far as the samples can say."""
    mine, others = _keys(one), _keys(other)
    if not mine or not others:
        return 0.0
    limit = min(_limit(mine), _limit(others))
    mine, others = ({key for key in keys if key <= limit} for keys in (mine, others))
    smaller = min(len(mine), len(others))
    return len(mine & others) / smaller if smaller else 0.0


def _limit(keys: set[str]) -> str:
    """All keys of the set up to here are in its sample."""
    return max(keys) if len(keys) >= SIZE else "f" * _DIGITS


def _keys(text: str) -> set[str]:
    return {text[start : start + _DIGITS] for start in range(0, len(text), _DIGITS)}
