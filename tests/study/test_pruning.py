"""Trials are compared after equal training, whatever their batches, and none that has done all of it is stopped."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from functools import partial

import optuna
import pytest

from sweeper.config.schema import Config, batch_size, total_steps
from sweeper.config.space import Choice, Float, Space
from sweeper.study.converters import quiet_optuna
from sweeper.study.opening import IDENTITY, identity_of
from sweeper.study.search.pruners import Resource, make_pruner
from sweeper.study.storage.connect import find, reading
from sweeper.study.storage.location import locate
from sweeper.study.study_record import load_study
from sweeper.trial import EpochReport, Scores, TrialResult
from tests.study.helpers import DATA, carry_out, plan

EXAMPLES = 10_000
DATA = DATA | {"sizes": {"train": EXAMPLES, "validation": 20, "test": 20}}
BATCHES = (64, 500)
PRUNING = ("ahead", "asha", "latest", "hyperband", "median")


def space(**base):
    return Space({"batch_size": Choice(BATCHES), "learning_rate": Float(0.01, 1.0)}, base=base)


def learn(group, report, stopped, *, curve, every=0):
    """Validates once an epoch, or every so many steps, and where it is told to; `curve` of steps and of examples."""
    for spec in group:
        config = Config.from_dict(spec.config)
        size, total = batch_size(config, EXAMPLES), total_steps(config, EXAMPLES)
        regular = every or -(-EXAMPLES // size)
        for step in sorted({*range(regular, total + 1, regular), *spec.marks, total}):
            value = curve(config, step, step * size)
            scored = Scores((1.0,), (value,))
            report(EpochReport(spec.key, step, step * size / EXAMPLES, scored, scored, 0.1, 0.1))
            if spec.key in stopped():
                yield TrialResult(spec.key, "pruned", step, scored, scored)
                break
        else:
            yield TrialResult(spec.key, "finished", total, scored, scored)


def by_steps(config, step, _):
    return step / (step + 500) * (0.5 + config.learning_rate / 2)


def by_examples(config, _, seen):
    return seen / (seen + 20_000) * (0.5 + config.learning_rate / 2)


def sweep(runs, pruner, base, curve, trials=90, every=0, seed=1):
    asked = plan(trials, space=space(**base), data=DATA, pruner=pruner, group_limit=1, seed=seed)
    return carry_out(asked, runs, partial(learned, curve=curve, every=every))[1]


def learned(group, report, stopped, **more):
    return list(learn(group, report, stopped, **more))


def share_pruned(trials, batch):
    own = [trial for trial in trials if trial.values["batch_size"] == batch]
    return sum(trial.state == "pruned" for trial in own) / len(own)


@pytest.mark.parametrize("pruner", PRUNING)
@pytest.mark.parametrize(
    ("base", "curve"),
    [({"steps": 500}, by_steps), ({"steps": None, "epochs": 10.0}, by_examples)],
    ids=["steps", "epochs"],
)
def test_equal_learning_curves_are_pruned_alike_whatever_the_batch(tmp_path, pruner, base, curve):
    trials = sweep(tmp_path, pruner, base, curve)
    small, large = (share_pruned(trials, batch) for batch in BATCHES)
    assert 0.2 < small < 0.98
    assert abs(small - large) < 0.25


@pytest.mark.parametrize("pruner", PRUNING)
def test_curves_that_are_the_same_prune_nobody(tmp_path, pruner):
    trials = sweep(tmp_path, pruner, {"steps": 500}, lambda _, step, __: step / (step + 500), 40)
    assert {trial.state for trial in trials} == {"finished"}


@pytest.mark.parametrize("pruner", PRUNING)
def test_nothing_is_pruned_that_has_nothing_left_to_train(tmp_path, pruner):
    trials = sweep(tmp_path, pruner, {"steps": 5000}, by_steps, 40, every=185)  # 27 times that is 4,995
    assert any(trial.state == "pruned" for trial in trials)
    assert all(trial.result.steps <= 5000 * 8 / 9 + 1 for trial in trials if trial.state == "pruned")


def test_all_are_judged_at_the_same_marks(tmp_path):
    sweep(tmp_path, "asha", {"steps": 5000}, by_steps, 12)
    with quiet_optuna(), reading(locate(tmp_path, "s")) as backend:
        seen = {step for trial in backend.get_all_trials(find(backend, "s")) for step in trial.intermediate_values}
    assert seen == {186, 558, 1674}
    assert load_study(tmp_path, "s").facts["resource"] == {"unit": "steps", "whole": 5000, "train_size": EXAMPLES}


@pytest.mark.parametrize("batch", [1, 64, 500, 4000, "full"])
def test_a_mark_is_met_by_the_first_step_that_has_seen_as_much(batch):
    resource = Resource("examples", 10 * EXAMPLES, EXAMPLES)
    due = resource.due("asha", Config(batch_size=batch, steps=None, epochs=10.0))
    size = EXAMPLES if batch == "full" else batch
    assert all((step - 1) * size < mark <= step * size for step, mark in due.items())
    assert max(due.values()) == resource.marks("asha")[-1]


def test_a_shorter_trial_has_no_mark_at_its_end_or_beyond():
    assert set(Resource("steps", 5000, EXAMPLES).due("asha", Config(steps=558))) == {186}


def test_the_longest_run_of_the_space_is_the_whole():
    lengths = Space({"steps": Choice((100, 900)), "learning_rate": Float(0.01, 1.0)})
    assert Resource.of(plan(space=lengths, data=DATA)) == Resource("steps", 900, EXAMPLES)


@pytest.mark.parametrize(("judged", "stops"), [(1, False), (4, False), (5, True)])
def test_the_median_needs_five_trials_that_were_judged_at_the_mark(judged, stops):
    with quiet_optuna():
        study = optuna.create_study(direction="maximize", pruner=make_pruner("median", 900))
        for number in range(8):
            values = {100: 0.5} if number < judged else {200: 0.5}
            study.add_trial(optuna.trial.create_trial(value=0.5, intermediate_values=values))
        trial = study.ask()
        trial.report(0.499, 100)
        assert bool(trial.should_prune()) is stops


def test_a_study_from_before_there_were_marks_keeps_to_its_steps(tmp_path):
    sweep(tmp_path, "asha", {"steps": 500}, by_steps, 3)
    with quiet_optuna(), reading(locate(tmp_path, "s")) as backend:
        study = find(backend, "s")
        facts = backend.get_study_user_attrs(study)[IDENTITY]
    forget_resource(tmp_path, facts)
    given = []

    def watching(group, report, stopped):
        given.extend(spec.marks for spec in group)
        return learned(group, report, stopped, curve=by_steps)

    asked = plan(20, space=space(steps=500), data=DATA, pruner="asha", group_limit=1)
    carry_out(asked, tmp_path, watching)
    assert set(given) == {()}
    assert "resource" not in load_study(tmp_path, "s").facts
    with quiet_optuna(), reading(locate(tmp_path, "s")) as backend:
        late = backend.get_all_trials(find(backend, "s"))[3:]
    assert {20, 157} & {step for trial in late for step in trial.intermediate_values}


def forget_resource(runs, facts):
    kept = json.dumps({key: value for key, value in facts.items() if key != "resource"})
    with sqlite3.connect(runs / "studies" / "s.db") as database:
        database.execute("UPDATE study_user_attributes SET value_json = ? WHERE key = ?", (kept, IDENTITY))


def test_a_study_is_bound_to_its_resource_where_it_prunes():
    one = plan(space=space(steps=500), data=DATA, pruner="asha")
    assert identity_of(one)["resource"]["whole"] == 500
    assert identity_of(replace(one, pruner="none"))["resource"] is None


def test_a_trial_alone_is_a_graph_as_long_as_compiling_does_not_pay(tmp_path):
    asked = []

    def target(group, report, stopped):
        asked.extend((len(group), spec.marks, spec.graph_until) for spec in group)
        return learned(group, report, stopped, curve=by_steps)

    def asked_for(limit=1, pruner="asha", **fixed):
        asked.clear()
        own = plan(
            12, space=space(**fixed), data=DATA, pruner=pruner, group_limit=limit, study=f"s{limit}{pruner}{len(fixed)}"
        )
        carry_out(own, tmp_path / str(fixed), target)
        return {(size == 1, marks, graph) for size, marks, graph in asked}

    marks = (100, 300, 900)
    assert asked_for(steps=2700) == {(True, marks, 2700)}
    assert asked_for(steps=2700, repeats=3) == {(True, marks, 428)}
    assert asked_for(steps=2700, l1=1e-4) == {(True, marks, 428)}
    assert asked_for(steps=27000) == {(True, (1000, 3000, 9000), 3128)}
    assert asked_for(8, steps=2700) == {(False, marks, 0)}
    assert asked_for(pruner="none", steps=2700) == {(True, (), 0)}


@pytest.fixture
def latest():
    with quiet_optuna():
        return optuna.create_study(direction="maximize", pruner=make_pruner("latest", 2700))


def report(study, scores, end=None):
    trial = study.ask()
    for mark, score in scores.items():
        trial.report(score, mark)
    if end is not None:
        study.tell(trial, end)
    return trial


def test_only_the_latest_are_compared_with(latest):
    """Under ASHA a sampler that gets better and better would have all of its trials go on."""
    went_on = []
    for number in range(60):
        trial = report(latest, {100: number / 100})
        went_on.append(not trial.should_prune())
        latest.tell(trial, state=optuna.trial.TrialState.PRUNED)
    assert all(went_on)  # each is ahead of all before it

    halves = [report(latest, {100: 0.9 + 0.001 * (number * 7 % 12)}).should_prune() for number in range(48)]
    assert 1 - sum(halves[12:]) / 36 == pytest.approx(1 / 2, abs=0.03)
    alike = [report(latest, {300: 0.9 + 0.001 * (number * 7 % 12)}).should_prune() for number in range(48)]
    assert 1 - sum(alike[12:]) / 36 == pytest.approx(1 / 3, abs=0.03)


def test_early_luck_is_forgotten(latest):
    for number in range(40):
        report(latest, {100: 0.9 - number / 100})
    assert not report(latest, {100: 0.62}).should_prune()
    asha = optuna.create_study(direction="maximize", pruner=make_pruner("asha", 2700))
    for number in range(40):
        report(asha, {100: 0.9 - number / 100}).should_prune()
    assert report(asha, {100: 0.62}).should_prune()


def test_half_way_it_has_to_be_ahead_of_the_best(latest):
    marks = Resource("steps", 2700, EXAMPLES).marks("latest")
    assert marks == (100, 300, 900, 1350)
    for score, end in ((0.90, 0.93), (0.92, 0.97), (0.94, 0.95)):
        report(latest, {1350: score}, end)
    assert report(latest, {1350: 0.93}).should_prune()  # one of them was ahead then, and is not the best
    assert not report(latest, {1350: 0.95}).should_prune()


def test_one_that_finished_is_nobody_to_keep_up_with(latest):
    report(latest, {1350: 0.99}, 0.99)
    for score in (0.5, 0.6, 0.7, 0.8):
        report(latest, {1350: score})
    assert not report(latest, {1350: 0.985}).should_prune()
    report(latest, {1350: 0.97}, 0.97)
    assert report(latest, {1350: 0.986}).should_prune()


def test_a_loss_is_made_small():
    study = optuna.create_study(direction="minimize", pruner=make_pruner("latest", 2700))
    for number in range(12):
        report(study, {100: 0.1 * number})
    assert not report(study, {100: 0.05}).should_prune()
    assert report(study, {100: 0.95}).should_prune()
    assert report(study, {100: float("nan")}).should_prune()


def test_at_the_last_rung_one_goes_on_only_if_ahead_of_the_best():
    with quiet_optuna():
        studies = {
            name: optuna.create_study(direction="maximize", pruner=make_pruner(name, 2700))
            for name in ("ahead", "asha")
        }
    assert Resource("steps", 2700, EXAMPLES).marks("ahead") == (100, 300, 900)
    for study in studies.values():
        for score, end in ((0.90, 0.93), (0.92, 0.97), (0.95, 0.94)):
            assert not report(study, {900: score}).should_prune()
            study.tell(study.trials[-1].number, end)
    ahead, asha = studies["ahead"], studies["asha"]
    assert report(ahead, {900: 0.91}).should_prune()  # the best was ahead then, though another was not
    assert report(ahead, {900: 0.95}).should_prune() == report(asha, {900: 0.95}).should_prune()
    assert not report(ahead, {900: 0.96}).should_prune()


def test_of_equal_ranks_only_the_one_ahead_of_the_best_goes_on():
    with quiet_optuna():
        study, asha = (
            optuna.create_study(direction="minimize", pruner=make_pruner(name, 2700)) for name in ("ahead", "asha")
        )
    for each in (study, asha):
        for number in range(6):
            each.tell(report(each, {900: 0.5 + number / 10}).number, 0.5 - number / 10)
    # Among the best third of all that came to the rung; the best, the sixth, was behind there.
    assert not report(asha, {900: 0.55}).should_prune()
    assert not report(study, {900: 0.55}).should_prune()
    for each in (study, asha):
        each.tell(report(each, {900: 0.52}).number, -1.0)
    assert not report(asha, {900: 0.53}).should_prune()
    assert report(study, {900: 0.53}).should_prune()
