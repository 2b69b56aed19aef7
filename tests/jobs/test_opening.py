"""An opening of the test split: on the ledger before it happens, counted, and shown as other scores are."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.config.compose import compose
from sweeper.data import ledger, load
from sweeper.jobs.shared.opening import LEDGER, is_recorded, open_test_split, record_opening, recorded_opening
from sweeper.jobs.shared.opening_report import REFIT, Subject
from sweeper.statistics.crossed import seeds_and_examples, seeds_and_examples_from_means
from sweeper.statistics.intervals import wilson
from sweeper.tracking import RunRecord
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import TrialResult

pytestmark = pytest.mark.usefixtures("undrawn")
EXAMPLES = 359


@pytest.fixture
def judged(monkeypatch):
    """Models that are right on every example but the first few, as their name says; there they take 0 for 1."""
    seen = []

    def evaluate(model, features, labels, loss):
        seen.append((features.shape, loss))
        wrong = int(model.name)
        predictions = labels.copy()
        predictions[:wrong] = np.where(labels[:wrong] == 0, 1, 0)
        probabilities = np.full((len(labels), 10), 0.01, np.float32)
        probabilities[np.arange(len(labels)), predictions] = 0.91 + 1e-5 * np.arange(len(labels))
        accuracy = float((predictions == labels).mean())
        outputs = {"predictions": predictions, "probabilities": probabilities}
        return SimpleNamespace(loss=wrong / 10, accuracy=accuracy, more={}, **outputs)

    monkeypatch.setitem(sys.modules, "sweeper.train.evaluate", SimpleNamespace(evaluate=evaluate, estimate=None))
    return seen


def asked(*models, run="r" * 32, **more):
    config = compose(["dataset=digits", "loss=mse"])
    digest = load(config.dataset, config.validation).digest
    return Subject(config, [Path(model) for model in models], run, digest, **more)


def test_one_model_has_an_interval_over_examples(tmp_path, judged):
    found = open_test_split(asked("9"), runs=tmp_path)
    expected = wilson(350, EXAMPLES)
    assert found["accuracy"] == pytest.approx(350 / EXAMPLES)
    assert found["loss"] == pytest.approx(0.9)
    assert found["interval"] == pytest.approx([expected.low, expected.high])
    assert (found["method"], found["examples"], found["openings"]) == ("Wilson", EXAMPLES, 1)
    assert found["opened"] is True
    assert judged == [((EXAMPLES, 64), "mse")]


def test_several_have_one_over_seeds_and_examples_and_are_one_opening(tmp_path, judged):
    found = open_test_split(asked("9", "18", "0"), runs=tmp_path)
    right = np.ones((3, EXAMPLES), bool)
    right[0, :9] = right[1, :18] = False
    expected = seeds_and_examples(right)
    assert found["per_seed"] == pytest.approx(right.mean(axis=1))
    assert found["interval"] == pytest.approx([expected.low, expected.high])
    assert found["method"] == "Wilson over seeds and examples"
    assert found["openings"] == 1
    assert len(judged) == 3


def test_the_confusion_and_each_class_are_counted(tmp_path, judged):
    found = open_test_split(asked("9", "0"), runs=tmp_path)
    counts = np.array(found["confusion"])
    assert counts.sum() == 2 * EXAMPLES
    assert counts.trace() == 2 * EXAMPLES - 9
    assert sum(each["examples"] for each in found["classes"]) == EXAMPLES
    weighted = sum(each["accuracy"] * each["examples"] for each in found["classes"])
    assert weighted == pytest.approx(EXAMPLES - 4.5)


def test_each_opening_counts(tmp_path, judged):
    assert [open_test_split(asked("9", run=run), runs=tmp_path)["openings"] for run in ("a", "b", "c")] == [1, 2, 3]
    assert ledger.verify(tmp_path / LEDGER) == []


def test_asked_again_the_ledger_answers_and_nothing_is_opened(tmp_path, judged):
    subject = asked("9", "18")
    assert recorded_opening(subject, tmp_path) is None
    first = open_test_split(subject, runs=tmp_path, who="ann@lab")
    before = (tmp_path / LEDGER).read_bytes()
    again = recorded_opening(subject, tmp_path)
    assert again == json.loads(json.dumps(first)) | {"opened": False}
    assert again["who"] == "ann@lab"
    assert (tmp_path / LEDGER).read_bytes() == before
    assert len(judged) == 2


def test_without_its_report_it_is_made_again_of_what_the_ledger_has(tmp_path, judged):
    subject = asked("9", "18")
    first = open_test_split(subject, runs=tmp_path)
    before = (tmp_path / LEDGER).read_bytes()
    shutil.rmtree(tmp_path / "reports")
    again = recorded_opening(subject, tmp_path)
    assert again == json.loads(json.dumps(first)) | {"opened": False}
    text = Path(again["report"]["markdown"]).read_text()
    assert "the most confident mistakes are not in it" in text
    assert {path.name for path in Path(again["report"]["html"]).parent.glob("*/*.png")} == {"confusion.png"}
    assert (tmp_path / LEDGER).read_bytes() == before
    assert len(judged) == 2


def test_of_a_result_from_before_classes_were_kept_the_report_has_the_numbers(tmp_path, judged):
    subject = asked("9")
    open_test_split(subject, runs=tmp_path)
    entry = ledger.entries(tmp_path / LEDGER)[-1]
    kept = {name: entry[name] for name in ("event", "who", "run", "config_digest", "data", "look", "examples")}
    result = {name: value for name, value in entry["result"].items() if name not in {"classes", "confusion"}}
    ledger.append(tmp_path / LEDGER, kept | {"result": result})
    shutil.rmtree(tmp_path / "reports")
    again = recorded_opening(subject, tmp_path)
    assert "confusion" not in again
    assert "97.49%" in Path(again["report"]["markdown"]).read_text()


def test_a_result_from_before_intervals_were_kept_is_shown_with_one_from_means(tmp_path, judged):
    subject = asked("9", "18")
    first = open_test_split(subject, runs=tmp_path)
    entry = ledger.entries(tmp_path / LEDGER)[-1]
    kept = {name: entry[name] for name in ("event", "who", "run", "config_digest", "data", "look", "examples")}
    result = {name: value for name, value in entry["result"].items() if name not in {"low", "high", "level"}}
    ledger.append(tmp_path / LEDGER, kept | {"result": result})
    expected = seeds_and_examples_from_means(first["per_seed"], EXAMPLES)
    assert recorded_opening(subject, tmp_path)["interval"] == pytest.approx([expected.low, expected.high])


def test_another_configuration_of_the_same_run_is_another_opening(tmp_path, judged):
    subject = asked("9")
    open_test_split(subject, runs=tmp_path)
    assert recorded_opening(asked("9", run=subject.run + REFIT), tmp_path) is None
    assert asked("9", run=subject.run + REFIT).report != subject.report


def test_the_report_says_which_opening_it_was_and_shows_the_mistakes(tmp_path, judged):
    open_test_split(asked("9", run="a"), runs=tmp_path)
    found = open_test_split(asked("9", run="b", title="tanh-study:7", validation=0.9), runs=tmp_path)
    text = Path(found["report"]["markdown"]).read_text()
    assert text.startswith("# Test of tanh-study:7")
    assert "2nd opening of this test set" in text
    assert "90.00%" in text
    assert re.search(r"The first: \d as 0, 91\.\d%", text)
    pictures = {path.name for path in Path(found["report"]["html"]).parent.glob("*/*.png")}
    assert pictures == {"confusion.png", "mistakes.png"}


def test_it_goes_on_the_runs_record(tmp_path, judged):
    tracker = MemoryTracker()
    run = RunRecord("a", {"seed": 0}, (), (), TrialResult("k", "finished"), 0.0, 1.0)
    run_id = tracker.record(run).result()
    subject = asked("9")
    opening = open_test_split(subject, runs=tmp_path)
    record_opening(tracker, run_id, subject, opening)
    again = asked("9", run=subject.run + REFIT)
    record_opening(tracker, run_id, again, opening)
    metrics = tracker.runs[run_id].metrics
    assert metrics["test.accuracy"] == metrics["test.refit.accuracy"] == opening["accuracy"]
    tags = tracker.runs[run_id].tags
    assert tags["test.opening"] == "1"  # no metric: MLflow's pages would draw a bar of it
    assert not [name for name in metrics if "look" in name or "opening" in name]
    assert is_recorded(subject, opening, tags)
    assert is_recorded(again, opening, tags)
    assert not is_recorded(subject, opening | {"hash": "of another opening"}, tags)
    placed = {(path.name, folder) for path, folder in tracker.artifacts[run_id]}
    assert {("report.html", "test"), ("mistakes.png", "test/figures"), ("report.json", "test.refit")} <= placed


def test_without_tensorflow_nothing_is_opened(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sweeper.train.evaluate", None)
    with pytest.raises(ImportError):
        open_test_split(asked("9"), runs=tmp_path)
    assert not (tmp_path / LEDGER).exists()


def test_a_model_that_cannot_be_read_was_an_opening_all_the_same(tmp_path, judged):
    with pytest.raises(ValueError, match="broken"):
        open_test_split(asked("broken"), runs=tmp_path)
    assert [entry["event"] for entry in ledger.entries(tmp_path / LEDGER)] == ["opened", "failed"]
    assert open_test_split(asked("9"), runs=tmp_path)["openings"] == 2
