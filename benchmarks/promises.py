"""Simulate what every interval, verdict and band promises, and print the tables of docs/explanation/statistics.md.

    python benchmarks/promises.py [SIMULATIONS]

Each check simulates data whose truth is known and counts how often the promise is kept; behind it stand two standard
errors of the simulation. The tests run the same checks with fewer simulations (tests/statistics/test_promises.py).
"""

from __future__ import annotations

import sys

from checks_intervals import CHECKS as INTERVALS
from checks_verdicts import CHECKS as VERDICTS
from scipy import stats

CHECKS = [*INTERVALS, *VERDICTS]
LEVELS = {"one analysis, as it was before": 0.95, "the first analysis": 0.975, "the second": 0.9875}


def repeats_to_find(gap: float, sd: float, level: float, chance: float) -> int:
    """Repeats with which a difference of that size is found with that chance; `sd` is of each side, independent."""
    n = 2
    while _found(n, gap / (sd * 2**0.5), level) < chance:
        n += 1
    return n


def _found(n: int, effect: float, level: float) -> float:
    return float(stats.nct.sf(stats.t.ppf(0.5 + level / 2, n - 1), n - 1, effect * n**0.5))


def power() -> None:
    """What paying for analyses costs: repeats to find half a point."""
    chances = (0.5, 0.9)
    spreads = (0.002, 0.005)
    heads = [f"sd {100 * sd:.1f} points, {chance:.0%} chance" for sd in spreads for chance in chances]
    print(f"\n| repeats to find 0.5 points | {' | '.join(heads)} |\n|{' --- |' * (len(heads) + 1)}")
    for name, level in LEVELS.items():
        found = [str(repeats_to_find(0.005, sd, level, chance)) for sd in spreads for chance in chances]
        print(f"| {name} | {' | '.join(found)} |")


def main() -> None:
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print("| what | setting | promise | simulated |\n| --- | --- | --- | --- |")
    for check in CHECKS:
        rate = check.kept(simulations)
        chance = check.chance(min(1.0, rate), simulations)
        print(
            f"| {check.name} | {check.setting} | {check.promise} | {100 * rate:.1f} ± {100 * chance:.1f} % |",
            flush=True,
        )
    power()


if __name__ == "__main__":
    main()
