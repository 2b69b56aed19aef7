"""``sweeper tune`` with several objectives, constraints, known configurations, an earlier study, a random search."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sweeper.config.checks import parameters
from sweeper.config.planning import plan_space
from sweeper.config.schema import Config
from sweeper.errors import InputError
from sweeper.jobs.shared.search import enqueued
from sweeper.study.converters import quiet_optuna
from sweeper.study.storage.connect import find, reading
from sweeper.study.storage.location import locate
from sweeper.study.study_record import load_study
from sweeper.trial import Scores

FIXED = ("tune", "dataset=digits", "steps=9", "space=none", "--confirm", 0)
SPACE = ("hidden=[2],[8],[64]", "learning_rate=tag(log,interval(1e-2,1))")


@pytest.fixture
def sized(world, result):
    """Networks that are better the wider they are."""

    def train(group, report, stopped):
        return [replace(result(spec, scored(spec)), parameters=size(spec)) for spec in group]

    def scored(spec):
        value = 1 - 1 / spec.config["hidden"][0]
        return Scores((1 - value,), (value,))

    def size(spec):
        return parameters(Config(hidden=tuple(spec.config["hidden"])), 64, 10)

    world.target = train
    return world


def test_two_objectives_give_a_front_and_no_pruning(sized):
    asked = (*FIXED, *SPACE, "--objective", "validation.accuracy", "--objective", "parameters", "-n", 12)
    document = sized.typed(*asked, "--json").json
    assert document["objectives"] == ["validation.accuracy", "parameters"]
    assert document["trials"]["finished"] == 12
    accuracies = [one["validation.accuracy"] for one in document["front"]]
    sizes = [one["parameters"] for one in document["front"]]
    assert accuracies == sorted(accuracies, reverse=True)
    assert sizes == sorted(sizes, reverse=True)
    assert set(sizes) <= {160, 610, 4810}
    text = sized.typed(*asked).out
    assert text.split()[:3] == ["trial", "validation.accuracy", "parameters"]
    parent = next(run for run in sized.tracker.runs.values() if run.name == document["study"])
    assert "front.png" in {path.name for path, _ in sized.tracker.artifacts[parent.run_id]}


@pytest.mark.parametrize(("option", "value"), [("--pruner", "asha"), ("--confirm", 3)])
def test_what_needs_one_objective_is_refused_with_two_if_it_was_asked_for(sized, option, value):
    both = ("tune", *FIXED[1:-2], *SPACE, "--objective", "validation.accuracy", "--objective", "parameters", "-n", 2)
    typed = sized.typed(*both, option, value)
    assert typed.code == 2
    assert "with several objectives no trial is" in typed.err
    assert len(typed.err.splitlines()) == 1
    such = typed.err.partition("such as: ")[2]
    assert such.startswith("sweeper tune ")
    assert option not in such
    assert option not in sized.typed(*both, f"{option}={value}").err.partition("such as: sweeper")[2]
    assert sized.files() == []
    assert "no trial is pruned, and none is confirmed" in sized.typed(*both).err


def test_a_constraint_keeps_the_best_small_and_the_large_untrained(sized):
    document = sized.typed(*FIXED, *SPACE, "--constraint", "parameters<=1000", "-n", 12, "--json").json
    assert document["best"]["params"]["hidden"] == "[8]"
    assert document["constraints"] == ["parameters<=1000"]
    assert document["infeasible"] == document["trials"]["pruned"] > 0
    assert document["front"] is None
    assert "parameters<=1000; " in sized.typed(*FIXED, *SPACE, "--constraint", "parameters<=1000", "-n", 12).out


def test_a_search_none_of_whose_trials_keeps_a_constraint_says_so(sized):
    asked = (*FIXED, *SPACE, "--constraint", "parameters<=10", "-n", 3)
    text = sized.typed(*asked).out
    assert "No trial has finished: none keeps parameters<=10." in text
    assert "0 random trials" not in text
    assert sized.typed(*asked, "--json").json["cautions"] == []


def test_what_all_trials_share_is_not_repeated_with_each(sized, monkeypatch):
    from sweeper.config import with_data

    monkeypatch.setattr(with_data, "OFTEN", 0)  # as if these nine steps were thousands
    monkeypatch.setattr(with_data, "APART", 100)
    searched = ("activation=relu,tanh", "dropout=0,0.1", "l2=0,0.1", "init.stddev=0.1,0.2", "init.bias=0,0.1")
    asked = (*FIXED, *SPACE, *searched, "-n", 3)
    document = sized.typed(*asked, "--json").json
    settled = ["validate_min_steps=100", "stop_after=20"]
    assert document["fixed"] == [*(word for word in FIXED[1:-2] if word != "space=none"), *settled]
    assert set(settled) <= {*document["best"]["overrides"]}
    text = sized.typed(*asked).out
    leaders, best = text.split("run the best again")
    assert "hyperparameters" in leaders
    assert "hidden=[" in leaders
    assert "stop_after" not in leaders
    assert "stop_after=20" in best


def test_known_configurations_come_first(sized):
    asked = (*FIXED, *SPACE, "--study", "s", "-n", 3, "--enqueue", "hidden=[64] learning_rate=0.25", "--enqueue",
             "learning_rate=0.5 hidden=[2]", "--json")  # fmt: skip
    document = sized.typed(*asked).json
    trials = load_study(sized.folder / "runs", "s").trials
    assert [dict(trial.values) for trial in trials[:2]] == [
        {"hidden": "[64]", "learning_rate": 0.25},
        {"hidden": "[2]", "learning_rate": 0.5},
    ]
    assert document["tuning_curve"]["valid"] is False


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ("activation=tanh learning_rate=0.3", {"activation": "tanh", "learning_rate": 0.3, "l2": 1e-6, "hidden.0": 50}),
        ("'hidden=[20]' dropout=0.2", {"hidden.depth": 1, "hidden.0": 20, "dropout": 0.2, "learning_rate": 0.1}),
        ("optimizer=momentum", {"optimizer": "momentum", "optimizer.momentum": 0.9, "l2": 1e-6}),
        ("optimizer=momentum optimizer.momentum=0.5", {"optimizer.momentum": 0.5}),
        ("optimizer=adam", {"optimizer": "adam", "l2": 1e-6}),
    ],
)
def test_what_is_not_given_of_a_known_configuration_is_as_usual_or_the_nearest(given, values):
    space = plan_space(["steps=9", "optimizer=sgd,momentum,adam", "optimizer.momentum=interval(0.5,0.95)"])
    found = enqueued(given, space)
    assert found == {**found, **values}
    space.config(found)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("l2=0", "l2: 0.0 is not in the space"),
        ("l2=5", "l2: 5.0 is not in the space"),
        ("hidden=[3]", "hidden.0: 3 is not in the space"),
        ("hidden=[50,30,20,20]", "hidden.depth: 4 is not in the space"),
        ("optimizer=adagrad", "optimizer: adagrad is not in the space"),
        # What is not searched; of l2, whose usual value is not in the space either, nobody spoke.
        ("steps=8", "steps: 8 is not in the space, where it is 9"),
        ("batch_size=32 learning_rate=0.2", "batch_size: 32 is not in the space, where it is 100"),
        ("hidden=[20] output_activation=tanh", "output_activation: tanh is not in the space, where it is linear"),
        ("init=zeros", "init: zeros is not in the space, where it is truncated_normal"),
        ("init.stddev=0.2", "init.stddev: 0.2 is not in the space, where it is 0.1"),
        ("lr_decay=cosine", "lr_decay: cosine is not in the space, where it is none"),
        ("hidden=[20] 'oops", "No closing quotation"),
    ],
)
def test_what_is_given_of_one_is_in_the_space_or_refused(given, told):
    space = plan_space(["steps=9", "optimizer=sgd,momentum"])
    with pytest.raises(InputError) as refused:
        enqueued(given, space)
    assert refused.value.message == f"--enqueue {given!r}: {told}"


def test_an_earlier_study_is_known_to_the_sampler_and_counted_nowhere(sized):
    sized.typed(*FIXED, *SPACE, "--study", "first", "-n", 12)
    narrower = ("hidden=[8],[64]", SPACE[1])
    typed = sized.typed(*FIXED, *narrower, "--study", "second", "-n", 4, "--warm-start", "first", "--json")
    assert typed.json["trials"]["finished"] + typed.json["trials"]["pruned"] == 4
    assert any("the sampler knows" in note for note in typed.json["notes"])
    known = next(int(note.split()[3]) for note in typed.json["notes"] if "the sampler knows" in note)
    first = load_study(sized.folder / "runs", "first")
    assert known == sum(t.state == "finished" and t.values["hidden"] != "[2]" for t in first.trials)


def test_an_earlier_study_comes_with_its_violations_of_a_new_constraint(sized):
    sized.typed(*FIXED, *SPACE, "--study", "first", "-n", 12, "--pruner", "none")
    kept = ("--study", "second", "-n", 2, "--warm-start", "first", "--constraint", "parameters<=1000")
    typed = sized.typed(*FIXED, *SPACE, *kept, "--json")
    warm = [trial for trial in _stored(sized, "second") if "past" in trial.user_attrs]
    first = load_study(sized.folder / "runs", "first")
    assert [trial.constraints for trial in warm] == [
        {"parameters<=1000": pytest.approx((trial.result.parameters - 1000) / 1000)} for trial in first.trials
    ]
    large = sum(trial.values["hidden"] == "[64]" for trial in first.trials)
    assert f"the sampler knows 12 trials of first, of which {large} miss parameters<=1000" in typed.json["notes"]


def test_an_earlier_trial_of_which_a_constraint_is_not_known_is_left_out(sized):
    sized.typed(*FIXED, *SPACE, "--study", "first", "-n", 4, "--pruner", "none")
    train = sized.target

    def timeless(group, report, stopped):
        return [replace(one, seconds={}) for one in train(group, report, stopped)]

    sized.target = timeless
    sized.typed(*FIXED, *SPACE, "--study", "timeless", "-n", 4, "--pruner", "none")
    for study, code in (("first", 0), ("timeless", 2)):
        kept = ("--study", f"after-{study}", "-n", 2, "--warm-start", study, "--constraint", "seconds<=9")
        typed = sized.typed(*FIXED, *SPACE, *kept, "--json")
        assert typed.code == code
    assert "whether trial 0 keeps seconds<=9 is not known" in typed.error["message"]


def test_no_importance_says_why(sized):
    asked = (*FIXED, *SPACE, "--study", "s", "-n", 4, "--pruner", "none")
    document = sized.typed(*asked, "--json").json
    assert document["importance"] == document["variance"] == {}
    assert document["importance_note"] == "importances need 10 finished trials, and this study has 4"
    assert document["importance_note"] in sized.typed(*asked).out


def _stored(world, study):
    with quiet_optuna(), reading(locate(world.folder / "runs", study)) as backend:
        return backend.get_all_trials(find(backend, study))


def test_a_random_search_beside_it(sized):
    document = sized.typed(*FIXED, *SPACE, "--study", "s", "-n", 6, "--baseline", "--json").json
    assert document["baseline"]["study"] == "s-random"
    assert document["baseline"]["tuning_curve"]["valid"]
    assert document["tuning_curve"]["valid"] is False
    assert len(load_study(sized.folder / "runs", "s-random").trials) == 6
    assert (
        "best of the random search s-random" in sized.typed(*FIXED, *SPACE, "--study", "s", "-n", 6, "--baseline").out
    )


def test_other_objectives_are_another_study(sized):
    names = {
        sized.typed(*FIXED, *SPACE, *more, "-n", 2, "--json").json["study"]
        for more in (
            (),
            ("--constraint", "parameters<=1000"),
            ("--constraint", "parameters<=9000"),
            ("--objective", "validation.accuracy", "--objective", "parameters"),
        )
    }
    assert len(names) == 4


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--objective", "parameters"), "the first objective is parameters"),
        (("--objective", "validation.loss", "--objective", "validation.loss"), "given twice"),
        (("--objective", "beauty"), "beauty"),
        (("--constraint", "parameters"), "'parameters' is not a constraint"),
        (("--constraint", "parameters<=lots"), "lots is not a number"),
        (("--enqueue", "hidden=[3] learning_rate=0.1"), "--enqueue 'hidden=[3] learning_rate=0.1': hidden"),
        (("--enqueue", "hidden=[8] learning_rate=7"), "learning_rate"),
        (("--enqueue", "hiden=[8]"), "hiden"),
        (("--enqueue", "hidden=[8] 'oops"), "--enqueue"),
        (("--warm-start", "nothing"), "no study 'nothing'"),
        (("--warm-start", "first", "--sampler", "random"), "random makes nothing of an earlier study"),
        (("--objective", "validation.accuracy", "--objective", "seconds", "--sampler", "cmaes"), "cmaes"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(sized, more, message):
    typed = sized.typed(*FIXED, *SPACE, *more, "--json")
    assert typed.code == 2
    assert message in typed.error["message"] + typed.error["hint"]
    assert sized.files() == []


def test_an_earlier_study_of_something_else_is_refused(sized):
    sized.typed(*FIXED, *SPACE, "--study", "first", "-n", 2)
    for more, message in (
        (("validation.size=300",), "no trial of first lies in this space: validation"),
        (("--objective", "validation.loss"), "first was for validation.accuracy"),
        (("hidden=[5],[6]",), "no trial of first lies in this space: hidden"),
    ):
        typed = sized.typed(*FIXED, *SPACE, "--study", "second", "-n", 2, "--warm-start", "first", *more, "--json")
        assert typed.code == 2
        assert message in typed.error["message"]


def test_limits_reach_the_workers_in_any_unit(world):
    asked = ("tune", "dataset=digits", "steps=9", *SPACE, "space=none", "--confirm", 0, "-n", 1)
    assert world.typed(*asked, "--deadline", "1h30m", "--memory", "2GiB", "--threads", 3).code == 0
    assert world.limits == {"threads": 3, "deadline": 5400.0, "memory": 2 << 30}
    assert world.typed(*asked).code == 0
    assert world.limits == {"threads": 1, "deadline": 0.0, "memory": 0}


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--deadline", "soon", "'soon' is no duration"),
        ("--deadline", "0", "'0' is no duration"),
        ("--timeout", "-5", "'-5' is no duration"),
        ("--memory", "4", "'4' is no size"),
        ("--memory", "10MB", "10MB is too little for a worker"),
    ],
)
@pytest.mark.parametrize("command", ["tune", "explore"])
def test_limits_that_make_no_sense_are_one_line(world, command, option, value, said):
    if (command, option) == ("explore", "--timeout"):
        return
    typed = world.typed(command, f"{option}={value}")
    assert typed.code == 2
    assert f"{option}: {said}" in typed.err
    assert len(typed.err.splitlines()) == 1
    assert world.files() == []
