"""The plain numbers of a fitted preprocessing give, in the package that goes with exported models, the same bits."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.data.encode import Range, Scale, Standard, TableEncoding
from sweeper.data.portable.features import features

RANDOM = np.random.default_rng(11)


def same(transform, rows):
    """Of the plan as a file keeps it."""
    plan = json.loads(json.dumps(transform.plan, allow_nan=False))
    assert np.array_equal(features(plan, rows), transform(rows))
    assert features(plan, rows).dtype == np.float32


@pytest.mark.parametrize("top", [1.0, 16.0, 255.0])
def test_pictures_of_bytes(top):
    pixels = np.arange(256, dtype=np.uint8).reshape(-1, 4)
    same(Scale(top).fit(pixels), pixels)


@pytest.mark.parametrize("encoding", [Range(), Standard()])
@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_numbers(encoding, scale):
    values = RANDOM.normal(size=(50, 6)) * scale
    values[:, 2] = 0.1
    same(encoding.fit(values), values)
    same(encoding.fit(values), RANDOM.normal(size=(20, 6)))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_tables(data):
    """Numbers and categories in any order, lacking values or not, few categories or more than 100, rows of any kind."""
    width = data.draw(st.integers(1, 5))
    categorical = tuple(data.draw(st.lists(st.booleans(), min_size=width, max_size=width)))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    counts = [data.draw(st.sampled_from([1, 2, 7, 100, 101, 140])) for _ in range(width)]
    columns = [
        random.integers(0, count, 400).astype(float) if is_category else random.normal(5, 20, 400)
        for count, is_category in zip(counts, categorical, strict=True)
    ]
    values = np.column_stack(columns)
    lacking = tuple(data.draw(st.lists(st.booleans(), min_size=width, max_size=width)))
    for k in range(width):
        if lacking[k]:
            values[random.random(400) < data.draw(st.sampled_from([0.002, 0.3])), k] = np.nan
    transform = TableEncoding(categorical, lacking).fit(values[:300])
    same(transform, values[:300])
    same(transform, values)
    strangers = np.where(categorical, [[-1.0], [900.0], [0.0]], [[1e9], [-3.5], [0.0]])
    same(transform, strangers)


def test_a_missing_value_where_training_lacked_none_is_its_median_and_a_missing_category_one_that_is_new():
    values = np.array([[1.0, 0.0], [2.0, 1.0], [9.0, 1.0]])
    plan = TableEncoding((False, True), (False, False)).fit(values).plan
    got, median = features(plan, np.array([[np.nan, np.nan], [2.0, -1.0]]))
    assert got.tolist() == median.tolist()
    assert got[1:].tolist() == [0.0, 0.0]
