from __future__ import annotations

import numpy as np
import pytest

from sweeper.errors import InputError
from sweeper.statistics import search_luck


def test_a_clear_choice_between_close_draws_owes_little_to_luck():
    assert search_luck([[0.97, 0.97], [0.97, 0.97], [0.5, 0.5]]) == 0.0


def test_a_draw_far_ahead_of_the_next_is_a_lucky_one():
    assert search_luck([[0.97, 0.97], [0.93, 0.93]]) == pytest.approx(0.04 / 2**0.5)


def test_it_is_about_what_new_choices_among_the_same_draws_bring():
    rng = np.random.default_rng(0)
    truth = 0.97 - 0.02 * rng.uniform(-1, 1, 12) ** 2

    def searched():
        return truth[:, None] + rng.normal(0, 0.004, (12, 4))

    chosen = np.std([truth[searched().mean(axis=1).argmax()] for _ in range(2000)])
    found = np.mean([search_luck(searched()) for _ in range(200)])
    assert chosen < found < 4 * chosen


def test_a_single_seed_a_draw_borrows_no_noise_from_nowhere():
    assert search_luck([[0.9], [0.97], [0.965]]) == pytest.approx(0.005 / 2**0.5)
    assert search_luck([[0.97]]) == 0.0
    with pytest.raises(InputError, match="without draws"):
        search_luck([[]])
