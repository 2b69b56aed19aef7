"""The main job from the command line and from Python: ``make lower-bounds`` runs it with the oldest libraries.

Not collected with the other tests, which run with the locked versions.
"""

import json
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("job")


def say(folder, *words):
    command = [sys.executable, "-m", "sweeper", *words, "--json"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


SMALL = ("dataset=digits", "hidden=[10]", "steps=150")


def test_a_run_is_recorded_and_tested(folder):
    ran = say(folder, "run", *SMALL, "--test")
    assert ran["test"]["openings"] == 1
    assert [row["run_id"] for row in say(folder, "results", "--format", "json")] == [ran["run_id"]]
    assert say(folder, "reproduce", ran["run_id"])["identical"]


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "qmc", "grid"])
def test_a_search_ends_with_a_report(folder, sampler):
    space = ("activation=relu,tanh",) if sampler == "grid" else ("learning_rate=tag(log,interval(1e-2,1))", "l2=0,1e-4")
    words = (*SMALL, *space, "--space", "none", "--study", sampler, "--sampler", sampler, "--confirm", "0")
    found = say(folder, "tune", *words, "--trials", "2" if sampler == "grid" else "6")
    assert found["trials"]["failed"] == 0
    assert found["best"]["validation"]["accuracy"] > 0.5
    assert say(folder, "report", sampler)["report"]["html"]


def test_configurations_are_compared(folder):
    pairs = say(folder, "compare", "activation=relu dataset=digits steps=50", "activation=tanh dataset=digits steps=50",
                "--repeats", "2")["pairs"]  # fmt: skip
    assert [pair["verdict"] for pair in pairs] != []


def test_tables_are_read_and_written(folder):
    (folder / "mine.csv").write_text("a,b,y\n" + "".join(f"{n % 7},{'xy'[n % 2]},{'pq'[n % 2]}\n" for n in range(200)))
    ran = say(folder, "run", "dataset=csv", "dataset.path=mine.csv", "dataset.target=y", "steps=150")
    assert ran["validation"]["accuracy"] == 1
    assert say(folder, "results", "--output", "all.parquet")["rows"] > 0


def test_python_does_the_same(folder):
    import sweeper

    run = sweeper.run(dataset="digits", hidden=[5], steps=20, runs=folder / "runs", progress=False)
    assert "<table>" in run._repr_html_()
    assert sweeper.load_model(run).output_shape == (None, 10)
    assert len(sweeper.results(runs=folder / "runs")) > 1
