from __future__ import annotations

from dataclasses import replace

import pytest

from sweeper.config.schema import OPTIMIZERS, Config
from sweeper.config.structure import companions, structure

PLACE = {"members": 7, "first": 2, "dropout": True, "input_dropout": "none", "penalty": True, "jit": True}


def test_companions_fill_the_places_before_and_behind():
    config = Config(repeats=3, dropout=0.2, l2=1e-3)
    [before], [behind] = companions(config, PLACE)
    assert (before.config.repeats, behind.config.repeats) == (2, 2)
    assert (before.until, behind.until) == (0, 0)
    [stays], _ = companions(replace(config, stop_after=2), PLACE)
    assert stays.config.stop_after == 0
    assert structure(before.config) == structure(behind.config) == structure(config)


def test_a_trial_that_was_alone_needs_none():
    assert companions(Config(repeats=7), PLACE | {"first": 0}) == ([], [])


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5])
def test_input_dropout_is_shared_or_ones_own_as_it_was(rate):
    config = Config(repeats=3, input_dropout=rate)
    [own] = companions(config, PLACE | {"input_dropout": "own"})[1]
    [shared] = companions(config, PLACE | {"input_dropout": "shared"})[1]
    assert own.config.input_dropout not in {0.0, rate}
    assert shared.config.input_dropout == rate


def test_flags_of_the_program_come_from_the_companions_where_the_trial_has_none():
    [before], _ = companions(Config(repeats=3), PLACE)
    assert before.config.dropout > 0
    assert before.config.l2 > 0
    [plain], _ = companions(Config(repeats=3), PLACE | {"dropout": False, "penalty": False})
    assert (plain.config.dropout, plain.config.l2, plain.config.l1) == (0.0, 0.0, 0.0)


def test_a_group_that_shrank_had_those_who_left():
    first = PLACE | {"members": 16, "first": 9, "until": 30}
    second = PLACE | {"members": 7, "first": 2, "until": 60, "dropout": False}
    last = PLACE | {"members": 2, "first": 0, "dropout": False, "penalty": False, "earlier": [first, second]}
    before, behind = companions(Config(repeats=1), last)
    assert [(one.config.repeats, one.until) for one in before] == [(7, 30), (2, 60)]
    assert [(one.config.repeats, one.until) for one in behind] == [(2, 30), (3, 60), (1, 0)]
    assert [bool(one.config.dropout) for one in behind] == [True, False, False]
    assert [bool(one.config.l2) for one in behind] == [True, True, False]


def test_companions_have_the_activations_that_the_trial_has_not():
    mixed = [["relu", "tanh"], ["elu", "selu", "tanh"]]
    first = PLACE | {"members": 9, "first": 2, "until": 30, "activations": mixed}
    last = PLACE | {"members": 3, "first": 1, "activations": [["tanh"], ["elu", "tanh"]], "earlier": [first]}
    before, behind = companions(Config(hidden=(5, 4), activation="tanh"), last)
    found = [(one.config.activations, one.config.repeats, one.until) for one in (*before, *behind)]
    assert found == [
        (("relu", "selu"), 1, 30),
        (("tanh", "elu"), 1, 0),
        (("tanh", "tanh"), 5, 30),
        (("tanh", "tanh"), 1, 0),
    ]


def test_values_at_run_time_do_not_change_a_structure_and_all_else_does():
    config = Config()
    same = replace(config, activation="tanh", learning_rate=0.5, dropout=0.1, l2=1e-3, seed=4, repeats=3, stop_after=2)
    assert structure(same) == structure(config)
    for other in ({"batch_seed": 1}, {"steps": 7}, {"hidden": (50,)}, {"optimizer": OPTIMIZERS["adam"]()}):
        assert structure(replace(config, **other)) != structure(config)
