import threading

import pytest
from helpers import DATA, SPACE, plan

from sweeper.config.schema import Config
from sweeper.config.space import Choice, Float, Space
from sweeper.errors import InputError
from sweeper.study.converters import quiet_optuna
from sweeper.study.opening import PreparedStudy, open_study
from sweeper.study.plan import Past, Point
from sweeper.study.recorder import RECORDS
from sweeper.study.storage.cached import CachedStorage
from sweeper.study.storage.location import settle
from sweeper.system.process import Process

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


def at_once(runs, *plans):
    """Studies that several drivers open at one moment, and what those were told that were refused."""
    gate, opened, refused = threading.Barrier(len(plans)), [], []

    def begin(asked):
        with quiet_optuna():
            gate.wait()
            try:
                opened.append(open_study(asked, runs))
            except InputError as error:
                refused.append(error.message)

    threads = [threading.Thread(target=begin, args=(asked,)) for asked in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return opened, refused


def test_of_plans_that_differ_one_binds_the_study_and_the_others_are_refused(tmp_path):
    opened, refused = at_once(tmp_path, *(plan(seed=seed) for seed in range(4)))
    assert len(opened) == 1
    assert len(refused) == 3
    assert all("seed" in line for line in refused)
    opened[0].close()


def test_values_that_several_drivers_enqueue_at_once_all_get_a_slot(tmp_path):
    rates = [0.1, 0.2, 0.3, 0.4]
    opened, _ = at_once(tmp_path, *(plan(enqueue=[{"learning_rate": rate}]) for rate in rates))
    attributes = opened[0].store.get_study_user_attrs(opened[0].study._study_id)
    assert sorted(values["learning_rate"] for values in attributes["enqueued"].values()) == rates
    for one in opened:
        one.close()


def test_one_driver_makes_the_record_and_where_it_ends_the_next_one_does(tmp_path):
    opened, _ = at_once(tmp_path, *(plan() for _ in range(3)))
    makers = [one for one in opened if one.has(RECORDS)]
    assert len(makers) == 1
    others = [one for one in opened if one is not makers[0]]
    makers[0].close()
    assert [one.has(RECORDS) for one in others] == [True, False]
    for one in others:
        one.close()


def past_of(one):
    return sorted(trial.user_attrs["past"] for trial in one.study.get_trials() if "past" in trial.user_attrs)


PAST = [Past(f"before:{number}", {"learning_rate": 0.1 + number / 100}, (0.5,)) for number in range(8)]


def test_an_earlier_studys_trials_are_brought_once_though_another_driver_begins_meanwhile(tmp_path, monkeypatch):
    create, others = CachedStorage.create_new_trial, []

    def create_slowly(*given):
        if not others:
            others.append(None)
            others.append(open_study(plan(past=PAST), tmp_path))
        return create(*given)

    monkeypatch.setattr(CachedStorage, "create_new_trial", create_slowly)
    opened = open_study(plan(past=PAST), tmp_path)
    opened.store.refresh(opened.study._study_id)
    assert past_of(opened) == [one.name for one in PAST]
    for one in (opened, others[1]):
        one.close()


def test_a_driver_that_stops_as_it_brings_them_leaves_the_rest_to_the_next(tmp_path, monkeypatch):
    create, made = CachedStorage.create_new_trial, []

    def interrupted(*given):
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(create(*given))

    monkeypatch.setattr(CachedStorage, "create_new_trial", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_study(plan(past=PAST), tmp_path)
    monkeypatch.setattr(CachedStorage, "create_new_trial", create)
    opened = open_study(plan(past=PAST), tmp_path)
    assert past_of(opened) == [one.name for one in PAST]
    opened.close()


def test_whether_another_driver_is_alive_is_found_out_once_for_all_of_its_trials(tmp_path, monkeypatch):
    first, second = (open_study(plan(), tmp_path) for _ in range(2))
    asked, real = [], Process.life
    monkeypatch.setattr(Process, "life", lambda process, renewed: asked.append(process) or real(process, renewed))
    alive = second.alive()
    assert [alive(first.lease.driver) for _ in range(1000)] == [True] * 1000
    assert len(asked) == 1
    first.close()
    assert not second.alive()(first.lease.driver)
    second.close()
