from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from sweeper.errors import SweeperError
from tests.train.conftest import run

pytestmark = pytest.mark.tensorflow


def test_models_say_what_the_trainer_said(blobs, small, tmp_path):
    from sweeper.train.evaluate import evaluate

    config = replace(small, repeats=3, activation=("tanh", "leaky_relu"), output_activation="tanh", dropout=0.2)
    (result,) = run(blobs, [config], model_dir=str(tmp_path)).results
    assert [Path(p).name for p in result.models] == ["member-0.keras", "member-1.keras", "member-2.keras"]
    for member, path in enumerate(result.models):
        judged = evaluate(path, blobs.validation, blobs.validation_labels, config.loss)
        np.testing.assert_allclose(judged.loss, result.validation.loss[member], rtol=1e-5)
        np.testing.assert_allclose(judged.accuracy, result.validation.accuracy[member], rtol=1e-6)
        assert judged.losses.shape == judged.predictions.shape == (40,)
        np.testing.assert_allclose(judged.losses.mean(), judged.loss, rtol=1e-6)
        np.testing.assert_allclose(judged.probabilities.sum(axis=1), 1, rtol=1e-6)
        assert np.array_equal(judged.predictions, judged.probabilities.argmax(axis=1))


def test_nothing_but_whole_models_is_left_in_the_folder(blobs, small, tmp_path):
    run(blobs, [small, replace(small, seed=1)], model_dir=str(tmp_path))
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.*")) == [
        "0/member-0.keras",
        "1/member-0.keras",
    ]


def test_models_open_in_a_keras_that_knows_nothing_of_sweeper(blobs, small, tmp_path):
    from sweeper.train.evaluate import outputs

    config = replace(small, activation=("gelu", "softsign"), input_dropout=0.1)
    (result,) = run(blobs, [config], model_dir=str(tmp_path)).results
    np.save(tmp_path / "x.npy", blobs.validation)
    script = (
        "import sys, json, numpy as np, keras\n"
        "model = keras.saving.load_model(sys.argv[1])\n"
        "assert not any('sweeper' in name for name in sys.modules)\n"
        "print(json.dumps(model.predict(np.load(sys.argv[2]), verbose=0).tolist()))\n"
    )
    command = [sys.executable, "-c", script, result.models[0], str(tmp_path / "x.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    logits = np.array(json.loads(done.stdout.splitlines()[-1]))
    ours = outputs(result.models[0], blobs.validation)
    np.testing.assert_allclose(softmax(ours, axis=1), softmax(logits, axis=1), rtol=1e-4, atol=1e-6)


def test_a_damaged_model_is_one_clear_line(blobs, small, tmp_path):
    from sweeper.train.evaluate import outputs

    (result,) = run(blobs, [small], model_dir=str(tmp_path)).results
    path = Path(result.models[0])
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(SweeperError, match=r"member-0\.keras") as caught:
        outputs(path, blobs.validation)
    assert "\n" not in caught.value.message


def test_a_model_for_other_features_is_one_clear_line(blobs, small, tmp_path):
    from sweeper.train.evaluate import outputs

    (result,) = run(blobs, [small], model_dir=str(tmp_path)).results
    with pytest.raises(SweeperError, match=r"member-0\.keras") as caught:
        outputs(result.models[0], blobs.validation[:, :3])
    assert "\n" not in caught.value.message
