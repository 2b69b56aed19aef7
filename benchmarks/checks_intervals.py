"""What intervals promise: accuracies, gaps, winners, tests, shares, flattery and tuning curves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from checks import Check, Rng, covering, covers, exactly, rarely, rate, shown
from scipy import stats
from worlds import (
    SEED,
    TRAIN,
    TRUE_ACCURACY,
    accuracies,
    both_models,
    chosen,
    correct,
    quasi_random_search,
    random_search,
    shared_correctness,
    train_and_correct,
    true_accuracy,
    true_difference_by_both,
    true_median,
    two_configurations,
    with_collapses,
)

from sweeper import statistics as st
from sweeper.questions.analyses.flattery import Measured, flattery
from sweeper.statistics.intervals import Interval

Both = Callable[[Rng, int], float]


def pair_of_models(rng: Rng) -> Interval:
    both, only_a, only_b, neither = (int(n) for n in rng.multinomial(1000, [0.95, 0.02, 0.01, 0.02]))
    return st.newcombe_paired(both, only_a, only_b, neither)


def difference_by_both(rng: Rng) -> Interval:
    return st.difference_over_seeds_and_examples(*two_configurations(rng))


def wilson_of(p: float, n: int) -> Callable[[Rng], Interval]:
    return lambda rng: st.wilson(int(rng.binomial(n, p)), n)


def t_of(seeds: int) -> Callable[[Rng], Interval]:
    return lambda rng: st.t_interval(rng.normal(0.97, 0.003, seeds))


def coarse(rng: Rng) -> Interval:
    """Three seeds on 288 examples whose accuracy hardly varies: often they are equal."""
    return st.t_interval(np.round(rng.normal(0.9712, 0.001, 3) * 288) / 288, examples=288)


def by_both(seeds: int, examples: int, spread: float = SEED, *, skewed: bool = False) -> Callable[[Rng, int], float]:
    """How often new seeds and examples together are covered."""
    truth = skewed_truth(spread) if skewed else true_accuracy(spread)
    made = lambda rng: st.seeds_and_examples(correct(rng, seeds, examples, spread, skewed=skewed))  # noqa: E731
    return covers(made, truth)


def by_seeds_alone(seeds: int, examples: int) -> Callable[[Rng, int], float]:
    """How often the interval over seeds alone holds what is true on new examples, which it does not say."""
    return covers(lambda rng: st.t_interval(correct(rng, seeds, examples).mean(axis=1)), TRUE_ACCURACY)


def skewed_truth(spread: float) -> float:
    rng = np.random.default_rng(4)
    seeds = -spread * (rng.exponential(1, 400_000) - 1)
    return float(stats.norm.cdf((2.0 + seeds) / (1.0**2 + 0.4**2) ** 0.5).mean())


def by_both_without_collapses(rng: Rng) -> Interval:
    """Two to ten seeds, of which some collapse: the interval is of those that did not."""
    table = correct(rng, 10, 1000)
    table[rng.random(10) < 0.1] = rng.random(1000) < 0.1
    scores = table.mean(axis=1)
    good = table[~st.collapsed({"": list(scores)})[""]]
    return st.seeds_and_examples(good)


def share_of_collapses(share: float, runs: int) -> Callable[[Rng], bool]:
    def trial(rng: Rng) -> bool:
        scores = with_collapses(rng, 0.97, 0.003, runs, share)
        return st.collapses(st.collapsed({"": list(scores)})[""]).share.contains(share)

    return trial


def from_means(shared: float) -> Callable[[Rng], Interval]:
    return lambda rng: st.seeds_and_examples_from_means(correct(rng, 5, 1000).mean(axis=1), 1000, shared=shared)


def from_means_and_others(rng: Rng) -> Interval:
    """Counted on 1,000 examples, where other 1,000 say how much the seeds share."""
    table = correct(rng, 5, 2000)
    shared = st.shared_part(table[:, 1000:])
    return st.seeds_and_examples_from_means(table[:, :1000].mean(axis=1), 1000, shared=max(0.0, shared))


def gap(seeds: int, examples: int) -> Callable[[Rng], Interval]:
    return lambda rng: st.gap_over_seeds_and_examples(*train_and_correct(rng, seeds, examples), 5000)


def gap_by_seeds_alone(rng: Rng) -> Interval:
    train, right = train_and_correct(rng, 10, 1000)
    return st.t_interval(train - right.mean(axis=1))


GAP = TRAIN - TRUE_ACCURACY


def winner(candidates: int, examples: int, seeds: int = 5, few: int = 3) -> Callable[[Rng], bool]:
    """The one that is named after a search, on new examples."""

    def trial(rng: Rng) -> bool:
        right, truth = chosen(rng, candidates, examples, seeds, few)
        return st.seeds_and_examples(right, candidates=candidates, chosen_on="validation").contains(truth)

    return trial


def winner_by_seeds_alone(rng: Rng) -> bool:
    right, truth = chosen(rng, 50, 1000)
    return st.interval_of_best(right.mean(axis=1), 3).contains(truth)


def winner_over_seeds(candidates: int, gap: float, seeds: int = 5) -> Callable[[Rng], bool]:
    """The one that is named after a race of so many seeds: the first is the best by a gap, or equal to the others."""

    def trial(rng: Rng) -> bool:
        means = {f"c{i}": 0.97 - (gap if i else 0.0) for i in range(candidates)}
        scores = {name: list(s) for name, s in accuracies(rng, list(means.values()), seeds, 0.003).items()}
        first = st.race({name: s[:3] for name, s in scores.items()}, planned=seeds).alive
        state = st.race({name: s if name in first else s[:3] for name, s in scores.items()}, planned=seeds)
        return st.interval_of_best(scores[state.leader], candidates).contains(means[state.leader])

    return trial


def skewed_winner_over_seeds(rng: Rng) -> bool:
    scores = 0.97 - 0.005 * (rng.exponential(1, (3, 5)) - 1)
    return st.interval_of_best(scores[scores.mean(axis=1).argmax()], 3).contains(0.97)


def beats(rng: Rng) -> Interval:
    return st.probability_of_improvement(rng.normal(0.5, 1, 20), rng.normal(-0.5, 1, 20)).interval


BEATS = float(stats.norm.cdf(1 / 2**0.5))

CANDIDATES = correct(np.random.default_rng(2), 60, 600, spread=0.3)
SKEWED = correct(np.random.default_rng(3), 200, 4000, spread=0.15, skewed=True)


def flattered(rng: Rng, draws: int) -> Measured:
    """By how much the best of 20 of these candidates flatters itself."""
    return flattery(CANDIDATES, [20], held_out=200, draws=draws, seed=int(rng.integers(1 << 30))).rows[0]


def flattery_covered(rng: Rng, simulations: int) -> float:
    truth = flattered(rng, 20_000).mean
    found = [flattered(rng, 100) for _ in range(simulations)]
    return float(np.mean([row.low <= truth <= row.high for row in found]))


def flattery_to_theory(rng: Rng, simulations: int) -> float:
    """What is measured as a share of what theory expects, with candidates whose spread is skewed to the left."""
    draws = min(2000, max(200, simulations))
    row = flattery(SKEWED, [50], held_out=1000, draws=draws, seed=int(rng.integers(1 << 30))).rows[0]
    return row.mean / row.theory


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


def curve(trials: int) -> Callable[[Rng, int], float]:
    return rate(curve_holds(random_search(trials), true_median(trials), "random"))


CHECKS: list[Check] = [
    exactly("Wilson", "accuracy 0.97, 5,000 examples", covers(wilson_of(0.97, 5000), 0.97)),
    exactly("Wilson", "accuracy 0.9, 360 examples", covers(wilson_of(0.9, 360), 0.9)),
    exactly("Student's t", "3 seeds", covers(t_of(3), 0.97)),
    exactly("Student's t", "5 seeds", covers(t_of(5), 0.97)),
    covering("Student's t", "3 seeds that are often equal, 288 examples", covers(coarse, 0.9712)),
    covering("accuracy", "10 seeds, 288 examples", by_both(10, 288), 0.5),
    covering("accuracy", "10 seeds, 5,000 examples", by_both(10, 5000), 0.1),
    covering("accuracy", "5 seeds, 1,000 examples", by_both(5, 1000), 0.5),
    covering("accuracy", "2 seeds, 1,000 examples", by_both(2, 1000), 0.5),
    covering("accuracy", "2 seeds with a spread of a point, 10,000 examples", by_both(2, 10_000, 0.15), 0.1),
    covering(
        "accuracy", "5 seeds skewed to the left by 0.3 points, 5,000 examples", by_both(5, 5000, skewed=True), 0.1
    ),
    covering(
        "accuracy of runs that do not collapse",
        "10 seeds, one in ten collapses",
        covers(by_both_without_collapses, TRUE_ACCURACY),
        0.5,
    ),
    covering("share of runs that collapse", "1 in 20, 10 runs", rate(share_of_collapses(0.05, 10))),
    covering("share of runs that collapse", "3 in 10, 5 runs", rate(share_of_collapses(0.3, 5))),
    covering("accuracy from means", "shared part known", covers(from_means(shared_correctness()), TRUE_ACCURACY), 0.5),
    covering("accuracy from means", "shared part from 1,000 others", covers(from_means_and_others, TRUE_ACCURACY), 0.3),
    covering("accuracy from means", "shared part not known", covers(from_means(1.0), TRUE_ACCURACY), 0.5),
    covering("generalisation gap", "10 seeds, 1,000 examples", covers(gap(10, 1000), GAP), 0.5),
    covering("generalisation gap", "2 seeds, 1,000 examples", covers(gap(2, 1000), GAP), 0.5),
    covering(
        "difference over both", "5 seeds, 1,000 examples", covers(difference_by_both, true_difference_by_both()), 0.5
    ),
    covering("winner of a search of 50", "3 confirmed by 5 seeds, 1,000 examples", rate(winner(50, 1000)), 0.05),
    covering("winner of a search of 50", "3 confirmed by 5 seeds, 288 examples", rate(winner(50, 288)), 0.1),
    covering("winner of a search of 50", "1 confirmed by 3 seeds, 1,000 examples", rate(winner(50, 1000, 3, 1)), 0.1),
    covering("winner of a search of 50", "2 confirmed by 3 seeds, 1,000 examples", rate(winner(50, 1000, 3, 2)), 0.1),
    covering("winner over seeds", "1 candidate, 3 seeds", rate(winner_over_seeds(1, 0.0, 3))),
    covering("winner over seeds", "2 candidates that are equal, 3 seeds", rate(winner_over_seeds(2, 0.0, 3))),
    covering("winner over seeds", "3 candidates, best by 0.2 points, 3 seeds", rate(winner_over_seeds(3, 0.002, 3))),
    covering("winner over seeds", "3 candidates that are equal", rate(winner_over_seeds(3, 0.0))),
    covering("winner over seeds", "3 candidates, best by 0.2 points", rate(winner_over_seeds(3, 0.002))),
    covering("winner over seeds", "3 candidates, best by 2 points", rate(winner_over_seeds(3, 0.02))),
    covering("winner over seeds", "5 candidates that are equal", rate(winner_over_seeds(5, 0.0))),
    exactly("Newcombe, same examples", "1,000 examples, 3 % discordant", covers(pair_of_models, 0.01)),
    exactly("probability of improvement", "20 shared seeds, truly 0.76", covers(beats, BEATS)),
    exactly("flattery, mean over draws of these candidates", "60 candidates, 100 draws", flattery_covered, 0.25),
    exactly("tuning curve's band", "random, 12 trials", curve(12)),
    exactly("tuning curve's band", "random, 32 trials", curve(32)),
    exactly("tuning curve's band", "random, 100 trials", curve(100)),
    covering(
        "tuning curve's band", "Sobol, 32 trials", rate(curve_holds(quasi_random_search(32), true_median(32), "qmc"))
    ),
    rarely("McNemar, exact", "equal models, 2,000 examples", rate(mcnemar_alarm("p_exact"))),
    rarely("McNemar, mid-p", "equal models, 2,000 examples", rate(mcnemar_alarm("p_mid"))),
    rarely("what failures share", "50 trials failing by chance", rate(failures_alarm)),
    shown(
        "accuracy",
        "5 seeds skewed to the left by a point, 5,000 examples",
        (0.8, 0.93),
        by_both(5, 5000, 0.15, skewed=True),
    ),
    shown("over seeds alone, read as on new examples", "10 seeds, 288 examples", (0.2, 0.9), by_seeds_alone(10, 288)),
    shown("over seeds alone, read as on new examples", "10 seeds, 5,000", (0.5, 0.9), by_seeds_alone(10, 5000)),
    shown("gap over seeds alone, read as on new examples", "10 seeds", (0.1, 0.8), covers(gap_by_seeds_alone, GAP)),
    shown("winner over seeds alone, read as on new examples", "search of 50", (0.4, 0.9), rate(winner_by_seeds_alone)),
    shown("winner over seeds alone", "3 candidates skewed to the left", (0.6, 0.93), rate(skewed_winner_over_seeds)),
    Check(
        "flattery measured, as a share of theory",
        "200 candidates skewed to the left",
        "",
        (0.85, 1.15),
        flattery_to_theory,
        0.2,
    ),
]
