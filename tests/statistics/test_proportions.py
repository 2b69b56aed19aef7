from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweeper.errors import InputError
from sweeper.statistics import mcnemar, newcombe_paired


def test_newcombe_paired_gives_the_papers_numbers():
    found = newcombe_paired(36, 12, 2, 0)
    assert (found.low, found.high) == pytest.approx((0.0569, 0.3404), abs=5e-5)


@given(st.lists(st.integers(0, 200), min_size=4, max_size=4).filter(any))
def test_swapping_the_models_mirrors_the_interval(cells):
    both, only_a, only_b, neither = cells
    found, swapped = newcombe_paired(both, only_a, only_b, neither), newcombe_paired(both, only_b, only_a, neither)
    assert (found.low, found.high) == pytest.approx((-swapped.high, -swapped.low), abs=1e-12)
    assert -1 <= found.low <= (only_a - only_b) / sum(cells) <= found.high <= 1


def _models(only_a, only_b, both=80, neither=5):
    a = [True] * both + [True] * only_a + [False] * (only_b + neither)
    b = [True] * both + [False] * only_a + [True] * only_b + [False] * neither
    return a, b


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_test_of_the_discordant(only_a, only_b):
    found = mcnemar(*_models(only_a, only_b))
    n = only_a + only_b
    expected = stats.binomtest(only_a, n).pvalue if n else 1.0
    assert found.p_exact == pytest.approx(expected, abs=1e-12)
    middle = 2 * stats.binom.cdf(min(only_a, only_b) - 1, n, 0.5) + stats.binom.pmf(only_a, n, 0.5)
    assert found.p_mid == pytest.approx(middle if n else 1.0, abs=1e-9)
    assert found.p_mid <= found.p_exact + 1e-12
    assert (found.both, found.only_a, found.only_b, found.neither) == (80, only_a, only_b, 5)
    assert found.difference == pytest.approx((only_a - only_b) / (85 + n))


def test_mcnemar_takes_arrays_and_refuses_what_does_not_match():
    a, b = _models(10, 2)
    assert mcnemar(np.array(a), np.array(b)) == mcnemar(a, b)
    with pytest.raises(InputError, match="a has 97 examples and b 96"):
        mcnemar(a, b[:-1])
    with pytest.raises(InputError, match="besides true and false"):
        mcnemar([0.3, 1.0], [1.0, 1.0])
