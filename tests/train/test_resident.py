from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.tensorflow


@pytest.mark.parametrize("top", [255, 16, 1])
def test_images_are_held_as_bytes_that_give_back_every_bit(top):
    from sweeper.train.resident import whole_numbers

    values = np.random.default_rng(0).integers(0, top + 1, (300, 9)).astype(np.uint8)
    features = np.divide(values, np.float32(top), dtype=np.float32)
    held, divisor = whole_numbers(features)
    np.testing.assert_array_equal(np.divide(held, np.float32(divisor), dtype=np.float32), features)


@pytest.mark.parametrize("spoil", [0.5 / 255, -1.0, 2.0, np.float32(1e-7)])
def test_one_value_that_is_no_whole_number_keeps_them_all_as_they_are(spoil):
    from sweeper.train.resident import whole_numbers

    features = np.divide(np.arange(256, dtype=np.uint8).repeat(8).reshape(512, 4), np.float32(255), dtype=np.float32)
    features[17, 2] += spoil
    assert whole_numbers(features) is None


def test_both_parts_are_held_alike(digits, blobs):
    from sweeper.train.quiet import tf
    from sweeper.train.resident import resident

    held = resident(digits)
    assert held.train.features.dtype == held.validation.features.dtype == tf.uint8
    assert held.top == 16
    assert resident(digits) is held
    assert resident(blobs).top == 0
    mixed = replace(digits, top=0.0, train_held=digits.train, validation_held=digits.validation + np.float32(0.01))
    assert resident(mixed).train.features.dtype == tf.float32


def test_columns_that_are_blank_in_both_parts_are_left_out(patchy):
    from sweeper.train.resident import MULTIPLE, resident

    held = resident(patchy)
    assert sorted(held.columns) == list(range(40))
    assert held.blank == 40 - MULTIPLE
    seen, blank = held.columns[:MULTIPLE], held.columns[MULTIPLE:]
    for part, features in ((held.train, patchy.train), (held.validation, patchy.validation)):
        np.testing.assert_array_equal(part.features.numpy(), features[:, seen])
        assert not features[:, blank].any()
    learnt = patchy.train.any(axis=0)[held.columns]
    assert list(learnt) == [True] * 7 + [False] * 33
    assert patchy.validation[:, held.columns[7:11]].any(axis=0).all()


@pytest.mark.parametrize("blank", [0, 3, 64])
def test_columns_stay_where_they_are_where_little_would_be_gained(digits, blank):
    from sweeper.train.resident import MULTIPLE, resident

    parts = [np.ones_like(part) for part in (digits.train_held, digits.validation_held)]
    for part in parts:
        part[:, :blank] = 0
    held = resident(replace(digits, train_held=parts[0], validation_held=parts[1]))
    assert held.blank == (64 - MULTIPLE if blank == 64 else 0)
    assert list(held.columns) == list(range(64))


def test_the_last_two_splits_are_kept(digits, blobs):
    from sweeper.train.resident import resident

    first, second = resident(digits), resident(blobs)
    assert resident(digits) is first
    third = resident(replace(blobs))
    assert resident(digits) is first
    assert resident(third.split) is third
    assert resident(blobs) is not second
