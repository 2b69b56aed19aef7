"""Simulate what every interval, verdict and band promises, and print the table of docs/explanation/statistics.md.

    python benchmarks/promises.py [SIMULATIONS]

Each check simulates data whose truth is known and counts how often the promise is kept. The tests run the
same checks with fewer simulations (tests/report/statistics/test_promises.py).
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats
from worlds import (
    TRUE_ACCURACY,
    accuracies,
    both_models,
    correct,
    quasi_random_search,
    random_search,
    shared_correctness,
    true_difference_by_both,
    true_median,
    two_configurations,
)

from sweeper import statistics as st
from sweeper.questions.analyses.flattery import Measured, flattery
from sweeper.statistics.intervals import Interval

Rng = np.random.Generator


class Check(NamedTuple):
    """One promise: `run` gives the rate over some simulations, which must lie within `bounds`, but for chance."""

    name: str
    setting: str
    promise: str
    bounds: tuple[float, float]
    run: Callable[[Rng, int], float]

    def kept(self, simulations: int) -> float:
        """The rate; with the same numbers each time, whatever other checks there are."""
        return self.run(np.random.default_rng(zlib.crc32(f"{self.name}, {self.setting}".encode())), simulations)


def rate(trial: Callable[[Rng], bool]) -> Callable[[Rng, int], float]:
    """How often a simulation says yes."""
    return lambda rng, simulations: float(np.mean([trial(rng) for _ in range(simulations)]))


def covers(interval: Callable[[Rng], Interval], truth: float) -> Callable[[Rng, int], float]:
    return rate(lambda rng: interval(rng).contains(truth))


def pair_of_models(rng: Rng) -> Interval:
    both, only_a, only_b, neither = (int(n) for n in rng.multinomial(1000, [0.95, 0.02, 0.01, 0.02]))
    return st.newcombe_paired(both, only_a, only_b, neither)


def difference_by_both(rng: Rng) -> Interval:
    return st.difference_over_seeds_and_examples(*two_configurations(rng))


def simultaneous(rng: Rng) -> bool:
    means = [0.97, 0.968, 0.96, 0.95]
    verdicts = st.compare_all(accuracies(rng, means, 5, 0.004))
    truths = [means[int(v.a[1:])] - means[int(v.b[1:])] for v in verdicts]
    return all(v.interval.contains(truth) for v, truth in zip(verdicts, truths, strict=True))


def verdicts(wanted: str, gap: float, sd: float, repeats: int = 5, conditions: int = 2) -> Callable[[Rng, int], float]:
    """How often a verdict is among those wanted: of the first pair where it differs by a gap, of any pair if none."""

    def trial(rng: Rng) -> bool:
        pairs = st.compare_all(accuracies(rng, [0.96 + gap] + [0.96] * (conditions - 1), repeats, sd))
        return any(pair.verdict in wanted.split() for pair in pairs[: 1 if gap else None])

    return rate(trial)


def coarse_alarm(rng: Rng) -> bool:
    """Two repeats on 360 examples: differences are often exactly the same for both seeds."""
    scores = np.round(rng.normal(0.97, 0.004, (2, 2)) * 360) / 360
    return st.paired(scores[0], scores[1], resolution=1 / 360).verdict in {"better", "worse"}


def same_scores(rng: Rng) -> bool:
    scores = rng.normal(0.96, 0.004, 5)
    return st.paired(scores, scores.copy()).verdict == "tie"


def beats(rng: Rng) -> Interval:
    return st.probability_of_improvement(rng.normal(0.5, 1, 20), rng.normal(-0.5, 1, 20)).interval


def beats_unpaired(rng: Rng) -> Interval:
    return st.probability_of_improvement_unpaired(rng.normal(0.5, 1, 8), rng.normal(-0.5, 1, 8)).interval


BEATS = float(stats.norm.cdf(1 / 2**0.5))


# A race of three; the first is the best, by `gap`, or equal to the others.
def best_is_lost(gap: float) -> Callable[[Rng], bool]:
    def trial(rng: Rng) -> bool:
        scores = accuracies(rng, [0.97, 0.97 - gap, 0.97 - gap], 10, 0.003)
        return "c0" not in st.race({name: list(s) for name, s in scores.items()}, margin=0.0).alive

    return trial


def loser_leaves_by_five(rng: Rng) -> bool:
    scores = accuracies(rng, [0.97, 0.95, 0.97], 5, 0.003)
    return "c1" not in st.race({name: list(s) for name, s in scores.items()}, planned=10).alive


def winner_covered(candidates: int, gap: float) -> Callable[[Rng], bool]:
    """The one that is named after a race of five seeds: the first is the best by a gap, or equal to the others."""

    def trial(rng: Rng) -> bool:
        means = {f"c{i}": 0.97 - (gap if i else 0.0) for i in range(candidates)}
        scores = {name: list(s) for name, s in accuracies(rng, list(means.values()), 5, 0.003).items()}
        first = st.race({name: s[:3] for name, s in scores.items()}, planned=5).alive
        state = st.race({name: s if name in first else s[:3] for name, s in scores.items()}, planned=5)
        return st.interval_of_best(scores[state.leader], candidates).contains(means[state.leader])

    return trial


def curve_holds(draw: Callable[[Rng], np.ndarray], truth: np.ndarray, sampler: str) -> Callable[[Rng], bool]:
    def trial(rng: Rng) -> bool:
        found = st.tuning_curve(draw(rng), sampler=sampler)
        return bool(np.all((np.array(found.low) <= truth + 1e-9) & (truth - 1e-9 <= np.array(found.high))))

    return trial


def mcnemar_alarm(kind: str) -> Callable[[Rng], bool]:
    return lambda rng: getattr(st.mcnemar(*both_models(rng, 2000)), kind) <= 0.05


def failures_alarm(rng: Rng) -> bool:
    """Trials that fail by chance alone."""
    params = [
        {"activation": str(rng.choice(["relu", "tanh", "sigmoid"])), "learning_rate": float(10 ** rng.uniform(-3, 0))}
        for _ in range(50)
    ]
    return bool(st.shared_by_failures(params, list(rng.random(50) < 0.2)))


def wilson_of(p: float, n: int) -> Callable[[Rng], Interval]:
    return lambda rng: st.wilson(int(rng.binomial(n, p)), n)


def newcombe_of(rng: Rng) -> Interval:
    return st.newcombe(int(rng.binomial(1000, 0.97)), 1000, int(rng.binomial(2000, 0.95)), 2000)


def from_means(shared: float) -> Callable[[Rng], Interval]:
    return lambda rng: st.seeds_and_examples_from_means(correct(rng, 5, 1000).mean(axis=1), 1000, shared=shared)


def from_means_and_others(rng: Rng) -> Interval:
    """Counted on 1,000 examples, where other 1,000 say how much the seeds share."""
    table = correct(rng, 5, 2000)
    shared = st.shared_part(table[:, 1000:])
    return st.seeds_and_examples_from_means(table[:, :1000].mean(axis=1), 1000, shared=max(0.0, shared))


CANDIDATES = correct(np.random.default_rng(2), 60, 600, spread=0.3)
HELD_OUT = 200


def flattered(rng: Rng, draws: int) -> Measured:
    """By how much the best of 20 of these candidates flatters itself."""
    return flattery(CANDIDATES, [20], held_out=HELD_OUT, draws=draws, seed=int(rng.integers(1 << 30))).rows[0]


def flattery_covered(rng: Rng, simulations: int) -> float:
    truth = flattered(rng, 20_000).mean
    found = [flattered(rng, 100) for _ in range(simulations // 4)]  # each draws a hundred times itself
    return float(np.mean([row.low <= truth <= row.high for row in found]))


def welch(rng: Rng) -> Interval:
    return st.unpaired(rng.normal(0.97, 0.002, 5), rng.normal(0.96, 0.005, 8)).interval


def t_of(seeds: int) -> Callable[[Rng], Interval]:
    return lambda rng: st.t_interval(rng.normal(0.97, 0.003, seeds))


def bootstrap_of(kind: str) -> Callable[[Rng], Interval]:
    """Of a mean loss: skewed as losses are."""

    def interval(rng: Rng) -> Interval:
        seed = int(rng.integers(1 << 30))
        return st.bootstrap_interval(rng.exponential(1, 200), kind=kind, resamples=999, seed=seed)

    return interval


def by_both(rng: Rng) -> Interval:
    return st.seeds_and_examples(correct(rng, 5, 1000))


def paired_t(rng: Rng) -> Interval:
    return st.paired(*accuracies(rng, [0.97, 0.96], 5, 0.004).values()).interval


def sign_flips(rng: Rng) -> Interval:
    return st.paired(rng.laplace(1, 1, 8), np.zeros(8), method="sign-flip").interval


COVERAGE = [
    ("Wilson", "accuracy 0.97, 5,000 examples", covers(wilson_of(0.97, 5000), 0.97)),
    ("Wilson", "accuracy 0.9, 360 examples", covers(wilson_of(0.9, 360), 0.9)),
    ("Student's t", "3 seeds", covers(t_of(3), 0.97)),
    ("Student's t", "5 seeds", covers(t_of(5), 0.97)),
    ("BCa bootstrap", "mean of a skewed loss, 200 examples", covers(bootstrap_of("bca"), 1.0)),
    ("percentile bootstrap", "mean of a skewed loss, 200 examples", covers(bootstrap_of("percentile"), 1.0)),
    ("seeds and examples", "5 seeds, 1,000 examples", covers(by_both, TRUE_ACCURACY)),
    ("the same from means", "shared part known", covers(from_means(shared_correctness()), TRUE_ACCURACY)),
    ("the same from means", "shared part from 1,000 others", covers(from_means_and_others, TRUE_ACCURACY)),
    ("difference over both", "5 seeds, 1,000 examples", covers(difference_by_both, true_difference_by_both())),
    ("Newcombe", "0.97 of 1,000 less 0.95 of 2,000", covers(newcombe_of, 0.02)),
    ("Newcombe, same examples", "1,000 examples, 3 % discordant", covers(pair_of_models, 0.01)),
    ("paired t", "5 seeds", covers(paired_t, 0.01)),
    ("paired t, Bonferroni", "5 seeds, 4 conditions: 6 pairs at once", rate(simultaneous)),
    ("sign flips", "8 seeds, Laplace", covers(sign_flips, 1.0)),
    ("Welch's t", "5 and 8 seeds, unequal spreads", covers(welch, 0.01)),
    ("probability of improvement", "20 shared seeds, truly 0.76", covers(beats, BEATS)),
    ("the same, unpaired", "8 and 8 seeds, truly 0.76", covers(beats_unpaired, BEATS)),
    ("the named winner", "3 candidates that are equal", rate(winner_covered(3, 0.0))),
    ("the named winner", "3 candidates, best by 0.2 points", rate(winner_covered(3, 0.002))),
    ("the named winner", "3 candidates, best by 2 points", rate(winner_covered(3, 0.02))),
    ("flattery, mean over draws", "60 candidates, 100 draws", flattery_covered),
    ("tuning curve's band", "random, 12 trials", rate(curve_holds(random_search(12), true_median(12), "random"))),
    ("tuning curve's band", "random, 32 trials", rate(curve_holds(random_search(32), true_median(32), "random"))),
    ("tuning curve's band", "random, 100 trials", rate(curve_holds(random_search(100), true_median(100), "random"))),
]
AT_LEAST = [
    ("accuracy from means", "5 seeds, 1,000 examples, shared part not known", covers(from_means(1.0), TRUE_ACCURACY)),
    ("the named winner", "5 candidates that are equal", rate(winner_covered(5, 0.0))),
    ("tuning curve's band", "Sobol, 32 trials", rate(curve_holds(quasi_random_search(32), true_median(32), "qmc"))),
    ("verdict, planted 2 points: found", "5 seeds, sd 0.3 points", verdicts("better", 0.02, 0.003, conditions=2)),
    ("verdict, planted 2 points: found", "5 seeds, sd 0.5 points", verdicts("better", 0.02, 0.005, conditions=2)),
    (
        "verdict, planted 2 points: found",
        "5 seeds, sd 0.3 points, 4 conditions",
        verdicts("better", 0.02, 0.003, conditions=4),
    ),
    ("race, 2 points behind: gone by 5 repeats", "3 candidates, sd 0.3 points", rate(loser_leaves_by_five)),
]
AT_MOST = [
    ("verdict, A/A: better or worse", "5 seeds, sd 0.3 points", verdicts("better worse", 0.0, 0.003, conditions=2)),
    (
        "verdict, A/A: better or worse",
        "5 seeds, sd 0.3 points, any pair of 4 conditions",
        verdicts("better worse", 0.0, 0.003, conditions=4),
    ),
    ("verdict, A/A: better or worse", "2 seeds, 360 examples", rate(coarse_alarm)),
    ("race, all equal: one of them lost", "3 candidates, 10 repeats", rate(best_is_lost(0.0))),
    ("race, best by 0.1 points: lost", "3 candidates, 10 repeats", rate(best_is_lost(0.001))),
    ("McNemar, exact", "equal models, 2,000 examples", rate(mcnemar_alarm("p_exact"))),
    ("McNemar, mid-p", "equal models, 2,000 examples", rate(mcnemar_alarm("p_mid"))),
    ("what failures share", "50 trials failing by chance", rate(failures_alarm)),
]
RATES = [
    ("verdict, same scores twice: tie", "5 seeds", rate(same_scores), 1.0, 1.0),
    ("verdict, A/A: tie", "5 seeds, sd 0.2 points", verdicts("tie", 0.0, 0.002, repeats=5), 0.6, 0.75),
    ("verdict, A/A: tie", "8 seeds, sd 0.3 points", verdicts("tie", 0.0, 0.003, repeats=8), 0.55, 0.7),
    (
        "verdict, planted 2 points: found",
        "5 seeds, sd 0.5 points, 4 conditions",
        verdicts("better", 0.02, 0.005, conditions=4),
        0.75,
        0.9,
    ),
]
CHECKS = (
    [Check(name, setting, "95 %", (0.93, 0.97), run) for name, setting, run in COVERAGE]
    + [Check(name, setting, "95 % or more", (0.95, 1.0), run) for name, setting, run in AT_LEAST]
    + [Check(name, setting, "5 % or less", (0.0, 0.05), run) for name, setting, run in AT_MOST]
    + [Check(name, setting, "", (low, high), run) for name, setting, run, low, high in RATES]
)


def main() -> None:
    simulations = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print("| method | setting | promise | simulated |\n| --- | --- | --- | --- |")
    for check in CHECKS:
        rate = 100 * check.kept(simulations)
        print(f"| {check.name} | {check.setting} | {check.promise} | {rate:.1f} % |", flush=True)


if __name__ == "__main__":
    main()
