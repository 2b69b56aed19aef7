"""The pruners: one row each; what they count training in, and the marks at which all trials of a study are compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from sweeper.config.registry import Registry

if TYPE_CHECKING:
    from optuna.pruners import BasePruner

    from sweeper.config.schema import Config
    from sweeper.study.plan import Plan

DEFAULT = "ahead"
"""What a new study is pruned by where nobody says."""

FORMER = ("asha", "latest")
"""What it was for studies that were begun before."""

REDUCTION = 3
"""One in so many of the trials that reach a rung goes on."""

RUNGS = 3
"""Rungs below a whole run: the first is at 1/27 of it."""

PARTS = 9
"""Parts of a whole run; the median pruner compares after each but the last."""

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


def _to_half_way(whole: int) -> tuple[int, ...]:
    """The rungs, and half of the way."""
    return (*_rungs(whole), max(_rungs(whole)[-1] + 1, -(-whole // 2)))


def _parts(whole: int) -> tuple[int, ...]:
    return tuple(math.ceil(whole * part / PARTS) for part in range(1, PARTS))


def _asha(first: int, _: int) -> BasePruner:
    from optuna.pruners import SuccessiveHalvingPruner

    return SuccessiveHalvingPruner(min_resource=first, reduction_factor=REDUCTION)


def _ahead(first: int, whole: int) -> BasePruner:
    from sweeper.study.search.ahead import AheadPruner

    return AheadPruner(first, REDUCTION, clear=_rungs(whole)[-1])


def _latest(first: int, whole: int) -> BasePruner:
    from sweeper.study.search.latest import LatestPruner

    return LatestPruner(first, clear=_to_half_way(whole)[-1])


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


RESOURCE = "resource"
"""Its key among what a study is bound to; a study from before there was any is pruned by its validations' steps."""


@dataclass(frozen=True, slots=True)
class Resource:
    """The unit that a pruner counts in: that of the budget which all trials were given.

    Attributes:
        unit: ``steps`` where the budget is so many steps; ``examples`` seen where it is passes over the data.
        whole: the longest run of the study, in that unit.
        train_size: examples of the training split.
    """

    unit: Literal["steps", "examples"]
    whole: int
    train_size: int

    @classmethod
    def of(cls, plan: Plan) -> Resource:
        """The resource of a new study."""
        from sweeper.config.schema import total_steps

        size, configs = train_size(plan), list(_configs(plan))
        if all(config.steps is not None for config in configs):
            return cls("steps", max(total_steps(config, size) for config in configs), size)
        seen = [math.ceil(_share(config) * _examples(config, size)) for config in configs]
        return cls("examples", max(seen), size)

    def marks(self, pruner: str) -> tuple[int, ...]:
        """Where trials are compared, in this unit."""
        return PRUNERS[pruner].marks(self.whole)

    def due(self, pruner: str, config: Config) -> dict[int, int]:
        """The steps of a trial that are its first at or beyond a mark, each with that mark; none at its end."""
        from sweeper.config.schema import batch_size, total_steps

        batch = 1 if self.unit == "steps" else batch_size(config, self.train_size)
        steps = {max(1, math.ceil(mark / batch)): mark for mark in self.marks(pruner)}
        return {step: mark for step, mark in steps.items() if step < total_steps(config, self.train_size)}

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def kept_resource(facts: Mapping[str, Any]) -> Resource | None:
    """The resource of a study, by what it is bound to; None where it has none."""
    value = facts.get(RESOURCE)
    return Resource(**value) if value else None


def train_size(plan: Plan) -> int:
    """Examples of the training split; 1 where they are not known."""
    return int(plan.data.get("sizes", {}).get("train", 0)) or 1


def _configs(plan: Plan) -> Iterator[Config]:
    """The points, or the corners of the space whose values go together."""
    if plan.space is None:
        yield from (point.config for point in plan.points)
        return
    yield plan.space.example()
    yield from plan.space.examples()


def _share(config: Config) -> float:
    """Passes over the data, or 1 where the budget is in steps."""
    return 1.0 if config.epochs is None else config.epochs


def _examples(config: Config, size: int) -> int:
    """Examples of one pass, or of all steps where the budget is in steps."""
    from sweeper.config.schema import batch_size

    return size if config.steps is None else config.steps * batch_size(config, size)


PRUNERS = Registry(
    "pruner",
    [
        PrunerSpec("ahead", _ahead, _rungs),
        PrunerSpec("asha", _asha, _rungs),
        PrunerSpec("latest", _latest, _to_half_way),
        PrunerSpec("hyperband", _hyperband, _rungs),
        PrunerSpec("median", _median, _parts),
        PrunerSpec("none", _none, lambda _: (), prunes=False),
    ],
)
