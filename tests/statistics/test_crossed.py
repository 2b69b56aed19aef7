from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sweeper.errors import InputError
from sweeper.statistics import (
    difference_over_seeds_and_examples,
    gap_change_over_seeds_and_examples,
    gap_over_seeds_and_examples,
    seeds_and_examples,
    seeds_and_examples_from_means,
    shared_part,
    t_interval,
    wilson,
)
from sweeper.statistics.crossed import _parts

RNG = np.random.default_rng(0)


def test_the_parts_of_the_variance_are_the_two_way_layouts():
    table = RNG.normal(size=(4, 7)) + RNG.normal(size=(4, 1)) + RNG.normal(size=(1, 7))
    rows, columns, mean = table.mean(1), table.mean(0), table.mean()
    by_row = sum((rows[r] - mean) ** 2 * 7 for r in range(4)) / 3
    by_column = sum((columns[c] - mean) ** 2 * 4 for c in range(7)) / 6
    rest = sum((table[r, c] - rows[r] - columns[c] + mean) ** 2 for r in range(4) for c in range(7)) / 18
    assert _parts(table) == pytest.approx((by_row / 28, max(0, by_column - rest) / 28))


def test_the_estimated_variance_is_right_on_average():
    tables = [RNG.normal(0, 1, (3, 1)) + RNG.normal(0, 2, (1, 10)) + RNG.normal(0, 1, (3, 10)) for _ in range(4000)]
    estimated = np.mean([sum(_parts(table)) for table in tables])
    assert estimated == pytest.approx(1 / 3 + 4 / 10 + 1 / 30, rel=0.05)


def test_each_part_reaches_as_far_as_its_own_degrees_of_freedom_say():
    correct = RNG.normal(0.8, 1, (1, 2000)) + RNG.normal(0, 0.1, (3, 1)) + RNG.normal(0, 0.4, (3, 2000)) > 0
    by_seed, by_example = _parts(correct.astype(float))
    reach = (stats.t.ppf(0.975, 2) ** 2 * by_seed + stats.norm.ppf(0.975) ** 2 * by_example) ** 0.5
    assert seeds_and_examples(correct).half_width == pytest.approx(reach, rel=0.02)


def test_one_that_was_chosen_among_many_may_be_worth_less():
    correct = RNG.random((5, 1000)) < 0.9
    plain, best = seeds_and_examples(correct), seeds_and_examples(correct, candidates=50, chosen_on="validation")
    assert best.high == plain.high
    assert best.low < plain.low - 0.5 * plain.half_width
    assert (best.over, best.examples, best.chosen_on) == ("seeds and examples", 1000, "validation")
    assert best.method.endswith("for one chosen of 50")
    one = seeds_and_examples(correct[:1], candidates=50, chosen_on="validation")
    assert (one.over, one.low) == ("examples", pytest.approx(wilson(int(correct[0].sum()), 1000, 0.998).low))


def test_a_gap_holds_the_luck_of_the_validation_examples():
    correct = RNG.random((5, 1000)) < 0.95
    train = [0.97, 0.971, 0.969, 0.97, 0.97]
    found = gap_over_seeds_and_examples(train, correct, 55_000)
    gap = 0.97 - correct.mean()
    assert found.low < gap < found.high
    assert found.half_width > t_interval(np.array(train) - correct.mean(axis=1)).half_width
    assert gap_over_seeds_and_examples(train, correct, 500).half_width > found.half_width
    assert (found.over, found.examples) == ("seeds and examples", 1000)


def test_a_change_of_the_gap_is_paired_by_seed_and_example():
    right = RNG.random((5, 1000)) < 0.95
    more = right & (RNG.random((5, 1000)) < 0.99)
    train, higher = [0.97, 0.971, 0.969, 0.97, 0.97], [0.99, 0.991, 0.989, 0.99, 0.99]
    found = gap_change_over_seeds_and_examples(higher, more, train, right, (55_000, 55_000))
    assert found.contains(0.02 + right.mean() - more.mean())
    back = gap_change_over_seeds_and_examples(train, right, higher, more, (55_000, 55_000))
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))


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
    assert -0.002 < same.low < 0 < same.high < 0.002  # equal, as far as counts of 300 examples can tell


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
