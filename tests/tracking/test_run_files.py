from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sweeper.tracking.run_files import discard, place, place_model, place_run
from sweeper.trial import result_from_json

ROUND_TRIP = """
import sys
from pathlib import Path
import numpy as np
import keras
from sweeper.tracking.run_files import place_model
folder = Path(sys.argv[1])
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
model.save(folder / "a.keras")
place_model(folder / "a.keras", folder / "model", {"keras": keras.__version__, "tensorflow": "2.21.0"})
import mlflow
x = np.ones((2, 4), "float32")
plain = np.asarray(model(x))
assert np.array_equal(plain, np.asarray(mlflow.keras.load_model(str(folder / "model"))(x)))
assert np.allclose(plain, mlflow.pyfunc.load_model(str(folder / "model")).predict(x))
"""


@pytest.mark.tensorflow
@pytest.mark.slow
def test_mlflow_loads_what_was_placed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ROUND_TRIP, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_config_overrides_and_result_read_back(tmp_path: Path, make) -> None:
    config = {
        "hidden": [50, 30],
        "optimizer": {"name": "sgd"},
        "epochs": None,
        "l2": 1e-05,
        "note": "größer",
        "seed": 4,
    }
    (tmp_path / "a.keras").touch()
    models = (str(tmp_path / "a.keras"), "/no/such.keras")
    run = make("a", config=config, overrides=["hidden=[50,30]", "l2=1e-05"], models=models, weights=("ab", "cd"))
    assert place_run(tmp_path, run) == ["/no/such.keras"]
    back = result_from_json(json.loads((tmp_path / "result.json").read_text()))
    assert back.models == ("models/seed_4/data/model.keras", "models/seed_5/data/model.keras")
    assert (tmp_path / back.models[0]).exists()
    assert replace(back, models=models) == run.result
    assert yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8")) == config
    assert (tmp_path / "overrides.txt").read_text().splitlines() == ["hidden=[50,30]", "l2=1e-05"]


@pytest.mark.parametrize("link", [True, False])
def test_placing_twice_is_placing_once(tmp_path: Path, link: bool) -> None:
    source, target = tmp_path / "a", tmp_path / "deep" / "b"
    source.write_text("new")
    assert place(source, target, link=link)
    assert place(source, target, link=link)
    assert target.read_text() == "new"
    assert [path.name for path in target.parent.iterdir()] == ["b"]


def test_a_copy_does_not_change_with_its_source(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("then")
    place(source, target)
    source.write_text("now")
    assert target.read_text() == "then"


def test_a_source_that_is_gone_may_have_been_placed_before(tmp_path: Path) -> None:
    assert not place(tmp_path / "gone", tmp_path / "b")
    (tmp_path / "b").write_text("there")
    assert place(tmp_path / "gone", tmp_path / "b")


def test_no_links_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("os.link", refuse)
    (tmp_path / "a.keras").write_bytes(b"weights")
    assert place_model(tmp_path / "a.keras", tmp_path / "model", {})
    assert (tmp_path / "model" / "data" / "model.keras").read_bytes() == b"weights"


def test_discarding_tidies_up(tmp_path: Path) -> None:
    folder = tmp_path / "trial"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).touch()
    discard(folder / "a")
    assert (folder / "b").exists()
    discard(folder / "b")
    assert not folder.exists()
    discard(folder / "b")
