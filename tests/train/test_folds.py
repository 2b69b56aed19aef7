"""Trials over folds: what each fold came to by itself, and the mean of them in every report."""

from __future__ import annotations

import base64
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from sweeper.trial import EpochReport, Scores, StepReport, TrialResult, TrialSpec, result_from_json, to_json
from tests.train.conftest import run

pytestmark = pytest.mark.tensorflow


def go(split, configs, *, model_dir="", until=(), stopped=lambda _events: ()):
    from sweeper.train.folds import train_folds

    events = []
    specs = [
        TrialSpec(str(n), c.to_dict(), model_dir=model_dir and f"{model_dir}/{n}", until=until[n] if until else 0)
        for n, c in enumerate(configs)
    ]
    return train_folds(specs, split, events.append, lambda: stopped(events)), events


def mean(scores):
    def over(values):
        return tuple(map(fmean, zip(*values, strict=True)))

    more = {name: over([one.more[name] for one in scores]) for name in scores[0].more}
    return [Scores(over([one.loss for one in scores]), over([one.accuracy for one in scores]), more)]


def test_a_trial_is_the_mean_of_what_each_fold_comes_to_alone(folded, small):
    config = replace(small, repeats=2, steps=30)
    group = [config, replace(config, seed=7, l2=0.01, dropout=0.1)]
    (result, _), _ = go(folded, group)
    alone = [run(part, group).results[0] for part in folded.folds]
    assert result.folds == tuple(one.validation for one in alone)
    assert [result.validation] == mean([one.validation for one in alone])
    assert [result.train] == mean([one.train for one in alone])
    assert result.weights == tuple(weight for one in alone for weight in one.weights)
    for member in range(2):
        bits = np.unpackbits(np.frombuffer(base64.b64decode(result.correct[member]), np.uint8))[:130]
        assert bits.sum() == sum(
            round(one.validation.accuracy[member] * len(part.validation_labels))
            for one, part in zip(alone, folded.folds, strict=True)
        )
    assert result.data["sizes"] == {"train": 80, "validation": 130, "test": 0}
    assert result_from_json(to_json(result)) == result


def test_every_report_is_of_all_folds(folded, small):
    _, events = go(folded, [small])
    alone = [run(part, [small]) for part in folded.folds]
    for kind in (StepReport, EpochReport):
        told = [event for event in events if isinstance(event, kind)]
        theirs = [each.of(kind) for each in alone]
        assert [event.step for event in told] == [event.step for event in theirs[0]]
        for number, event in enumerate(told):
            assert [event.train] == mean([each[number].train for each in theirs])


def test_passes_are_counted_by_the_smallest_training_part(folded, small):
    (result,), events = go(folded, [replace(small, steps=None, epochs=2, validate_every=0)])
    assert result.steps == 2 * 80 // small.batch_size
    assert [event.step for event in events if isinstance(event, EpochReport)] == [4, 8]


def test_folds_stop_early_each_on_its_own(folded, small):
    config = replace(small, steps=80, learning_rate=0.5, validate_every=4, stop_after=3)
    (result,), events = go(folded, [config])
    alone = [run(part, [config]).results[0] for part in folded.folds]
    assert result.kept["steps"] == [step for one in alone for step in one.kept["steps"]]
    assert result.steps == max(one.steps for one in alone)
    assert result.folds == tuple(one.validation for one in alone)
    last = [event for event in events if isinstance(event, EpochReport)][-1]
    assert last.step == result.steps


def test_the_model_is_trained_on_all_examples(folded, small, tmp_path):
    config = replace(small, steps=80, learning_rate=0.5, validate_every=4, stop_after=3)
    (result,), _ = go(folded, [config], model_dir=str(tmp_path / "folds"))
    steps = round(np.mean(result.kept["steps"]))
    (plain,) = run(
        replace(folded, folds=()), [replace(small, steps=steps, learning_rate=0.5)], model_dir=str(tmp_path)
    ).results

    from sweeper.train.quiet import keras

    ours, theirs = (keras.saving.load_model(one.models[0]).get_weights() for one in (result, plain))
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_a_trial_that_fails_or_is_pruned_does_so_on_all_folds_and_alone(folded, small):
    wild = replace(small, learning_rate=1e30, activation="linear")
    calm = replace(small, activation="linear")

    def stopped(events):
        return {"2"} if any(isinstance(event, EpochReport) for event in events) else ()

    results, events = go(folded, [calm, wild, replace(calm, seed=3)], stopped=stopped)
    assert [result.status for result in results] == ["finished", "failed", "pruned"]
    assert results[1].failure.kind == "not_finite"
    assert results[1].validation is None
    assert results[2].steps == 8, "the stretch after the validation that it was stopped for"
    assert results[2].validation == [e.validation for e in events if isinstance(e, EpochReport) and e.key == "2"][-1]
    assert [event for event in events if isinstance(event, TrialResult)][-1] == results[0]
    np.testing.assert_allclose(results[0].train.loss, go(folded, [calm])[0][0].train.loss, rtol=1e-4)
