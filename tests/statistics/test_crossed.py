from __future__ import annotations

import numpy as np
import pytest

from sweeper.errors import InputError
from sweeper.statistics import (
    difference_over_seeds_and_examples,
    seeds_and_examples,
    seeds_and_examples_from_means,
    shared_part,
    wilson,
)
from sweeper.statistics.crossed import _grand_mean_variance

RNG = np.random.default_rng(0)


def test_variance_of_the_mean_is_the_two_way_layouts():
    table = RNG.normal(size=(4, 7)) + RNG.normal(size=(4, 1)) + RNG.normal(size=(1, 7))
    rows, columns, mean = table.mean(1), table.mean(0), table.mean()
    by_row = sum((rows[r] - mean) ** 2 * 7 for r in range(4)) / 3
    by_column = sum((columns[c] - mean) ** 2 * 4 for c in range(7)) / 6
    rest = sum((table[r, c] - rows[r] - columns[c] + mean) ** 2 for r in range(4) for c in range(7)) / 18
    variance, freedom = _grand_mean_variance(table)
    assert variance == pytest.approx((by_row + by_column - rest) / 28)
    weights = by_row**2 / 3 + by_column**2 / 6 + rest**2 / 18
    assert freedom == pytest.approx((by_row + by_column - rest) ** 2 / weights)


def test_the_estimated_variance_is_right_on_average():
    tables = [RNG.normal(0, 1, (3, 1)) + RNG.normal(0, 2, (1, 10)) + RNG.normal(0, 1, (3, 10)) for _ in range(4000)]
    estimated = np.mean([_grand_mean_variance(table)[0] for table in tables])
    assert estimated == pytest.approx(1 / 3 + 4 / 10 + 1 / 30, rel=0.05)


def test_one_seed_is_wilson():
    correct = RNG.random((1, 200)) < 0.9
    assert seeds_and_examples(correct) == wilson(int(correct.sum()), 200)


def test_seeds_that_agree_on_everything_add_nothing():
    correct = np.tile(RNG.random(500) < 0.9, (5, 1))
    found, one = seeds_and_examples(correct), wilson(int(correct[0].sum()), 500)
    assert (found.low, found.high) == pytest.approx((one.low, one.high), abs=2e-4)


def test_seeds_that_differ_widen_wilsons_interval():
    correct = RNG.normal(0.3, 1, (1, 400)) + RNG.normal(0, 0.3, (4, 1)) + RNG.normal(0, 0.2, (4, 400)) > 0
    assert seeds_and_examples(correct).half_width > 1.2 * wilson(int(correct[0].sum()), 400).half_width


@pytest.mark.parametrize("right", [True, False])
def test_all_right_or_all_wrong_counts_the_examples(right):
    correct = np.full((3, 50), right)
    assert (seeds_and_examples(correct).low, seeds_and_examples(correct).high) != (right, right)
    assert seeds_and_examples(correct).contains(float(right))
    assert seeds_and_examples_from_means([float(right)] * 3, 50).contains(float(right))


def test_from_means_grows_with_the_shared_part():
    accuracies = [0.968, 0.971, 0.97]
    widths = [seeds_and_examples_from_means(accuracies, 1000, shared=s).half_width for s in (0.2, 0.6, 1.0)]
    assert widths == sorted(widths)
    assert seeds_and_examples_from_means(accuracies, 1000).half_width == widths[-1]


def test_from_means_with_equal_seeds_is_wilson():
    found, one = seeds_and_examples_from_means([0.97] * 3, 1000), wilson(970, 1000)
    assert (found.low, found.high) == pytest.approx((one.low, one.high), abs=1e-4)


def test_difference_pairs_by_seed_and_example():
    a = RNG.random((4, 300)) < 0.9
    b = a.copy()
    b[:, :15] = False
    found = difference_over_seeds_and_examples(a, b)
    assert found.low > 0
    mirrored = difference_over_seeds_and_examples(b, a)
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))
    same = difference_over_seeds_and_examples(a, a)
    assert (same.low, same.high) == (0, 0)


def test_what_cannot_be_crossed():
    with pytest.raises(InputError, match="shape"):
        seeds_and_examples(np.ones(5))
    with pytest.raises(InputError, match="besides true and false"):
        seeds_and_examples(np.full((2, 5), 0.5))
    with pytest.raises(InputError, match="shared seeds"):
        difference_over_seeds_and_examples(np.ones((2, 5)), np.ones((2, 4)))
    with pytest.raises(InputError, match="shared seeds"):
        difference_over_seeds_and_examples(np.ones((1, 5)), np.ones((1, 5)))
    with pytest.raises(InputError, match="accuracies"):
        seeds_and_examples_from_means([0.9], 100)
    with pytest.raises(InputError, match="shared"):
        seeds_and_examples_from_means([0.9, 0.9], 100, shared=1.1)


def test_the_shared_part_is_the_correlation_between_seeds():
    rng = np.random.default_rng(0)
    example = rng.normal(size=(1, 40_000))
    table = 1.0 + example + 0.5 * rng.normal(size=(4, 40_000)) > 0
    pairs = [np.corrcoef(table[a], table[b])[0, 1] for a in range(4) for b in range(a)]
    assert shared_part(table) == pytest.approx(np.mean(pairs), abs=0.002)
    assert shared_part(np.repeat(table[:1], 3, axis=0)) == 1.0
    assert shared_part(rng.random((3, 40_000)) < 0.7) == pytest.approx(0.0, abs=0.02)
    assert shared_part(np.ones((3, 10))) == 1.0
