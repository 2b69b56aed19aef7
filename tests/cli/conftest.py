"""Commands run in this process, with a worker that needs no TensorFlow and a record that is kept in memory."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from sweeper.cli.app import invoke
from sweeper.config.compose import compose
from sweeper.config.schema import Dataset, Validation
from sweeper.data import load
from sweeper.study.session import check_writable
from sweeper.tracking import RunRecord
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import EpochReport, Scores, StepReport, TrialResult, TrialSpec
from sweeper.workers.base import HERE
from sweeper.workers.inline import InlinePool
from tests.undrawn import leave_undrawn

SIZES = {"train": 1150, "validation": 288, "test": 359}


def scores(config, share=1.0):
    """Best at a learning rate of 0.3; each further member does a little worse."""
    best = (1.0 - min(0.9, abs(config["learning_rate"] - 0.3))) * share
    members = [best - 0.01 * member for member in range(config["repeats"])]
    return Scores(tuple(1.0 - value for value in members), tuple(members))


def learn(group, report, stopped):
    """Four steps, each a little better than the last."""
    finished = []
    for spec in group:
        for step in range(1, 5):
            now = scores(spec.config, step / 4)
            report(StepReport(spec.key, step, 4, now, 0.01 * step))
            report(EpochReport(spec.key, step, float(step), now, now, 0.1, 0.01 * step))
        finished.append(ended(spec, scores(spec.config), len(group)))
    return finished


def ended(spec, scored, group=1):
    return TrialResult(
        spec.key,
        "finished",
        steps=4,
        train=scored,
        validation=scored,
        seconds={"total": 0.2, "train": 0.1, "compile": 0.0},
        group=group,
        parameters=650,
        data={"name": "digits", "digest": spec.data_digest, "sizes": SIZES},
    )


class Typed:
    """What a command came to."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        """Standard output, which has to be one document."""
        return json.loads(self.out)

    @property
    def error(self):
        """The document of a failure."""
        return self.json["error"]


@pytest.fixture
def result():
    """Makes the result of a trial that finished with these scores."""
    return ended


@pytest.fixture
def drawn():
    """For tests of figures: those of ``world`` are drawn."""


@pytest.fixture
def world(request, monkeypatch, tmp_path, capfd):
    """A folder of its own, a worker, and a record."""
    if "drawn" not in request.fixturenames:
        leave_undrawn(monkeypatch)

    class World:
        target = staticmethod(learn)
        tracker = MemoryTracker()
        folder = tmp_path
        pools = 0

        def typed(self, *arguments):
            code = invoke([str(argument) for argument in arguments])
            return Typed(code, *capfd.readouterr())

        def files(self):
            return sorted(path.name for path in tmp_path.rglob("*"))

    world = World()
    world.tracker = MemoryTracker()

    @contextmanager
    def workers(runs, _size, *, at_once=True, cluster=None, **limits):
        check_writable(runs)
        world.limits = limits
        with CountedPool(world.target) as pool:
            if at_once:
                pool.start()
            yield pool

    class CountedPool(InlinePool):
        started = False

        def start(self):
            world.pools += not self.started
            self.started = True

        def submit(self, group, files=HERE):
            self.start()
            super().submit(group, files)

    for name in ("SWEEPER_RUNS", "SWEEPER_DATA", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    for job in ("run", "tune", "compare", "explore"):
        monkeypatch.setattr(f"sweeper.jobs.{job}.workers", workers)
    monkeypatch.setattr("sweeper.study.session.open_tracker", lambda _: world.tracker)
    return world


@pytest.fixture
def make_record():
    """Makes the record of a single run on digits whose members have these accuracies."""

    def record(activation, accuracies, **more):
        config = compose(["dataset=digits", f"activation={activation}", f"repeats={len(accuracies)}"]).to_dict() | more
        data = load(Dataset("digits"), Validation())
        scored = Scores((0.1,) * len(accuracies), tuple(accuracies))
        result = replace(ended(TrialSpec("run/x", config, data.digest), scored), data=data_facts(data))
        return RunRecord("run", config, ("dataset=digits",), (), result, 1.0, 2.0)

    return record


def data_facts(split):
    return {"name": split.name, "digest": split.digest, "sizes": split.sizes}
