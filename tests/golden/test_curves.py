from __future__ import annotations

import json

import numpy as np
import pytest

from tests.golden.curves import CURVES, FILE, curve

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("name", CURVES)
def test_training_comes_to_the_recorded_numbers(name):
    """Within what rounding alone does to them.

    Another processor adds in another order. The same curves through TensorFlow's graph and through XLA, which differ
    in every sum, part by at most 4e-7 of the loss; fifty times that is allowed. A changed rule parts by far more.
    """
    recorded, now = json.loads(FILE.read_text())[name], curve(CURVES[name])
    for part in ("train", "validation", "final"):
        np.testing.assert_allclose(now[part], recorded[part], rtol=2e-5, err_msg=part)
    np.testing.assert_allclose(now["accuracy"], recorded["accuracy"], atol=1.01 / 300)
