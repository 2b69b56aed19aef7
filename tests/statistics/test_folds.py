from __future__ import annotations

import numpy as np
import pytest

from sweeper.errors import InputError
from sweeper.statistics import fold_interval, t_interval


def test_the_interval_is_students_where_folds_share_nothing():
    values = [0.91, 0.94, 0.92, 0.95, 0.9]
    ours, students = fold_interval(values, 0.0), t_interval(values)
    np.testing.assert_allclose((ours.low, ours.high), (students.low, students.high))


def test_it_is_wider_by_the_examples_that_folds_share():
    values = [0.91, 0.94, 0.92, 0.95, 0.9]
    plain, corrected = fold_interval(values, 0.0), fold_interval(values, 0.25)
    # (1/5 + 1/4) / (1/5): Nadeau and Bengio (2003), equation for the corrected resampled t-test.
    np.testing.assert_allclose(corrected.half_width / plain.half_width, 1.5)
    assert corrected.over == "folds"
    assert fold_interval(values, 0.25, comparisons=3).half_width > corrected.half_width


def test_one_fold_says_nothing():
    with pytest.raises(InputError):
        fold_interval([0.9], 0.25)
