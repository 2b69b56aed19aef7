"""The pruners: one row each, with resources counted in training steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeper.config.registry import Registry

if TYPE_CHECKING:
    from optuna.pruners import BasePruner

REDUCTION = 3
"""Of the trials that reach a rung, one in so many goes on."""

RUNGS = 3
"""Rungs below a whole run: the first is at 1/27 of its steps (or at the first validation, where that is later)."""


@dataclass(frozen=True, slots=True)
class PrunerSpec:
    """One way to stop hopeless trials early.

    Attributes:
        name: on the command line, and in what a study is bound to.
        make: Optuna's pruner, of the steps at the first rung and those of a whole run.
        prunes: whether it ever stops anything, and so looks at other trials.
    """

    name: str
    make: Callable[[int, int], BasePruner]
    prunes: bool = True


def make_pruner(name: str, steps: int) -> BasePruner:
    """The pruner of a sweep.

    Args:
        name: of a row of ``PRUNERS``.
        steps: of a whole run, as the first configuration has them.

    Raises:
        InputError: there is no such pruner.
    """
    return PRUNERS[name].make(max(1, steps // REDUCTION**RUNGS), steps)


def _asha(first: int, _: int) -> BasePruner:
    from optuna.pruners import SuccessiveHalvingPruner

    return SuccessiveHalvingPruner(min_resource=first, reduction_factor=REDUCTION)


def _hyperband(first: int, steps: int) -> BasePruner:
    from sweeper.study.search.by_slot import SlotHyperband

    return SlotHyperband(min_resource=first, max_resource=steps, reduction_factor=REDUCTION)


def _median(first: int, _: int) -> BasePruner:
    from optuna.pruners import MedianPruner

    return MedianPruner(n_startup_trials=5, n_warmup_steps=first)


def _none(*_: int) -> BasePruner:
    from optuna.pruners import NopPruner

    return NopPruner()


PRUNERS = Registry(
    "pruner",
    [
        PrunerSpec("asha", _asha),
        PrunerSpec("hyperband", _hyperband),
        PrunerSpec("median", _median),
        PrunerSpec("none", _none, prunes=False),
    ],
)
