"""Features from stored values, compared with calculations made another way."""

from __future__ import annotations

import numpy as np
import pytest

from sweeper.data.encode import Columns, Scale


def test_every_pixel_value_becomes_its_share_of_the_top():
    pixels = np.arange(256, dtype=np.uint8).reshape(-1, 4)
    features = Scale(255).fit(pixels)(pixels)
    assert features.dtype == np.float32
    # Division of exact numbers, rounded once: what Python's own division gives, rounded to 32 bits.
    assert features.ravel().tolist() == [float(np.float32(k / 255)) for k in range(256)]


def test_numbers_are_standardised_by_the_training_rows_alone():
    train = np.array([[1.0], [3.0], [8.0]])
    transform = Columns((False,)).fit(train)
    mean, deviation = 4.0, (((1 - 4) ** 2 + (3 - 4) ** 2 + (8 - 4) ** 2) / 3) ** 0.5
    assert transform(train).ravel() == pytest.approx([(x - mean) / deviation for x in (1, 3, 8)], rel=1e-6)
    assert transform(np.array([[100.0]]))[0, 0] == pytest.approx((100 - mean) / deviation, rel=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e17])
def test_a_constant_column_becomes_zeros(value):
    train = np.full((7, 1), value)
    assert Columns((False,)).fit(train)(train).tolist() == [[0.0]] * 7


def test_categories_become_one_column_each_and_an_unseen_one_zeros():
    train = np.array([[0.0, 5.0], [2.0, 7.0], [0.0, 9.0]])
    transform = Columns((True, False)).fit(train)
    assert transform(train)[:, :2].tolist() == [[1, 0], [0, 1], [1, 0]]
    assert transform(train).shape == (3, 3)
    assert transform(np.array([[1.0, 7.0]])).tolist() == [[0, 0, 0]]
