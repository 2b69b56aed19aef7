"""``sweeper tune`` as it is typed."""

from __future__ import annotations

import os
import shlex
import signal

import pytest

from sweeper.config.compose import compose
from sweeper.trial import Failure, TrialResult

FEW = [
    "tune",
    "--confirm=0",
    "dataset=digits",
    "hidden=[10]",
    "l2=0",
    "--space",
    "small",
    "--sampler",
    "random",
    "--pruner",
    "none",
]


def test_the_document(world):
    document = world.typed(*FEW, "--trials", "4", "--json").json
    assert document["trials"] == {"requested": 4, "finished": 4, "pruned": 0, "failed": 0, "repeated": 0}
    assert document["study"].startswith("tune-digits-")
    assert document["dataset"]["name"] == "digits"
    assert document["workers"] == 1
    assert document["seconds"] > 0
    best = document["best"]
    assert set(best["params"]) == {"activation", "learning_rate"}
    expected = 1 - min(0.9, abs(best["params"]["learning_rate"] - 0.3))
    assert best["validation"]["accuracy"] == pytest.approx(expected)
    assert best == document["top"][0]
    assert [t["score"] for t in document["top"]] == sorted((t["score"] for t in document["top"]), reverse=True)


def test_the_same_command_again_does_nothing_more_and_a_larger_one_goes_on(world):
    first = world.typed(*FEW, "--trials", "3", "--json").json
    again = world.typed(*FEW, "--trials", "3", "--json").json
    more = world.typed(*FEW, "--trials", "5", "--json").json
    assert again["study"] == first["study"] == more["study"]
    assert again["top"] == first["top"]
    assert more["trials"]["finished"] == 5
    trials = [run for run in world.tracker.runs.values() if run.tags["kind"] == "trial"]
    assert len(trials) == 5


@pytest.mark.parametrize("other", [["--seed", "1"], ["steps=7"], ["--objective", "validation.loss"]])
def test_another_search_is_another_study(world, other):
    first = world.typed(*FEW, "--trials", "1", "--json").json
    assert world.typed(*FEW, "--trials", "1", *other, "--json").json["study"] != first["study"]


def test_a_complete_study_is_said_so_at_once_and_starts_no_worker(world):
    some = (*FEW, "--study", "s", "--confirm", "2")
    assert world.typed(*some, "--trials", "3").code == 0
    assert world.pools == 1
    again = world.typed(*some, "--trials", "3")
    assert again.code == 0
    assert again.err.startswith("the study s is complete: it has the 3 trials asked for")
    fewer = world.typed(*some, "--trials", "2")
    assert "3 finished: more than the 2 asked for, and nothing was left to run" in fewer.out
    assert "3 of 2" not in fewer.out + fewer.err
    assert world.pools == 1
    more = world.typed(*some, "--trials", "4")
    assert "is complete" not in more.err
    assert world.pools == 2


def test_what_is_said_at_the_end_can_be_typed(world):
    typed = world.typed(*FEW, "--trials", "12")
    lines = typed.out.splitlines()
    assert lines[0].startswith("Best: trial ")
    assert ["trial", "accuracy", "loss", "activation", "learning_rate"] in [line.split() for line in lines]
    commands = {lines[i - 1]: shlex.split(line) for i, line in enumerate(lines) if line.startswith("  sweeper ")}
    best = commands["run the best again:"]
    assert best[:2] == ["sweeper", "run"]
    top = world.typed(*FEW, "--trials", "12", "--json").json["best"]
    assert compose(best[2:]).learning_rate == top["params"]["learning_rate"]
    assert commands["open the UI:"] == ["sweeper", "ui"]
    assert "importance by PED-ANOVA" in typed.out


def test_that_a_run_would_stop_early_by_another_score_is_said(world):
    by_loss = ("--objective", "validation.loss", "--trials", "2")
    said = "(it stops early by validation.accuracy; reproduce does as the search did, by validation.loss)"
    assert said in " ".join(world.typed(*FEW, "stop_after=5", *by_loss).out.split())
    assert "stops early by" not in world.typed(*FEW, "stop_after=5", "--trials", "2").out
    assert "stops early by" not in world.typed(*FEW, "stop_after=0", *by_loss).out


def test_what_is_said_of_a_study_in_another_database_can_be_typed(world, monkeypatch):
    url = f"sqlite:///{world.folder}/away.db"
    asked = (*FEW, "--trials", "4", "--study", "far")
    said = world.typed(*asked, "--storage", url).out
    [report] = [shlex.split(line) for line in said.splitlines() if line.startswith("  sweeper report")]
    monkeypatch.setattr("sweeper.jobs.report.open_reader", lambda _: world.tracker.reader)
    assert world.typed(*report[1:]).code == 0
    assert world.typed(*asked, "--json").json["trials"]["finished"] == 4  # goes on there, with nothing left to do
    assert not (world.folder / "runs" / "studies" / "far.db").exists()
    refused = world.typed(*asked, "--storage", url.replace("away", "other"))
    assert refused.code == 2
    assert "is kept in" in refused.err


def test_progress_names_the_study_and_counts(world):
    lines = world.typed(*FEW, "--trials", "3").err.splitlines()
    assert any(line.startswith("study tune-digits-") for line in lines)
    assert lines[-1].startswith("3/3 trials")
    assert "dataset=digits" not in lines[-1]  # what all trials share tells nothing


def test_the_history_is_drawn_onto_the_studys_own_record(drawn, world):
    run_id = world.typed(*FEW, "--trials", "2", "--json").json["run_id"]
    assert [(path.name, folder) for path, folder in world.tracker.artifacts[run_id]] == [
        ("optimisation_history.png", "figures"),
        ("learning_curves.png", "figures"),
    ]


def fails(group, report, stopped):
    """Every trial diverges, each at another step."""
    steps = [100 + int(spec.key.rpartition("/")[2]) for spec in group]
    said = [Failure("diverged", f"the loss is nan at step {step}", step) for step in steps]
    return [TrialResult(spec.key, "failed", failure=why) for spec, why in zip(group, said, strict=True)]


RATES = ["space=none", "learning_rate=1e25,1e30,1e35,1e36", "--sampler", "grid", "-n", "4"]


def test_a_sweep_whose_every_trial_fails_has_failed_and_says_why_once(world):
    world.target = fails
    asked = ("tune", "dataset=digits", "--confirm=0", "--pruner", "none", *RATES, "--study", "far")
    typed = world.typed(*asked)
    assert typed.code == 1
    assert typed.out == ""
    line = typed.err.splitlines()[-1]
    assert line.startswith("error: no trial finished: 4 failed, all with diverged: the loss is nan at step 10")
    assert typed.err.count("the loss is nan") == 1
    assert "sweeper results far shows each" in line
    again = world.typed(*asked, "--json")
    assert (again.code, again.error["message"][:26]) == (1, "no trial finished: 4 faile")


def test_where_some_trials_finish_the_others_error_is_a_caution(world):
    learn = world.target

    def now_and_then(group, report, stopped):
        return [(learn if spec.key.endswith("0") else fails)([spec], report, stopped)[0] for spec in group]

    world.target = now_and_then
    document = world.typed("tune", "dataset=digits", "--confirm=0", "--pruner", "none", *RATES, "--json").json
    assert document["trials"]["finished"] == 1
    [caution] = [one for one in document["cautions"] if one["kind"] == "failures"]
    assert caution["message"].startswith("3 of 4 trials failed, all with diverged: the loss is nan")
    assert "share no value" not in caution["message"]


BAD = [
    (["--trials", "0"], "--trials", "--trials"),
    (["--sampler", "tpee"], "tpee", "--sampler"),
    (["--pruner", "often"], "often", "--pruner"),
    (["--sampler", "grid"], "continuous", "learning_rate"),
    (["--sampler", "gp"], "PyTorch", "sampler"),
    (["--space", "nowhere"], "nowhere", "space"),
    (["activation=relu", "learning_rate=0.1"], "nothing is left to search", "space"),
    (["learning_rate=interval(1,0.1)"], "learning_rate", "learning_rate"),
    (["activation=choice()"], "activation", "activation"),
    (["batch_size=2000"], "more than the 1150", "batch_size"),
    (["--study", "../outside"], "study", "study"),
    (["--workers", "0"], "--workers", "--workers"),
    (["--workers", "most"], "or max", "--workers"),
    (["--cluster", "moon"], "no address of a cluster", "--cluster"),
    (["--gpus-per-worker", "1"], "--cluster local", "--gpus-per-worker"),
    (["--cluster", "local", "--cpus-per-worker", "0"], "--cpus-per-worker", "--cpus-per-worker"),
    (["dropout=0,1"], "dropout", "dropout"),
    (["optimizer=sgdd"], "sgd", "optimizer"),
    (["+x=1"], "cannot be added", "x"),
]


@pytest.mark.parametrize(("arguments", "says", "key"), BAD, ids=[" ".join(arguments) for arguments, _, _ in BAD])
def test_bad_input_is_one_line_and_writes_nothing(world, arguments, says, key):
    typed = world.typed(*FEW, *arguments, "--json")
    assert typed.code == 2
    assert says in typed.error["message"] + typed.error["hint"]
    assert typed.error["key"] == key
    assert world.files() == []


def test_a_study_is_not_gone_on_with_in_another_space(world):
    world.typed(*FEW, "--trials", "1", "--study", "mine")
    before = world.files()
    typed = world.typed(*FEW, "--trials", "2", "--study", "mine", "dropout=0,0.5", "--json")
    assert typed.code == 2
    assert "another search space" in typed.error["message"]
    assert world.files() == before


def test_ctrl_c_is_exit_3_and_says_the_command_that_goes_on(world):
    calls = []

    def interrupted(group, report, stopped):
        calls.append(group)
        if len(calls) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return world.__class__.target(group, report, stopped)

    world.target = interrupted
    words = [*FEW, "--trials", "9"]
    typed = world.typed(*words)
    assert typed.code == 3
    assert typed.err.splitlines()[-1].endswith(f"(go on with: {shlex.join(['sweeper', *words])})")
    world.target = world.__class__.target
    assert world.typed(*words, "--json").json["trials"]["finished"] == 9


def test_the_same_failure_each_time_is_exit_1(world):
    def broken(*_):
        raise RuntimeError("no such file")

    world.target = broken
    typed = world.typed(*FEW, "--trials", "9", "--max-errors", "2", "--json")
    assert typed.code == 1
    assert "no such file" in typed.error["message"]


def test_many_hyperparameters_share_a_column_that_can_be_typed(world):
    lines = world.typed("tune", "dataset=digits", "steps=9", "--trials", "3", "--pruner", "none").out.splitlines()
    head = [line.split() for line in lines].index(["trial", "accuracy", "loss", "hyperparameters"])
    best = next(line for line in lines[head:] if line.startswith("*"))
    words = best.split()[4:]
    assert {word.partition("=")[0] for word in words} == {"hidden", "activation", "learning_rate", "dropout", "l2"}
    compose(words)


@pytest.mark.parametrize(("columns", "in_columns"), [("40", False), ("200", True)])
def test_hyperparameters_have_columns_where_there_is_room_for_them(world, monkeypatch, columns, in_columns):
    monkeypatch.setenv("COLUMNS", columns)
    lines = world.typed(*FEW, "--trials", "3").out.splitlines()
    heads = next(line.split() for line in lines if line.split()[:1] == ["trial"])
    assert ("hyperparameters" in heads) != in_columns
