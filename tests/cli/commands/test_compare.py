"""``sweeper compare`` as it is typed."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest

from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.trial import Scores
from tests.old_runs import unpack

KNOWN = ("dataset=digits validation.size=300 hidden=[6] steps=40", "old:0")


@pytest.fixture
def noisy(world, result):
    """Trainings that are better with tanh by two points, and vary by seed."""
    trained = []

    def train(group, report, stopped):
        trained.extend(spec.config["seed"] for spec in group)
        return [replace(result(spec, *scored(spec.config)), correct=(bits(spec.config),)) for spec in group]

    def scored(config):
        by_seed = np.random.default_rng(config["seed"]).normal() * 0.004
        mean = 0.9 + by_seed + (0.02 if config["activation"] == "tanh" else 0.0)
        return (Scores((1.0,), (mean,)),)

    def bits(config):
        right = np.random.default_rng(config["seed"]).random(288) < (0.92 if config["activation"] == "tanh" else 0.9)
        return base64.b64encode(np.packbits(right).tobytes()).decode()

    world.target = train
    world.trained = trained
    return world


def test_repeats_run_all_of_them_on_the_same_fresh_seeds(noisy):
    typed = noisy.typed("compare", "dataset=digits", "dataset=digits activation=tanh", "--repeats", 5, "--json")
    assert typed.code == 0
    document = typed.json
    [pair] = document["pairs"]
    assert (pair["a"], pair["b"], pair["verdict"]) == ("activation=relu", "activation=tanh", "worse")
    assert pair["difference"] == pytest.approx(-0.02)
    assert pair["interval"]["low"] < -0.02 < pair["interval"]["high"] < 0
    assert pair["probability_of_improvement"] == 0
    assert len(pair["models"]) == 5
    assert document["seeds"] == [1000, 1001, 1002, 1003, 1004]
    assert sorted(noisy.trained) == sorted(2 * document["seeds"])
    assert document["takes"] == ""
    assert [one["parameters"] for one in document["contenders"]] == [650, 650]


@pytest.mark.parametrize(
    ("others", "repeats", "heading"),
    [
        (["tanh"], 3, "  95% over seeds"),
        (["tanh", "elu"], 3, "  95% over seeds"),
        (["tanh", "elu"], 1, "  95% over examples"),  # of two models alone
    ],
)
def test_the_intervals_say_what_they_promise(noisy, others, repeats, heading):
    contenders = [f"dataset=digits activation={name}" for name in ("relu", *others)]
    out = noisy.typed("compare", *contenders, "--repeats", repeats).out
    assert out.partition("A less B")[2].split("\n")[0].startswith(heading)
    assert "differences  in percentage points" in out
    assert ("their intervals hold all together" in out) == (len(others) > 1 and repeats > 1)


def test_the_interval_of_the_verdict_is_seen_at_80_columns(noisy, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    contenders = [f"dataset=digits activation={name}" for name in ("relu", "tanh", "elu")]
    out = noisy.typed("compare", *contenders, "--repeats", 3).out
    assert "95% over seeds" in out.partition("not shown")[0]


def test_more_repeats_go_on_and_fewer_use_what_is_there(noisy):
    asked = ("compare", "dataset=digits", "dataset=digits activation=tanh", "--json", "--repeats")
    noisy.typed(*asked, 3)
    assert len(noisy.trained) == 6
    more = noisy.typed(*asked, 4).json
    assert len(noisy.trained) == 8
    fewer = noisy.typed(*asked, 2).json
    assert len(noisy.trained) == 8
    assert (len(more["seeds"]), len(fewer["seeds"])) == (4, 2)
    assert more["study"] == fewer["study"]


def test_identical_configurations_are_a_tie(noisy):
    [pair] = noisy.typed("compare", "dataset=digits", "dataset=digits activation=relu", "--repeats", 3, "--json").json[
        "pairs"
    ]
    assert (pair["verdict"], pair["difference"]) == ("tie", 0.0)


def test_the_text_says_who_is_better_and_how_sure_that_is(noisy):
    text = noisy.typed("compare", "dataset=digits", "dataset=digits activation=tanh", "--repeats", 5).out
    assert text.startswith("activation=relu is worse than activation=tanh: -2.00 percentage points")
    assert "report" in text
    assert (noisy.folder / "runs" / "reports").is_dir()


def test_recorded_runs_are_compared_by_the_seeds_that_they_share(world, make_record):
    with MlflowTracker(world.folder / "runs") as tracker:
        for activation, accuracy in (("relu", (0.9, 0.91, 0.92)), ("tanh", (0.95, 0.955, 0.971))):
            tracker.record(make_record(activation, accuracy))
    document = world.typed("compare", "dataset=digits", "dataset=digits activation=tanh", "--json").json
    [pair] = document["pairs"]
    assert (pair["seeds"], pair["verdict"]) == (3, "worse")
    assert pair["difference"] == pytest.approx(np.mean([0.9 - 0.95, 0.91 - 0.955, 0.92 - 0.971]))
    assert document["study"] is None
    assert document["seeds"] == [0, 1, 2]


def test_one_seed_of_old_runs_is_too_few_and_says_so(world):
    unpack(world.folder / "runs")
    document = world.typed("compare", "old", "old:0", "--json").json
    [pair] = document["pairs"]
    assert pair["verdict"] == "undecided"
    assert "--repeats 5" in document["takes"]
    assert "chosen among others" in document["warnings"][0]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["old"], "old alone cannot be compared"),
        (["old", "old"], "old:1 is named twice"),
        (["old", "nothing"], "no run 'nothing'"),
        (["old", "old:2"], "did not finish"),
        (["old", "dataset=digits"], "judged on different examples"),
        (["old", "dataset=digits validation.size=300 activation=selu"], "nothing is recorded of"),
        (["old", "activaton=tanh"], "activaton"),
        (["old", "dataset=digits 'oops"], "cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_one_line(world, names, message):
    unpack(world.folder / "runs")
    before = world.files()
    typed = world.typed("compare", *names, "--json")
    assert typed.code == 2
    assert message in typed.error["message"]
    assert world.files() == before


def test_asking_again_with_more_repeats_is_paid_for(noisy):
    asked = ("compare", "dataset=digits", "dataset=digits activation=tanh", "--json", "--repeats")
    assert noisy.typed(*asked, 3).json["pairs"][0]["analyses"] == [3]
    assert noisy.typed(*asked, 3).json["pairs"][0]["analyses"] == [3]  # nothing was added
    [pair] = noisy.typed(*asked, 5).json["pairs"]
    assert pair["analyses"] == [3, 5]
    assert pair["interval"]["over"] == "seeds"
    assert pair["over_seeds_and_examples"]["over"] == "seeds and examples"
    assert pair["unseen_collapses"] == pytest.approx(0.4507, abs=1e-4)
    fresh = noisy.typed("compare", "dataset=digits", "dataset=digits activation=elu", "--json", "--repeats", 5).json
    assert fresh["pairs"][0]["analyses"] == [5]
