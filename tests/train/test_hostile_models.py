"""A model file can carry code. None of it is run, whoever made the file."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

from sweeper.errors import SweeperError

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def mark(tmp_path, monkeypatch):
    """A file that hostile code would make."""
    path = tmp_path / "mark"
    monkeypatch.setenv("SWEEPER_TEST_MARK", str(path))
    return path


@pytest.fixture
def hostile(tmp_path, mark):
    import keras

    code = keras.layers.Lambda(
        lambda x: (__import__("pathlib").Path(__import__("os").environ["SWEEPER_TEST_MARK"]).touch(), x)[1]
    )
    path = tmp_path / "hostile.keras"
    keras.Sequential([keras.layers.Input((4,)), code, keras.layers.Dense(2)]).save(path)
    mark.unlink()
    keras.saving.load_model(path, safe_mode=False)(np.zeros((1, 4), np.float32))
    assert mark.exists()  # so it is hostile
    mark.unlink()
    return path


def refused(path):
    from sweeper.train.evaluate import evaluate, outputs

    features = np.zeros((3, 4), np.float32)
    for look in (
        lambda: evaluate(path, features, np.zeros(3, np.int64), "cross_entropy"),
        lambda: outputs(path, features),
    ):
        with pytest.raises(SweeperError) as told:
            look()
        assert "\n" not in told.value.message + told.value.hint
        assert str(path) in told.value.message


def test_a_layer_with_code_is_refused_and_not_run(hostile, mark):
    refused(hostile)
    assert not mark.exists()


def test_so_is_a_layer_that_names_a_function_of_another_library(tmp_path, hostile, mark):
    path = tmp_path / "renamed.keras"
    with zipfile.ZipFile(hostile) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                layer = config["config"]["layers"][1]
                layer["module"], layer["class_name"], layer["registered_name"] = "os", "system", None
                layer["config"] = {"command": f"touch {mark}"}
                content = json.dumps(config).encode()
            new.writestr(name, content)
    refused(path)
    assert not mark.exists()
