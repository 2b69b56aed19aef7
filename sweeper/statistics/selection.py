"""How much the best of many flatters itself: the bias of choosing and scoring by the same examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sweeper.errors import InputError
from sweeper.statistics.intervals import Interval, spread, two_sided_t
from sweeper.statistics.samples import Values, checked_level, generator, sample

SIMULATIONS = 10_000
"""Choices that are simulated: they give the bias to about one hundredth of the noise."""


def selection_bias(
    counts: Sequence[int], noise: Sequence[float] | Values, truths: Sequence[float] | Values, *, seed: int = 0
) -> tuple[float, ...]:
    """How much the best of k flatters itself on average, by theory, for the spread that the candidates have.

    If candidates really differ, the best is partly rightly the best. By how much less it then flatters hangs on the
    shape of their distribution, so that no normal one may stand in for it: one with many candidates close to the best
    flatters twice as much. So their own truths are taken, normal noise is added, and the best of k of them is chosen.

    Args:
        counts: numbers k to give it for, each at most n.
        noise: of each candidate, the standard deviation of its score around its true value, [n]:
            ``sqrt(p (1 - p) / N)`` for accuracy on N examples that the candidates do not share, and less by what they
            have in common if they do.
        truths: of each candidate, its true value, [n].
        seed: of the simulation.

    Source: the expected maximum of independent numbers (Tippett 1925; David and Nagaraja 2003); its use for the choice
    among models: Cawley and Talbot (2010), Dwork et al. (2015).

    Raises:
        InputError: more are to be chosen among than there are.
    """
    values, scale, rng = sample(truths, name="truths"), sample(noise, name="noise"), generator(seed)
    if max(counts) > values.size:
        raise InputError(f"{values.size} candidates are not {max(counts)}", hint="leave the larger counts out")
    total = np.zeros(len(counts))
    block = max(1, 1_000_000 // values.size)
    for start in range(0, SIMULATIONS, block):
        total += _flattery(counts, values, scale, min(block, SIMULATIONS - start), rng)
    return tuple(float(each) / SIMULATIONS for each in total)


def _flattery(counts: Sequence[int], truths: Values, noise: Values, times: int, rng: np.random.Generator) -> Values:
    """Sum, over so many choices, of the noise of the best of the first k candidates in random order, for each k."""
    order = rng.permuted(np.tile(np.arange(truths.size), (times, 1)), axis=1)
    luck = rng.standard_normal(order.shape) * noise[order]
    seen = truths[order] + luck
    rows = np.arange(times)
    # Less the mean luck of the k, which is zero on average: of one candidate nothing is left, as it should be.
    return np.array([luck[rows, seen[:, :k].argmax(axis=1)].sum() - luck[:, :k].mean(axis=1).sum() for k in counts])


def interval_of_best(
    values: Iterable[float] | Values,
    candidates: int,
    *,
    higher_is_better: bool = True,
    level: float = 0.95,
    examples: int = 0,
) -> Interval:
    """Student's interval for the mean over seeds of that candidate whose mean is the best of several.

    It was named for its high mean, which is luck in part: the end towards worse values has to be farther off. By
    Bonferroni's bound its error is ``(1 - level) / candidates``, for the error of the other end, which choosing makes
    rarer, stays at half of ``1 - level``. With two candidates that is the plain interval; with a clear winner it is
    up to half of ``1 - level`` wider than it had to be. It takes the examples as given, and believes that seeds vary
    like a normal distribution: of skewed scores it covers less.

    Args:
        values: one a seed, [R].
        candidates: of which it is the best.
        higher_is_better: false for a loss.
        level: 0 to 1.
        examples: as in ``t_interval``.

    Source: the bound of Benjamini, Hechtlinger and Stark (2019) for the largest of several means.

    Raises:
        InputError: fewer than two values.
    """
    data, error = sample(values, least=2), 1 - checked_level(level)
    scale = spread(data, examples) / data.size**0.5
    plain = scale * two_sided_t(level, data.size - 1)
    wide = scale * two_sided_t(1 - 2 * min(error / 2, error / candidates), data.size - 1)
    below, above = (wide, plain) if higher_is_better else (plain, wide)
    mean = float(data.mean())
    method = "Student's t over seeds" + (f", for the best of {candidates}" if candidates > 2 else "")
    found = Interval(mean - below, mean + above, level, method, "seeds", examples)
    return found.clipped() if examples else found
