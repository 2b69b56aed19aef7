"""Yes or no for each of many examples, as a short text: packed bits in base 64."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def pack(flags: npt.NDArray[Any] | Sequence[bool]) -> str:
    """The text of flags, [N]."""
    return base64.b64encode(np.packbits(np.asarray(flags, bool)).tobytes()).decode()


def unpack(text: str, count: int) -> npt.NDArray[np.bool_]:
    """The flags of a text, [count]; how many there are is not in it."""
    return np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8))[:count].astype(bool)
