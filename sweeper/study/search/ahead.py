"""ASHA whose trials must at last be ahead of the best: one that is only alike is not trained to its end."""

from __future__ import annotations

from optuna.pruners import SuccessiveHalvingPruner
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from sweeper.study.converters import SAME_AS
from sweeper.study.objectives import feasible

TOLD = 2
"""Finished trials from which on the best of them is one to keep up with."""


class AheadPruner(SuccessiveHalvingPruner):
    """ASHA (Li et al. 2020), and from one rung on only for trials that are ahead of where the best one was there.

    Where a sampler learns, late trials are nearly all among the best third of a rung, and are trained to their end only
    because they are alike. The best is the one with the best score of those that have finished. That is the criterion
    of predictive termination (Domhan et al. 2015) without its model of the curve: late in a training the ranking is the
    one of the end but for noise, at which PASHA (Bohdal et al. 2023) stops giving more budget, too.

    Args:
        first: the first rung.
        reduction: one in so many of the trials that reach a rung goes on.
        clear: the mark from which on trials are held against the best.
    """

    def __init__(self, first: int, reduction: int, clear: int) -> None:
        """Nothing is compared yet."""
        super().__init__(min_resource=first, reduction_factor=reduction)
        self._clear = clear

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether a trial shall stop, at the mark that it has just been judged at."""
        mark = trial.last_step
        return super().prune(study, trial) or (
            mark is not None and mark >= self._clear and is_behind(study, trial, mark)
        )


def is_behind(study: Study, trial: FrozenTrial, mark: int) -> bool:
    """Whether the best of the trials that have finished was ahead of this one at the same mark."""
    sign = -1.0 if study.direction == StudyDirection.MAXIMIZE else 1.0
    ended = [
        other
        for other in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if mark in other.intermediate_values and SAME_AS not in other.user_attrs and feasible(other.constraints)
    ]
    if len(ended) < TOLD:
        return False
    best = min(ended, key=lambda other: sign * (other.value or 0.0))
    return sign * trial.intermediate_values[mark] > sign * best.intermediate_values[mark]
