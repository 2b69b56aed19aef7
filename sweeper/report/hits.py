"""Which examples a member has right: kept as packed bits, so that models can be compared example by example."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt


def unpacked(bits: str, examples: int) -> npt.NDArray[np.bool_]:
    """[examples], true where the member was right, out of a result's ``correct``."""
    return np.unpackbits(np.frombuffer(base64.b64decode(bits), np.uint8))[:examples].astype(bool)
