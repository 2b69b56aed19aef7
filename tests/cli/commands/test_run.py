"""``sweeper run`` as it is typed."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from sweeper.statistics import seeds_and_examples_from_means, t_interval, wilson
from sweeper.trial import Failure, Scores, TrialResult


def test_one_line_for_each_part_and_where_it_went(world):
    typed = world.typed("run", "dataset=digits")
    lines = typed.out.splitlines()
    assert typed.code == 0
    assert lines[0].split() == ["loss", "accuracy", "95%", "interval"]
    assert lines[1].split() == ["train", "0.2000", "0.8000"]
    low, high = wilson(230, 288).low, wilson(230, 288).high
    assert lines[2].split()[:6] == ["validation", "0.2000", "0.8000", f"{low:.4f}", "to", f"{high:.4f}"]
    [run_id] = world.tracker.runs
    assert run_id in typed.out
    assert not any(len(line) > 80 for line in lines)


def test_the_document(world):
    document = world.typed("run", "dataset=digits", "activation=tanh", "hidden=[100,30]", "--json").json
    assert document["config"]["activation"] == "tanh"
    assert document["config"]["hidden"] == [100, 30]
    assert document["run_id"] in world.tracker.runs
    assert document["dataset"]["name"] == "digits"
    assert document["dataset"]["sizes"] == {"train": 1150, "validation": 288, "test": 359}
    assert document["steps"] == 4
    assert document["seconds"]["total"] > 0
    assert document["seconds"]["train"] == 0.1
    assert document["train"]["accuracy"] == pytest.approx(0.8)
    assert document["validation"]["accuracy"] == pytest.approx(0.8)
    assert document["validation"]["method"] == "Wilson"
    assert document["test"] is None


def test_repeats_give_intervals_over_seeds_and_examples_and_over_seeds_alone(world):
    typed = world.typed("run", "dataset=digits", "repeats=4", "--json")
    part = typed.json["validation"]
    assert part["per_seed"] == pytest.approx([0.8, 0.79, 0.78, 0.77])
    narrow = t_interval([0.8, 0.79, 0.78, 0.77])
    assert part["over_seeds"] == pytest.approx([narrow.low, narrow.high])
    both = seeds_and_examples_from_means([0.8, 0.79, 0.78, 0.77], 288)
    assert part["interval"] == pytest.approx([both.low, both.high])
    assert (part["over"], part["examples"], part["chosen_on"]) == ("seeds and examples", 288, None)
    assert part["accuracy"] == pytest.approx(0.785)
    assert part["collapses"]["seen"] == 0
    shown = world.typed("run", "dataset=digits", "repeats=4").out
    assert "over seeds and validation examples (288)" in shown
    assert "4 good runs do not exclude that up to 53% of runs collapse" in shown
    assert not any(len(line) > 80 for line in shown.splitlines())
    assert "0 to 3" in world.typed("run", "dataset=digits", "repeats=4").out


@pytest.mark.parametrize(("steps", "said"), [([3, 3], "at step 3:"), ([2, 4], "at steps 2 to 4:")])
def test_a_run_that_stops_early_says_whose_scores_these_are(world, result, steps, said):
    kept = {"objective": "validation.accuracy", "maximize": True, "steps": steps}
    world.target = lambda group, *_: [replace(result(group[0], Scores((0.1, 0.2), (0.9, 0.9))), kept=kept)]
    typed = world.typed("run", "dataset=digits", "stop_after=2", "repeats=2")
    assert f"the best validation by validation.accuracy, {said}" in typed.out
    assert world.typed("run", "dataset=digits", "stop_after=2", "repeats=2", "--json").json["kept"] == kept


def test_an_interval_of_accuracies_stays_between_0_and_1(world, result):
    scored = Scores((0.0, 0.1), (1.0, 0.98))
    world.target = lambda group, *_: [result(group[0], scored)]
    part = world.typed("run", "dataset=digits", "repeats=2", "--json").json["validation"]
    assert 0.0 <= part["over_seeds"][0] < part["over_seeds"][1] == 1.0
    assert 0.0 <= part["interval"][0] < part["interval"][1] <= 1.0


def test_a_run_that_collapses_is_counted_and_not_averaged(world, result):
    scored = Scores((0.1,) * 5, (0.97, 0.11, 0.971, 0.969, 0.97))
    world.target = lambda group, *_: [result(group[0], scored)]
    typed = world.typed("run", "dataset=digits", "repeats=5", "--json")
    part = typed.json["validation"]
    assert (part["collapses"]["seen"], part["collapses"]["runs"]) == (1, 5)
    assert part["interval"][0] > 0.9
    assert part["accuracy"] == pytest.approx(0.798)
    assert part["median"] == 0.97
    shown = world.typed("run", "dataset=digits", "repeats=5").out
    assert "1 of 5 runs (1% to 72% of runs)" in shown
    assert "0.9700, and the intervals are of them" in shown


def test_progress_goes_to_standard_error_and_ends_with_the_last_step(world):
    typed = world.typed("run", "dataset=digits", "--json")
    assert typed.err.splitlines()[-1].startswith("step 4/4  loss 0.2")


def test_the_folder_of_the_command_line_is_the_one_that_is_said(world):
    typed = world.typed("run", "dataset=digits", "--runs", "elsewhere")
    assert "in elsewhere" in typed.out


def test_figures_are_recorded_with_the_run(drawn, world):
    run_id = world.typed("run", "dataset=digits", "--json").json["run_id"]
    [(path, folder)] = world.tracker.artifacts[run_id]
    assert (path.name, folder) == ("learning_curves.png", "figures")


BAD = [
    (["activaton=tanh"], "did you mean activation", "activaton"),
    (["hidden=[50,-1]"], "-1", "hidden"),
    (["hidden=[50, -1]"], "-1", "hidden"),
    (["hidden=[100,-30,10]"], "-30", "hidden"),
    (["dropout=1"], "dropout", "dropout"),
    (["steps=10", "epochs=2"], "both steps and epochs", "epochs"),
    (["batch_size=2000"], "more than the 1150 training examples", "batch_size"),
    (["dataset=nonsense"], "nonsense", "dataset"),
    (["learning_rate=fast"], "learning_rate", "learning_rate"),
    (["learning_rate=0.1,0.2"], "sweeper tune", "learning_rate"),
    (["+extra=1"], "cannot be added", "extra"),
    (["~seed"], "cannot be added or deleted", "seed"),
    (["--config-dir", "nowhere"], "not a folder", "config_dir"),
    (["--threads", "0"], "--threads", "--threads"),
    (["--bogus"], "--bogus", "--bogus"),
    (["-1"], "-1", "-1"),
    (["learning_rate"], "not KEY=VALUE", "learning_rate"),
]


@pytest.mark.parametrize(("arguments", "says", "key"), BAD, ids=[" ".join(arguments) for arguments, _, _ in BAD])
def test_bad_input_is_one_line_and_writes_nothing(world, arguments, says, key):
    typed = world.typed("run", "dataset=digits", *arguments)
    assert typed.code == 2
    assert typed.out == ""
    [line] = [line for line in typed.err.splitlines() if line.startswith("error: ")]
    assert says in line
    document = world.typed("run", "dataset=digits", *arguments, "--json")
    assert document.code == 2
    assert document.error["key"] == key
    assert world.files() == []


def test_a_folder_that_cannot_be_written_is_bad_input(world):
    (world.folder / "file").write_text("mine")
    typed = world.typed("run", "dataset=digits", "--runs", "file/runs", "--json")
    assert typed.code == 2
    assert "file is not a folder" in typed.error["message"]
    assert world.files() == ["file"]


def test_a_training_that_fails_is_exit_1_and_recorded(world):
    failure = Failure("diverged", "the loss was nan at step 3", 3)
    world.target = lambda group, *_: [TrialResult(group[0].key, "failed", failure=failure)]
    typed = world.typed("run", "dataset=digits", "--json")
    assert typed.code == 1
    assert "nan at step 3" in typed.error["message"]
    assert [run.status for run in world.tracker.runs.values()] == ["FAILED"]


def test_ctrl_c_is_exit_3_and_recorded_as_killed(world):
    def interrupted(group, report, stopped):
        os.kill(os.getpid(), signal.SIGINT)
        return world.__class__.target(group, report, stopped)

    world.target = interrupted
    typed = world.typed("run", "dataset=digits")
    assert typed.code == 3
    assert typed.err.splitlines()[-1].startswith("error: Ctrl-C: ")
    assert [run.status for run in world.tracker.runs.values()] == ["KILLED"]
