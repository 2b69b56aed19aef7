"""Where a cross-entropy written by hand breaks, and the one from logits does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stability:
    """The loss of a wrong answer that the network is sure of, in 32-bit floats.

    Attributes:
        gap: by how much the wrong class's logit leads the right one's.
        exact: the loss, which is the gap itself to the last digit shown.
        from_logits: computed as log(sum(exp(z))) - z[right], with the largest logit taken off first.
        by_hand: computed as -log(softmax(z)[right]), the softmax itself being computed the safe way.
    """

    gap: float
    exact: float
    from_logits: float
    by_hand: float

    @property
    def broken(self) -> bool:
        """Whether the one by hand is not a number, infinite, or more than 1 % off."""
        return not abs(self.by_hand - self.exact) <= 0.01 * self.exact


def stability(gaps: tuple[float, ...] = (1.0, 10.0, 50.0, 80.0, 90.0, 100.0, 110.0, 200.0)) -> list[Stability]:
    """Both ways over a range of gaps between two logits, each in float32; `exact` in float64."""
    return [_at(gap) for gap in gaps]


def breaks_at(limit: float = 1000.0) -> float:
    """The smallest gap, to 0.5, from which the loss by hand is broken."""
    return next(gap for gap in np.arange(0.5, limit, 0.5) if _at(float(gap)).broken)


def _at(gap: float) -> Stability:
    logits = np.array([gap, 0.0], np.float32)
    return Stability(gap, float(np.logaddexp(0.0, gap)), _from_logits(logits), _by_hand(logits))


def _from_logits(logits: Float32) -> float:
    shifted = logits - logits.max()
    return float(np.log(np.exp(shifted).sum()) - shifted[1])


def _by_hand(logits: Float32) -> float:
    with np.errstate(all="ignore"):
        powers = np.exp(logits - logits.max())
        return float(-np.log(powers / powers.sum())[1])
