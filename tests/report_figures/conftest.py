"""Realistic data for figures and reports: a study of 60 trials, learning curves of five seeds, comparisons."""

import math

import numpy as np
import pytest

from sweeper.report import figures
from sweeper.report.answer.answer import Answer, ConditionResult
from sweeper.report.documents.model import Figure, Table, TableColumn
from sweeper.report.facts import Dimension, Estimate, Line, Measure, Provenance, TrialRow
from sweeper.report.study.facts import Confirmed, Front, Opening, StudyFacts
from sweeper.statistics.cautions import Caution
from sweeper.statistics.failures import Shared
from sweeper.statistics.importance import Importance
from sweeper.statistics.intervals import Interval, t_interval
from sweeper.statistics.multiple import compare_all
from sweeper.statistics.tuning_curve import tuning_curve
from sweeper.trial import EpochReport, Scores

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
        started, long = (
            free[worker] + 0.03,
            rng.uniform(1.6, 2.4) * {"finished": 1, "pruned": 0.3, "failed": 0.15}[state],
        )
        free[worker] = started + long
        failure = "diverged: loss is not finite at step 300" if state == "failed" else ""
        trials.append(TrialRow(number, state, score, params, started, started + long, f"worker {worker}", failure))
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
    return Line(
        name, x.tolist(), y.tolist(), (y - 0.012 * x**-0.5).tolist(), np.minimum(y + 0.01 * x**-0.4, 0.985).tolist()
    )


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


def make_provenance():
    return Provenance(
        command="sweeper explore activation dataset=mnist steps=5000 repeats=6",
        dataset="mnist",
        digest="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        sizes={"train": 55000, "validation": 5000, "test": 10000},
        steps=5000,
        seeds=tuple(range(100, 106)),
        trials=78,
        seconds=412.3,
        versions={"sweeper": "0.1.0", "tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.6"},
        more={"Commit": "3ad72ca", "Host": "workstation, 2 cores"},
    )


def make_answer(name="activation", title="Which activation is best in the hidden layers?"):
    estimates = make_conditions()
    scores = {e.name: e.points for e in estimates}
    best = max(scores, key=lambda n: sum(scores[n]))
    verdicts = {v.a if v.b == best else v.b: v for v in compare_all(scores, baseline=best)}
    tuned = {"relu": 0.31, "tanh": 0.22, "gelu": 0.35, "sigmoid": 1.9, "softsign": 0.4, "linear": 0.08}
    rows = []
    for e in estimates:
        word = "best" if e.name == best else verdicts[e.name].verdict
        interval = t_interval(e.points)
        tune = {"learning_rate": tuned[e.name]}
        rows.append(ConditionResult(e.name, e.value, interval, e.points, tune, e.value + 0.012, 0.012, verdict=word))
    drawn = figures.conditions([row.estimate for row in rows], title=title)
    curves = {e.name: make_history(final=e.value, members=6, seed=i) for i, e in enumerate(estimates[:4])}
    pairs = tuple(verdicts.values())
    differences = [
        Estimate(f"{p.a} − {p.b}", p.difference, p.interval.low, p.interval.high, verdict=p.verdict) for p in pairs
    ]
    alt = "; ".join(f"{row.name} {100 * row.value:.2f}%" for row in rows)
    return Answer(
        name=name,
        title=title,
        asked="Experiment with the activation function of the hidden layers: ReLU, sigmoid, tanh and others.",
        sentences=(
            "gelu, tanh and relu are tied at 97.67%, 97.68% and 97.61% validation accuracy.",
            "sigmoid stays 0.79 points behind even at a learning rate tuned for it (1.9 against 0.3).",
            "A network without a nonlinearity reaches only 92.05%.",
        ),
        provenance=make_provenance(),
        conditions=rows,
        pairs=pairs,
        figures=(
            Figure(f"{name}-conditions", figures.png(drawn), "Each condition’s mean over six fresh seeds.", alt),
            Figure(
                f"{name}-differences",
                figures.png(figures.differences(differences, title="Differences, paired by seed")),
                "A bar that holds zero is no difference that these repeats can show.",
                "Differences with their intervals.",
            ),
            Figure(f"{name}-curves", figures.png(figures.learning_curves(curves)), "By step.", "Learning curves."),
        ),
        tables=(
            Table(
                "Steps until 95% validation accuracy",
                (TableColumn("Activation"), TableColumn("Steps", ",d", "right")),
                (("relu", 1650), ("tanh", 1650), ("sigmoid", None)),
            ),
        ),
        warnings=("The best learning rate for sigmoid (1.9) lies near the edge of its range (0.03 to 3).",),
        notes=("Pairs share seeds, split and batch order, so that chance favours neither.",),
    )


def make_study():
    trials = make_trials()
    scores = [t.score for t in trials if t.score is not None]
    leaders = sorted((t for t in trials if t.state == "finished"), key=lambda t: -t.score)[:3]
    rng = np.random.default_rng(5)
    standings = ("best", "tied with the best", "dropped after 3 seeds")
    confirmed = []
    for trial, standing in zip(leaders, standings, strict=True):
        points = tuple(map(float, trial.score - 0.002 + rng.normal(0, 0.001, 5 if standing != standings[2] else 3)))
        mean = float(np.mean(points))
        confirmed.append(
            Confirmed(trial.number, trial.score, mean, t_interval(points), points, standing, 41_290, trial.params)
        )
    found = [("learning_rate", 0.52), ("activation", 0.27), ("hidden", 0.12), ("dropout", 0.06), ("l2", 0.03)]
    return StudyFacts(
        name="activation-and-rate",
        trials=trials,
        dimensions=DIMENSIONS,
        provenance=make_provenance(),
        sampler="tpe (seed 0)",
        pruner="asha",
        named="Trials 17 and 22 are tied at 97.7% on fresh seeds; the smallest is trial 17 with 41,290 parameters.",
        confirmed=confirmed,
        importance=[Importance(n, v, max(0, v - 0.1), v + 0.1, 0.95, 0.5) for n, v in found],
        evaluator="fANOVA",
        curves={
            f"trial {t.number}": make_history(final=t.score, members=1, seed=t.number) for t in trials[:20] if t.score
        },
        tuning={
            "random search": tuning_curve(scores, sampler="random"),
            "this study (tpe)": tuning_curve(scores, sampler="tpe"),
        },
        shared=[Shared("learning_rate", "above 0.75", 1, 3, 20.0, 0.04)],
        cautions=[
            Caution(
                "edge",
                "the best trial lies on the edge of the space: learning_rate=0.98",
                "widen the range on that side",
            ),
            Caution(
                "validation-size", "5,000 validation examples cannot separate the leaders", "repeat with more seeds"
            ),
        ],
        front=Front(
            Measure("Parameters", percent=False, maximize=False),
            [
                ("[10]", 7960, 0.938, True),
                ("[50,30]", 41290, 0.973, True),
                ("[100,30]", 81840, 0.9795, True),
                ("x", 90000, 0.97, False),
            ],
        ),
        openings=[
            Opening("2026-11-24T10:00:00+00:00", "ada", "8f2c11", 0.9683, Interval(0.9647, 0.9716, 0.95, "Wilson")),
            Opening("2026-11-24T11:30:00+00:00", "ada", "1be004", 0.9741, Interval(0.9708, 0.977, 0.95, "Wilson")),
        ],
        commands={
            "Run the best again": "sweeper run learning_rate=0.25 activation=relu 'hidden=[100,30]' dropout=0.13"
        },
    )


@pytest.fixture(scope="session")
def answer():
    return make_answer()


@pytest.fixture(scope="session")
def study():
    return make_study()
