"""Stratified choices: proportions, determinism, and what cannot be done."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.data.partition import sealed, take, validation_size
from sweeper.errors import InputError


@st.composite
def labelled(draw):
    """Labels of two to six classes, and a count that can be taken of them."""
    sizes = draw(st.lists(st.integers(2, 40), min_size=2, max_size=6))
    labels = np.repeat(np.arange(len(sizes)), sizes)
    order = draw(st.randoms(use_true_random=False))
    shuffled = labels.tolist()
    order.shuffle(shuffled)
    count = draw(st.integers(len(sizes), len(labels) - len(sizes)))
    return np.array(shuffled, np.int64), count


@given(labelled(), st.integers(0, 2**32))
def test_a_cut_is_a_partition_with_every_class_on_both_sides(case, seed):
    labels, count = case
    cut = take(labels, count, seed, "validation", "validation.size")
    assert len(cut.taken) == count
    assert np.array_equal(np.sort(np.concatenate([cut.rest, cut.taken])), np.arange(len(labels)))
    assert set(labels[cut.taken]) == set(labels[cut.rest]) == set(labels)
    assert np.all(np.diff(cut.taken) > 0)


@given(labelled(), st.integers(0, 2**32))
def test_each_class_is_taken_in_proportion(case, seed):
    labels, count = case
    cut = take(labels, count, seed, "validation", "validation.size")
    sizes, taken = np.bincount(labels), np.bincount(labels[cut.taken])
    exact = sizes * count / len(labels)
    # Where no class had to be held at one example on a side, no share is off by a whole example.
    if np.all((exact >= 1) & (exact <= sizes - 1)):
        assert np.all(np.abs(taken - exact) < 1)


def test_a_cut_is_the_same_for_ever():
    """PCG64's raw output is promised by NumPy; these positions must come out on every machine and version."""
    labels = np.arange(30, dtype=np.int64) % 3
    cut = take(labels, 6, 7, "validation", "validation.size")
    assert cut.taken.tolist() == [4, 6, 10, 20, 23, 24]


def test_other_seeds_and_other_ends_choose_other_rows():
    labels = np.arange(1000, dtype=np.int64) % 10

    def taken(seed, stream):
        return take(labels, 100, seed, stream, "validation.size").taken.tolist()

    assert taken(0, "validation") == taken(0, "validation")
    assert len({tuple(taken(seed, stream)) for seed in (0, 1) for stream in ("validation", "train_size")}) == 4


def test_every_row_is_as_likely_as_any_other_of_its_class():
    labels = np.arange(20, dtype=np.int64) % 2
    counts = np.zeros(20)
    for seed in range(2000):
        counts[take(labels, 6, seed, "validation", "validation.size").taken] += 1
    # 3 of 10 in each class: 600 expected, standard deviation 20.5.
    assert np.all(np.abs(counts - 600) < 5 * 20.5)


@pytest.mark.parametrize(
    ("count", "told"),
    [(20, "must leave some"), (25, "must leave some"), (3, "fewer than one of each"), (18, "leaves fewer than one")],
)
def test_a_size_that_cannot_be_given_is_refused(count, told):
    labels = np.arange(20, dtype=np.int64) % 4
    with pytest.raises(InputError, match=told) as caught:
        take(labels, count, 0, "validation", "validation.size")
    assert caught.value.key == "validation.size"


def test_a_class_of_one_example_cannot_be_on_both_sides():
    labels = np.array([0] * 10 + [1] * 10 + [2])
    with pytest.raises(InputError, match="class number 2 has 1 example"):
        take(labels, 5, 0, "validation", "validation.size")


@pytest.mark.parametrize(
    ("asked", "available", "size", "noted"),
    [
        (5000, 60_000, 5000, False),
        (5000, 25_000, 5000, False),
        (5000, 4000, 800, True),
        (5000, 24_999, 5000, False),
        (5000, 1438, 288, True),
        (3000, 4000, 3000, False),
        (0.1, 4000, 400, False),
        (1, 4000, 1, False),
    ],
)
def test_the_usual_size_gives_way_to_small_data_and_says_so(asked, available, size, noted):
    found, note = validation_size(asked, available)
    assert (found, bool(note)) == (size, noted)


def test_the_sealed_part_is_a_fifth_and_hangs_on_the_digest_alone():
    labels = np.arange(500, dtype=np.int64) % 10
    cut = sealed(labels, "ab" * 32)
    assert np.bincount(labels[cut.taken]).tolist() == [10] * 10
    assert cut.taken.tolist() == sealed(labels, "ab" * 32).taken.tolist()
    assert cut.taken.tolist() != sealed(labels, "cd" * 32).taken.tolist()


def test_a_class_too_small_for_three_parts_is_refused():
    labels = np.array([0] * 10 + [1] * 2)
    with pytest.raises(InputError, match="class number 1 has 2 examples"):
        sealed(labels, "ab" * 32)


def test_a_negative_seed_is_refused():
    labels = np.arange(20, dtype=np.int64) % 2
    with pytest.raises(InputError, match="seed"):
        take(labels, 5, -1, "validation", "validation.size")
