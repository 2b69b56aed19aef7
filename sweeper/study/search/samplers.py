"""The samplers: one row each. Optuna is loaded when one is made, so that whoever lists them needs nothing of it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeper.config.registry import Registry
from sweeper.errors import InputError
from sweeper.study.objectives import OBJECTIVES, SCORES

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

    Distributions = Mapping[str, BaseDistribution]
    Make = Callable[[int, Distributions], BaseSampler]


@dataclass(frozen=True, slots=True)
class SamplerSpec:
    """One way to choose the next configuration.

    Attributes:
        name: on the command line, and in what a study is bound to.
        make: Optuna's sampler, of a seed and the dimensions that every trial has.
        adaptive: learns from the trials that have ended, so that asking far ahead would leave it uninformed.
        exhaustive: every point of the space is run once, in order; nothing is sampled.
        independent: its trials are draws that do not depend on each other, as a tuning curve's band needs them.
        several_objectives: can search for more than one.
        ranges: how many numeric dimensions it needs that every trial has.
        requires: the module that it needs beside Optuna; empty for none.
        package: what people call that module.
        extra: the extra of sweeper that brings it; empty where sweeper itself does.
    """

    name: str
    make: Make
    adaptive: bool = False
    exhaustive: bool = False
    independent: bool = False
    several_objectives: bool = True
    ranges: int = 0
    requires: str = ""
    package: str = ""
    extra: str = ""

    @property
    def installed(self) -> bool:
        """Whether what it needs is there."""
        return not self.requires or importlib.util.find_spec(self.requires) is not None


def make_sampler(name: str, seed: int, distributions: Distributions) -> BaseSampler:
    """The sampler of a sweep, seeded by slot.

    Args:
        name: of a row of ``SAMPLERS``.
        seed: together with a trial's slot, all that its random numbers depend on.
        distributions: of the dimensions that every trial has.

    Raises:
        InputError: there is no such sampler, or it cannot work here, or not on this space.
    """
    from sweeper.study.search.by_slot import SlotSampler

    row = SAMPLERS[name]
    if not row.installed:
        hint = f"pip install 'sweeper[{row.extra}]', or use tpe" if row.extra else f"pip install {row.requires}"
        raise InputError(
            f"the sampler {name} needs {row.package or row.requires}, which is not installed", hint=hint, key="sampler"
        )
    if (numeric := _numeric(distributions)) < row.ranges:
        raise InputError(
            f"the sampler {name} needs at least {row.ranges} numeric range that every trial has, not {numeric}",
            hint="use tpe, or search over a range",
            key="sampler",
        )
    return SlotSampler(row.make(seed, distributions), seed)


def check_objectives(objective: str, more: Sequence[str], sampler: str) -> None:
    """Make sure that these can be searched for together.

    Raises:
        InputError: they cannot.
    """
    if objective not in SCORES:
        raise InputError(
            f"the first objective is {objective}", hint=f"begin with one of {', '.join(SCORES)}", key="objective"
        )
    for name in more:
        OBJECTIVES[name]
    if len({objective, *more}) <= len(more):
        raise InputError("an objective is given twice", hint="give each once", key="objective")
    if more and not SAMPLERS[sampler].several_objectives:
        raise InputError(f"the sampler {sampler} is for one objective", hint="use tpe, or one objective", key="sampler")


def _numeric(distributions: Distributions) -> int:
    from optuna.distributions import CategoricalDistribution

    return sum(not isinstance(kind, CategoricalDistribution) for kind in distributions.values())


def _tpe(seed: int, _: Distributions) -> BaseSampler:
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed)


def _random(seed: int, _: Distributions) -> BaseSampler:
    from optuna.samplers import RandomSampler

    return RandomSampler(seed=seed)


def _qmc(seed: int, distributions: Distributions) -> BaseSampler:
    from sweeper.study.search.by_slot import SlotQMC

    _load_scipy()
    return SlotQMC(seed, distributions)


def _cmaes(seed: int, _: Distributions) -> BaseSampler:
    from optuna.samplers import CmaEsSampler

    return CmaEsSampler(seed=seed, warn_independent_sampling=False)


def _gp(seed: int, _: Distributions) -> BaseSampler:
    from optuna.samplers import GPSampler

    _load_scipy()
    return GPSampler(seed=seed)


def _load_scipy() -> None:
    # Optuna asks for scipy.stats.qmc by its whole name. Where another thread is inside `import scipy.stats`, each would
    # wait for the other, and Python gives one of them half a module: the package comes first, whole.
    import scipy.stats  # noqa: F401


SAMPLERS = Registry(
    "sampler",
    [
        SamplerSpec("tpe", _tpe, adaptive=True),
        SamplerSpec("random", _random, independent=True),
        SamplerSpec("grid", _random, exhaustive=True),
        SamplerSpec("qmc", _qmc, independent=True, requires="scipy"),
        SamplerSpec("cmaes", _cmaes, adaptive=True, several_objectives=False, ranges=1, requires="cmaes"),
        SamplerSpec("gp", _gp, adaptive=True, requires="torch", package="PyTorch", extra="gp"),
    ],
)
