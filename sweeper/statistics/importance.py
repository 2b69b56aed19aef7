"""How sure an importance is: the same evaluator over resamples of the trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.statistics.samples import checked_level, generator

Evaluate = Callable[[npt.NDArray[np.intp]], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Importance:
    """One hyperparameter's importance.

    Attributes:
        name: its key.
        value: on all trials as they are.
        low, high: the middle part of its values over resamples: how far it moves with the trials. That is a spread,
            not a confidence interval: what the true importance would be is a question of definition.
        share: of the resamples that lie between the two.
        first: share of resamples in which it is the most important.
    """

    name: str
    value: float
    low: float
    high: float
    share: float
    first: float


def importance_uncertainty(
    evaluate: Evaluate, trials: int, *, resamples: int = 100, share: float = 0.95, seed: int = 0
) -> tuple[Importance, ...]:
    """Importances with their spread over bootstrap resamples, the most important first.

    Args:
        evaluate: importance by name, from indices into the trials, [n]; a name it leaves out counts as 0.
        trials: how many there are.
        resamples: how often to draw as many trials with replacement.
        share: of the resamples that the spread holds.
        seed: of the draws.

    Source: Efron and Tibshirani (1993), chapter 13. It says how much hangs on the trials, not on the evaluator:
    functional ANOVA (Hutter et al. 2014) and PED-ANOVA (Watanabe et al. 2023) measure different things.

    Raises:
        InputError: fewer than two trials.
    """
    if trials < 2:
        raise InputError(f"{trials} trials have no importance to resample", hint="run more trials")
    whole = evaluate(np.arange(trials))
    draws = generator(seed).integers(0, trials, size=(resamples, trials))
    found = [evaluate(np.asarray(draw, dtype=np.intp)) for draw in draws]
    table = np.array([[one.get(name, 0.0) for name in whole] for one in found])
    tail = (1 - checked_level(share)) / 2
    low, high = np.quantile(table, [tail, 1 - tail], axis=0)
    first = np.bincount(table.argmax(axis=1), minlength=len(whole)) / resamples
    rows = (
        Importance(name, float(value), float(low[i]), float(high[i]), share, float(first[i]))
        for i, (name, value) in enumerate(whole.items())
    )
    return tuple(sorted(rows, key=lambda row: -row.value))
