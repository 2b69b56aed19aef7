"""A search of 20 trials beside scikit-learn's: the score on the same validation rows, and the time.

On five tables that scikit-learn carries, for each of five seeds (of the split, the weights and the search), in turn:
``sweeper.tune`` (its usual sampler and pruner, nobody confirmed), and RandomizedSearchCV over StandardScaler and
MLPClassifier or MLPRegressor, on the same training and validation rows, on two processes each. Both search the same
space as far as the second can (activation, one to three layers of 16 to 256 units, learning rate, L2; it has no
dropout), by plain gradient descent in batches of 100, for at most 5,000 steps (or STEPS); scikit-learn stops earlier
where its training loss no longer falls, sweeper where others are better. Both keep their processes from one search to
the next, and the first search of each is not counted: what a start takes stands in a line of its own.

    python benchmarks/against_sklearn.py [SEEDS] [STEPS] [TABLE ...]

Training is hardly any of the work on tables of this size. `made` is one where it is: 50,000 rows of 50 numbers, five
classes, two clusters each, by scikit-learn's `make_classification`; it is measured where it is asked for.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import PredefinedSplit, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sweeper
from sweeper.config.schema import Dataset, Validation
from sweeper.data import load

NAMES = ("wine", "breast_cancer", "iris", "digits", "diabetes")
MADE = "made"
TASKS = {"diabetes": "regression"}
TRIALS, BATCH = 20, 100

Found = tuple[float, float]
"""The best validation score (accuracy, or RMSE of a regression), and seconds."""


def main(seeds: int = 5, steps: int = 5000, tables: Sequence[str] = NAMES) -> None:
    """Print a line for each table."""
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for table in {"iris", *tables}:
            _frame(table).to_csv(folder / f"{table}.csv", index=False)
        starts = [search(folder, "iris", seeds, steps)[1] for search in (ours, theirs)]
        print(f"the first search, with what starts: sweeper {starts[0]:.1f} s, scikit-learn {starts[1]:.1f} s")
        print(f"{'table':14} {'sweeper':>8} {'sklearn':>8}  difference [95 % interval]  seconds  ratio")
        for table in tables:
            print(_line(table, *_measured(folder, table, seeds, steps)), flush=True)


def _frame(table: str) -> pd.DataFrame:
    if table != MADE:
        return getattr(datasets, f"load_{table}")(as_frame=True).frame
    features, labels = datasets.make_classification(50_000, 50, n_informative=20, n_classes=5, random_state=0)
    frame = pd.DataFrame(features.round(4), columns=[f"x{number}" for number in range(50)])
    return frame.assign(target=[f"class {label}" for label in labels])


def ours(folder: Path, table: str, seed: int, steps: int) -> Found:
    """What a search of sweeper comes to."""
    began = time.perf_counter()
    keys: dict[str, Any] = {"dataset.path": str(folder / f"{table}.csv"), "dataset.target": "target"}
    keys["dataset.task"] = TASKS.get(table, "auto")
    study = sweeper.tune(
        dataset="csv",
        trials=TRIALS,
        confirm=0,
        sampler_seed=seed,
        workers=2,
        runs=folder / "runs",
        progress=False,
        **keys,
        **{"validation.seed": seed, "seed": seed, "steps": steps},
    )
    return study.best.score, time.perf_counter() - began


def theirs(folder: Path, table: str, seed: int, steps: int) -> Found:
    """What a random search of scikit-learn comes to, on the rows that ``ours`` has."""
    split = load(
        Dataset("csv", path=str(folder / f"{table}.csv"), target="target", task=TASKS.get(table, "auto")),
        Validation(seed=seed),
    )
    features = np.concatenate([split.train, split.validation])
    labels = np.concatenate([split.train_labels, split.validation_labels])
    rows = PredefinedSplit(np.r_[np.full(len(split.train_labels), -1), np.zeros(len(split.validation_labels))])
    batch = min(BATCH, len(split.train_labels))
    epochs = math.ceil(steps / math.ceil(len(split.train_labels) / batch))
    kind = MLPRegressor if split.target else MLPClassifier
    network = kind(solver="sgd", momentum=0, nesterovs_momentum=False, batch_size=batch, max_iter=epochs)
    network.random_state = seed
    began = time.perf_counter()
    search = RandomizedSearchCV(
        _pipeline(network),
        _space(network, batch),
        n_iter=TRIALS,
        scoring="neg_root_mean_squared_error" if split.target else "accuracy",
        n_jobs=2,
        cv=rows,
        refit=False,
        random_state=seed,
    ).fit(features, labels)
    return abs(float(search.best_score_)), time.perf_counter() - began


class Layers:
    """Widths of one to three layers, each drawn on a log scale, as sweeper's usual space has them."""

    def rvs(self, random_state: np.random.RandomState) -> tuple[int, ...]:
        """One draw."""
        depth = random_state.randint(1, 4)
        return tuple(int(width) for width in np.exp(random_state.uniform(np.log(16), np.log(257), depth)))


def _pipeline(network: Any) -> Any:
    made = make_pipeline(StandardScaler(), network)
    return TransformedTargetRegressor(made, transformer=StandardScaler()) if _is_of_numbers(network) else made


def _space(network: Any, batch: int) -> dict[str, Any]:
    """Sweeper's usual space. Its penalty is L2 times the squares; scikit-learn halves it and divides by the batch."""
    searched = {
        "hidden_layer_sizes": Layers(),
        "activation": ["relu", "tanh", "logistic"],
        "learning_rate_init": stats.loguniform(0.01, 1),
        "alpha": stats.loguniform(2 * batch * 1e-6, 2 * batch * 1e-3),
    }
    prefix = "regressor__mlpregressor" if _is_of_numbers(network) else "mlpclassifier"
    return {f"{prefix}__{key}": values for key, values in searched.items()}


def _is_of_numbers(network: Any) -> bool:
    return isinstance(network, MLPRegressor)


def _measured(folder: Path, table: str, seeds: int, steps: int) -> tuple[list[Found], list[Found]]:
    """Both on each seed, in turn; who is first changes with the seed."""
    found: dict[str, list[Found]] = {"ours": [], "theirs": []}
    for seed in range(seeds):
        for search in (ours, theirs) if seed % 2 else (theirs, ours):
            found[search.__name__].append(search(folder, table, seed, steps))
            print(table, seed, search.__name__, *found[search.__name__][-1], file=sys.stderr, flush=True)
    return found["ours"], found["theirs"]


def _line(table: str, mine: list[Found], other: list[Found]) -> str:
    """Means, the paired difference (above 0: sweeper is better) with Student's interval, and the times' medians."""
    sign = -1 if table in TASKS else 1
    apart = [sign * (one[0] - two[0]) for one, two in zip(mine, other, strict=True)]
    half = float(stats.t.ppf(0.975, len(apart) - 1)) * float(np.std(apart, ddof=1)) / math.sqrt(len(apart))
    scores = [fmean(score for score, _ in each) for each in (mine, other)]
    took = [median(seconds for _, seconds in each) for each in (mine, other)]
    said = f"{fmean(apart):+.4f} [{fmean(apart) - half:+.4f}, {fmean(apart) + half:+.4f}]"
    return (
        f"{table:14} {scores[0]:8.4f} {scores[1]:8.4f}  {said}  {took[0]:.1f} {took[1]:.1f} s  {took[1] / took[0]:.2f}"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *([sys.argv[3:]] if sys.argv[3:] else []))
