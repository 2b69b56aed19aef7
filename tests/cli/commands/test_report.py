"""``sweeper report`` as it is typed, and what ``sweeper tune`` says at its end."""

from __future__ import annotations

from pathlib import Path

SEARCH = ("tune", "dataset=digits", "steps=9", "space=none", "learning_rate=0.1,0.2,0.3,0.4", "activation=relu,tanh",
          "--sampler", "random", "--pruner", "none", "--study", "s", "--confirm", "2", "-n", "8")  # fmt: skip


def test_tune_ends_with_warnings_and_the_curve(world):
    document = world.typed(*SEARCH, "--json").json
    assert {"few-trials", "validation-size"} <= {one["kind"] for one in document["cautions"]}
    assert all(one["message"] and one["hint"] for one in document["cautions"])
    curve = document["tuning_curve"]
    assert curve["trials"] == list(range(1, 9))
    assert curve["valid"]
    assert curve["low"][0] < curve["median"][0] < curve["high"][0]
    text = world.typed(*SEARCH).out
    assert "! 4 random trials have a" in text  # the other four repeat configurations
    assert "sweeper report s" in text


def test_a_report_of_it(drawn, world):
    world.typed(*SEARCH)
    typed = world.typed("report", "s", "--json")
    assert typed.code == 0
    assert typed.json["named"].startswith("Best: trial ")
    assert Path(typed.json["report"]["html"]).exists()
    text = world.typed("report", "s").out
    assert "Report: " in text
    assert typed.json["named"] in text


def test_what_was_deleted_is_said_beside_it(world, monkeypatch):
    world.typed(*SEARCH)
    monkeypatch.setattr("sweeper.tracking.open_reader", lambda _: world.tracker.reader)
    world.tracker.runs[next(iter(world.tracker.runs))].deleted = True
    assert "was deleted by sweeper rm or in MLflow's pages" in world.typed("report", "s").err


def test_no_such_study_is_one_line(world):
    typed = world.typed("report", "s", "--json")
    assert typed.code == 2
    assert "there is no study 's'" in typed.error["message"]
    assert world.files() == []
