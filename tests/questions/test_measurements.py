"""The three measurements that need code of their own, against independent calculations."""

import numpy as np
import pytest

from sweeper.questions.analyses.flattery import flattery
from sweeper.questions.analyses.gradient_noise import _weights, gradient, gradient_noise
from sweeper.questions.analyses.stability import breaks_at, stability


def test_loss_from_logits_is_right_where_the_one_by_hand_is_not():
    rows = stability()
    assert all(row.from_logits == pytest.approx(row.exact, rel=1e-6) for row in rows)
    assert [row.broken for row in rows] == [row.gap > 103 for row in rows]
    assert rows[-1].by_hand == float("inf")


def test_where_the_loss_by_hand_breaks_is_where_float32_ends():
    # exp(-gap) is no longer a float32 (subnormal ones included) below 2 ** -150.
    assert breaks_at() == pytest.approx(150 * np.log(2), abs=0.5)


def test_gradient_agrees_with_finite_differences():
    rng = np.random.default_rng(1)
    features, labels = rng.random((7, 5), np.float32), rng.integers(0, 3, 7)
    weights = _weights(rng, [5, 4, 3])
    found = gradient(weights, features, labels)
    flat = np.concatenate([np.concatenate([kernel.ravel(), bias]) for kernel, bias in weights])

    def loss(values):
        outputs, start = features.astype(float), 0
        for index, (kernel, bias) in enumerate(weights):
            k = values[start : start + kernel.size].reshape(kernel.shape)
            b = values[start + kernel.size : start + kernel.size + bias.size]
            start += kernel.size + bias.size
            outputs = outputs @ k + b
            if index < len(weights) - 1:
                outputs = np.maximum(outputs, 0)
        return np.mean(np.log(np.exp(outputs).sum(1)) - outputs[np.arange(7), labels])

    steps = np.eye(flat.size) * 1e-6
    numeric = np.array([(loss(flat + step) - loss(flat - step)) / 2e-6 for step in steps])
    np.testing.assert_allclose(found, numeric, atol=1e-7)


def test_noise_falls_with_the_root_of_the_batch():
    rng = np.random.default_rng(2)
    features, labels = rng.random((4000, 20), np.float32), rng.integers(0, 10, 4000)
    noise = gradient_noise(features, labels, [4, 16, 64], hidden=[8], draws=60)
    assert noise[4] / noise[16] == pytest.approx(2, rel=0.25)
    assert noise[16] / noise[64] == pytest.approx(2, rel=0.25)


def test_all_examples_have_no_noise():
    rng = np.random.default_rng(3)
    features, labels = rng.random((50, 6), np.float32), rng.integers(0, 3, 50)
    assert gradient_noise(features, labels, [50], hidden=[4], draws=3)[50] == pytest.approx(0, abs=1e-12)


def test_flattery_of_equal_candidates_is_what_theory_says():
    rng = np.random.default_rng(4)
    correct = rng.random((300, 6000)) < 0.5
    found = flattery(correct, [1, 10, 300], held_out=1000).rows
    one, ten, all_of_them = found
    assert one.low < 0 < one.high
    assert one.theory == pytest.approx(0, abs=1e-9)
    for row in (ten, all_of_them):
        assert row.mean == pytest.approx(row.theory, rel=0.15)
    assert ten.mean < all_of_them.mean


def test_candidates_that_really_differ_flatter_less():
    rng = np.random.default_rng(5)
    skill = np.linspace(0.2, 0.8, 100)[:, None]
    correct = rng.random((100, 3000)) < skill
    found = flattery(correct, [100], held_out=1000)
    (row,) = found.rows
    assert found.spread == pytest.approx(np.linspace(0.2, 0.8, 100).std(ddof=1), rel=0.05)
    assert found.noise == pytest.approx((0.22 / 1000) ** 0.5, rel=0.1)
    assert row.mean < 0.5 * found.noise * 2.5  # 2.5 is the expected largest of 100 normal numbers
    assert row.theory == pytest.approx(row.mean, rel=0.3)  # a normal spread of that size would give a third of it


def test_more_candidates_than_there_are_is_left_out():
    correct = np.random.default_rng(6).random((5, 100)) < 0.5
    assert [row.candidates for row in flattery(correct, [1, 5, 10], held_out=30, draws=5).rows] == [1, 5]
