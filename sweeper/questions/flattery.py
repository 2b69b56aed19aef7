"""How much the score of the best of many flatters it, when it was chosen by that score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.report.statistics.selection import expected_maximum


@dataclass(frozen=True, slots=True)
class Measured:
    """Chosen among `candidates` by a held-out set: its score there less its score on fresh examples.

    Attributes:
        candidates: how many the best was chosen among.
        mean: the mean over draws of the sets and the candidates, in accuracy.
        low: and
        high: the interval of 95 % of the draws' mean (normal, over independent draws of the sets).
        theory: the noise of one candidate's score times the expected largest of that many normals.
    """

    candidates: int
    mean: float
    low: float
    high: float
    theory: float


def flattery(
    correct: npt.NDArray[np.bool_], sizes: Sequence[int], *, held_out: int, draws: int = 400, seed: int = 0
) -> list[Measured]:
    """Flattery over the number of candidates, by resampling which examples are held out.

    In each draw the examples are split anew into `held_out` ones that choose, and the rest, which is
    fresh; candidates come in a new order, so that the best of the first k is the best of k drawn.

    Args:
        correct: [candidates, examples], whether each candidate is right on each example.
        sizes: numbers of candidates to choose among.
        held_out: examples that choose.
        draws: splits.
        seed: of splits and orders.
    """
    rng = np.random.default_rng(seed)
    counts = [k for k in sizes if k <= len(correct)]
    gaps = np.empty((draws, len(counts)))
    noise = np.empty(draws)
    # The spread of the difference holds the noise of both sets; the held-out set's alone does the choosing.
    share = np.sqrt(1 - held_out / correct.shape[1])
    for draw in range(draws):
        chosen_by, fresh = _scores(correct, held_out, rng)
        noise[draw] = np.std(chosen_by - fresh) * share
        order = rng.permutation(len(correct))
        for column, k in enumerate(counts):
            best = order[:k][np.argmax(chosen_by[order[:k]])]
            gaps[draw, column] = chosen_by[best] - fresh[best]
    half = 1.96 * gaps.std(0, ddof=1) / np.sqrt(draws)
    means = gaps.mean(0)
    expected = [expected_maximum(k) for k in counts]
    return [
        Measured(k, float(mean), float(mean - h), float(mean + h), float(noise.mean() * top))
        for k, mean, h, top in zip(counts, means, half, expected, strict=True)
    ]


def _scores(
    correct: npt.NDArray[np.bool_], held_out: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    order = rng.permutation(correct.shape[1])
    return correct[:, order[:held_out]].mean(1), correct[:, order[held_out:]].mean(1)
