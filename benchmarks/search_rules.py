"""Rules of pruning compared in simulated searches: `python benchmarks/search_rules.py --searches 64`.

Learning curves of 74 configurations of the default space on full MNIST (curves.jsonl: validation accuracy at 17 marks;
48 were drawn evenly, 26 with two seeds are where TPE ends up) are fitted by Gaussian processes, one a mark, over the
logarithm of the error; what two seeds of a configuration differ by is the noise. TPE then searches this model, two
workers at a time, and each rule decides who goes on. (Hopeless ones were not trained to the end: `stopped` says after
how many steps, and from there on their curves are continued by a power of the steps.) Seconds are those of one quiet
core: what compiling took, and steps by the number of weights. Everything but the curves is simulated, so that a rule
costs a minute rather than hours.
"""

import argparse
import heapq
import json
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import optuna
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from sweeper.config.planning import plan_space
from sweeper.study.converters import distribution

MARKS = (50, 100, 150, 200, 300, 400, 550, 800, 1100, 1400, 1650, 2200, 2750, 3300, 3850, 4400, 5000)
STEPS, TRIALS, WORKERS = 5000, 50, 2
COSTS = (0.1, 1.5, 1.9)
"""Seconds to have a graph and to compile XLA's program, and how much slower the graph's steps are; see ``--costs``."""

REPEAT = 0.085
"""Spread of the logarithm of the final error over seeds."""


@dataclass
class Search:
    """What a rule may look at: by mark, scores in the order in which they came, and those of trials that finished."""

    seen: dict[int, list[float]]
    finished: list[tuple[float, dict[int, float], float]] = field(default_factory=list)


Rule = Callable[[Search, int, float], bool]


class Curves:
    """The fitted model of learning curves."""

    def __init__(self, path: Path) -> None:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        logs = [np.log(np.maximum(1e-4, 1 - np.array(row["accuracy"]))) for row in rows]
        features = np.array([described(row["values"]) for row in rows])
        self.noise = np.array([(pair[0] - pair[1]) / 2**0.5 for pair in logs if len(pair) == 2])
        self.models, kernel = [], None
        for number in range(len(MARKS)):
            values = np.array([one[:, number].mean() for one in logs])
            again = kernel is not None and number not in {6, len(MARKS) - 1}
            start = kernel if again else ConstantKernel() * RBF([2.0] * 10, (0.3, 30)) + WhiteKernel(0.02, (1e-3, 0.3))
            made = GaussianProcessRegressor(start, optimizer=None if again else "fmin_l_bfgs_b", normalize_y=True)
            kernel = made.fit(features, values).kernel_
            self.models.append(made)

    def mean(self, values: dict) -> np.ndarray:
        """The logarithm of the error at each mark."""
        return np.array([model.predict([described(values)])[0] for model in self.models])

    def drawn(self, mean: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The same with the luck of a seed."""
        luck = self.noise[random.integers(len(self.noise))] * random.choice([-1, 1])
        return np.minimum(mean + luck, math.log(0.9))


def described(values: dict) -> list[float]:
    """A configuration as numbers of similar sizes."""
    depth, kind = values["hidden.depth"], values["activation"]
    widths = [(math.log(values[f"hidden.{n}"]) - 4) / 1.4 if n < depth else 1.1 for n in range(3)]
    kinds = [1.5 * (kind == "relu"), 1.5 * (kind == "tanh"), 2.5 * (kind == "sigmoid")]
    rates = [(math.log(values["learning_rate"]) + 2.3) / 1.15, (values["dropout"] - 0.25) * 4]
    return [*widths, depth - 2, *kinds, *rates, (math.log(values["l2"]) + 10) / 3]


def weights(values: dict) -> int:
    """Trainable parameters."""
    widths = [784, *(values[f"hidden.{n}"] for n in range(values["hidden.depth"])), 10]
    return sum((a + 1) * b for a, b in pairwise(widths))


START = {
    "hidden.depth": 2,
    "activation": "relu",
    "hidden.0": 50,
    "hidden.1": 30,
    "learning_rate": 0.1,
    "dropout": 0.0,
    "l2": 1e-6,
}
"""The tutorial's configuration, as near as the space has it."""


def among(one_in: dict[int, int], *, latest: int = 0, hurdle: int = 0) -> Rule:
    """Go on if among the best of those that came to a mark, of the latest ones where that is given.

    From the mark `hurdle` on also only if ahead of where the best of two or more finished trials was.
    """

    def rule(search: Search, mark: int, score: float) -> bool:
        seen = search.seen[mark][-latest:] if latest else search.seen[mark]
        if score < sorted(seen, reverse=True)[max(0, len(seen) // one_in[mark] - 1)]:
            return False
        if not hurdle or mark < hurdle or len(search.finished) < 2:
            return True
        return score >= max(search.finished, key=lambda one: one[0])[1][mark]

    return rule


RUNGS = (186, 558, 1674)
THIRDS = dict.fromkeys(RUNGS, 3)


RULES: dict[str, tuple[tuple[int, ...], Rule, int, int, bool]] = {
    "ASHA, an epoch first, 12 asked ahead, XLA": (
        (550, 1100, 1650),
        among(dict.fromkeys((550, 1100, 1650), 3)),
        12,
        0,
        False,
    ),
    "ASHA at the rungs, 12 asked ahead, XLA": (RUNGS, among(THIRDS), 12, 0, False),
    "ASHA at the rungs": (RUNGS, among(THIRDS), 4, 700, False),
    "ASHA at the rungs, from the start": (RUNGS, among(THIRDS), 4, 700, True),
    "ASHA, hurdle at the last rung": (RUNGS, among(THIRDS, hurdle=1674), 4, 700, False),
    "ASHA, hurdle at the last rung, from the start": (RUNGS, among(THIRDS, hurdle=1674), 4, 700, True),
    "ASHA from the start, graphs": (RUNGS, among(THIRDS), 4, STEPS + 1, True),
    "ASHA, hurdle, from the start, graphs": (RUNGS, among(THIRDS, hurdle=1674), 4, STEPS + 1, True),
    "latest 12": (RUNGS, among(THIRDS, latest=12), 4, 700, False),
    "latest 12, hurdle at the last rung": (RUNGS, among(THIRDS, latest=12, hurdle=1674), 4, 700, False),
    "latest 12, half at first, hurdle half-way": (
        (*RUNGS, 2500),
        among({**THIRDS, 186: 2, 2500: 3}, latest=12, hurdle=2500),
        4,
        700,
        False,
    ),
}
"""Marks, rule, trials asked ahead, steps that are a graph's, and whether the first trial is START, by name."""


def simulate(curves: Curves, name: str, seed: int, costs: Sequence[float] = COSTS) -> tuple[float, float, int]:
    """One search: core-seconds, the true accuracy of the one that is named after a confirmation, trials finished."""
    marks, rule, ahead, graph, start = RULES[name]
    traced, compiled, slower = costs
    random, kinds = np.random.default_rng(seed), distributions()
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    if start:
        study.enqueue_trial(START)
    search = Search({mark: [] for mark in marks})
    waiting, events, free, asked, now, spent = [], [], WORKERS, 0, 0.0, 0.0
    while True:
        while asked < TRIALS and len(waiting) + len(events) < ahead:
            trial, asked = study.ask(), asked + 1
            values = suggested(trial, kinds)
            mean = curves.mean(values)
            waiting.append((trial, mean, curves.drawn(mean, random), weights(values), {}))
        while free and waiting:
            item, free = waiting.pop(0), free - 1
            took = (traced if graph else compiled) + steps_take(0, marks[0], item[3], graph, slower)
            heapq.heappush(events, (now + took, item[0].number, 0, item))
            spent += took
        if not events:
            break
        now, number, stage, item = heapq.heappop(events)
        trial, mean, curve, size, own = item
        if stage == len(marks):
            score = 1 - math.exp(curve[-1])
            study.tell(trial, score)
            search.finished.append((score, own, 1 - math.exp(mean[-1])))
            free += 1
            continue
        mark = marks[stage]
        own[mark] = 1 - math.exp(np.interp(math.log(mark), np.log(MARKS), curve))
        trial.report(own[mark], mark)
        search.seen[mark].append(own[mark])
        if rule(search, mark, own[mark]):
            end = (*marks, STEPS)[stage + 1]
            took = steps_take(mark, end, size, graph, slower) + (compiled if mark < graph <= end else 0.0)
            heapq.heappush(events, (now + took, number, stage + 1, item))
            spent += took
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            free += 1
    return spent, confirmed(search, random), len(search.finished)


def steps_take(start: int, stop: int, size: int, graph: int, slower: float) -> float:
    """Core-seconds of these steps of a network of so many weights."""
    return (stop - start) * (0.2e-3 + 2.8e-9 * size) * (slower if stop < graph else 1.0)


def confirmed(search: Search, random: np.random.Generator) -> float:
    """True accuracy of the best of two by three fresh seeds each."""
    best = sorted(search.finished, reverse=True, key=lambda one: one[0])[:2]
    again = [math.log(1 - truth) + random.normal(0, REPEAT / 3**0.5) for _, _, truth in best]
    return best[int(np.argmin(again))][2]


def distributions() -> dict:
    """Of the default space's dimensions."""
    return {name: distribution(domain) for name, domain in plan_space([]).dimensions.items()}


def suggested(trial: optuna.Trial, kinds: dict) -> dict:
    """A configuration, asked as a sweep does: layers only where they exist."""
    values = {name: trial._suggest(name, kinds[name]) for name in ("hidden.depth", "activation")}  # noqa: SLF001
    rest = [*(f"hidden.{n}" for n in range(values["hidden.depth"])), "learning_rate", "dropout", "l2"]
    return values | {name: trial._suggest(name, kinds[name]) for name in rest}  # noqa: SLF001


def main() -> None:
    """Simulate each rule and print a table; ± is one standard error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--searches", type=int, default=64)
    parser.add_argument("--rules", default="|".join(RULES))
    parser.add_argument("--costs", type=lambda text: [float(part) for part in text.split(",")], default=COSTS)
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", ConvergenceWarning)
    curves = Curves(Path(__file__).with_name("curves.jsonl"))
    print("| rule | core-seconds | finished | true accuracy of the one named | the worst |\n" + "| --- " * 5 + "|")
    for name in args.rules.split("|"):
        spent, truth, finished = np.array([simulate(curves, name, seed, args.costs) for seed in range(args.searches)]).T
        error = truth.std() / len(truth) ** 0.5
        found = f"{truth.mean():.2%} ± {error:.2%} | {truth.min():.2%}"
        print(f"| {name} | {spent.mean():.0f} | {finished.mean():.1f} | {found} |", flush=True)


if __name__ == "__main__":
    main()
