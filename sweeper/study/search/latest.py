"""Successive halving among the latest trials, which goes on for none that is behind the best of those that finished."""

from __future__ import annotations

from math import isnan

from optuna.pruners import BasePruner
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial

from sweeper.study.search.ahead import is_behind

WINDOW = 12
"""So many of the latest trials are compared at a mark."""

FIRST, LATER = 2, 3
"""One in so many of them goes on: at the first mark, and at the others."""


class LatestPruner(BasePruner):
    """Stops a trial that is not among the best of the latest twelve at a mark, or behind the best half-way.

    ASHA (Li et al. 2020) compares with all trials that have come to a rung. Where a sampler learns, later trials are
    better than earlier ones, so that nearly all of them are among the best third, and are trained to their end only
    because they are alike. Here the latest alone count, so one third goes on whatever the sampler has learned; at the
    first mark one half, as scores say little there. From `clear` on a trial goes on only if it is ahead of where the
    best of those that have finished was then (see ``ahead.AheadPruner``).

    Args:
        first: the first mark.
        clear: the mark from which on trials are held against the best.
    """

    def __init__(self, first: int, clear: int) -> None:
        """Nothing is compared yet."""
        self._first, self._clear = first, clear

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether a trial shall stop, at the mark that it has just been judged at."""
        mark = trial.last_step
        if mark is None:
            return False
        sign = -1.0 if study.direction == StudyDirection.MAXIMIZE else 1.0
        own = sign * trial.intermediate_values[mark]
        if isnan(own):
            return True
        judged = [other for other in study.get_trials(deepcopy=False) if mark in other.intermediate_values]
        others = [other for other in judged if other.number != trial.number]
        latest = sorted(others, key=lambda other: other.number)[-(WINDOW - 1) :]
        rank = sum(sign * other.intermediate_values[mark] < own for other in latest)
        one_in = FIRST if mark <= self._first else LATER
        if rank >= max(1, (len(latest) + 1) // one_in):
            return True
        return mark >= self._clear and is_behind(study, trial, mark)
