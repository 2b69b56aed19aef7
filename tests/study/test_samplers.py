import importlib.util
import subprocess
import sys

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState, create_trial

from sweeper.errors import InputError
from sweeper.study.converters import SLOT, quiet_optuna
from sweeper.study.search.samplers import make_sampler

SPACE = {
    "a": optuna.distributions.FloatDistribution(0.01, 1.0, log=True),
    "b": optuna.distributions.IntDistribution(1, 8),
    "c": optuna.distributions.CategoricalDistribution(["x", "y", "z"]),
}


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


def study_of(name, seed=0):
    return optuna.create_study(sampler=make_sampler(name, seed, SPACE), direction="maximize")


def ask(study, slot):
    study._thread_local.cached_all_trials = None
    template = create_trial(state=TrialState.RUNNING, user_attrs={SLOT: slot})
    trial = optuna.Trial(study, study._storage.create_new_trial(study._study_id, template))
    return trial, {name: trial._suggest(name, kind) for name, kind in SPACE.items()}


def sweep(study, slots):
    """Ask and tell slot by slot; what was asked."""
    found = []
    for slot in slots:
        trial, values = ask(study, slot)
        found.append(values)
        study.tell(trial, -abs(np.log(values["a"]) + 1) - values["b"] + ("x", "y", "z").index(values["c"]))
    return found


def interrupted(name, at):
    """The same sweep, by two drivers one after the other."""
    study = study_of(name)
    first = sweep(study, range(at))
    study.sampler = make_sampler(name, 0, SPACE)
    return first + sweep(study, range(at, 20))


@pytest.mark.parametrize("name", ["random", "qmc", "tpe", "cmaes"])
def test_an_interrupted_sweep_asks_what_an_uninterrupted_one_would_have(name):
    whole = sweep(study_of(name), range(20))
    assert interrupted(name, 7) == whole
    assert interrupted(name, 15) == whole


@pytest.mark.parametrize("name", ["random", "qmc", "tpe"])
def test_nothing_is_asked_twice_after_an_interrupt(name):
    asked = [values["a"] for values in interrupted(name, 10)]
    assert len(set(asked)) == 20


@pytest.mark.parametrize("name", ["random", "qmc"])
def test_a_slot_is_filled_alike_whatever_came_before(name):
    whole = sweep(study_of(name), range(8))
    assert sweep(study_of(name), [5, 3, 7]) == [whole[5], whole[3], whole[7]]


@pytest.mark.parametrize("name", ["random", "qmc", "tpe", "cmaes"])
def test_another_seed_is_another_sweep(name):
    assert sweep(study_of(name, 1), range(3)) != sweep(study_of(name, 2), range(3))


def test_random_values_are_spread_as_they_should_be():
    asked = sweep(study_of("random"), range(300))
    logs = np.log10([values["a"] for values in asked])
    assert abs(logs.mean() + 1.0) < 4 * (2 / 12**0.5) / 300**0.5
    counts = [sum(values["c"] == c for values in asked) for c in "xyz"]
    assert all(60 < count < 140 for count in counts)


def test_quasi_random_values_fill_the_range_evenly():
    logs = np.sort(np.log10([values["a"] for values in sweep(study_of("qmc"), range(64))]))
    even = np.linspace(-2, 0, 64)
    assert np.abs(logs - even).max() < 0.08  # random ones are off by about 0.2


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("name", ["random", "qmc"])
def test_the_ends_of_a_range_of_whole_numbers_have_their_whole_share(name, log):
    space = {"n": optuna.distributions.IntDistribution(1, 8, log=log)}
    with quiet_optuna():
        study = optuna.create_study(sampler=make_sampler(name, 0, space))
    values = []
    for slot in range(512):
        study._thread_local.cached_all_trials = None
        template = create_trial(state=TrialState.RUNNING, user_attrs={SLOT: slot})
        trial = optuna.Trial(study, study._storage.create_new_trial(study._study_id, template))
        values.append(trial._suggest("n", space["n"]))
        study.tell(trial, 0.0)
    ends = np.arange(1, 10) - 0.5
    widths = np.diff(np.log(ends)) if log else np.diff(ends)
    shares = np.bincount(values, minlength=9)[1:] / len(values)
    assert np.abs(shares - widths / widths.sum()).max() < 0.05


def test_tpe_learns():
    asked = sweep(study_of("tpe"), range(60))
    assert np.mean([values["b"] for values in asked[-20:]]) < 3.0  # 4.5 at random


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="PyTorch is installed")
def test_gp_says_what_it_needs():
    with pytest.raises(InputError, match="needs PyTorch") as told:
        make_sampler("gp", 0, SPACE)
    assert told.value.key == "sampler"


def test_cmaes_says_what_it_needs():
    with pytest.raises(InputError, match="at least 1 numeric range"):
        make_sampler("cmaes", 0, {"c": SPACE["c"]})


@pytest.mark.parametrize("beside", [{}, {"c": SPACE["c"]}])
def test_cmaes_searches_a_single_range(beside):
    kinds = {"a": optuna.distributions.FloatDistribution(0.0, 1.0), **beside}
    study = optuna.create_study(sampler=make_sampler("cmaes", 0, kinds))
    asked = []
    for _ in range(60):
        trial = study.ask(kinds)
        asked.append(trial.params["a"])
        study.tell(trial, (trial.params["a"] - 0.9) ** 2)
    assert np.mean(np.abs(np.array(asked[-20:]) - 0.9)) < 0.1  # 0.41 at random


_BESIDE = """
import sys, threading
from importlib import import_module
from optuna.samplers._qmc import QMCSampler
from sweeper.study.search.samplers import make_sampler

failed = []
threading.excepthook = lambda caught: failed.append(caught.exc_value)
other = threading.Thread(target=import_module, args=("scipy.stats",))
other.start()
while "scipy.stats" not in sys.modules:
    pass
make_sampler("qmc", 0, {})
import_module("scipy.stats.qmc")
other.join()
sys.exit(f"{failed}" if failed else 0)
"""


def test_a_sampler_is_made_while_another_thread_loads_what_it_needs():
    done = subprocess.run([sys.executable, "-c", _BESIDE], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
