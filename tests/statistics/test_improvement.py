from __future__ import annotations

import pytest

from sweeper.errors import InputError
from sweeper.statistics import probability_of_improvement, wilson


def test_paired_counts_wins_and_half_of_ties():
    found = probability_of_improvement([3, 2, 1, 5], [1, 2, 2, 4])
    assert found.probability == 2.5 / 4
    assert (found.interval.low, found.interval.high) == (wilson(2.5, 4).low, wilson(2.5, 4).high)
    assert found.interval.over == "seeds"
    assert probability_of_improvement([3, 2, 1, 5], [1, 2, 2, 4], higher_is_better=False).probability == 1.5 / 4


def test_unequal_lengths_cannot_be_paired():
    with pytest.raises(InputError, match="cannot be paired"):
        probability_of_improvement([1, 2], [1])
