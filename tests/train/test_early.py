"""Early stopping: each member stops by itself, with its best weights, and does so again when it was broken off."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from sweeper.config.schema import OPTIMIZERS
from sweeper.trial import EpochReport, TrialResult, TrialSpec
from tests.train.broken_off import curve, remarks, train
from tests.train.conftest import run
from tests.train.test_saving import numbers

pytestmark = [pytest.mark.tensorflow, pytest.mark.usefixtures("at_every_step")]


@pytest.fixture
def long(small):
    """A run that is at its best before its end."""
    return replace(small, steps=160, learning_rate=0.5, validate_every=4, log_every=20)


def best_of(history, patience, value):
    """The step at which a member stops and the one whose weights it keeps, out of a history without stopping."""
    best, kept, waited = None, 0, 0
    for report in history:
        if best is None or value(report) > best:
            best, kept, waited = value(report), report.step, 0
        else:
            waited += 1
        if waited == patience:
            return report.step, kept
    return history[-1].step, kept


@pytest.mark.parametrize(("objective", "sign"), [("accuracy", 1), ("loss", -1)])
def test_each_member_keeps_its_best_validation_and_stops_by_itself(blobs, long, objective, sign):
    config = replace(long, repeats=3)
    free = run(blobs, [config]).of(EpochReport)
    ends = [best_of(free, 4, lambda r, m=m: sign * getattr(r.validation, objective)[m]) for m in range(3)]
    assert len(set(ends)) > 1
    assert max(stop for stop, _ in ends) < 160

    from sweeper.train.loop import train as train_group

    spec = TrialSpec(
        "0", replace(config, stop_after=4).to_dict(), objective=f"validation.{objective}", maximize=sign > 0
    )
    events = []
    (result,) = train_group([spec], blobs, events.append, lambda: ())
    assert result.status == "finished"
    assert result.steps == max(stop for stop, _ in ends)
    assert result.kept == {
        "objective": f"validation.{objective}",
        "maximize": sign > 0,
        "steps": [kept for _, kept in ends],
    }
    by_step = {report.step: report for report in free}
    for member, (stop, kept) in enumerate(ends):
        assert result.validation.accuracy[member] == by_step[kept].validation.accuracy[member]
        assert result.validation.loss[member] == by_step[kept].validation.loss[member]
        for report in (event for event in events if isinstance(event, EpochReport)):
            shown = by_step[report.step if report.step <= stop else kept].validation.loss[member]
            assert report.validation.loss[member] == shown


def test_what_is_saved_has_the_kept_weights_and_nothing_else(blobs, long, tmp_path):
    (stopped,) = run(blobs, [replace(long, stop_after=3)], model_dir=str(tmp_path / "a")).results
    (kept,) = stopped.kept["steps"]
    assert 0 < kept < stopped.steps < 160
    (as_long,) = run(blobs, [replace(long, steps=kept)], model_dir=str(tmp_path / "b")).results
    assert stopped.weights == as_long.weights
    assert stopped.train == as_long.train
    assert (stopped.validation, stopped.correct) == (as_long.validation, as_long.correct)

    from sweeper.train.quiet import keras

    weights = keras.saving.load_model(stopped.models[0]).get_weights()
    assert hashlib.sha256(b"".join(part.tobytes() for part in weights)).hexdigest() == stopped.weights[0]


def test_trials_in_a_group_stop_each_on_its_own(blobs, long, monkeypatch):
    from sweeper.train import group

    monkeypatch.setattr(group, "WORTH", 0.0)
    configs = [
        replace(long, stop_after=2),
        replace(long, seed=5, stop_after=6, repeats=2),
        replace(long, seed=9),
        replace(long, seed=2, stop_after=3, learning_rate=0.2),
    ]
    went = run(blobs, configs)
    alone = [run(blobs, [config]).results[0] for config in configs]
    for number, single in enumerate(alone):
        together = went.results[number]
        assert (together.status, together.steps, together.kept) == ("finished", single.steps, single.kept)
        np.testing.assert_allclose(together.train.loss, single.train.loss, rtol=1e-4)
        assert went.of(EpochReport, str(number))[-1].step == single.steps
        assert went.of(TrialResult, str(number)) == [together]
    assert went.results[2].kept == {}
    assert went.results[2].steps == 160
    assert went.results[2].group < 5, "the group has shrunk since the others stopped"


def test_validations_that_only_a_companion_needs_do_not_count(blobs, long):
    plain = run(blobs, [replace(long, stop_after=3)]).results[0]
    marked = run(blobs, [replace(long, stop_after=3)], marks=(5, 6, 7, 9, 11, 13)).results[0]
    assert numbers([plain]) == numbers([marked])


def test_a_member_that_diverges_after_it_has_stopped_fails_nobody(blobs, long):
    from sweeper.train import early

    config = replace(long, activation="linear", steps=60, repeats=2, stop_after=2)
    whole = run(blobs, [config]).results[0]
    assert whole.status == "finished"
    first = int(np.argmin(whole.kept["steps"]))
    stop = whole.kept["steps"][first] + 2 * config.validate_every
    assert stop < whole.steps
    add = early.Early.add

    def spoilt(self, step, measures, scores, right, network):
        add(self, step, measures, scores, right, network)
        if self.stopped[first]:
            for variable in network.variables:
                value = variable.numpy()
                value[first] = np.nan
                variable.assign(value)

    early.Early.add = spoilt
    try:
        again = run(blobs, [config]).results[0]
    finally:
        early.Early.add = add
    assert numbers([again]) == numbers([whole])


@pytest.mark.parametrize(
    "change", [{}, {"optimizer": OPTIMIZERS["adam"](), "learning_rate": 0.02, "dropout": 0.2}], ids=str
)
def test_what_was_broken_off_goes_on_and_stops_where_it_would_have(blobs, long, tmp_path, monkeypatch, change):
    from sweeper.train import group

    monkeypatch.setattr(group, "WORTH", 0.0)
    base = replace(long, **change)
    configs = [replace(base, stop_after=8, repeats=2), replace(base, seed=4, stop_after=2), replace(base, seed=6)]
    whole, events = train(blobs, configs, tmp_path / "whole.npz")
    at = whole[1].steps + 5
    assert at < whole[0].steps, "a trial has stopped before the break, and another stops after it"
    assert train(blobs, configs, tmp_path / "broken.npz", break_at=at)[0] is None
    left = [0, 2]
    again, more = train(blobs, [configs[n] for n in left], tmp_path / "broken.npz", keys="02")
    assert any("goes on from step" in text for text in remarks(more)), remarks(more)
    assert numbers(again) == numbers([whole[n] for n in left])
    assert [result.kept for result in again] == [whole[n].kept for n in left]
    for key in ("0", "2"):
        assert curve(more, key) == curve(events, key)
