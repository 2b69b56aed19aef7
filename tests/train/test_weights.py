"""Weights of classes in the training loss, alone and in a group, and numbers as a target."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from sweeper.config.schema import Config, Dataset
from sweeper.data.split import Split, Target
from sweeper.errors import InputError
from sweeper.trial import EpochReport
from tests.train.conftest import run

pytestmark = pytest.mark.tensorflow

STEP = Config(
    hidden=(), batch_size="full", steps=1, learning_rate=0.5, dataset=Dataset(name="npz"), log_every=1, validate_every=1
)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def stepped(split: Split, weights: np.ndarray) -> list[np.ndarray]:
    """Kernel and bias after one step of softmax regression by the weighted cross-entropy, in NumPy."""
    from sweeper.train.network import initial_weights

    kernel, bias = initial_weights(STEP.init, (7, 4), 0)
    delta = softmax(split.train @ kernel + bias)
    delta[np.arange(90), split.train_labels] -= 1
    delta *= weights[split.train_labels][:, None] / 90
    return [kernel - 0.5 * split.train.T @ delta, bias - 0.5 * delta.sum(axis=0)]


def model_weights(path):
    from sweeper.train.quiet import keras

    return keras.saving.load_model(path, compile=False).get_weights()


def test_a_step_follows_the_weighted_loss_of_each_member(blobs, tmp_path):
    texts = ("none", "balanced", "b:5,d:0")
    found = run(blobs, [replace(STEP, class_weight=text) for text in texts], model_dir=str(tmp_path)).results
    balanced = compute_class_weight("balanced", classes=np.arange(4), y=blobs.train_labels)
    for result, weights in zip(found, (np.ones(4), balanced, np.array([1, 5, 1, 0.0])), strict=True):
        for own, expected in zip(model_weights(result.models[0]), stepped(blobs, weights), strict=True):
            np.testing.assert_allclose(own, expected, atol=2e-6)
        assert result.place["weighted"] is True


def test_what_is_reported_is_the_loss_without_weights(blobs, small):
    plain, weighted = (run(blobs, [replace(small, class_weight=text, steps=1)]) for text in ("none", "balanced"))
    assert plain.of(EpochReport)[0].train == weighted.of(EpochReport)[0].train


def test_without_weights_nothing_is_weighted(blobs, small):
    assert "weighted" not in run(blobs, [small]).results[0].place


def test_a_class_that_is_not_there_is_refused_with_the_nearest(blobs, small):
    with pytest.raises(InputError, match="class_weight"):
        run(blobs, [replace(small, class_weight="e:2")])


def test_metrics_are_computed_where_they_are_asked_for_and_all_of_them_at_the_end(blobs, small):
    found = run(blobs, [replace(small, metrics=("auc",)), small])
    assert [set(report.validation.more) for report in found.of(EpochReport, "0")] == [{"auc"}] * 2
    assert [set(report.validation.more) for report in found.of(EpochReport, "1")] == [set()] * 2
    for result in found.results:
        assert set(result.validation.more) == {"balanced_accuracy", "f1_macro", "auc", "log_loss", "calibration"}
        assert sum(n for n, _, _ in result.by_class) == 40
        assert sum(right for _, _, right in result.by_class) == round(40 * result.validation.accuracy[0])
    assert found.results[0].validation.more["auc"] == found.of(EpochReport, "0")[-1].validation.more["auc"]
    assert found.results[0].validation.more["log_loss"] == pytest.approx(found.results[0].validation.loss, rel=1e-5)


@pytest.fixture(scope="module")
def line(blobs) -> Split:
    """A number that the features of the blobs tell, far from 0 and with a spread far from 1."""
    noise = np.random.default_rng(8).normal(size=130) * 60
    truth = blobs.train @ np.arange(1.0, 8) * 50 + 1000 + noise[:90]
    others = blobs.validation @ np.arange(1.0, 8) * 50 + 1000 + noise[90:]
    target = Target.of("price", truth.astype(np.float64))
    return replace(
        blobs,
        train_labels=truth.astype(np.float64),
        validation_labels=others.astype(np.float64),
        classes=(),
        target=target,
    )


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_numbers_are_learnt_and_told_in_their_own_unit(line, loss, tmp_path):
    config = replace(
        STEP, loss=loss, steps=400, learning_rate=0.05, batch_size=30, repeats=2, validate_every=200, log_every=200
    )
    found = run(line, [config], model_dir=str(tmp_path))
    result = found.results[0]
    assert result.validation.accuracy == ()
    assert max(result.validation.more["rmse"]) < 0.2 * np.std(line.validation_labels)
    assert min(result.validation.more["r2"]) > 0.95
    from sweeper.train.evaluate import estimate, outputs

    for member, path in enumerate(result.models):
        judged = estimate(path, line.validation, line.validation_labels, loss, line.target)
        assert judged.loss == pytest.approx(result.validation.loss[member], rel=1e-4)
        for name, value in judged.more.items():
            assert value == pytest.approx(result.validation.more[name][member], rel=1e-5)
        assert abs(outputs(path, line.validation).mean() - line.validation_labels.mean()) < line.target.scale
    last = found.of(EpochReport)[-1]
    assert set(last.train.more) == {"rmse"}
    assert last.validation.more == result.validation.more


def test_the_residuals_are_the_errors(line):
    from sweeper.jobs.scores import measure_of
    from sweeper.report.hits import parts, residuals

    result = run(line, [replace(STEP, loss="mse", steps=50, batch_size=30, learning_rate=0.05)]).results[0]
    errors = residuals(result.residuals[0], result.data)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(result.validation.more["rmse"][0], rel=1e-3)
    for name in ("rmse", "mae", "r2"):
        [own] = parts(result, measure_of(f"validation.{name}"))
        assert own.mean() == pytest.approx(result.validation.more[name][0], rel=1e-9)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"loss": "cross_entropy"}, "the target is a number"),
        ({"class_weight": "balanced"}, "class_weight does nothing"),
        ({"output_activation": "relu"}, "cannot reach every number"),
        ({"metrics": ("auc",)}, "auc is of classes"),
    ],
)
def test_what_only_classes_have_is_refused(line, keys, told):
    with pytest.raises(InputError, match=told):
        run(line, [replace(STEP, **{"loss": "mse"} | keys)])


@pytest.mark.parametrize(
    ("keys", "told"), [({"loss": "huber"}, "is of numbers"), ({"metrics": ("r2",)}, "r2 is of num")]
)
def test_what_only_numbers_have_is_refused(blobs, keys, told):
    with pytest.raises(InputError, match=told):
        run(blobs, [replace(STEP, **keys)])
