"""A promise, how to simulate it, and within which bounds it is kept."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sweeper.statistics.intervals import Interval

Rng = np.random.Generator


class Check(NamedTuple):
    """One promise: `run` gives the rate over some simulations, which must lie within `bounds`, but for chance.

    `share` of the simulations asked for is made of those that take long.
    """

    name: str
    setting: str
    promise: str
    bounds: tuple[float, float]
    run: Callable[[Rng, int], float]
    share: float = 1.0

    def kept(self, simulations: int) -> float:
        """The rate; with the same numbers each time, whatever other checks there are."""
        rng = np.random.default_rng(zlib.crc32(f"{self.name}, {self.setting}".encode()))
        return self.run(rng, self.times(simulations))

    def times(self, simulations: int) -> int:
        """Simulations that are made."""
        return max(1, round(self.share * simulations))

    def chance(self, rate: float, simulations: int) -> float:
        """Two standard errors of a simulated rate."""
        inside = min(max(rate, 1 / self.times(simulations)), 1 - 1 / self.times(simulations))
        return 2 * float((inside * (1 - inside) / self.times(simulations)) ** 0.5)


def rate(trial: Callable[[Rng], bool]) -> Callable[[Rng, int], float]:
    """How often a simulation says yes."""
    return lambda rng, simulations: float(np.mean([trial(rng) for _ in range(simulations)]))


def covers(interval: Callable[[Rng], Interval], truth: float) -> Callable[[Rng, int], float]:
    return rate(lambda rng: interval(rng).contains(truth))


def covering(name: str, setting: str, run: Callable[[Rng, int], float], share: float = 1.0) -> Check:
    """An interval of 95 %."""
    return Check(name, setting, "95 %", (0.93, 1.0), run, share)


def exactly(name: str, setting: str, run: Callable[[Rng, int], float], share: float = 1.0) -> Check:
    """An interval of 95 % that is no wider than it has to be."""
    return Check(name, setting, "95 %", (0.93, 0.97), run, share)


def rarely(name: str, setting: str, run: Callable[[Rng, int], float], share: float = 1.0) -> Check:
    """A false alarm."""
    return Check(name, setting, "5 % or less", (0.0, 0.055), run, share)


def shown(name: str, setting: str, bounds: tuple[float, float], run: Callable[[Rng, int], float]) -> Check:
    """What nothing is promised of: said so wherever it matters."""
    return Check(name, setting, "", bounds, run, 0.2)
