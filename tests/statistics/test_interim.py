from __future__ import annotations

import pytest

from sweeper.statistics import Interval, analyses_of, level_of
from sweeper.statistics.interim import common


def test_all_analyses_together_spend_no_more_than_there_is():
    spent = [1 - level_of(number) for number in range(1, 30)]
    assert spent[:3] == pytest.approx([0.025, 0.0125, 0.00625])
    assert sum(spent) <= 0.05


def test_earlier_analyses_are_those_with_fewer_repeats():
    assert analyses_of((), 5) == (5,)
    assert analyses_of((5, 12, 1), 9) == (5, 9)
    assert analyses_of((9, 5), 9) == (5, 9)


def test_what_intervals_have_in_common():
    first, second = (Interval(low, high, 0.9, "t", "seeds") for low, high in ((0.0, 0.2), (0.1, 0.3)))
    assert common([first, second], 0.95) == Interval(0.1, 0.2, 0.95, "t", "seeds")
    apart = Interval(0.5, 0.6, 0.9, "t", "seeds")
    assert common([first, apart], 0.95) == Interval(0.5, 0.6, 0.95, "t", "seeds")
