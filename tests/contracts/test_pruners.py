"""One suite over every row of the pruners: what a sweep may rely on."""

from __future__ import annotations

import re
from pathlib import Path

import optuna
import pytest

from sweeper.cli.options import choice
from sweeper.errors import InputError
from sweeper.study.converters import quiet_optuna
from sweeper.study.search.pruners import PRUNERS, make_pruner

STEPS = 270
COMMANDS = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"

every = pytest.mark.parametrize("name", PRUNERS.names)


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


def stopped(name, direction="maximize"):
    """Trials of which each is worse than the one before; at which step each is stopped, None for not at all."""
    study = optuna.create_study(direction=direction, pruner=make_pruner(name, STEPS))
    worse = -1.0 if direction == "maximize" else 1.0
    return [_train(study, worse * number) for number in range(20)]


def _train(study, value):
    trial = study.ask()
    for step in range(10, STEPS + 1, 10):
        trial.report(value, step)
        if trial.should_prune():
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            return step
    study.tell(trial, value)
    return None


@every
@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_it_stops_hopeless_trials_or_none(name, direction):
    steps = stopped(name, direction)
    assert steps[0] is None  # there is nothing yet to be worse than
    assert any(step is not None for step in steps) is PRUNERS[name].prunes


@every
def test_no_trial_is_stopped_before_the_first_rung(name):
    assert all(step is None or step >= STEPS // 27 for step in stopped(name))


@every
def test_a_run_of_one_step_has_a_pruner(name):
    make_pruner(name, 1)


@every
def test_it_can_be_typed_and_is_in_the_documents(name):
    assert choice("pruner", PRUNERS)["parser"](name) == name
    assert re.search(rf"--pruner \S*\b{name}\b", COMMANDS.read_text(encoding="utf-8"))


def test_an_unknown_name_raises_with_the_nearest():
    with pytest.raises(InputError, match="there is no pruner 'medium'; did you mean median"):
        make_pruner("medium", 100)
