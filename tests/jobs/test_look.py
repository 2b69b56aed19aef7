"""A look at the test split: on the ledger before it happens, counted, and shown as other scores are."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.config.compose import compose
from sweeper.data import ledger, load
from sweeper.jobs.look import LEDGER, look
from sweeper.report.statistics.intervals import t_interval, wilson


@pytest.fixture
def judged(monkeypatch):
    """Models that are right on every example but the first few, as their name says."""
    seen = []

    def evaluate(model, features, labels, loss):
        seen.append((features.shape, loss))
        wrong = int(model.name)
        return SimpleNamespace(loss=wrong / 10, accuracy=1 - wrong / len(labels))

    monkeypatch.setitem(sys.modules, "sweeper.train.evaluate", SimpleNamespace(evaluate=evaluate))
    return seen


def looked(tmp_path, *models, run="r1"):
    from pathlib import Path

    config = compose(["dataset=digits", "loss=mse"])
    digest = load(config.dataset, config.validation).digest
    return look(config, [Path(model) for model in models], run=run, runs=tmp_path, data_digest=digest)


def test_one_model_has_an_interval_over_examples(tmp_path, judged):
    found = looked(tmp_path, "9")
    expected = wilson(350, 359)
    assert found["accuracy"] == pytest.approx(350 / 359)
    assert found["loss"] == pytest.approx(0.9)
    assert found["interval"] == pytest.approx([expected.low, expected.high])
    assert (found["method"], found["examples"], found["looks"]) == ("Wilson", 359, 1)
    assert judged == [((359, 64), "mse")]


def test_several_have_one_over_seeds_and_are_one_look(tmp_path, judged):
    found = looked(tmp_path, "9", "18", "0")
    values = np.array([350, 341, 359]) / 359
    expected = t_interval(values)
    assert found["per_seed"] == pytest.approx(values)
    assert found["interval"] == pytest.approx([expected.low, min(1.0, expected.high)])
    assert found["looks"] == 1
    assert len(judged) == 3


def test_each_look_counts(tmp_path, judged):
    assert [looked(tmp_path, "9", run=run)["looks"] for run in ("a", "b", "c")] == [1, 2, 3]
    assert ledger.verify(tmp_path / LEDGER) == []


def test_without_tensorflow_nothing_is_opened(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sweeper.train.evaluate", None)
    with pytest.raises(ImportError):
        looked(tmp_path, "9")
    assert not (tmp_path / LEDGER).exists()


def test_a_model_that_cannot_be_read_was_a_look_all_the_same(tmp_path, judged):
    with pytest.raises(ValueError, match="broken"):
        looked(tmp_path, "broken")
    assert [entry["event"] for entry in ledger.entries(tmp_path / LEDGER)] == ["opened", "failed"]
    assert looked(tmp_path, "9")["looks"] == 2
