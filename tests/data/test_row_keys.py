"""Keys of rows: the same for the same content, whatever holds it; samples of them tell shared rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.data.row_keys import copies, distinct, of_array, of_columns, of_values
from sweeper.data.row_sample import SIZE, sample, shared


def test_a_key_is_the_same_for_ever():
    """Calculated apart, in Python's own whole numbers; they must come out on every machine and with every version."""
    texts = np.array(["red", "7", None], object)
    with_fraction, without = (
        of_columns([np.array([1.5, -2, np.nan]), texts]),
        of_columns([np.array([1, -2, np.nan]), texts]),
    )
    assert hexadecimal(with_fraction) == ["3ff6a2b406e6cfd5", "8d4cd9e15b3e4925", "b9ec30febcb36986"]
    assert hexadecimal(without) == ["a38f5d4e08cb0902", "89052f41ececcd16", "baeccf4e92d92cb3"]


def hexadecimal(keys):
    return [f"{int(key):016x}" for key in keys]


@pytest.mark.parametrize(
    "other",
    [
        np.array([1, 0, 3], np.int8),
        np.array([1, 0, 3], np.float32),
        np.array([1.0, -0.0, 3.0]),
        np.array(["1", "0", "3"]),
        np.array(["1.0", " 0", "3e0"], object),
        np.array([True, False, 3], object),
        pd.Series(["1", "0", "3"], dtype="category").to_numpy(),
    ],
)
def test_a_value_counts_and_not_how_it_is_stored(other):
    assert of_values(other).tolist() == of_values(np.array([1.0, 0.0, 3.0])).tolist()


@pytest.mark.parametrize("dtype", [np.float64, object, str])
def test_single_precision_does_not_count(dtype):
    values = np.round(np.random.default_rng(0).normal(size=1000) * 10.0 ** np.arange(-20, 5).repeat(40), 30)
    assert of_values(values.astype(np.float32)).tolist() == of_values(values.astype(dtype)).tolist()


def test_large_whole_numbers_and_very_small_fractions_keep_all_their_digits():
    assert len(set(of_values(np.arange(2**53 - 1000, 2**53)).tolist())) == 1000
    assert len(set(of_values(np.arange(1, 1000) * 1e-60).tolist())) == 999


def test_with_a_fraction_anywhere_the_order_of_columns_does_not_count():
    columns = [np.arange(50), np.arange(50)[::-1] * 0.5, np.array(["a", "1", "b", "1.5", None] * 10, object)]
    assert of_columns(columns).tolist() == of_columns([columns[2], columns[0], columns[1]]).tolist()
    assert len(set(of_columns(columns).tolist())) == 50


def test_other_values_other_places_and_other_texts_have_other_keys():
    columns = [np.array([1.0, 2.0, 1.0, 2.0]), np.array([2.0, 1.0, 1.0, 2.0])]
    assert len(set(of_columns(columns).tolist())) == 4
    answers = list(np.random.default_rng(0).integers(0, 2, (10, 5000)))
    assert len(set(of_columns(answers).tolist())) > 1000  # of 1024; without places there are 11
    assert len(set(of_values(np.array(["a", "b", "A", "", "1a", "01", "1"], object)).tolist())) == 6  # 01 is 1
    days = pd.Series(pd.to_datetime(["2026-01-01", "2026-01-02"])).to_numpy()
    assert of_values(days).tolist() == of_values(np.array(["2026-01-01", "2026-01-02 00:00:00"], object)).tolist()


@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 5))
def test_an_array_has_the_keys_of_its_columns(count, width, seed):
    values = np.random.default_rng(seed).normal(size=(count, width))
    assert of_array(values).tolist() == of_columns(list(values.T)).tolist()


def test_keys_are_spread_evenly():
    keys = of_array(np.arange(100_000).reshape(-1, 1))
    counts = np.bincount((keys >> np.uint64(61)).astype(int))
    assert len(set(keys.tolist())) == 100_000
    assert np.all(np.abs(counts - 12_500) < 5 * (100_000 / 8 * 7 / 8) ** 0.5)


@pytest.mark.parametrize("count", [1, 2**14, 2**14 + 1, 50_000])
def test_a_value_has_its_key_wherever_it_stands(count):
    """Columns are read piece by piece; here with fractions, whole numbers and missing values far down alone."""
    values = np.arange(count, dtype=float)
    values[-3:] = [0.1, np.nan, -np.inf][-min(3, count) :]
    one_by_one = [of_values(values[k : k + 1])[0] for k in {0, count // 2, *range(max(0, count - 4), count)}]
    together = of_values(values)
    places = list({0, count // 2, *range(max(0, count - 4), count)})
    assert together[places].tolist() == [int(key) for key in one_by_one]


def test_a_fraction_in_the_last_row_of_the_last_column_sets_the_rule_for_all():
    columns = [np.arange(40_000.0), np.arange(40_000.0)[::-1].copy()]
    placed = of_columns(columns)
    columns[1][-1] = 0.5
    assert of_columns(columns).tolist() == of_columns(columns[::-1]).tolist()
    assert of_columns(columns)[0] != placed[0]


@given(st.lists(st.integers(0, 20), max_size=30))
def test_distinct_keys_are_counted(values):
    assert distinct(np.array(values, np.uint64)) == len(set(values))


def test_copies_are_told_apart_whatever_their_order():
    keys, labels = of_values(np.array([1, 1, 1, 2])), np.array(["a", "a", "b", "a"])
    first = copies(keys, labels)
    assert len(set(first.tolist())) == 4
    again = copies(keys[::-1].copy(), labels[::-1])
    assert set(again.tolist()) == set(first.tolist())


class TestSample:
    def test_small_sets_are_compared_exactly(self):
        one, other = (of_values(np.arange(start, start + 100)) for start in (0, 70))
        assert shared(sample(one), sample(other)) == 0.3
        assert shared(sample(one), sample(of_values(np.arange(1000, 1100)))) == 0
        assert shared(sample(one), "") == 0

    @pytest.mark.parametrize("both", [0, 2000, 20_000])
    def test_large_sets_are_compared_by_their_smallest_keys(self, both):
        one, other = (of_values(np.arange(start, start + 20_000)) for start in (0, 20_000 - both))
        found = shared(sample(one), sample(other))
        share = both / 20_000
        assert found == pytest.approx(share, abs=4 * (share * (1 - share) / SIZE) ** 0.5)

    def test_a_small_part_of_a_large_set_is_known(self):
        large = of_values(np.arange(20_000))
        assert shared(sample(large), sample(large[::40])) == 1
