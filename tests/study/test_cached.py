"""The store against Optuna's own storage: the same study, whoever reads it."""

import json
import uuid

import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.trial import TrialState, create_trial
from sqlalchemy import event

from sweeper.study.converters import quiet_optuna
from sweeper.study.storage.cached import RESULT, CachedStorage


@pytest.fixture(autouse=True)
def quiet():
    with quiet_optuna():
        yield


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/study.db"


def open_study(url, *, load=True):
    store = CachedStorage(RDBStorage(url))
    study = optuna.create_study(storage=store, study_name="s", load_if_exists=load, direction="maximize")
    store.refresh(study._study_id)
    return study, store


def begin(study, store, **attributes):
    template = create_trial(state=TrialState.RUNNING, user_attrs={"driver": "me"} | attributes)
    return optuna.Trial(study, store.create_new_trial(study._study_id, template))


def plainly(url):
    """The trials as Optuna itself reads them."""
    return optuna.load_study(study_name="s", storage=RDBStorage(url)).get_trials()


def without_times(trial):
    return (
        trial.number,
        trial.state,
        trial.values,
        trial.params,
        trial.distributions,
        trial.user_attrs,
        trial.system_attrs,
        trial.intermediate_values,
    )


steps = st.lists(
    st.one_of(
        st.tuples(st.just("float"), st.sampled_from("ab"), st.none()),
        st.tuples(st.just("choice"), st.just("c"), st.none()),
        st.tuples(st.just("report"), st.integers(0, 5), st.floats(-10, 10) | st.just(float("inf"))),
        st.tuples(st.just("user"), st.sampled_from("xyz"), st.integers() | st.text(max_size=5)),
        st.tuples(st.just("system"), st.sampled_from("xyz"), st.integers()),
        st.tuples(st.just("save"), st.none(), st.none()),
    ),
    max_size=10,
)


def play(trial, actions, save):
    for what, key, value in actions:
        if what == "float":
            trial.suggest_float(key, 0.1, 1.0, log=True)
        elif what == "choice":
            trial.suggest_categorical(key, ["[50]", "[100,30]", 3])
        elif what == "report":
            trial.report(value, key)
        elif what == "user":
            trial.set_user_attr(key, value)
        elif what == "system":
            trial.storage.set_trial_system_attr(trial._trial_id, key, value)
        else:
            save(trial)


@pytest.fixture(scope="module")
def two_storages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("storages")
    return [RDBStorage(f"sqlite:///{folder}/{name}.db") for name in ("ours", "theirs")]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(steps, st.sampled_from(["complete", "pruned", "fail"])), min_size=1, max_size=3))
def test_a_study_is_the_one_that_optuna_would_have_written(two_storages, trials):
    name, store = uuid.uuid4().hex, CachedStorage(two_storages[0])
    study = optuna.create_study(storage=store, study_name=name, direction="maximize")
    store.refresh(study._study_id)
    plain = optuna.create_study(storage=two_storages[1], study_name=name, direction="maximize")
    study.sampler, plain.sampler = (optuna.samplers.RandomSampler(seed=1) for _ in range(2))
    for actions, end in trials:
        mine = begin(study, store)
        other = plain.ask()
        other.set_user_attr("driver", "me")
        play(mine, actions, lambda trial: store.save(trial._trial_id))
        play(other, actions, lambda trial: None)
        value = 0.5 if end == "complete" else None
        state = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "fail": TrialState.FAIL}[end]
        study.tell(mine, value, state)
        plain.tell(other, value, state)
    written, expected = (optuna.load_study(study_name=name, storage=one).get_trials() for one in two_storages)
    assert [without_times(trial) for trial in written] == [without_times(trial) for trial in expected]
    in_memory = study.get_trials()
    assert [without_times(trial) for trial in in_memory] == [without_times(trial) for trial in expected]
    assert all(trial.datetime_complete >= trial.datetime_start for trial in written)


def test_an_asked_trial_is_written_whole_by_save_and_not_before(url):
    study, store = open_study(url)
    trial = begin(study, store)
    value = trial.suggest_float("a", 0, 1)
    (seen,) = plainly(url)
    assert (seen.state, seen.params, seen.user_attrs) == (TrialState.RUNNING, {}, {"driver": "me"})
    store.save(trial._trial_id)
    (seen,) = plainly(url)
    assert seen.params == {"a": value}


def test_reports_are_written_with_the_end(url):
    study, store = open_study(url)
    trial = begin(study, store)
    trial.report(0.5, 1)
    assert plainly(url)[0].intermediate_values == {}
    assert study.get_trials()[0].intermediate_values == {1: 0.5}
    study.tell(trial, 0.5)
    assert plainly(url)[0].intermediate_values == {1: 0.5}


def test_results_are_written_and_not_kept_in_memory(url):
    study, store = open_study(url)
    trial = begin(study, store)
    store.set_trial_user_attr(trial._trial_id, RESULT, "a long story")
    study.tell(trial, 0.5)
    assert RESULT not in study.get_trials()[0].user_attrs
    assert plainly(url)[0].user_attrs[RESULT] == "a long story"
    again, _ = open_study(url)
    assert RESULT not in again.get_trials()[0].user_attrs


def test_two_stores_see_each_others_trials_after_a_refresh(url):
    one, first = open_study(url)
    two, second = open_study(url)
    mine = begin(one, first)
    theirs = begin(two, second)
    assert (mine.number, theirs.number) == (0, 1)
    two.tell(theirs, 0.7)
    read = first.refresh(one._study_id)
    assert [(trial.number, trial.state) for trial in read] == [(1, TrialState.COMPLETE)]
    assert [trial.number for trial in second.refresh(two._study_id)] == [0]
    one.tell(mine, 0.2)
    assert [(trial.number, trial.value) for trial in second.refresh(two._study_id)] == [(0, 0.2)]
    assert second.refresh(two._study_id) == []
    assert [trial.value for trial in two.get_trials()] == [0.2, 0.7]


def test_the_first_word_holds(url):
    one, first = open_study(url)
    mine = begin(one, first)
    two, second = open_study(url)
    assert second.claim(mine._trial_id, "driver", "me", "you")
    two.tell(optuna.Trial(two, mine._trial_id), 0.9)
    with pytest.raises(UpdateFinishedTrialError):
        one.tell(mine, 0.1)
    assert plainly(url)[0].value == 0.9
    assert first.reload(mine._trial_id).value == 0.9


def test_one_of_two_claims_wins(url):
    one, first = open_study(url)
    mine = begin(one, first)
    mine.suggest_float("a", 0, 1)
    first.save(mine._trial_id)
    _, second = open_study(url)
    _, third = open_study(url)
    assert second.claim(mine._trial_id, "driver", "me", "you")
    assert not third.claim(mine._trial_id, "driver", "me", "them")
    assert third.get_trial(mine._trial_id).user_attrs["driver"] == "you"
    assert second.get_trial(mine._trial_id).params == mine.params


def test_released_trials_wait_for_whoever_comes_first(url):
    one, first = open_study(url)
    trials = [begin(one, first) for _ in range(3)]
    one.tell(trials[0], 1.0)
    first.release([trial._trial_id for trial in trials])
    assert [trial.state for trial in plainly(url)] == [TrialState.COMPLETE, TrialState.WAITING, TrialState.WAITING]
    two, second = open_study(url)
    assert second.claim(trials[1]._trial_id, "driver", "nobody", "you")
    assert not first.claim(trials[1]._trial_id, "driver", "me", "me")
    assert first.claim(trials[2]._trial_id, "driver", "me", "me")
    assert not second.claim(trials[0]._trial_id, "driver", "me", "you")
    two.tell(optuna.Trial(two, trials[1]._trial_id), 0.3)
    assert plainly(url)[1].value == 0.3


def test_a_failed_write_leaves_nothing_behind(url):
    study, store = open_study(url)
    trial = begin(study, store)
    trial.suggest_float("a", 0, 1)
    store.set_trial_user_attr(trial._trial_id, "bad", {1, 2})
    with pytest.raises(TypeError):
        store.save(trial._trial_id)
    assert plainly(url)[0].params == {}


def test_a_dashboard_can_read_what_is_written(url):
    study, store = open_study(url)
    trial = begin(study, store, trial_record=json.dumps({"a": 1}))
    study.tell(trial, 1.0)
    assert optuna.load_study(study_name="s", storage=url).best_value == 1.0


@pytest.fixture
def forgetful(url):
    study, store = open_study(url)
    store.forgetful, study.sampler = True, optuna.samplers.RandomSampler(seed=1)
    return study, store


def test_what_has_ended_need_not_stay_in_memory_and_is_read_again_when_it_is_asked_for(url, forgetful):
    study, store = forgetful
    trials = [begin(study, store) for _ in range(5)]
    store.refresh(study._study_id)
    for trial in trials[:4]:
        trial.suggest_float("a", 0, 1)
        study.tell(trial, trial.number / 10)
        store.let_go([store.get_trial(trial._trial_id)])
    assert list(store._trials) == [4]
    assert store.get_trial(trials[0]._trial_id).value == 0.0
    assert list(store._trials) == [4]
    assert store.get_trial_by_number(2).value == 0.2
    asked, expected = study.get_trials(), plainly(url)
    assert [without_times(trial) for trial in asked[:4]] == [without_times(trial) for trial in expected[:4]]
    assert [trial.state for trial in asked[4:]] == [TrialState.RUNNING]


def test_what_other_drivers_began_is_not_taken_for_forgotten(url, forgetful):
    study, store = forgetful
    mine = begin(study, store)
    store.refresh(study._study_id)
    study.tell(mine, 0.1)
    store.let_go([store.get_trial(mine._trial_id)])
    two, second = open_study(url)
    theirs = begin(two, second)
    assert [trial.number for trial in study.get_trials()] == [0]
    assert [trial.number for trial in store.refresh(study._study_id)] == [theirs.number]


def test_a_store_that_is_not_forgetful_keeps_what_has_ended(url):
    study, store = open_study(url)
    trial = begin(study, store)
    study.tell(trial, 0.1)
    store.let_go([store.get_trial(trial._trial_id)])
    assert list(store._trials) == [0]


def test_a_trial_costs_few_statements_however_many_there_are(url):
    """What a driver does for a trial is what limits how many workers it keeps busy."""
    study, store = open_study(url)
    study.sampler = optuna.samplers.RandomSampler()  # TPE keeps an attribute of its own
    said = []
    event.listen(store.backend.engine, "before_cursor_execute", lambda *arguments: said.append(arguments[2]))
    costs = []
    for number in range(20):
        trial = begin(study, store, slot=number)
        trial.suggest_float("a", 0.0, 1.0)
        trial.suggest_float("b", 0.0, 1.0)
        store.save(trial._trial_id)
        for step in range(10):
            trial.report(0.1, step)
        store.set_trial_user_attr(trial._trial_id, RESULT, "a long story")
        study.tell(trial, 0.5)
        costs.append(len(said))
        said.clear()
    assert set(costs[1:]) == {13}  # the first one reads the study's directions, too
