"""``sweeper reproduce`` with the real trainer: what was trained in groups comes out again to the last bit."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import cycle

import pytest

from sweeper.config.schema import DECAYS, INITS, OPTIMIZERS, Config, Dataset, Init, Validation
from sweeper.config.space import Float, Space
from sweeper.errors import InputError
from sweeper.jobs import reproduce as job
from sweeper.jobs.reproduce import reproduce
from sweeper.study.driver import tune
from sweeper.study.plan import Plan, Point
from sweeper.study.session import Session, read_data
from sweeper.tracking import open_reader
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.recorded import find_trial
from sweeper.trial import StepReport
from sweeper.workers.inline import InlinePool
from tests.old_runs import RUN, STUDY, unpack

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

BASE = Config(hidden=(7, 5), steps=24, log_every=10, dataset=Dataset("digits"), validation=Validation(300))
RUN_TIME = (
    {"dropout": 0.3, "l2": 1e-3},
    {"input_dropout": 0.2},
    {"l1": 1e-4, "repeats": 2},
    {"dropout": (0.0, 0.4), "input_dropout": 0.1},
    {},
)


LOSSES = ("cross_entropy", "full_cross_entropy", "mse", "categorical_hinge")
"""Those of classes."""


def drawn() -> list[Config]:
    """One configuration for each optimizer, with every loss, decay, initialisation and kind of dropout among them."""
    losses, decays, inits, own = map(cycle, (LOSSES, DECAYS.items(), INITS, RUN_TIME))
    shapes = cycle(({}, {"activation": "tanh", "output_activation": "tanh"}, {"batch_size": "full"}, {"batch_seed": 4}))
    found = []
    for number, (name, kind) in enumerate(OPTIMIZERS.items()):
        decay, make = next(decays)
        length = {"steps": None, "epochs": 1.5} if number % 4 == 1 else {}
        more = next(own) | next(shapes) | length
        found.append(
            replace(
                BASE,
                optimizer=kind(name=name),
                learning_rate=0.1 if name in {"sgd", "momentum", "nesterov"} else 0.01,
                loss=next(losses),
                lr_decay=make(name=decay),
                init=Init(next(inits)),
                seed=number,
                **more,
            )
        )
    return found


def companions(config: Config) -> list[Config]:
    """Others of the same structure, that are grouped with it."""
    return [
        replace(config, seed=90, dropout=0.2, l2=0.0, activation="gelu"),
        replace(config, seed=91, input_dropout=0.0, repeats=2),
    ]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    configs = [each for config in drawn() for each in (companions(config)[0], config, companions(config)[1])]
    points = [Point({"point": number}, (), config) for number, config in enumerate(configs)]
    plan = Plan("drawn", len(points), read_data(BASE).facts, points=points)
    with InlinePool() as pool, MlflowTracker(folder) as tracker:
        tune(plan, Session(folder, pool, tracker))
    return folder


@pytest.fixture(autouse=True)
def inline(monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "SWEEPER_DATA"):
        monkeypatch.delenv(name, raising=False)

    @contextmanager
    def workers(_runs, _size, *, threads=1, **_):
        with InlinePool() as pool:
            yield pool

    monkeypatch.setattr(job, "workers", workers)


def test_configurations_drawn_over_everything_come_out_identical(runs):
    assert len(drawn()) >= 10
    grouped = 0
    for number in range(len(drawn())):
        trial = 3 * number + 1
        result = find_trial(open_reader(runs), "drawn", trial).record.result
        assert result.status == "finished", result.failure
        grouped += result.place["members"] > 1 + (drawn()[number].repeats > 1)
        document = reproduce(f"drawn:{trial}", runs=runs)
        assert document["identical"], document
        assert document["compared"] == {
            "validations": len(find_trial(open_reader(runs), "drawn", trial).record.history)
        } | {
            "final": True,
            "weights": True,
        }
    assert grouped >= 5


def test_what_began_as_a_graph_comes_out_identical(tmp_path, monkeypatch):
    from sweeper.study import dispatch
    from sweeper.train import plan

    monkeypatch.setattr(plan, "XLA_FROM", 1)
    monkeypatch.setattr(dispatch, "LATE", 4)
    base = BASE.to_dict() | {"steps": 54, "log_every": 2}
    space = Space({"learning_rate": Float(0.001, 1.0, log=True), "dropout": Float(0.0, 0.5)}, base=base)
    plan = Plan("s", 7, read_data(BASE).facts, space=space, sampler="random", pruner="asha", group_limit=1)
    with InlinePool() as pool, MlflowTracker(tmp_path) as tracker:
        tune(plan, Session(tmp_path, pool, tracker))
    results = [find_trial(open_reader(tmp_path), "s", number).record.result for number in range(7)]
    kinds = {(str(one.status), one.place["jit"], bool(one.place.get("earlier"))) for one in results}
    assert {("finished", True, True), ("pruned", False, False)} <= kinds
    for number in range(7):
        said = []
        document = reproduce(f"s:{number}", runs=tmp_path, observe=said.append)
        assert document["identical"], document
        assert {report.steps for report in said if isinstance(report, StepReport)} == {results[number].steps}
        assert not [row for row in document["circumstances"] if row["what"] == "program"]


def test_all_kinds_were_drawn():
    assert {config.optimizer.name for config in drawn()} == set(OPTIMIZERS)
    assert {config.loss for config in drawn()} == set(LOSSES)
    assert {config.lr_decay.name for config in drawn()} == set(DECAYS)


def test_a_number_that_is_not_the_same_is_named(runs, tmp_path):
    import shutil

    copy = tmp_path / "runs"
    shutil.copytree(runs, copy)
    found = find_trial(open_reader(runs), "drawn", 1)
    step = found.record.history[0].step
    with closing(sqlite3.connect(copy / "mlflow.db")) as database, database:
        database.execute(
            "UPDATE metrics SET value = value + 1e-9"
            " WHERE run_uuid = ? AND key = 'curves/validation.loss' AND step = ?",
            (found.run_id, step),
        )
        database.execute(
            "UPDATE tags SET value = '0.0.9' WHERE run_uuid = ? AND key = 'mlflow.sweeper.version.sweeper'",
            (found.run_id,),
        )
    document = reproduce("drawn:1", runs=copy)
    assert not document["identical"]
    [row] = document["differences"]
    assert row["what"] == f"step {step} validation loss"
    assert document["largest"] == pytest.approx(1e-9, rel=1e-3)
    assert {"what": "version of sweeper", "recorded": "0.0.9", "now": "0.1.0"} in document["circumstances"]


def test_other_data_are_not_trained_on(runs, monkeypatch):
    facts = read_data(BASE).facts
    monkeypatch.setattr(job, "read_data", lambda *_: type("Data", (), {"facts": facts | {"digest": "f" * 64}}))
    document = reproduce("drawn:1", runs=runs)
    assert not document["identical"]
    assert document["circumstances"] == [{"what": "data", "recorded": facts["digest"], "now": "f" * 64}]
    assert document["compared"]["validations"] == 0
    assert "not trained again" in document["notes"][0]


def test_runs_from_before_there_was_a_schema_come_out_the_same_within_rounding(tmp_path):
    old = unpack(tmp_path)
    for called in (RUN, f"{STUDY}:0", f"{STUDY}:2"):
        document = reproduce(called, runs=old)
        assert document["largest"] < 1e-3, document
        assert document["compared"]["validations"] > 0
        assert not document["compared"]["weights"]


def test_what_has_no_numbers_is_refused(runs, tmp_path):
    with pytest.raises(InputError, match="has no trial 999"):
        reproduce("drawn:999", runs=runs)
    old = unpack(tmp_path)
    with closing(sqlite3.connect(old / "mlflow.db")) as database, database:
        database.execute("INSERT INTO tags VALUES ('interrupted', 'Ctrl-C', ?)", (RUN,))
    with pytest.raises(InputError, match="no numbers to compare with"):
        reproduce(RUN, runs=old)
