"""Realistic data for figures and reports: a study of 60 trials, learning curves of five seeds, comparisons."""

import math

import numpy as np
import pytest

from sweeper.records import EpochReport, Scores
from sweeper.report.facts import Dimension, Estimate, Line, Trial

DIMENSIONS = (
    Dimension("learning_rate", 1e-3, 1.0, log=True),
    Dimension("activation", choices=("relu", "tanh", "sigmoid")),
    Dimension("hidden", choices=("[50]", "[100]", "[50,30]", "[100,30]")),
    Dimension("dropout", 0.0, 0.5),
    Dimension("l2", 1e-6, 1e-3, log=True),
)


def make_trials(count=60, seed=0):
    rng = np.random.default_rng(seed)
    trials, free = [], [0.0, 0.1]
    for number in range(count):
        params = {
            "learning_rate": float(10 ** rng.uniform(-3, 0)),
            "activation": str(rng.choice(["relu", "tanh", "sigmoid"])),
            "hidden": str(rng.choice(["[50]", "[100]", "[50,30]", "[100,30]"])),
            "dropout": float(rng.uniform(0, 0.5)),
            "l2": float(10 ** rng.uniform(-6, -3)),
        }
        distance = abs(math.log10(params["learning_rate"]) + 0.6)
        score = 0.979 - 0.014 * distance**2 - 0.02 * params["dropout"] - 8 * params["l2"]
        score += {"relu": 0.0, "tanh": -0.003, "sigmoid": -0.02 * (1 + distance)}[params["activation"]]
        score += {"[50]": -0.006, "[100]": 0.0, "[50,30]": -0.004, "[100,30]": 0.002}[params["hidden"]]
        score = float(np.clip(score + rng.normal(0, 0.0015), 0.1, 1))
        state = "finished"
        if params["learning_rate"] > 0.75 and params["activation"] == "relu":
            state, score = "failed", None
        elif number > 8 and score < 0.955:
            state, score = "pruned", score - 0.02
        worker = int(np.argmin(free))
        started, long = free[worker] + 0.03, rng.uniform(1.6, 2.4) * {"finished": 1, "pruned": 0.3, "failed": 0.15}[state]
        free[worker] = started + long
        failure = "diverged: loss is not finite at step 300" if state == "failed" else ""
        trials.append(Trial(number, state, score, params, started, started + long, f"worker {worker}", failure))
    return trials


def make_history(key="run", final=0.972, members=5, epochs=10, speed=1.0, overfit=0.012, seed=0):
    rng = np.random.default_rng(seed)
    drift = rng.normal(0, 0.0012, members)
    history = []
    for epoch in range(1, epochs + 1):
        learned = 1 - 0.9 * math.exp(-1.1 * speed * epoch**0.5)
        validation = np.clip(final * learned + 0.02 * (1 - learned) + drift + rng.normal(0, 0.0008, members), 0, 1)
        train = np.clip(validation + overfit * epoch / epochs - 0.004, 0, 0.9999)
        history.append(
            EpochReport(
                key,
                step=550 * epoch,
                epoch=float(epoch),
                train=Scores(tuple(3.2 * (1 - train)), tuple(train)),
                validation=Scores(tuple(3.4 * (1 - validation)), tuple(validation)),
                learning_rate=0.1,
                seconds=0.18 * epoch,
            )
        )
    return history


def make_conditions():
    rng = np.random.default_rng(3)
    means = {"relu": 0.9763, "tanh": 0.9768, "gelu": 0.9771, "sigmoid": 0.9684, "softsign": 0.9741, "linear": 0.9203}
    verdicts = ("tie", "tie", "best", "worse", "undecided", "worse")
    made = []
    for (name, mean), verdict in zip(means.items(), verdicts, strict=True):
        points = mean + rng.normal(0, 0.0011, 6)
        value = float(points.mean())
        made.append(Estimate(name, value, value - 0.0012, value + 0.0012, tuple(map(float, points)), verdict))
    return made


def make_tuning_curve(count=60, name="random search"):
    x = np.arange(1, count + 1)
    y = 0.979 - 0.03 * x**-0.8
    return Line(name, x.tolist(), y.tolist(), (y - 0.012 * x**-0.5).tolist(), np.minimum(y + 0.01 * x**-0.4, 0.985).tolist())


def make_images(count=20, seed=0):
    rng = np.random.default_rng(seed)
    grid = np.linspace(-1, 1, 28)
    across, up = np.meshgrid(grid, grid)
    turns = rng.uniform(0, np.pi, count)
    return np.array([np.exp(-60 * (np.cos(t) * across + np.sin(t) * up) ** 2) for t in turns], dtype=np.float32)


def make_confusion(classes=10, seed=0):
    rng = np.random.default_rng(seed)
    matrix = rng.poisson(2.2, (classes, classes))
    np.fill_diagonal(matrix, rng.integers(930, 1000, classes))
    matrix[4, 9], matrix[7, 2] = 21, 17
    return matrix


@pytest.fixture
def dimensions():
    return DIMENSIONS


@pytest.fixture
def trials():
    return make_trials()


@pytest.fixture
def curves():
    return {f"trial {n}": make_history(final=0.975 - 0.004 * n, seed=n) for n in range(4)}


@pytest.fixture
def conditions():
    return make_conditions()
