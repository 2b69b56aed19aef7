"""Errors of the Python interface, and what a call leaves behind."""

import os
import traceback
from pathlib import Path

import pytest

import sweeper
from sweeper.api.calling import command, folder, plainly
from sweeper.api.tune import _command as tune_command
from sweeper.errors import InputError
from sweeper.jobs.tune import Search


def test_an_error_is_one_line_with_its_hint_and_without_inner_frames(tmp_path):
    with pytest.raises(sweeper.InputError) as error:
        sweeper.run(dataset="digits", activation="tahn", runs=tmp_path / "runs")
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("activation: no such name: tahn; did you mean tanh? (there are: relu, tanh")
    frames = traceback.extract_tb(error.value.__traceback__)
    assert [Path(frame.filename).name for frame in frames] == [Path(__file__).name, "calling.py"]
    assert not (tmp_path / "runs").exists()


def test_options_are_named_as_arguments_and_commands_stay_as_they_are():
    @plainly
    def call(message, hint="", key=""):
        raise InputError(message, hint=hint, key=key)

    def told(*given):
        with pytest.raises(InputError) as error:
            call(*given)
        return str(error.value), error.value.key

    assert told("--max-errors: no", "name another with --runs", "--max-errors") == (
        "max_errors: no (name another with runs=)",
        "max_errors",
    )
    assert told("--cluster ray://head: no; --x 0.5: no")[0] == "cluster='ray://head': no; x=0.5: no"
    both = "ray start --head --port 1 starts one; or --cluster local"
    assert told("a", both)[0] == "a (ray start --head --port 1 starts one; or cluster='local')"
    assert told("a", "--repeats 5 runs each")[0] == "a (repeats=5 runs each)"
    assert told("a", "see: sweeper compare A B --repeats 5")[0] == "a (see: sweeper compare A B --repeats 5)"


def test_a_fault_of_the_program_keeps_its_frames():
    @plainly
    def call():
        return int("x")

    with pytest.raises(ValueError, match="invalid literal"):
        call()


@pytest.mark.parametrize("before", [None, "elsewhere"])
def test_a_call_for_one_folder_does_not_move_the_next(before, monkeypatch):
    monkeypatch.delenv("SWEEPER_RUNS", raising=False)
    if before:
        monkeypatch.setenv("SWEEPER_RUNS", before)

    @plainly
    def call():
        os.environ["SWEEPER_RUNS"] = "moved"

    call()
    assert folder(None) == Path(before or "runs")
    assert folder("mine") == Path("mine")


def test_a_call_is_a_command_for_the_record():
    options = {"trials": 20, "config_dir": None, "baseline": True, "constraint": ["a<=1", "b<=2"], "study": ""}
    assert command("tune", ("activation=relu,tanh",), options, Path("runs")) == (
        "sweeper tune activation=relu,tanh --trials 20 --baseline --constraint 'a<=1' --constraint 'b<=2'"
    )
    assert command("compare", ["a", "b"], {}, Path("/x y")) == "sweeper compare a b --runs '/x y'"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sweeper.tune(timeout="soon"), "timeout: 'soon' is no duration (such as 90s, 10m, 1h30m or 2d)"),
        (lambda: sweeper.tune(memory="1kB"), "memory: 1kB is too little for a worker"),
        (sweeper.explore, "no question is asked (name one, or every=True; sweeper explore --list shows them)"),
        (lambda: sweeper.explore("activashun"), "did you mean activation"),
        (lambda: sweeper.compare("activation=relu"), "1 cannot be compared"),
        (lambda: sweeper.load_model("nobody:3"), "there is no run"),
        (lambda: sweeper.predict("nobody", "rows.csv"), "there is no run"),
        (lambda: sweeper.export("nobody", "model"), "there is no run"),
        (lambda: sweeper.test("nobody"), "there is no run"),
        (lambda: sweeper.results("nobody"), "no such study"),
        (lambda: sweeper.reproduce("nobody"), "there is no run"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_written(call, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(sweeper.InputError) as error:
        call()
    assert said in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_the_command_of_a_search_has_all_that_is_not_usual():
    search = Search(trials=5, study="a", pruner="none", confirm=0, keep_models=False, constraints=["parameters<=9"])
    told = (
        "sweeper tune steps=9 --trials 5 --study a --pruner none --confirm 0 --constraint 'parameters<=9' --no-models"
    )
    assert tune_command(search, ("steps=9",), "none", Path("runs"), None) == f"{told} --space none"
    several = Search(
        objective="validation.accuracy", more=["parameters"], storage="postgresql://me:secret@host/db", timeout=60.0
    )
    told = "sweeper tune --trials 50 --timeout 60.0 --objective validation.accuracy --objective parameters --storage "
    said = tune_command(several, (), None, Path("r"), Path("c"))
    assert said.startswith(told)
    assert "secret" not in said
    assert said.endswith("--config-dir c --runs r")
