"""Attempts to read the test split without the ledger, through everything that the package offers; each fails.

An attempt (see attempts.py) has failed if nothing that can be reached from what it gives is a test row, and the ledger
has no line. ``test_the_oracle_knows_a_test_row`` is the proof that this would be seen: it opens the split as it should
be, and finds them.
"""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

from sweeper.config.schema import Validation
from sweeper.data import load, sealed
from sweeper.errors import SweeperError
from tests.contracts.attempts import ATTEMPTS, DIGITS, MNIST, TWENTY
from tests.contracts.oracle import World, as_bytes, holds_test_rows
from tests.data.conftest import bare_machine, installed, small  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def digits_rows(tmp_path_factory) -> frozenset[bytes]:
    """The test rows of digits as 64 numbers, taken the one way that there is."""
    seen: list[np.ndarray] = []
    sealed.evaluate(
        DIGITS,
        Validation(100),
        ledger=tmp_path_factory.mktemp("apart") / "ledger",
        who="the tests",
        run="r",
        config_digest="c",
        score=lambda features, _: seen.append(features) or {},
    )
    return frozenset(row.tobytes() for row in as_bytes(seen[0], 64, 16))


@pytest.fixture
def world(installed, bare_machine, small, digits_rows) -> World:  # noqa: F811 - the fixtures above
    return World(bare_machine, installed, small, digits_rows)


@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred:UserWarning")  # MLflow's, of its own modules
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_an_attempt_gets_no_test_row_and_leaves_no_line(world, attempt, monkeypatch):
    monkeypatch.chdir(world.folder)
    try:
        got = attempt(world)
    except SweeperError as refused:
        got = refused
    assert not holds_test_rows(got, world)
    assert not world.ledger.exists()


def test_there_are_enough_of_them():
    assert len(ATTEMPTS) >= 15
    assert len({attempt.__doc__ for attempt in ATTEMPTS}) == len(ATTEMPTS)


@pytest.mark.parametrize("dataset", [DIGITS, MNIST], ids=lambda dataset: dataset.name)
def test_the_oracle_knows_a_test_row(world, dataset):
    seen = []
    sealed.evaluate(
        dataset, TWENTY, ledger=world.ledger, who="a", run="r", config_digest="c",
        score=lambda features, _: seen.append(features) or {},
    )  # fmt: skip
    [features] = seen
    assert holds_test_rows(features, world)
    assert holds_test_rows({"deep": [lambda: features]}, world)
    assert holds_test_rows(pickle.dumps(features[3:5]), world)
    assert holds_test_rows(features[5], world)
    assert [json.loads(line)["event"] for line in world.ledger.read_text().splitlines()] == ["opened", "result"]


def test_what_a_training_part_holds_is_not_taken_for_test_rows(world):
    assert not holds_test_rows(load(DIGITS, TWENTY), world)
    assert not holds_test_rows(load(MNIST, TWENTY), world)


@pytest.mark.tensorflow
def test_nor_are_there_any_among_the_tensors_that_a_trainer_keeps(world):
    from sweeper.train.resident import resident

    held = resident(load(DIGITS, Validation(100)))
    back = np.argsort(held.columns)
    assert not holds_test_rows([part.features.numpy()[:, back] for part in (held.train, held.validation)], world)
