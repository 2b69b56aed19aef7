"""How much the score of the best of many flatters it, when it was chosen by that score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.statistics.selection import selection_bias

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """Chosen among `candidates` by a held-out set: its score there less its score on fresh examples.

    Attributes:
        candidates: how many the best was chosen among.
        mean: the mean over draws of the sets and the candidates, in accuracy; less what a draw does to all candidates
            alike, which is chance without a direction.
        low: and
        high: how far so many draws leave the mean open, two standard errors to each side. It is no interval for other
            candidates or other examples, of which there is one sample only: these move the mean by more.
        theory: what theory gives for as many candidates whose scores have this noise and whose true accuracies
            are distributed as these are.
        fresh: what the chosen candidate scores on fresh examples, the mean over draws.
    """

    candidates: int
    mean: float
    low: float
    high: float
    theory: float
    fresh: float


@dataclass(frozen=True, slots=True)
class Flattered:
    """Flattery over the number of candidates.

    Attributes:
        rows: one for each number of candidates.
        noise: standard deviation of a candidate's score on the held-out set about its true accuracy, apart from
            what the examples do to all candidates alike, which chooses none of them.
        spread: standard deviation of the candidates' true accuracies.
    """

    rows: tuple[Measured, ...]
    noise: float
    spread: float


def flattery(
    correct: npt.NDArray[np.bool_], sizes: Sequence[int], *, held_out: int, draws: int = 400, seed: int = 0
) -> Flattered:
    """Flattery over the number of candidates, by resampling which examples are held out.

    In each draw the examples are split anew into `held_out` ones that choose, and the rest, which is
    fresh; candidates come in a new order, so that the best of the first k is the best of k drawn.

    Args:
        correct: [candidates, examples], whether each candidate is right on each example.
        sizes: numbers of candidates to choose among; those that there are not are left out.
        held_out: examples that choose.
        draws: splits.
        seed: of splits and orders.
    """
    rng = np.random.default_rng(seed)
    counts = [k for k in sizes if k <= len(correct)]
    scores, others = _scores(correct, held_out, draws, rng)
    chosen, fresh = np.empty((2, draws, len(counts)))
    for draw in range(draws):
        order = rng.permutation(len(correct))
        best = [order[:k][np.argmax(scores[order[:k], draw])] for k in counts]
        chosen[draw], fresh[draw] = scores[best, draw], others[best, draw]
    # The difference holds the noise of both sets. The held-out set's alone does the choosing: its share is as
    # large as the other set is.
    part = 1 - held_out / correct.shape[1]
    noise = ((scores - others).var(axis=0, ddof=1).mean() * part) ** 0.5
    alike = (scores - others).mean(axis=0)
    each = (scores - others - alike).std(axis=1, ddof=1) * part**0.5
    spread = max(0.0, scores.var(axis=0, ddof=1).mean() - noise**2) ** 0.5
    theory = selection_bias(counts, each, _truths(correct.mean(axis=1), float(spread)))
    # What a draw of the examples does to all candidates alike flatters none of them; its expectation is zero.
    return Flattered(_rows(counts, chosen - fresh - alike[:, None], fresh, theory), float(noise), float(spread))


def _truths(accuracies: Scores, spread: float) -> Scores:
    """What the candidates are worth: their accuracies on all examples, drawn together to the spread of the truth."""
    centred = accuracies - accuracies.mean()
    seen = float(centred.std(ddof=1))
    return np.asarray(centred * (min(1.0, spread / seen) if seen > 0 else 0.0), dtype=np.float64)


def _scores(
    correct: npt.NDArray[np.bool_], held_out: int, draws: int, rng: np.random.Generator
) -> tuple[Scores, Scores]:
    """Each candidate's accuracy on the examples that choose, and on the others, in each draw, [candidates, draws]."""
    examples = correct.shape[1]
    taken = np.zeros((examples, draws), np.float32)
    for draw in range(draws):
        taken[rng.permutation(examples)[:held_out], draw] = 1.0
    # One matrix product instead of gathering: whole numbers below 2 ** 24 are exact in 32-bit floats.
    hits = (correct.astype(np.float32) @ taken).astype(np.float64)
    rest = correct.sum(axis=1, dtype=np.float64)[:, None] - hits
    return hits / held_out, rest / (examples - held_out)


def _rows(counts: Sequence[int], gaps: Scores, fresh: Scores, theory: Sequence[float]) -> tuple[Measured, ...]:
    half = 2 * gaps.std(0, ddof=1) / len(gaps) ** 0.5
    values = zip(counts, gaps.mean(0), half, theory, fresh.mean(0), strict=True)
    return tuple(Measured(k, float(m), float(m - h), float(m + h), t, float(f)) for k, m, h, t, f in values)
