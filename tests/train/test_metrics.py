"""The further metrics are scikit-learn's, whatever the classes, ties, absences and sizes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs
from sklearn.calibration import calibration_curve

from sweeper.config.metrics import CLASSIFICATION, METRICS, REGRESSION, metrics_of
from sweeper.train.metrics import BINS, OF_CLASSES, OF_NUMBERS, Classified, Predicted, calibration, scored


def seen(classes: int, size: int, seed: int, *, ties: bool = False, scale: float = 2.0) -> Classified:
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, max(0, size - classes))])
    outputs = random.normal(size=(len(labels), classes)) * scale
    outputs[np.arange(len(labels)), labels] += 1
    return Classified((np.round(outputs) if ties else outputs).astype(np.float32), labels)


THEIRS = {
    "balanced_accuracy": lambda s: theirs.balanced_accuracy_score(s.labels, s.predictions),
    "f1_macro": lambda s: theirs.f1_score(s.labels, s.predictions, average="macro", zero_division=0),
    "auc": lambda s: (
        theirs.roc_auc_score(s.labels, s.probabilities[:, 1])
        if s.outputs.shape[1] == 2
        else theirs.roc_auc_score(s.labels, s.probabilities, multi_class="ovr", average="macro")
    ),
    "log_loss": lambda s: theirs.log_loss(s.labels, s.probabilities, labels=range(s.outputs.shape[1])),
}


@pytest.mark.parametrize("name", THEIRS)
@given(
    classes=st.integers(2, 7),
    size=st.integers(2, 400),
    seed=st.integers(0, 10**6),
    ties=st.booleans(),
    scale=st.sampled_from([0.1, 2.0, 40.0]),
)
@settings(max_examples=60, deadline=None)
def test_those_of_classes_are_scikit_learns(name, classes, size, seed, ties, scale):
    example = seen(classes, size, seed, ties=ties, scale=scale)
    assert OF_CLASSES[name](example) == pytest.approx(THEIRS[name](example), abs=1e-6)


@pytest.mark.parametrize("name", ["balanced_accuracy", "f1_macro", "log_loss"])
def test_a_class_without_examples_counts_as_scikit_learn_has_it(name):
    whole = seen(5, 300, 3)
    here = whole.labels != 2
    example = Classified(whole.outputs[here], whole.labels[here])
    assert 2 in example.predictions
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert OF_CLASSES[name](example) == pytest.approx(THEIRS[name](example), abs=1e-6)


def test_the_auc_leaves_an_absent_class_out_and_needs_two():
    whole = seen(4, 200, 5)
    here = whole.labels != 3
    example = Classified(whole.outputs[here], whole.labels[here])
    one_by_one = [theirs.roc_auc_score(example.labels == c, example.probabilities[:, c]) for c in range(3)]
    assert OF_CLASSES["auc"](example) == pytest.approx(np.mean(one_by_one), abs=1e-9)
    assert np.isnan(OF_CLASSES["auc"](Classified(whole.outputs[:3], np.zeros(3, np.int64))))


@given(classes=st.integers(2, 5), size=st.integers(5, 500), seed=st.integers(0, 10**6), ties=st.booleans())
@settings(max_examples=40, deadline=None)
def test_calibration_is_the_gap_of_scikit_learns_curve_weighted_by_the_bins(classes, size, seed, ties):
    example = seen(classes, size, seed, ties=ties)
    surest = example.probabilities.max(axis=1).clip(0, 1)
    right = example.predictions == example.labels
    share, said = calibration_curve(right, surest, n_bins=BINS)
    bins = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], surest)
    sizes = np.bincount(bins, minlength=BINS)
    assert calibration(example) == pytest.approx(
        (np.abs(share - said) * sizes[sizes > 0]).sum() / len(surest), abs=1e-9
    )


@given(size=st.integers(2, 300), seed=st.integers(0, 10**6), scale=st.sampled_from([1e-3, 1.0, 1e6]))
@settings(max_examples=40, deadline=None)
def test_those_of_numbers_are_scikit_learns(size, seed, scale):
    random = np.random.default_rng(seed)
    truth = random.normal(size=size) * scale + 5
    example = Predicted(truth + random.normal(size=size) * scale, truth)
    expected = {
        "rmse": theirs.root_mean_squared_error(truth, example.predictions),
        "mae": theirs.mean_absolute_error(truth, example.predictions),
        "r2": theirs.r2_score(truth, example.predictions),
    }
    assert scored(example, OF_NUMBERS) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("said", [5.0, 6.0])
def test_r2_of_a_constant_target_is_scikit_learns(said):
    example = Predicted(np.full(4, said), np.full(4, 5.0))
    assert OF_NUMBERS["r2"](example) == theirs.r2_score(example.numbers, example.predictions)


def test_every_metric_of_the_registry_has_its_definition():
    assert set(OF_CLASSES) == set(metrics_of(CLASSIFICATION))
    assert set(OF_NUMBERS) == set(metrics_of(REGRESSION))
    assert set(METRICS) == {*OF_CLASSES, *OF_NUMBERS}
    assert list(scored(seen(3, 50, 1), ["auc", "rmse"])) == ["auc"]
