"""What there is, what is going on, and what is put away: ``results``, ``status``, ``rm``, ``doctor --free``."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from sweeper.cli.app import invoke
from sweeper.jobs.doctor import examine
from sweeper.study.overview import overview
from sweeper.study.storage.location import list_studies

TUNE = ("tune", "dataset=digits", "steps=4", "--space", "none", "learning_rate=interval(0.1,0.5)", "--confirm", "0")


@pytest.fixture
def swept(world, monkeypatch):
    """A study of six trials and a single run."""
    for module in ("jobs.remove", "jobs.shared.room", "jobs.shared.subjects", "jobs.doctor"):
        monkeypatch.setattr(f"sweeper.{module}.open_reader", lambda _: world.tracker.reader)
    monkeypatch.setattr("sweeper.tracking.open_reader", lambda _: world.tracker.reader)
    monkeypatch.setattr("sweeper.jobs.doctor.open_tracker", lambda _: world.tracker)
    assert world.typed(*TUNE, "--study", "a-study-with-a-long-name", "--trials", "6", "--pruner", "none").code == 0
    assert world.typed("run", "dataset=digits", "activation=tanh").code == 0
    return world


WIDTHS = (60, 80, 120, 200)


def test_everything_is_listed_and_fits(swept, monkeypatch):
    for columns in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(columns))
        head, study, run, *_ = swept.typed("results").out.splitlines()
        assert max(map(len, (head, study, run))) <= columns
        assert study.startswith("a-study-with-a-long-name  complete  6 of 6")
        assert run.split()[1] == "finished"
        assert "what" not in head or "dataset=digits" in run


def test_what_was_confirmed_is_listed_by_what_it_came_to(world, monkeypatch):
    monkeypatch.setattr("sweeper.tracking.open_reader", lambda _: world.tracker.reader)
    confirmed = [*TUNE[:-1], "2", "--study", "first", "--trials", "4", "--pruner", "none", "--json"]
    document = world.typed(*confirmed).json["confirmed"]
    named = next(one for one in document["trials"] if one["number"] == document["winner"])
    _, study, *_ = world.typed("results").out.splitlines()
    assert f"{named['value']:.1%}" in study
    assert f"fresh seeds; was {named['original']:.1%}" in study
    assert world.typed("status").out.splitlines()[1].startswith("first ")  # and not its confirmation


def test_trials_are_best_first_and_fit(swept, monkeypatch):
    for columns in WIDTHS:
        monkeypatch.setenv("COLUMNS", str(columns))
        table, hidden, rest = swept.typed("results", "a-study-with-a-long-name").out.partition("\nnot shown: ")
        head, *rows = table.splitlines()
        lines = [*rows, *(hidden + rest).splitlines()]
        assert not hidden or rest.endswith("--output FILE.csv\n")
        assert max(map(len, [head, *lines])) <= columns
        place = head.split().index("validation.accuracy")
        scores = [float(row.split()[place]) for row in rows]
        assert len(scores) == 6
        assert scores == sorted(scores, reverse=True)
        assert "test.accuracy" not in head


def test_at_no_width_a_test_score_stands_without_its_opening(swept, monkeypatch):
    for study_run in swept.tracker.runs:
        swept.tracker.update(study_run, metrics={"test.accuracy": 0.9}, tags={"test.opening": "3"})
    shown = 0
    for columns in range(60, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        head = swept.typed("results", "a-study-with-a-long-name").out.splitlines()[0].split()
        shown += "test.accuracy" in head
        assert "test.opening" in head or "test.accuracy" not in head
    assert 0 < shown < 140


def test_a_pruned_trial_is_never_first():
    from sweeper.tracking.run_rows import best_first

    made = [(0, "pruned", 0.99), (1, "finished", 0.5), (2, "failed", None), (3, "finished", 0.7), (4, "pruned", None)]
    rows = [{"number": number, "status": status, "validation.accuracy": score} for number, status, score in made]
    order = [row["number"] for row in best_first(rows, "validation.accuracy", maximize=True)]
    assert order[:3] == [3, 1, 0]
    low = [row["number"] for row in best_first(rows, "validation.accuracy", maximize=False)]
    assert low[:2] == [1, 3]


def test_status_says_how_a_study_stands(swept):
    [one] = swept.typed("status", "--json").json
    assert (one["study"], one["state"], one["asked"], one["finished"]) == ("a-study-with-a-long-name", "complete", 6, 6)
    assert one["best"] is not None
    shown = swept.typed("status", "a-study-with-a-long-name").out
    assert "complete" in shown
    assert "6 of 6" in shown
    assert f"trial {one['best']}" in shown
    assert swept.typed("status", "a-study-with-a-lnog-name").err.rstrip().endswith("a-study-with-a-long-name)")
    more = swept.typed(*TUNE, "--study", "a-study-with-a-long-name", "--trials", "8", "--pruner", "none")
    assert more.code == 0
    assert overview(swept.folder / "runs", "a-study-with-a-long-name").asked == 8


def test_status_sees_a_driver_that_runs(tmp_path):
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from sweeper.config.planning import plan_space\n"
        "from sweeper.study.opening import open_study\n"
        "from sweeper.study.plan import Plan\n"
        "space = plan_space(['activation=relu,tanh'], space='none')\n"
        "open_study(Plan('s', 5, {'digest': 'd', 'name': 'digits'}, space=space), Path(sys.argv[1]))\n"
        "print('open', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as driver:
        assert driver.stdout is not None
        driver.stdout.readline()
        now = overview(tmp_path, "s")
        assert (now.state, now.asked, [one["pid"] for one in now.drivers]) == ("running", 5, [driver.pid])
        assert invoke(["rm", "s", "--yes", "--runs", str(tmp_path)]) == 2
        driver.kill()
        driver.wait()
    time.sleep(0.1)
    assert overview(tmp_path, "s").state == "stopped"


def test_status_loads_no_tensorflow_and_no_mlflow(tmp_path):
    program = (
        "import sys\n"
        "from sweeper.cli.app import invoke\n"
        "assert invoke(['status']) == 0\n"
        "assert not {'tensorflow', 'mlflow', 'pandas', 'ray'} & set(sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_what_is_removed_is_listed_first_and_comes_back(swept):
    runs, name = swept.folder / "runs", "a-study-with-a-long-name"
    asked = swept.typed("rm", name)
    assert asked.code == 2
    assert f"the study {name}" in asked.err
    assert "--yes" in asked.err
    assert list_studies(runs) == [name]
    assert swept.typed("rm", name, "--yes").code == 0
    assert list_studies(runs) == []
    assert not swept.tracker.reader.runs(study=name)
    assert name not in swept.typed("results").out
    examine(runs, restore=name)
    assert list_studies(runs) == [name]
    assert len(swept.tracker.reader.runs(study=name)) == 7
    assert overview(runs, name).finished == 6


def test_room_is_freed_after_a_list_only(swept):
    runs, name = swept.folder / "runs", "a-study-with-a-long-name"
    assert swept.typed("rm", name, "--yes").code == 0
    assert swept.typed("doctor", "--free").code == 2
    assert (runs / "removed" / name).is_dir()
    freed = swept.typed("doctor", "--free", "--yes", "--json")
    assert freed.json["bytes"] > 0
    assert f"the removed study {name}" in freed.err
    assert not (runs / "removed" / name).exists()
    assert "removed study" not in swept.typed("doctor", "--free").err


def test_a_single_run_is_removed_by_its_id(swept):
    [run] = [one for one in swept.tracker.reader.runs() if one.tags.get("kind") == "run"]
    assert swept.typed("rm", run.run_id[:8], "--yes").code == 0
    assert run.deleted
    gone = swept.typed("rm", "a-study-with-a-long-name:0", "--yes")
    assert gone.code == 2


def test_a_configuration_says_where_each_value_is_from(world):
    rows = {row["key"]: row for row in world.typed("config", "optimizer=adam", "epochs=3", "--json").json}
    assert rows["optimizer"]["source"] == "typed: optimizer=adam"
    assert rows["optimizer.beta_1"] == {
        "key": "optimizer.beta_1",
        "value": "0.9",
        "source": "comes with optimizer=adam",
    }
    assert rows["steps"]["source"] == "comes with epochs=3"
    assert rows["hidden"] == {"key": "hidden", "value": "[50,30]", "source": "the tutorial's"}
    assert "tutorial" not in world.typed("config", "l2=0.1", "--changed").out


def test_two_configurations_are_told_apart(world):
    found = world.typed("diff", "activation=tanh", "activation=relu dropout=0.2", "--json").json
    assert [(row["key"], row["a"], row["b"]) for row in found["differences"]] == [
        ("activation", "tanh", "relu"),
        ("dropout", "0.0", "0.2"),
    ]
    assert "same configuration" in world.typed("diff", "activation=tanh", "activation=tanh").out


def test_a_folder_to_start_from_is_of_use_and_overwrites_nothing(world):
    first = world.typed("init", "my conf")
    assert first.code == 0
    assert (world.folder / "my conf" / "space" / "mine.yaml").exists()
    for words in (
        ["config", "--config-dir", "my conf"],
        [
            "tune",
            "--config-dir",
            "my conf",
            "--space",
            "mine",
            "dataset=digits",
            "steps=4",
            "-n",
            "2",
            "--confirm",
            "0",
        ],
        ["explore", "--list", "--config-dir", "my conf"],
    ):
        assert world.typed(*words).code == 0, words
    (world.folder / "my conf" / "config.yaml").write_text("l2: 0.5\n")
    again = world.typed("init", "my conf")
    assert again.code == 0
    assert "stays as it is" in again.err
    assert (world.folder / "my conf" / "config.yaml").read_text() == "l2: 0.5\n"
    assert "my conf/config.yaml" in world.typed("config", "--config-dir", "my conf", "--changed").out
