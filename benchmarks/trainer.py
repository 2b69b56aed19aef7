"""The trainer against Keras' fit and against its own matrix products: `python benchmarks/trainer.py`.

Prints member-steps a second, batch 100, features and classes of the default data set, one process of one thread:

* ours: through `train`, progress reported every 100 steps, between the first report and the last;
* floor: NumPy's sgemm on one core, the products of the same shapes that a step cannot do without (forward, gradient
  of the weights, gradient of what lies between the layers) and nothing else;
* fit: `keras.Model.fit` as it comes, with all the threads it likes, in a process of its own, second epoch on.

Ours and the floor are one thread each, and counted by the seconds that it had the processor, so that whatever else
the machine does is left out; fit, and ours beside it, by the clock. They take turns; each shows its best round.
"""

import argparse
import json
import multiprocessing
import os
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

# NumPy asks for its threads once, when it is imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from sweeper.config.schema import Adam, Config
from sweeper.data import load
from sweeper.trial import StepReport, TrialSpec

NETWORKS = ((50, 30), (100, 30), (500, 300), ())
BATCH = 100
KINDS = {
    "sgd": {},
    "sgd, dropout": {"dropout": 0.2},
    "adam": {"optimizer": Adam(), "learning_rate": 1e-3},
    "adam, dropout": {"optimizer": Adam(), "learning_rate": 1e-3, "dropout": 0.2},
}


@dataclass
class Row:
    """One line of the table: member-steps a second."""

    network: tuple[int, ...]
    kind: str
    members: int
    ours: float = 0.0
    ours_by_clock: float = 0.0
    floor: float = 0.0
    fit: float = 0.0

    def add(self, ours: tuple[float, float], floor: float, fit: float) -> None:
        """Keep the best of each."""
        self.ours, self.ours_by_clock = max(self.ours, ours[0]), max(self.ours_by_clock, ours[1])
        self.floor, self.fit = max(self.floor, floor), max(self.fit, fit)


def main() -> None:
    """Measure all, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--groups", default="4,16")
    parser.add_argument("--no-fit", action="store_true")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    ours, fit = Ours(), None if args.no_fit else Fit()
    rows = []
    for network in NETWORKS:
        floor = Floor((ours.features, *network, ours.classes))
        measured = [Row(network, kind, 1) for kind in KINDS if network or "dropout" not in kind]
        measured += [Row(network, "sgd", int(r)) for r in args.groups.split(",") if r]
        for row in measured:
            for _ in range(args.rounds):
                rate = fit(network, row.kind) if fit and row.members == 1 else 0.0
                row.add(ours(row), floor(), rate)
            print(line(row), flush=True)
        rows += measured
    if fit:
        fit.pipe.send(None)
    print(whole_run(ours))
    if args.out:
        args.out.write_text(json.dumps([vars(row) for row in rows]))


def line(row: Row) -> str:
    parts = f"{row.network!s:12} {row.kind:14} {row.members:3} members  ours {row.ours:7,.0f}/s"
    parts += f"  floor {row.floor:7,.0f}/s ({row.ours / row.floor:4.0%})"
    return parts + (
        f"  by the clock {row.ours_by_clock:7,.0f}/s, fit {row.fit:6,.0f}/s ({row.ours_by_clock / row.fit:.1f}x)"
        if row.fit
        else ""
    )


class Floor:
    """The matrix products of one step, by NumPy."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        random = np.random.default_rng(0)
        self.products = []
        for number, (below, above) in enumerate(pairwise(widths)):
            x, w, g = (random.random(s, np.float32) for s in ((BATCH, below), (below, above), (BATCH, above)))
            self.products += [(x, w), (x.T, g)] + ([(g, w.T)] if number else [])
        self.products = [(a, b, np.empty((len(a), b.shape[1]), np.float32)) for a, b in self.products]

    def __call__(self) -> float:
        """Steps a second."""
        steps, started = 0, time.process_time()
        while time.process_time() - started < 0.3:
            for a, b, out in self.products:
                np.matmul(a, b, out=out)
            steps += 1
        return steps / (time.process_time() - started)


class Ours:
    """The trainer, through its front door."""

    def __init__(self) -> None:
        from sweeper.train.loop import train
        from sweeper.train.quiet import threads

        threads(1)
        self.train = train
        config = Config()
        self.split = load(config.dataset, config.validation)
        self.features, self.classes = self.split.features, len(self.split.classes)
        print(f"{self.split.name}, {self.split.sizes['train']:,} training examples of {self.features} features")

    def __call__(self, row: Row) -> tuple[float, float]:
        """Member-steps a second of the processor, and by the clock."""
        # Long enough for the program that a long run gets; stopped after a second and three reports.
        config = replace(Config(hidden=row.network, repeats=row.members), steps=10**5, validate_every=10**5)
        spec = TrialSpec("benchmark", replace(config, **KINDS[row.kind]).to_dict())
        seen = []  # step, seconds of the processor, seconds

        def report(event: object) -> None:
            if isinstance(event, StepReport):
                seen.append((event.step, time.process_time(), event.seconds))

        self.train([spec], self.split, report, lambda: {"benchmark"} if len(seen) > 2 and seen[-1][2] > 1 else ())
        steps, busy, seconds = (after - before for before, after in zip(seen[0], seen[-1], strict=True))
        return steps * row.members / busy, steps * row.members / seconds


def whole_run(ours: Ours) -> str:
    """The default configuration from end to end, with a validation each epoch and the last judgement of all data."""
    spec = TrialSpec("benchmark", Config().to_dict())
    (result,) = min(
        (ours.train([spec], ours.split, lambda _: None, lambda: ()) for _ in range(2)),
        key=lambda results: results[0].seconds["train"],
    )
    seconds = result.seconds["train"]
    return f"the default run, validations and all: {seconds:.2f} s, {result.steps / seconds:,.0f} steps/s"


class Fit:
    """Keras' fit in a process with threads of its own choosing."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        context.Process(target=fit_forever, args=(theirs,), daemon=True).start()

    def __call__(self, network: tuple[int, ...], kind: str) -> float:
        """Steps a second."""
        self.pipe.send((network, kind))
        return self.pipe.recv()


def fit_forever(pipe: Connection) -> None:
    """Answer each network with steps a second, warm."""
    from sweeper.train.quiet import keras

    config = Config()
    split = load(config.dataset, config.validation)
    models = {}
    for network, kind in iter(pipe.recv, None):
        asked = (network, kind)
        if asked not in models:
            models = {asked: fit_model(keras, network, kind, split)}
            models[asked].fit(split.train, split.train_labels, batch_size=BATCH, epochs=1, verbose=0)
        started = time.perf_counter()
        models[asked].fit(split.train, split.train_labels, batch_size=BATCH, epochs=1, verbose=0)
        pipe.send(-(-len(split.train) // BATCH) / (time.perf_counter() - started))


def fit_model(keras, network, kind, split):
    layers = [keras.layers.Input((split.train.shape[1],))]
    for units in network:
        layers += [keras.layers.Dense(units, activation="relu")]
        layers += [keras.layers.Dropout(0.2)] if "dropout" in kind else []
    model = keras.Sequential([*layers, keras.layers.Dense(len(split.classes))])
    rule = keras.optimizers.Adam(1e-3) if "adam" in kind else keras.optimizers.SGD(0.1)
    model.compile(rule, keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


if __name__ == "__main__":
    main()
