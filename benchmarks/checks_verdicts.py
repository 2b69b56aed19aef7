"""What verdicts promise: whatever the repeats, the conditions, the collapses, the searches and the analyses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from checks import Check, Rng, covering, covers, exactly, rarely, rate, shown
from worlds import accuracies, tuned, with_collapses

from sweeper import statistics as st
from sweeper.statistics.intervals import Interval

DECIDED = {"better", "worse"}
EXAMPLES = 1 / 5000


def paired_t(rng: Rng) -> Interval:
    return st.paired(*accuracies(rng, [0.97, 0.96], 5, 0.004).values()).interval


def simultaneous(rng: Rng) -> bool:
    means = [0.97, 0.968, 0.96, 0.95]
    found = st.compare_all(accuracies(rng, means, 5, 0.004))
    truths = [means[int(v.a[1:])] - means[int(v.b[1:])] for v in found]
    return all(v.interval.contains(truth) for v, truth in zip(found, truths, strict=True))


def at_every_analysis(rng: Rng) -> bool:
    """Whether none of the intervals at 5, 10 and 20 repeats misses."""
    a, b = rng.normal(0.97, 0.004, (2, 20))
    steps = (5, 10, 20)
    found = [st.paired(a[:n], b[:n], analyses=steps[: i + 1]).interval for i, n in enumerate(steps)]
    return all(interval.contains(0.0) for interval in found)


def verdicts(wanted: str, gap: float, sd: float, repeats: int = 5, conditions: int = 2) -> Callable[[Rng, int], float]:
    """How often a verdict is among those wanted: of the first pair where it differs by a gap, of any pair if none."""

    def trial(rng: Rng) -> bool:
        scores = accuracies(rng, [0.96 + gap] + [0.96] * (conditions - 1), repeats, sd)
        pairs = st.compare_all(scores, analyses=(repeats,))
        return any(pair.verdict in wanted.split() for pair in pairs[: 1 if gap else None])

    return rate(trial)


def coarse_alarm(rng: Rng) -> bool:
    """Two repeats on 360 examples: differences are often exactly the same for both seeds."""
    scores = np.round(rng.normal(0.97, 0.004, (2, 2)) * 360) / 360
    return st.paired(scores[0], scores[1], resolution=1 / 360).verdict in DECIDED


def same_configuration(rng: Rng) -> bool:
    scores = rng.normal(0.96, 0.004, 5)
    return st.paired(scores, scores.copy(), identical=True).verdict == "tie"


def lost_digits(conditions: int, repeats: int) -> Callable[[Rng, int], float]:
    """Equal conditions of which every run loses a digit in three cases of ten."""

    def trial(rng: Rng) -> bool:
        scores = {f"c{i}": list(with_collapses(rng, 0.97, 0.002, repeats, 0.3, 0.1)) for i in range(conditions)}
        return any(v.verdict in DECIDED for v in st.compare_all(scores, resolution=EXAMPLES, analyses=(repeats,)))

    return rate(trial)


def one_collapses(wanted: set[str], repeats: int, sound: float = 0.0) -> Callable[[Rng, int], float]:
    """How often a verdict is among those wanted where one run in twenty of B alone collapses.

    The good runs of B are better by `sound`.
    """

    def trial(rng: Rng) -> bool:
        a, b = rng.normal(0.97 - sound, 0.002, repeats), with_collapses(rng, 0.97, 0.002, repeats, 0.05)
        return st.paired(a, b, resolution=EXAMPLES, analyses=(repeats,)).verdict in wanted

    return rate(trial)


def following(draw: Callable[[Rng, int], np.ndarray], plan: str) -> Callable[[Rng], bool]:
    """Two equal configurations, with as many repeats as each answer asks for, until it is settled: better or worse."""

    def trial(rng: Rng) -> bool:
        scores, steps = [draw(rng, 5), draw(rng, 5)], (5,)
        for _ in range(8):
            found = st.paired(*scores, analyses=steps, resolution=EXAMPLES)
            more = getattr(found, plan)
            if found.verdict != "undecided" or more is None:
                return found.verdict in DECIDED
            scores = [np.append(each, draw(rng, more - each.size)) for each in scores]
            steps = (*steps, more)
        return False

    return trial


def settles(plan: str, sd: float, gap: float) -> Callable[[Rng, int], float]:
    """How often the number that is named settles what was undecided after five repeats."""

    def trial(rng: Rng) -> bool | None:
        a, b = rng.normal(0.97 + gap, sd, 5), rng.normal(0.97, sd, 5)
        more = getattr(st.paired(a, b, analyses=(5,)), plan)
        if more is None:
            return None
        a, b = np.append(a, rng.normal(0.97 + gap, sd, more - 5)), np.append(b, rng.normal(0.97, sd, more - 5))
        return st.paired(a, b, analyses=(5, more)).verdict != "undecided"

    def run(rng: Rng, simulations: int) -> float:
        found = [trial(rng) for _ in range(simulations)]
        return float(np.mean([each for each in found if each is not None]))

    return run


def at_its_best(draws: int, members: int, sd: float, apart: float = 0.0) -> Callable[[Rng, int], float]:
    """Two conditions whose best values are equally good, each at what its search found: better or worse."""

    def trial(rng: Rng) -> bool:
        (a, b), luck = tuned(rng, draws, members, 10, sd, apart)
        return st.paired(a, b, analyses=(10,), luck=float(np.hypot(*luck))).verdict in DECIDED

    return rate(trial)


# A race of three; the first is the best, by `gap`, or equal to the others.
def best_is_lost(gap: float) -> Callable[[Rng], bool]:
    def trial(rng: Rng) -> bool:
        scores = accuracies(rng, [0.97, 0.97 - gap, 0.97 - gap], 10, 0.003)
        return "c0" not in st.race({name: list(s) for name, s in scores.items()}, margin=0.0).alive

    return trial


def loser_leaves_by_five(rng: Rng) -> bool:
    scores = accuracies(rng, [0.97, 0.95, 0.97], 5, 0.003)
    return "c1" not in st.race({name: list(s) for name, s in scores.items()}, planned=10).alive


def false_winner(candidates: int, seeds: int) -> Callable[[Rng], bool]:
    """A confirmation's race and ranking together, of equal candidates: one is called the best of them."""

    def trial(rng: Rng) -> bool:
        scores = {name: list(s) for name, s in accuracies(rng, [0.97] * candidates, seeds, 0.003).items()}
        state = st.race(scores, planned=seeds, level=0.975)
        left = {name: scores[name] for name in state.alive}
        if len(left) < 2:
            return True
        found = st.rank(left, level=0.975)
        return not (found.tied or found.undecided)

    return trial


def normal(sd: float) -> Callable[[Rng, int], np.ndarray]:
    return lambda rng, n: rng.normal(0.97, sd, n)


def skewed(rng: Rng, n: int) -> np.ndarray:
    return 0.97 - 0.004 * rng.exponential(1, n)


def _many(
    name: str, made: Callable[..., Check], rows: Sequence[tuple[str, Callable[[Rng, int], float]]]
) -> list[Check]:
    return [made(name, setting, run, 0.2) for setting, run in rows]


AA = "equal configurations: better or worse"
FOUND = "2 points apart: found"

CHECKS: list[Check] = [
    exactly("paired t", "5 seeds", covers(paired_t, 0.01)),
    covering("paired t, Bonferroni", "5 seeds, 4 conditions: 6 pairs at once", rate(simultaneous), 0.5),
    covering("paired t at three analyses", "5, 10 and 20 repeats", rate(at_every_analysis), 0.5),
    *_many(
        AA,
        rarely,
        [
            ("5 seeds, sd 0.3 points", verdicts("better worse", 0.0, 0.003)),
            ("5 seeds, sd 0.3 points, any pair of 4 conditions", verdicts("better worse", 0.0, 0.003, conditions=4)),
            ("2 seeds, 360 examples", rate(coarse_alarm)),
            ("as many repeats as are asked for, sd 0.3 points", rate(following(normal(0.003), "repeats_needed"))),
            ("as many repeats as are asked for, sd 0.6 points", rate(following(normal(0.006), "repeats_needed"))),
            ("as many as usually settle it, sd 0.6 points", rate(following(normal(0.006), "repeats_likely"))),
            ("as many repeats as are asked for, skewed", rate(following(skewed, "repeats_needed"))),
            ("3 seeds, a digit lost in 30 %, 2 conditions", lost_digits(2, 3)),
            ("3 seeds, a digit lost in 30 %, 4 conditions", lost_digits(4, 3)),
            ("3 seeds, a digit lost in 30 %, 10 conditions", lost_digits(10, 3)),
            ("10 seeds, a digit lost in 30 %, 4 conditions", lost_digits(4, 10)),
            ("5 seeds, B alone collapses in 5 %, runs that train are equal", one_collapses(DECIDED, 5)),
            ("10 seeds, B alone collapses in 5 %, runs that train are equal", one_collapses(DECIDED, 10)),
            ("each at its own best: 15 draws of 5 seeds, one curve", at_its_best(15, 5, 0.003)),
            ("each at its own best: 8 draws of 5 seeds, one curve", at_its_best(8, 5, 0.003)),
            ("each at its own best: 15 draws of 1 seed, one curve", at_its_best(15, 1, 0.003)),
            ("each at its own best: 15 draws, curves 2 times apart", at_its_best(15, 5, 0.002, 0.3)),
        ],
    ),
    *_many(
        "race",
        rarely,
        [
            ("3 equal candidates, 10 repeats: one of them lost", rate(best_is_lost(0.0))),
            ("3 candidates, best by 0.1 points, 10 repeats: lost", rate(best_is_lost(0.001))),
        ],
    ),
    rarely("confirmation", "3 equal candidates: one is the best of them", rate(false_winner(3, 5)), 0.5),
    rarely("confirmation", "2 equal candidates, 3 seeds: one is the best", rate(false_winner(2, 3)), 0.5),
    rarely("confirmation", "3 equal candidates, 3 seeds: one is the best", rate(false_winner(3, 3)), 0.5),
    Check(FOUND, "5 seeds, sd 0.3 points", "95 % or more", (0.95, 1.0), verdicts("better", 0.02, 0.003), 0.2),
    Check(FOUND, "5 seeds, sd 0.5 points", "95 % or more", (0.95, 1.0), verdicts("better", 0.02, 0.005), 0.2),
    Check(
        "race, 2 points behind: gone by 5 repeats",
        "3 candidates, sd 0.3 points",
        "95 % or more",
        (0.95, 1.0),
        rate(loser_leaves_by_five),
        0.2,
    ),
    shown(FOUND, "5 seeds, sd 0.3 points, 4 conditions", (0.93, 1.0), verdicts("better", 0.02, 0.003, conditions=4)),
    shown(FOUND, "5 seeds, sd 0.5 points, 4 conditions", (0.5, 0.85), verdicts("better", 0.02, 0.005, conditions=4)),
    Check("one configuration under two names: tie", "5 seeds", "100 %", (1.0, 1.0), rate(same_configuration), 0.1),
    shown("equal configurations: tie", "5 seeds, sd 0.2 points", (0.35, 0.6), verdicts("tie", 0.0, 0.002)),
    shown("equal configurations: tie", "8 seeds, sd 0.3 points", (0.3, 0.55), verdicts("tie", 0.0, 0.003, repeats=8)),
    shown(
        "the even chance of the repeats named",
        "sd 0.5 points, no difference",
        (0.45, 0.7),
        settles("repeats_needed", 0.005, 0.0),
    ),
    shown(
        "the even chance of the repeats named",
        "sd 0.5 points, 0.3 apart",
        (0.4, 0.65),
        settles("repeats_needed", 0.005, 0.003),
    ),
    shown(
        "repeats that usually settle it",
        "sd 0.5 points, no difference",
        (0.8, 1.0),
        settles("repeats_likely", 0.005, 0.0),
    ),
    shown(
        "repeats that usually settle it",
        "sd 0.5 points, 0.3 apart",
        (0.65, 0.9),
        settles("repeats_likely", 0.005, 0.003),
    ),
    shown("one run in 20 of B collapses, the others are equal: tie", "5 seeds", (0.25, 0.5), one_collapses({"tie"}, 5)),
    shown(
        "one run in 20 of B collapses, the others are equal: tie", "10 seeds", (0.45, 0.7), one_collapses({"tie"}, 10)
    ),
    shown(
        "equal means, B collapses in 5 % and is else 4.3 points better: worse",
        "5 seeds",
        (0.6, 0.9),
        one_collapses({"worse"}, 5, 0.043),
    ),
    shown(
        "equal means, B collapses in 5 % and is else 4.3 points better: worse",
        "10 seeds",
        (0.45, 0.75),
        one_collapses({"worse"}, 10, 0.043),
    ),
    shown(
        "each at its own best: better or worse",
        "8 draws, curves 2 times apart",
        (0.0, 0.09),
        at_its_best(8, 5, 0.002, 0.3),
    ),
]
