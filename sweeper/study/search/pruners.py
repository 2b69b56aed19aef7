"""The pruners: one row each, with marks at which all trials of a study are compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeper.config.registry import Registry

if TYPE_CHECKING:
    from optuna.pruners import BasePruner

REDUCTION = 3
"""One in so many of the trials that reach a rung goes on."""

RUNGS = 3
"""Rungs below a whole run: the first is at 1/27 of it."""

PARTS = 9
"""Of a whole run; the median pruner compares after each but the last."""

MIN_TRIALS = 5
"""Finished trials that must have been judged at a mark before the median there stops anybody."""


@dataclass(frozen=True, slots=True)
class PrunerSpec:
    """One way to stop hopeless trials early.

    Attributes:
        name: on the command line, and in what a study is bound to.
        make: Optuna's pruner, of the first rung and a whole run, both in units of the study's resource.
        marks: where it compares trials, of a whole run, in the same units.
        prunes: whether it ever stops anything, and so needs the other trials.
    """

    name: str
    make: Callable[[int, int], BasePruner]
    marks: Callable[[int], tuple[int, ...]]
    prunes: bool = True


def make_pruner(name: str, whole: int) -> BasePruner:
    """The pruner of a sweep.

    Args:
        name: of a row of ``PRUNERS``.
        whole: the longest run, in units of the study's resource.

    Raises:
        InputError: there is no such pruner.
    """
    return PRUNERS[name].make(first_rung(whole), whole)


def make_pruner_by_steps(name: str, steps: int) -> BasePruner:
    """The pruner of a study from before there were marks: it compares wherever a validation happens to fall.

    Args:
        name: of a row of ``PRUNERS``.
        steps: of a whole run.
    """
    return PRUNERS[name].make(max(1, steps // REDUCTION**RUNGS), steps)


def first_rung(whole: int) -> int:
    """Rounded up: the last of the rungs above it then lies beyond the end, where nothing is left to save."""
    return max(1, -(-whole // int(REDUCTION**RUNGS)))


def _rungs(whole: int) -> tuple[int, ...]:
    return tuple(first_rung(whole) * REDUCTION**rung for rung in range(RUNGS))


def _parts(whole: int) -> tuple[int, ...]:
    return tuple(math.ceil(whole * part / PARTS) for part in range(1, PARTS))


def _asha(first: int, _: int) -> BasePruner:
    from optuna.pruners import SuccessiveHalvingPruner

    return SuccessiveHalvingPruner(min_resource=first, reduction_factor=REDUCTION)


def _hyperband(first: int, whole: int) -> BasePruner:
    from sweeper.study.search.by_slot import SlotHyperband

    longest = max(whole, first * REDUCTION**RUNGS)  # or there is no bracket whose trials go all the way
    return SlotHyperband(min_resource=first, max_resource=longest, reduction_factor=REDUCTION)


def _median(first: int, _: int) -> BasePruner:
    from optuna.pruners import MedianPruner

    return MedianPruner(n_startup_trials=MIN_TRIALS, n_warmup_steps=first, n_min_trials=MIN_TRIALS)


def _none(*_: int) -> BasePruner:
    from optuna.pruners import NopPruner

    return NopPruner()


PRUNERS = Registry(
    "pruner",
    [
        PrunerSpec("asha", _asha, _rungs),
        PrunerSpec("hyperband", _hyperband, _rungs),
        PrunerSpec("median", _median, _parts),
        PrunerSpec("none", _none, lambda _: (), prunes=False),
    ],
)
