"""One suite over every row of the samplers: what a sweep may rely on."""

from __future__ import annotations

import re
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState, create_trial

from sweeper.cli.options import choice
from sweeper.errors import InputError
from sweeper.jobs.doctor import examine
from sweeper.statistics.tuning_curve import VALID_SAMPLERS
from sweeper.study.converters import SLOT, quiet_optuna
from sweeper.study.plan import Plan
from sweeper.study.search.samplers import SAMPLERS, make_sampler
from sweeper.study.search.source import SlotSource
from tests.study.helpers import DATA, SPACE

KINDS = {
    "a": optuna.distributions.FloatDistribution(0.01, 1.0, log=True),
    "b": optuna.distributions.IntDistribution(1, 8),
    "c": optuna.distributions.CategoricalDistribution(["x", "y", "z"]),
}
COMMANDS = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"

every = pytest.mark.parametrize("name", SAMPLERS.names)


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


@pytest.fixture(params=[row for row in SAMPLERS.values() if row.installed], ids=lambda row: row.name)
def row(request):
    return request.param


def sweep(row, slots, seed=0, study=None):
    """Ask and tell slot by slot; the study, and what was asked."""
    study = study or optuna.create_study(direction="maximize")
    study.sampler, asked = make_sampler(row.name, seed, KINDS), []
    for slot in slots:
        study._thread_local.cached_all_trials = None
        template = create_trial(state=TrialState.RUNNING, user_attrs={SLOT: slot})
        trial = optuna.Trial(study, study._storage.create_new_trial(study._study_id, template))
        asked.append({name: trial._suggest(name, kind) for name, kind in KINDS.items()})
        study.tell(trial, -asked[-1]["a"] - asked[-1]["b"])
    return study, asked


def test_what_is_asked_lies_in_the_space(row):
    for values in sweep(row, range(12))[1]:
        assert 0.01 <= values["a"] <= 1.0
        assert values["b"] in range(1, 9)
        assert values["c"] in {"x", "y", "z"}


def test_two_sweeps_of_one_seed_ask_the_same(row):
    assert sweep(row, range(12), seed=3)[1] == sweep(row, range(12), seed=3)[1]


def test_another_driver_goes_on_with_what_would_have_been_asked(row):
    whole = sweep(row, range(14))[1]
    study, first = sweep(row, range(5))
    assert first + sweep(row, range(5, 14), study=study)[1] == whole


def test_only_an_adaptive_one_depends_on_what_was_told(row):
    alone = sweep(row, [13])[1]
    after = sweep(row, range(14))[1][-1:]
    assert (alone == after) is not row.adaptive


def test_several_objectives_are_searched_for_or_refused(row):
    if not row.several_objectives:
        with pytest.raises(InputError, match=f"{row.name} is for one objective"):
            _checked(row.name, more=("parameters",))
        return
    _checked(row.name, more=("parameters",))
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=make_sampler(row.name, 0, KINDS))
    for _ in range(12):
        trial = study.ask(KINDS)
        study.tell(trial, [trial.params["a"], trial.params["b"]])


def test_too_few_ranges_are_refused(row):
    if row.ranges == 0:
        make_sampler(row.name, 0, {"c": KINDS["c"]})
        return
    with pytest.raises(InputError, match="numeric range"):
        make_sampler(row.name, 0, {"c": KINDS["c"]})


@every
def test_what_is_not_installed_is_said_with_what_to_install(name, monkeypatch):
    if not SAMPLERS[name].requires:
        make_sampler(name, 0, KINDS)
        return
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError, match="is not installed") as told:
        make_sampler(name, 0, KINDS)
    assert "pip install" in told.value.hint


@every
def test_only_an_exhaustive_one_has_an_end(name):
    space = {"activation": SPACE.dimensions["activation"]}
    plan = Plan("s", 3, DATA, space=type(SPACE)(space), sampler=name)
    assert SlotSource(plan).limit == (3 if SAMPLERS[name].exhaustive else None)


@every
def test_it_can_be_typed_and_is_in_the_documents(name):
    assert choice("sampler", SAMPLERS)["parser"](name) == name
    assert re.search(rf"--sampler \S*\b{name}\b", COMMANDS.read_text(encoding="utf-8"))


def test_doctor_knows_every_one(tmp_path):
    assert examine(tmp_path)["samplers"] == {row.name: row.installed for row in SAMPLERS.values()}


def test_the_bands_of_tuning_curves_hold_for_independent_draws():
    assert set(VALID_SAMPLERS) == {row.name for row in SAMPLERS.values() if row.independent}


def test_an_unknown_name_raises_with_the_nearest():
    with pytest.raises(InputError, match="there is no sampler 'tpee'; did you mean tpe"):
        make_sampler("tpee", 0, KINDS)


def _checked(name, **more):
    from sweeper.study.search.samplers import check_objectives

    check_objectives("validation.accuracy", more.get("more", ()), name)
