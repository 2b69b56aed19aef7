import json
from functools import partial
from pathlib import Path

import pytest
import targets
from helpers import DATA, SPACE, carry_out, plan, stop_after

from sweeper.config.schema import Config
from sweeper.config.space import Choice, Space
from sweeper.errors import InterruptedRunError, SweeperError
from sweeper.study import opening
from sweeper.study.opening import open_study
from sweeper.study.plan import Began, Ended, Point
from sweeper.study.study_record import load_study, load_trials
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import EpochReport, StepReport
from sweeper.workers.inline import InlinePool
from sweeper.workers.process_pool import ProcessPool

TANH = {"learning_rate": 0.2, "dropout": 0.0, "activation": "tanh"}


def points(*rates):
    return [Point({"rate": rate}, (f"learning_rate={rate}",), Config(learning_rate=rate, steps=5)) for rate in rates]


def tried(runs):
    return {json.dumps(dict(trial.values), sort_keys=True) for trial in load_trials(runs, "s")}


def test_a_sweep_has_as_many_trials_as_were_asked_for_and_the_best_is_the_best(tmp_path):
    outcome, ended = carry_out(plan(12), tmp_path, targets.trivial)
    assert (outcome.counts.requested, outcome.counts.finished, outcome.counts.failed) == (12, 12, 0)
    assert len(ended) == 12
    scores = sorted((targets.score(dict(trial.values)) for trial in ended), reverse=True)
    assert outcome.best.score == scores[0]
    assert [trial.score for trial in outcome.top] == scores[:10]
    assert outcome.ended == "done"
    assert outcome.data == DATA
    assert outcome.workers == 1


def test_other_data_end_a_sweep_and_it_goes_on_to_exactly_as_many_trials(tmp_path):
    with pytest.raises(SweeperError, match=r"^x\.npy was changed while it was read$") as told:
        carry_out(plan(6), tmp_path, targets.changed_data)
    assert told.value.hint.startswith("put the data back as they were; ")
    outcome, _ = carry_out(plan(6), tmp_path, targets.trivial)
    assert (outcome.counts.requested, outcome.counts.finished, outcome.counts.failed) == (6, 6, 0)


def test_importance_is_that_of_what_matters(tmp_path):
    outcome, _ = carry_out(plan(40), tmp_path, targets.trivial)
    assert outcome.evaluator == "PED-ANOVA"
    assert outcome.importance[0][0] == "learning_rate"
    assert {name for name, _ in outcome.importance} == set(SPACE.dimensions)


def test_too_few_trials_say_nothing_of_importance(tmp_path):
    outcome, _ = carry_out(plan(5), tmp_path, targets.trivial)
    assert (outcome.importance, outcome.evaluator) == ((), "")


def test_the_same_command_goes_on_and_then_has_nothing_to_do(tmp_path):
    whole, _ = carry_out(plan(10), tmp_path / "whole", targets.trivial)
    carry_out(plan(4), tmp_path / "parts", targets.trivial)
    outcome, ended = carry_out(plan(10), tmp_path / "parts", targets.trivial)
    assert len(ended) == 6
    assert tried(tmp_path / "parts") == tried(tmp_path / "whole")
    assert outcome.best.values == whole.best.values
    again, ended = carry_out(plan(10), tmp_path / "parts", targets.trivial)
    assert ended == []
    assert again.best == outcome.best
    fewer, ended = carry_out(plan(3), tmp_path / "parts", targets.trivial)
    assert ended == []
    assert fewer.counts.finished == 10


def test_pruning_ends_trials_early_and_they_count(tmp_path):
    outcome, ended = carry_out(plan(40, pruner="median", group_limit=1), tmp_path, targets.trivial)
    pruned = [trial for trial in ended if trial.state == "pruned"]
    assert outcome.counts.finished + outcome.counts.pruned == 40
    assert len(pruned) > 5
    assert all(trial.result.steps < targets.STEPS for trial in pruned)
    assert all(trial.score == trial.result.validation.mean("accuracy") for trial in pruned)
    best = max(targets.score(dict(trial.values)) for trial in ended)
    assert outcome.best.score == best


@pytest.mark.parametrize("pruner", ["asha", "hyperband"])
def test_every_pruner_prunes_and_spares_the_best(tmp_path, pruner):
    space = Space(dict(SPACE.dimensions), fixed=("steps=27",), base={"steps": 27})
    slow = partial(targets.trivial, steps=27)
    outcome, ended = carry_out(plan(30, pruner=pruner, space=space, group_limit=1), tmp_path, slow)
    assert outcome.counts.finished + outcome.counts.pruned == 30
    assert outcome.counts.pruned > 3
    assert outcome.best.score > sorted(targets.score(dict(trial.values)) for trial in ended)[-4]


def test_failed_trials_do_not_count_and_are_replaced(tmp_path):
    outcome, ended = carry_out(plan(15), tmp_path, targets.diverging)
    failed = [trial for trial in ended if trial.state == "failed"]
    assert outcome.counts.finished == 15
    assert outcome.counts.failed == len(failed) > 0
    assert all(trial.values["learning_rate"] > 0.5 for trial in failed)
    assert failed[0].failure.kind == "diverged"
    assert failed[0].failure.step == 3
    assert failed[0].score is None


def test_failures_are_replaced_up_to_as_many_again(tmp_path):
    outcome, ended = carry_out(plan(10, max_errors=100), tmp_path, partial(targets.diverging, above=0.02))
    assert outcome.counts.failed >= 10
    assert len(ended) == 20
    assert outcome.counts.finished == 20 - outcome.counts.failed


def test_the_same_error_in_every_trial_is_told_once(tmp_path):
    with pytest.raises(SweeperError) as told:
        carry_out(plan(100, max_errors=4, group_limit=2), tmp_path, targets.raising)
    assert told.value.message.startswith("the last 4 trials all failed with RuntimeError: no such file")
    record = load_study(tmp_path, "s")
    assert len(record.trials) == 4
    assert {trial.state for trial in record.trials} == {"failed"}


def test_a_poisonous_configuration_is_set_aside_and_the_rest_goes_on(tmp_path):
    with ProcessPool(2, target=partial(targets.deadly, above=0.5)) as pool:
        outcome, ended = carry_out(
            plan(5, space=None, points=points(0.1, 0.9, 0.2, 0.3, 0.4)), tmp_path, None, pool=pool
        )
    states = {trial.values["rate"]: trial.state for trial in ended}
    assert states == {0.1: "finished", 0.9: "failed", 0.2: "finished", 0.3: "finished", 0.4: "finished"}
    (guilty,) = [trial for trial in ended if trial.state == "failed"]
    assert guilty.failure.kind == "poison"
    assert "ended its worker 2 times: exited with status 3" in guilty.failure.message
    assert any("set aside" in note for note in outcome.notes)


def test_a_hanging_trial_is_killed_and_the_rest_goes_on(tmp_path):
    with ProcessPool(2, target=targets.hanging, deadline=0.4) as pool:
        outcome, ended = carry_out(plan(3, space=None, points=points(0.1, 0.9, 0.2)), tmp_path, None, pool=pool)
    assert outcome.counts.finished == 2
    (failed,) = [trial for trial in ended if trial.state == "failed"]
    assert failed.failure.message.startswith("ended its worker 2 times: deadline: longer than 0.4 s")


def test_a_worker_killed_from_outside_costs_nothing_and_its_trials_stay_together(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_TEST_MARK", str(tmp_path / "mark"))
    groups = []

    def watch(event):
        if isinstance(event, Began):
            groups.append(set(event.trials))

    with ProcessPool(1, target=targets.signalled) as pool:
        outcome, _ = carry_out(
            plan(4, space=None, points=points(0.1, 0.2, 0.3, 0.4)), tmp_path, None, pool=pool, observe=watch
        )
    assert outcome.counts.finished == 4
    assert outcome.counts.failed == 0
    assert any("killed by SIGKILL" in note for note in outcome.notes)
    assert groups == [{f"s/{number}" for number in range(4)}] * 2


def test_points_are_run_once_each_in_any_number_of_calls(tmp_path):
    rates = [0.1, 0.2, 0.3, 0.4, 0.5]
    with pytest.raises(InterruptedRunError):
        carry_out(
            plan(5, space=None, points=points(*rates), group_limit=1), tmp_path, targets.trivial, observe=stop_after(2)
        )
    outcome, ended = carry_out(plan(5, space=None, points=points(*rates)), tmp_path, targets.trivial)
    assert len(ended) == 3
    assert [trial.values["rate"] for trial in load_trials(tmp_path, "s")] == rates
    assert outcome.best.values == {"rate": 0.3}
    more, ended = carry_out(plan(6, space=None, points=points(*rates, 0.6)), tmp_path, targets.trivial)
    assert [trial.values["rate"] for trial in ended] == [0.6]
    assert more.counts.finished == 6


def test_a_point_that_fails_stays_failed_and_the_sweep_ends(tmp_path):
    outcome, _ = carry_out(plan(3, space=None, points=points(0.1, 0.9, 0.2)), tmp_path, targets.diverging)
    assert (outcome.counts.finished, outcome.counts.failed) == (2, 1)
    again, ended = carry_out(plan(3, space=None, points=points(0.1, 0.9, 0.2)), tmp_path, targets.diverging)
    assert ended == []
    assert again.counts == outcome.counts


def test_a_grid_is_every_point_once_and_no_more(tmp_path):
    space = Space({"activation": Choice(("relu", "tanh")), "learning_rate": Choice((0.1, 0.2, 0.3))})
    outcome, ended = carry_out(plan(50, space=space, sampler="grid"), tmp_path, targets.trivial)
    assert outcome.counts.requested == outcome.counts.finished == 6
    found = [json.dumps(dict(trial.values)) for trial in ended]
    assert sorted(found) == sorted(json.dumps(values) for values in space.grid())


def test_enqueued_values_come_first_and_once(tmp_path):
    known = [{"learning_rate": 0.3, "dropout": 0.0, "activation": "relu"}]
    outcome, ended = carry_out(plan(4, enqueue=known), tmp_path, targets.trivial)
    assert {trial.number: dict(trial.values) for trial in ended}[0] == known[0]
    assert outcome.best.score == 1.0
    more = [*known, {"learning_rate": 0.2, "dropout": 0.0, "activation": "tanh"}]
    _, ended = carry_out(plan(6, enqueue=more), tmp_path, targets.trivial)
    assert {trial.number: dict(trial.values) for trial in ended}[4] == more[1]
    assert len(ended) == 2


@pytest.mark.parametrize("sampler", ["tpe", "cmaes"])
def test_a_sampler_that_learns_begins_at_the_configuration_as_it_is(tmp_path, sampler):
    usual = {"learning_rate": 0.1, "dropout": 0.0, "activation": "relu"}
    _, ended = carry_out(plan(3, sampler=sampler), tmp_path, targets.trivial)
    assert [dict(trial.values) == usual for trial in ended] == [True, False, False]
    _, ended = carry_out(plan(5, sampler=sampler, enqueue=[TANH]), tmp_path, targets.trivial)
    assert [dict(trial.values) == TANH for trial in ended] == [True, False]


@pytest.mark.parametrize(
    "more", [{"sampler": "random"}, {"sampler": "qmc"}, {"enqueue": [TANH], "sampler": "tpe"}], ids=str
)
def test_draws_that_do_not_depend_on_each_other_and_given_ones_begin_elsewhere(tmp_path, more):
    usual = {"learning_rate": 0.1, "dropout": 0.0, "activation": "relu"}
    _, ended = carry_out(plan(3, **more), tmp_path, targets.trivial)
    assert usual not in [dict(trial.values) for trial in ended]


def test_a_study_from_before_there_was_a_start_goes_on_without_one(tmp_path, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(opening, "_start", lambda _: None)
        open_study(plan(3, sampler="tpe"), tmp_path).close()
    _, ended = carry_out(plan(3, sampler="tpe"), tmp_path, targets.trivial)
    assert {"learning_rate": 0.1, "dropout": 0.0, "activation": "relu"} not in [dict(trial.values) for trial in ended]


def test_loss_is_minimised_when_it_is_the_objective(tmp_path):
    outcome, ended = carry_out(plan(8, objective="validation.loss"), tmp_path, targets.trivial)
    assert outcome.best.score == min(trial.score for trial in ended)
    assert outcome.best.score == pytest.approx(1.0 - max(targets.score(dict(trial.values)) for trial in ended))


def test_a_time_limit_ends_a_sweep_that_goes_on_later(tmp_path):
    slow = partial(targets.trivial, pause=0.05)
    outcome, ended = carry_out(plan(100, timeout=0.8, group_limit=1), tmp_path, slow)
    assert outcome.ended == "timeout"
    assert 0 < outcome.counts.finished < 100
    more, _ = carry_out(plan(len(ended) + 1), tmp_path, targets.trivial)
    assert more.counts.finished == len(ended) + 1


def test_the_observer_hears_everything_in_order(tmp_path):
    heard = []
    carry_out(plan(3), tmp_path, targets.trivial, observe=heard.append)
    began = {key for event in heard if isinstance(event, Began) for key in event.trials}
    assert began == {"s/0", "s/1", "s/2"}
    for key in began:
        own = [event for event in heard if getattr(event, "key", "") == key]
        assert sum(isinstance(event, StepReport) for event in own) == 5
        assert sum(isinstance(event, EpochReport) for event in own) == 5
    ends = [event for event in heard if isinstance(event, Ended)]
    assert [event.counts.finished for event in ends] == [1, 2, 3]
    assert [event.best.score for event in ends] == [
        max(event.trial.score for event in ends[: index + 1]) for index in range(3)
    ]


def test_every_trial_is_recorded_with_its_history(tmp_path):
    tracker = MemoryTracker()
    _, ended = carry_out(plan(4), tmp_path, targets.trivial, tracker=tracker)
    recorded = tracker.recorded("s")
    assert sorted(recorded) == [0, 1, 2, 3]
    run = tracker.runs[recorded[ended[0].number]]
    assert run.params["learning_rate"] == str(ended[0].values["learning_rate"])
    steps = [point.step for point in tracker.points[recorded[0]] if point.key == "validation.accuracy"]
    assert steps[:5] == [1, 2, 3, 4, 5]


def test_what_a_tracker_has_lost_is_recorded_again_at_the_next_start(tmp_path):
    first = MemoryTracker()
    carry_out(plan(4), tmp_path, targets.trivial, tracker=first)
    second = MemoryTracker()
    carry_out(plan(5), tmp_path, targets.trivial, tracker=second)
    assert sorted(second.recorded("s")) == [0, 1, 2, 3, 4]
    for number in range(4):
        one, two = (t.runs[t.recorded("s")[number]] for t in (first, second))
        assert (one.params, one.metrics, one.started) == (two.params, two.metrics, two.started)


def test_values_that_make_no_configuration_are_failed_trials(tmp_path):
    space = Space({"dropout": Choice((0.1, "[0.1,0.2,0.3]")), "learning_rate": SPACE.dimensions["learning_rate"]})
    outcome, ended = carry_out(plan(6, space=space), tmp_path, targets.trivial)
    assert outcome.counts.finished == 6
    assert {trial.state for trial in ended if trial.values["dropout"] != 0.1} == {"failed"}


def test_trials_of_one_structure_are_trained_together(tmp_path):
    groups = []
    with InlinePool(targets.trivial) as pool:
        submit = pool.submit
        pool.submit = lambda group, files: (groups.append(len(group)), submit(group, files))
        carry_out(plan(12), tmp_path, None, pool=pool)
    assert sum(groups) == 12
    assert len(groups) <= 6  # three structures: the activations


def test_nothing_of_optuna_is_heard(tmp_path, capfd):
    carry_out(plan(12, sampler="cmaes", pruner="hyperband"), tmp_path, targets.trivial)
    assert capfd.readouterr() == ("", "")


def test_no_models_are_left_where_they_were_saved(tmp_path):
    left = Path(tmp_path, "studies", "s.models", "a driver that died", "3")
    left.mkdir(parents=True)
    carry_out(plan(2, keep_models=True), tmp_path, targets.saving)
    assert not list(Path(tmp_path, "studies").glob("*.models"))


def test_models_stay_until_the_tracker_has_them(tmp_path, monkeypatch):
    monkeypatch.setattr(MemoryTracker, "flush", lambda self: 2)
    _, ended = carry_out(plan(2, keep_models=True), tmp_path, targets.saving)
    assert all(Path(trial.result.models[0]).read_text() == "weights" for trial in ended)
