"""``sweeper export``: a folder that gives the trial's numbers where there is no sweeper, in Python and served."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from sweeper.config.schema import ACTIVATIONS
from sweeper.data import sealed
from sweeper.errors import InputError, SweeperError
from sweeper.jobs.export import export
from sweeper.jobs.predict import predict
from sweeper.tracking.mlflow import exported
from sweeper.tracking.mlflow.folder import settle
from tests.trained import CLASSES, KINDS

pytestmark = pytest.mark.tensorflow

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "TF_CPP_MIN_LOG_LEVEL": "3"}


@pytest.fixture(scope="session")
def folder_of(run_of, tmp_path_factory):
    """The exported folder of a kind of data set."""
    known = {}

    def get(kind):
        if kind not in known:
            known[kind] = tmp_path_factory.mktemp("exported") / kind
            export(run_of(kind).found.run_id, known[kind], runs=run_of(kind).runs)
        return known[kind]

    return get


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """A new environment with the libraries of this one, and without sweeper."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    # The path files of the folder that is added are not read: the checkout stays out of sight.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    # MLflow starts this program by its name, which an installation of the requirements would have put there.
    program = home / "bin" / "uvicorn"
    program.write_text(f"#!{home}/bin/python\nfrom uvicorn.main import main\nmain()\n")
    program.chmod(0o755)
    return home / "bin" / "python"


def chances(answers):
    return answers[[name for name in answers if name.startswith("P(")] or ["prediction"]].to_numpy(float)


@pytest.mark.parametrize("kind", KINDS)
def test_the_folder_says_what_the_trial_said_of_its_validation_rows(run_of, folder_of, kind):
    run = run_of(kind)
    answers = exported.answers(folder_of(kind), run.raw)
    said = run.said.mean(axis=0)
    assert np.all(np.abs(chances(answers) - said) <= 1e-6 * np.maximum(1, np.abs(said)))
    assert answers.equals(predict(run.found.run_id, run.file, runs=run.runs)[1])


def test_a_table_is_taken_as_pandas_reads_it(run_of, folder_of):
    """Whole numbers, gaps in them and dates are what they happen to be in a file."""
    rows = run_of("csv").raw.head(4).assign(age=[30, 40, 50, 60], income=np.nan)
    answers = exported.answers(folder_of("csv"), rows)
    as_dates = rows.assign(seen=pd.to_datetime(rows["seen"]), age=[30.0, 40.0, 50.0, 60.0])
    assert exported.answers(folder_of("csv"), as_dates).equals(answers)
    with pytest.raises(Exception, match="age"):
        exported.answers(folder_of("csv"), rows.drop(columns="age"))


ASK = """
import pickle, sys
sys.modules["sweeper"] = None  # whoever imports it fails
import numpy as np, mlflow
for folder, rows, expected in pickle.load(open(sys.argv[1], "rb")):
    answers = mlflow.pyfunc.load_model(folder).predict(rows)
    chances = answers[[name for name in answers if name.startswith("P(")] or ["prediction"]].to_numpy()
    print(np.all(np.abs(chances - expected) <= 1e-6 * np.maximum(1, np.abs(expected))), answers.iloc[0, 0])
"""


@pytest.mark.slow
def test_it_does_so_in_a_fresh_environment_without_sweeper(run_of, folder_of, python, tmp_path):
    asked = [(str(folder_of(kind)), run_of(kind).raw, run_of(kind).said.mean(axis=0)) for kind in KINDS]
    (tmp_path / "asked").write_bytes(pickle.dumps(asked))
    command = [python, "-c", ASK, tmp_path / "asked"]
    done = subprocess.run(
        command, env=ENVIRONMENT | QUIET, cwd=tmp_path, check=False, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["True"] * len(KINDS)
    assert lines[0].split()[1] in {"gesund", "kränklich", "普通"}


@contextmanager
def served(python, folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "mlflow", "models", "serve", "-m", folder, "--env-manager", "local", "-p", str(port)]
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    with (folder.parent / "served.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-w", "1"], env=ENVIRONMENT | QUIET | {"PATH": path}, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)


def _wait(address, server):
    until = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{address}/ping", timeout=5)
        except OSError:
            assert server.poll() is None
            assert time.monotonic() < until
            time.sleep(0.5)
        else:
            return


def post(address, body):
    request = urllib.request.Request(
        f"{address}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return pd.DataFrame(json.load(answer)["predictions"])


def _body(raw):
    """Rows as a person would post them: dates, categories and gaps as JSON has them."""
    if not isinstance(raw, pd.DataFrame):
        return {"inputs": raw.tolist()}
    return {"dataframe_split": json.loads(raw.to_json(orient="split", date_format="iso", double_precision=15))}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet", "images", "flat", "numbers"])
def test_it_is_served_on_loopback(run_of, folder_of, python, kind):
    run, folder = run_of(kind), folder_of(kind)
    with served(python, folder) as (address, server):
        _wait(address, server)
        answers = post(address, _body(run.raw))
        example = post(address, json.loads((folder / "serving_input_example.json").read_text()))
    said = run.said.mean(axis=0)
    assert np.all(np.abs(chances(answers) - said) <= 1e-6 * np.maximum(1, np.abs(said)))
    predicted = predict(run.found.run_id, run.file, runs=run.runs)[1]
    assert list(answers) == list(predicted)
    if kind != "numbers":
        assert answers["class"].tolist() == predicted["class"].tolist()
    assert len(example) == 2


def test_the_folder_is_whole_or_not_there(run_of, tmp_path, monkeypatch):
    run = run_of("flat")
    wrong = {f"P({name})": [0.5, 0.5] for name in CLASSES}
    monkeypatch.setattr(exported, "answers", lambda *_: pd.DataFrame(wrong))
    with pytest.raises(SweeperError, match="says other things"):
        export(run.found.run_id, tmp_path / "out", runs=run.runs)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(run_of, tmp_path):
    run = run_of("flat")
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is there, and not empty"):
        export(run.found.run_id, tmp_path, runs=run.runs)
    with pytest.raises(InputError, match="is no folder"):
        export(run.found.run_id, tmp_path / "a" / "b", runs=run.runs)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert export(run.found.run_id, tmp_path / "empty", runs=run.runs)["members"] == 2


def test_nothing_in_the_folder_names_sweeper_as_something_to_import_or_this_machine(folder_of):
    folder = folder_of("csv")
    for path in folder.rglob("*"):
        if path.suffix in {".py", ".txt", ".yaml", ".md", ".json"} or path.name == "MLmodel":
            text = path.read_text(encoding="utf-8")
            assert "import sweeper" not in text
            assert "from sweeper" not in text
            assert str(folder.parent) not in text
            assert "/tmp" not in text
    assert (folder / "README.md").read_text(encoding="utf-8").count("\n") < 25


def test_a_registered_model_is_found_by_its_name_also_after_the_runs_folder_was_moved(run_of, tmp_path):
    from mlflow import MlflowClient

    run = run_of("flat")
    runs = tmp_path / "runs"
    shutil.copytree(run.runs, runs)
    for version in "12":
        document = export(run.found.run_id, tmp_path / version, runs=runs, register="flowers")
        assert document["registered"] == {"name": "flowers", "version": version}
    moved = runs.rename(tmp_path / "moved")
    settle(moved / "mlflow.db", moved / "artifacts")
    client = MlflowClient(f"sqlite:///{moved}/mlflow.db")
    assert client.get_model_version("flowers", "2").source.startswith(moved.as_uri())
    answers = exported.answers(client.get_model_version_download_uri("flowers", "2"), run.raw)
    assert np.abs(chances(answers) - run.said.mean(axis=0)).max() < 1e-6


def test_a_name_that_mlflow_refuses_is_said_before_anything_is_written(run_of, tmp_path):
    run = run_of("flat")
    with pytest.raises(InputError, match="is no name for a model"):
        export(run.found.run_id, tmp_path / "out", runs=run.runs, register="a/b:c")
    assert list(tmp_path.iterdir()) == []


def test_onnx_says_the_same(tmp_path):
    """By the package's own evaluator, for every activation."""
    pytest.importorskip("onnx")
    import onnx
    from onnx.reference import ReferenceEvaluator

    from sweeper.train.onnx_model import write
    from sweeper.train.quiet import keras

    random = np.random.default_rng(1)
    features = random.normal(size=(40, 5)).astype(np.float32) * 3
    paths, said = [], []
    for number, (first, second) in enumerate(pairwise([*ACTIVATIONS, ACTIVATIONS[0]])):
        layers = [
            keras.layers.Dense(7, activation=first),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(6, activation=second),
        ]
        model = keras.Sequential([keras.layers.Input((5,)), *layers, keras.layers.Dense(3)])
        # As large as trained ones: of outputs of 40 the last bits in float32 are more than 1e-6 of a probability.
        model.set_weights([random.normal(0, len(each) ** -0.5, each.shape) for each in model.get_weights()])
        paths.append(tmp_path / f"{number}.keras")
        model.save(paths[-1])
        said.append(np.asarray(keras.ops.softmax(model(features))))
        write(tmp_path / "one.onnx", paths[-1:], "abc")
        onnx.checker.check_model(str(tmp_path / "one.onnx"), full_check=True)
        (one,) = ReferenceEvaluator(str(tmp_path / "one.onnx")).run(None, {"features": features})
        assert np.abs(one - said[-1]).max() < 1e-6, (first, second)
    write(tmp_path / "all.onnx", paths, "abc")
    (mean,) = ReferenceEvaluator(str(tmp_path / "all.onnx")).run(None, {"features": features})
    assert np.abs(mean - np.mean(said, axis=0)).max() < 1e-6
    assert json.loads(onnx.load(tmp_path / "all.onnx").metadata_props[0].value) == ["a", "b", "c"]


@pytest.mark.parametrize("kind", KINDS)
def test_onnx_says_what_the_trial_said_of_every_kind_of_column(run_of, tmp_path, kind):
    """From the rows as they lie in a file, by the preprocessing that goes with the folder."""
    pytest.importorskip("onnx")
    from onnx.reference import ReferenceEvaluator

    run, out = run_of(kind), tmp_path / "out"
    export(run.found.run_id, out, runs=run.runs, onnx=True)
    kept = json.loads((out / "artifacts" / "preprocessing.json").read_text(encoding="utf-8"))
    rows, _ = sealed.new_rows(run.file, kept)
    (said,) = ReferenceEvaluator(str(out / "model.onnx")).run(None, {"features": rows.features})
    expected = run.said.mean(axis=0)
    assert np.all(np.abs(said - expected) <= 1e-6 * np.maximum(1, np.abs(expected)))


def test_onnx_of_a_regression_says_numbers_in_the_targets_unit(tmp_path):
    pytest.importorskip("onnx")
    from onnx.reference import ReferenceEvaluator

    from sweeper.train.onnx_model import write
    from sweeper.train.quiet import keras

    features = np.random.default_rng(1).normal(size=(40, 5)).astype(np.float32)
    layers = [keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1), keras.layers.Rescaling(250.0, 1000.0)]
    model = keras.Sequential([keras.layers.Input((5,)), *layers])
    model.save(tmp_path / "a.keras")
    write(tmp_path / "a.onnx", [tmp_path / "a.keras"], ())
    (said,) = ReferenceEvaluator(str(tmp_path / "a.onnx")).run(["predictions"], {"features": features})
    assert said == pytest.approx(np.asarray(model(features)), rel=1e-6)


def test_onnx_without_its_package_is_one_line(run_of, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(InputError, match="the package onnx is not installed"):
        export(run_of("flat").found.run_id, tmp_path / "out", runs=run_of("flat").runs, onnx=True)
    assert list(tmp_path.iterdir()) == []
