"""A study under another name: everything goes with it, and a renaming that is killed anywhere is completed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

import targets
from helpers import carry_out, plan

from sweeper.cli.app import invoke
from sweeper.errors import InputError
from sweeper.jobs.rename import rename
from sweeper.jobs.report import report
from sweeper.study.opening import open_study
from sweeper.study.plan import Past
from sweeper.study.storage.connect import find, reading
from sweeper.study.storage.location import list_studies, locate
from sweeper.study.study_record import load_study
from sweeper.tracking import open_reader, open_tracker
from sweeper.tracking.recorded import find_trial

pytestmark = pytest.mark.usefixtures("undrawn")
BESIDE = ("s-confirm-0123ab", "s-random")
STEPS = (
    ("sweeper.tracking.mlflow.rename._in_file", 1),
    ("sweeper.jobs.rename.rename_past", 1),
    ("sweeper.study.rename._in_database", 1),
    ("sweeper.study.rename._move", 1),
    ("sweeper.tracking.mlflow.rename._in_file", 2),
    ("sweeper.study.rename._move", 3),
    ("sweeper.jobs.rename.rename_report", 1),
    ("sweeper.jobs.rename._described", 1),
    ("sweeper.study.storage.renaming.forget", 1),
)
"""Where a renaming is killed: before the so manyth call of a step of it."""


def past(record):
    """The trials of a study, for another one to begin warm with."""
    return tuple(Past(f"s:{trial.number}", trial.values, (trial.score,)) for trial in record.trials)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A study of five trials, one that is found by its name, a random search beside it, and one that began warm."""
    folder = tmp_path_factory.mktemp("made") / "runs"
    with open_tracker(folder) as tracker:
        for name in ("s", *BESIDE):
            carry_out(plan(5, study=name), folder, targets.trivial, tracker=nullcontext(tracker))
        warm = plan(2, study="warm", sampler="tpe", past=past(load_study(folder, "s")))
        carry_out(warm, folder, targets.trivial, tracker=nullcontext(tracker))
    report("s", runs=folder)
    return folder


@pytest.fixture
def runs(made, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "runs"))


def content(runs, study):
    """What a study is, but for its name."""
    record = load_study(runs, study)
    return [(trial.number, trial.score, dict(trial.values), trial.history) for trial in record.trials], record.facts


def recorded(runs, study):
    """The runs of a study by their ids, with what is named after the study in them."""
    found = open_reader(runs).runs(study=study)
    return {
        run.run_id: (run.name.replace(study, "*"), run.tags["sweeper.ref"].partition(":")[2].replace(study, "*"))
        for run in found
    }


def assert_renamed(runs, before, ids):
    assert list_studies(runs) == sorted(["better", "better-confirm-0123ab", "better-random", "warm"])
    for old, new in (("s", "better"), *((name, name.replace("s-", "better-", 1)) for name in BESIDE)):
        assert content(runs, new) == before[old]
        assert recorded(runs, new) == ids[old]
        assert not list((runs / "studies").glob(f"{old}.*"))
    assert load_study(runs, "warm").facts["past"] == "better"
    assert find_trial(open_reader(runs), "better", 3).title == "better:3"
    html = (runs / "reports" / "study-better" / "report.html").read_text(encoding="utf-8")
    assert "sweeper test better" in html
    assert not (runs / "reports" / "study-s").exists()
    assert list((runs / "reports" / "_earlier" / "study-better").iterdir())
    [parent] = [run for run in open_reader(runs).runs(study="better") if run.tags["kind"] == "study"]
    assert "sweeper test better" in parent.tags["mlflow.note.content"]
    assert not (runs / "renaming").exists()


@pytest.fixture
def before(runs):
    names = ("s", *BESIDE)
    return {name: content(runs, name) for name in names}, {name: recorded(runs, name) for name in names}


def test_everything_goes_with_it(runs, before):
    document = rename("s", "better", runs=runs)
    assert (document["runs"], document["kind"]) == (18, "study")
    assert_renamed(runs, *before)
    assert len(carry_out(plan(7, study="better"), runs, targets.trivial, tracker=open_tracker(runs))[1]) == 2
    rename("better", "s", runs=runs)
    assert content(runs, "s")[0][:5] == before[0]["s"][0]


def killed_at(step, call, runs):
    """Rename in a process that is killed there; how it ended."""
    child = os.fork()
    if not child:
        place, _, name = step.rpartition(".")
        module, calls = import_module(place), []
        real = getattr(module, name)

        def counted(*given, **more):
            calls.append(step)
            if len(calls) == call:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **more)

        setattr(module, name, counted)
        try:
            rename("s", "better", runs=runs)
        finally:
            os._exit(70)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(("step", "call"), STEPS)
def test_killed_anywhere_the_same_command_completes_it(runs, before, step, call):
    assert killed_at(step, call, runs) == -signal.SIGKILL
    for name in ("s", "better"):
        with pytest.raises(InputError, match="being renamed to better, or that was interrupted"):
            load_study(runs, name)
    with pytest.raises(InputError, match="being renamed"):
        open_study(plan(9), runs)
    with pytest.raises(InputError, match="being renamed"):
        rename("s", "another", runs=runs)
    assert invoke(["rename", "s", "better", "--runs", str(runs)]) == 0
    assert_renamed(runs, *before)


def test_a_name_that_is_taken_is_refused(runs, before, capfd):
    single = next(run for run in open_reader(runs).runs() if run.name.startswith("warm/"))
    for new, why in {
        "warm": "there is a study 'warm' already",
        "s": "called s already",
        single.run_id[:8]: "is how the id of a run begins",
        "a b": "cannot be the name of a study",
    }.items():
        assert invoke(["rename", "s", new, "--runs", str(runs)]) == 2
        assert why in capfd.readouterr().err
    assert invoke(["rename", "s-confirm-0123ab", "x", "--runs", str(runs)]) == 2
    assert "found by its name" in capfd.readouterr().err
    assert invoke(["rename", single.run_id[:8], "x", "--runs", str(runs)]) == 2
    assert "sweeper rename warm NEW" in capfd.readouterr().err
    assert content(runs, "s") == before[0]["s"]


def test_a_study_that_runs_is_not_renamed(runs, capfd):
    opened = open_study(plan(9), runs)
    assert invoke(["rename", "s", "better", "--runs", str(runs)]) == 2
    assert f"process {os.getpid()}" in capfd.readouterr().err
    opened.close()
    assert not (runs / "renaming").exists()
    assert invoke(["rename", "s", "better", "--runs", str(runs)]) == 0


def test_a_driver_that_begins_meanwhile_keeps_the_name(runs, monkeypatch):
    """It wrote its lease after it was looked for, and before there was an intention."""
    opened = []
    monkeypatch.setattr("sweeper.jobs.rename._check_unknown", lambda *_: opened.append(open_study(plan(9), runs)))
    monkeypatch.setattr("sweeper.jobs.rename._check", lambda *_: opened.append(open_study(plan(9), runs)))
    with pytest.raises(InputError, match="is running"):
        rename("s", "better", runs=runs)
    assert not (runs / "renaming").exists()
    opened[0].close()
    assert len(load_study(runs, "s").trials) == 5


def test_hyperband_keeps_the_brackets_of_the_first_name(tmp_path):
    runs = tmp_path / "runs"
    asked = plan(6, pruner="hyperband")
    carry_out(asked, runs, targets.trivial, tracker=open_tracker(runs))

    def brackets(name):
        opened = open_study(plan(6, pruner="hyperband", study=name), runs)
        study = opened.study
        study.pruner.prune(study, study.get_trials()[0])
        found = [study.pruner._get_bracket_id(study, trial) for trial in study.get_trials()]
        opened.close()
        return found

    there = brackets("s")
    rename("s", "better", runs=runs)
    assert brackets("better") == there
    assert len(set(there)) > 1


def test_a_single_run_is_found_by_its_new_name(runs, capfd, make_single):
    run_id = make_single(runs)
    assert invoke(["rename", run_id[:8], "baseline", "--runs", str(runs)]) == 0
    capfd.readouterr()
    assert [run.run_id for run in open_reader(runs).runs(called="baseline")] == [run_id]
    assert invoke(["results", "--runs", str(runs), "--json"]) == 0
    names = [row["name"] for row in json.loads(capfd.readouterr().out)]
    assert "baseline" in names
    assert invoke(["rename", "baseline", "warm", "--runs", str(runs)]) == 2
    assert invoke(["rename", "s", "baseline", "--runs", str(runs)]) == 2
    assert "a run is called 'baseline' already" in capfd.readouterr().err


@pytest.fixture
def make_single():
    """Records a single run; its id."""
    from sweeper.config.schema import Config
    from sweeper.tracking import RunRecord
    from sweeper.trial import Scores, TrialResult

    def make(runs):
        scored = Scores((0.1,), (0.9,))
        result = TrialResult("run", "finished", steps=5, train=scored, validation=scored)
        record = RunRecord("run", Config().to_dict(), ("steps=5",), (), result, 1.0, 2.0)
        with open_tracker(runs) as tracker:
            return tracker.record(record).result()

    return make


def test_the_name_in_the_database_is_the_new_one(runs):
    rename("s", "better", runs=runs)
    with reading(locate(runs, "better")) as backend:
        assert find(backend, "better")
        assert [study.study_name for study in backend.get_all_studies()] == ["better"]
