import pytest
from helpers import DATA, SPACE, plan

from sweeper.config.schema import Config
from sweeper.config.space import Choice, Float, Space
from sweeper.errors import InputError
from sweeper.study.converters import quiet_optuna
from sweeper.study.opening import PreparedStudy, open_study
from sweeper.study.plan import Point
from sweeper.study.storage.location import settle

OTHER_DATA = {"name": "mnist_5k", "digest": "another digest", "sizes": {"train": 100}}
CHOICES = Space({"activation": Choice(("relu", "tanh"))})
OTHER_SPACE = Space({"learning_rate": Float(0.02, 1.0, log=True)})


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


def reopen(runs, **more):
    open_study(plan(**more), runs).close()


def points(*seeds):
    return [Point({"seed": seed}, (f"seed={seed}",), Config(seed=seed)) for seed in seeds]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"data": OTHER_DATA}, "data: digits d, not mnist_5k another dige"),
        ({"space": OTHER_SPACE}, "search space"),
        ({"space": None, "points": points(1)}, "kind of sweep: search, not points"),
        ({"objective": "validation.loss"}, "objective: validation.accuracy, not validation.loss"),
        ({"sampler": "tpe"}, "sampler: random, not tpe"),
        ({"pruner": "median"}, "pruner: none, not median"),
        ({"seed": 2}, "seed: 1, not 2"),
    ],
)
def test_a_study_is_bound_to_what_it_was_begun_with(tmp_path, change, what):
    reopen(tmp_path)
    with pytest.raises(InputError) as told:
        reopen(tmp_path, **change)
    assert what in told.value.message
    assert "--study" in told.value.hint
    with pytest.raises(InputError) as checked:
        PreparedStudy(plan(**change), tmp_path).check()
    assert checked.value.message == told.value.message


def test_more_trials_another_time_limit_and_other_sizes_are_the_same_study(tmp_path):
    reopen(tmp_path)
    reopen(tmp_path, trials=500, timeout=1.0, group_limit=4, max_errors=3, data=DATA | {"sizes": {}})


def test_points_may_be_added_and_not_changed(tmp_path):
    reopen(tmp_path, space=None, points=points(1, 2), trials=2)
    reopen(tmp_path, space=None, points=points(1, 2, 3), trials=3)
    reopen(tmp_path, space=None, points=points(1), trials=1)
    for changed in (points(2, 1), points(1, 2, 4), points(9)):
        with pytest.raises(InputError, match="another list of configurations"):
            reopen(tmp_path, space=None, points=changed, trials=1)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"trials": 0}, "trials"),
        ({"trials": -3}, "trials"),
        ({"sampler": "bayes"}, "sampler"),
        ({"pruner": "axe"}, "pruner"),
        ({"sampler": "cmaes", "space": CHOICES}, "sampler"),
        ({"sampler": "grid"}, "learning_rate"),
        ({"study": "../s"}, "study"),
        ({"space": None}, ""),
        ({"points": points(1)}, ""),
    ],
)
def test_a_plan_that_cannot_be_carried_out_writes_nothing(tmp_path, change, key):
    for attempt in (lambda: reopen(tmp_path, **change), lambda: PreparedStudy(plan(**change), tmp_path).check()):
        with pytest.raises(InputError) as told:
            attempt()
        assert told.value.key == key
        assert list(tmp_path.iterdir()) == []


def test_a_study_of_another_program_is_left_alone(tmp_path):
    import optuna

    from sweeper.study.storage.connect import open_store

    store = open_store(settle(tmp_path, "s"))
    study = optuna.create_study(storage=store, study_name="s", direction="maximize")
    store.refresh(study._study_id)
    study.add_trial(optuna.trial.create_trial(value=1.0))
    store.close()
    with pytest.raises(InputError, match="was not made by sweeper"):
        reopen(tmp_path)


def test_values_of_the_space_do_not_depend_on_how_it_was_typed(tmp_path):
    reopen(tmp_path)
    reopen(tmp_path, space=Space.from_dict(SPACE.to_dict() | {"fixed": ["steps=5", "log_every=10"]}))
