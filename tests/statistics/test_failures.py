from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sweeper.errors import InputError
from sweeper.statistics import shared_by_failures
from sweeper.statistics.failures import _of_key

PARAMS = [{"activation": "relu" if i % 2 else "tanh", "learning_rate": 10 ** (-3 + 3 * i / 39)} for i in range(40)]
HIGH_RATES = [one["learning_rate"] > 0.3 for one in PARAMS]


def test_a_range_that_fails_is_named():
    found = shared_by_failures(PARAMS, HIGH_RATES)
    assert [row.key for row in found] == ["learning_rate"]
    assert found[0].value.endswith("to 1")
    assert (found[0].failed, found[0].trials) == (sum(HIGH_RATES), 10)
    assert found[0].lift == pytest.approx(40 / 10)
    assert found[0].p_value < 0.01


def test_the_p_value_is_fishers():
    failed = [i % 3 == 0 for i in range(40)]
    row = next(row for row in _of_key("activation", PARAMS, failed) if row.value == "relu")
    relu = np.array([one["activation"] == "relu" for one in PARAMS])
    bad = np.array(failed)
    table = [[(relu & bad).sum(), (relu & ~bad).sum()], [(~relu & bad).sum(), (~relu & ~bad).sum()]]
    assert row.p_value == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue)


def test_a_conditional_key_is_judged_among_those_that_have_it():
    params = [{"units_2": 500} if i < 8 else {"units_2": 50} if i < 20 else {} for i in range(60)]
    found = shared_by_failures(params, [i < 8 for i in range(60)])
    assert [(row.value, row.failed, row.trials, row.lift) for row in found] == [("500", 8, 8, pytest.approx(20 / 8))]


@pytest.mark.parametrize("failed", [[False] * 40, [True] * 40, [i == 5 for i in range(40)]])
def test_chance_explains_it(failed):
    assert shared_by_failures(PARAMS, failed) == ()


def test_nothing_to_look_at():
    assert shared_by_failures([], []) == ()
    assert shared_by_failures([{}, {}], [True, False]) == ()
    with pytest.raises(InputError, match="do not match"):
        shared_by_failures(PARAMS, [True])
