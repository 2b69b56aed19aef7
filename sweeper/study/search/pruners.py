"""Pruners by name, with resources counted in training steps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.study import Study
from optuna.trial import FrozenTrial

from sweeper.study.slots import SLOT

REDUCTION = 3
"""Of the trials that reach a rung, one in so many goes on."""

RUNGS = 3
"""Rungs below a whole run: the first is at 1/27 of its steps (or at the first validation, where that is later)."""


def make_pruner(name: str, steps: int) -> BasePruner:
    """The pruner of a sweep.

    Args:
        name: one of ``plan.PRUNERS``.
        steps: of a whole run, as the first configuration has them.
    """
    first = max(1, steps // REDUCTION**RUNGS)
    if name == "asha":
        return SuccessiveHalvingPruner(min_resource=first, reduction_factor=REDUCTION)
    if name == "hyperband":
        return _SlotHyperband(min_resource=first, max_resource=steps, reduction_factor=REDUCTION)
    if name == "median":
        return MedianPruner(n_startup_trials=5, n_warmup_steps=first)
    return NopPruner()


class _SlotHyperband(HyperbandPruner):
    """Optuna's Hyperband, with the bracket drawn from a trial's slot: its number depends on what was interrupted."""

    def _get_bracket_id(self, study: Study, trial: FrozenTrial) -> int:
        slot = SimpleNamespace(number=int(trial.user_attrs.get(SLOT, trial.number)))
        return super()._get_bracket_id(study, cast(FrozenTrial, slot))
