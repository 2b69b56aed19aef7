"""``sweeper tune --confirm``: the leaders on fresh seeds, as they are typed and shown."""

from __future__ import annotations

SEARCH = ("tune", "dataset=digits", "steps=9", "space=none", "learning_rate=0.1,0.2,0.3,0.4", "--sampler", "grid")


def test_the_leaders_run_again_and_one_is_named(world):
    document = world.typed(*SEARCH, "--confirm", "3", "--json").json
    confirmed = document["confirmed"]
    assert confirmed["winner"] == document["best"]["number"]
    assert confirmed["sentence"].startswith(f"Best: trial {confirmed['winner']}, ")
    assert len(confirmed["trials"]) == 3
    assert {"original", "value", "interval", "points", "standing", "parameters", "params"} <= set(
        confirmed["trials"][0]
    )
    parent = next(run for run in world.tracker.runs.values() if run.name == document["study"])
    assert parent.tags["confirmed"] == confirmed["sentence"]
    assert parent.metrics["confirmed_trial"] == confirmed["winner"]


def test_both_scores_stand_side_by_side(world):
    text = world.typed(*SEARCH).out
    assert "when chosen  fresh seeds" in text
    assert "Best: trial" in text


def test_it_can_be_left_out_and_asks_for_fewer(world):
    assert world.typed(*SEARCH, "--confirm", 0, "--json").json["confirmed"] is None
    assert len(world.typed(*SEARCH, "--confirm", 1, "--json").json["confirmed"]["trials"]) == 1


def test_the_same_command_again_trains_nothing_more(world):
    first = world.typed(*SEARCH, "--json").json
    runs = len(world.tracker.runs)
    again = world.typed(*SEARCH, "--json").json
    assert again["confirmed"] == first["confirmed"]
    assert len(world.tracker.runs) == runs


def test_bad_input_is_one_line(world):
    for count in ("-1", "11", "x"):
        typed = world.typed(*SEARCH, "--confirm", count, "--json")
        assert typed.code == 2
        assert "--confirm" in typed.error["message"] + typed.error["key"]
    assert world.files() == []


def test_more_seeds_are_asked_for_with_the_same_command(world):
    first = world.typed(*SEARCH, "--confirm", 3, "--json").json["confirmed"]
    again = world.typed(*SEARCH, "--confirm", 3, "--repeats", 8, "--json").json["confirmed"]
    assert (again["study"], again["winner"]) == (first["study"], first["winner"])
    assert again["trials"][0]["points"] == first["trials"][0]["points"]  # it is settled: nothing more is run
    for typed in (("--repeats", "2"), ("--repeats", "8", "--confirm", "0"), ("--repeats", "101")):
        done = world.typed(*SEARCH, *typed)
        assert done.code == 2
        assert "--repeats" in done.err
