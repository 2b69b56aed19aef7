import optuna
import pytest
from helpers import SPACE, plan

from sweeper.config.schema import Config
from sweeper.config.space import Choice, Float, Int, Space
from sweeper.study.plan import Point
from sweeper.study.search.source import SlotSource, always_asked, distribution


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        (Float(0.1, 1.0), optuna.distributions.FloatDistribution(0.1, 1.0)),
        (Float(0.1, 1.0, log=True), optuna.distributions.FloatDistribution(0.1, 1.0, log=True)),
        (Float(0.0, 0.5, step=0.25), optuna.distributions.FloatDistribution(0.0, 0.5, step=0.25)),
        (Int(1, 9, step=4), optuna.distributions.IntDistribution(1, 9, step=4)),
        (Int(1, 9, log=True), optuna.distributions.IntDistribution(1, 9, log=True)),
        (Choice(("[50,30]", 3, 0.5)), optuna.distributions.CategoricalDistribution(("[50,30]", 3, 0.5))),
    ],
)
def test_domains_are_optunas_distributions(domain, expected):
    assert distribution(domain) == expected


def test_what_is_always_asked_leaves_out_what_depends_on_a_choice():
    space = Space(
        {"optimizer": Choice(("sgd", "momentum")), "optimizer.momentum": Float(0.5, 0.9), "dropout": Float(0, 0.5)},
        nodes={"optimizer": {"sgd": {"name": "sgd"}, "momentum": {"name": "momentum", "momentum": 0.9}}},
    )
    assert set(always_asked(space)) == {"optimizer", "dropout"}
    layers = Space({"hidden.depth": Int(0, 2), "hidden.0": Int(10, 20), "hidden.1": Int(10, 20)})
    assert set(always_asked(layers)) == {"hidden.depth"}
    assert always_asked(None) == {}


def test_a_trial_is_drawn_from_the_space():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    source = SlotSource(plan())
    drawn = source.draw(study.ask(), 0)
    assert source.limit is None
    assert set(drawn.values) == set(SPACE.dimensions)
    assert drawn.config.learning_rate == drawn.values["learning_rate"]
    assert drawn.config.steps == 5
    assert f"learning_rate={drawn.values['learning_rate']}" in drawn.overrides


def test_a_grid_is_every_point_once():
    space = Space({"activation": Choice(("relu", "tanh")), "batch_size": Choice((50, 100))})
    source = SlotSource(plan(space=space, sampler="grid"))
    study = optuna.create_study()
    drawn = []
    for slot in range(source.limit):
        trial = study.ask()
        study._storage.set_trial_system_attr(trial._trial_id, "fixed_params", source.template(slot)["fixed_params"])
        drawn.append(source.draw(optuna.Trial(study, trial._trial_id), slot).values)
    assert drawn == space.grid()


def test_points_are_taken_as_they_are():
    points = [Point({"seed": seed}, (f"seed={seed}",), Config(seed=seed)) for seed in (3, 1)]
    source = SlotSource(plan(2, space=None, points=points))
    study = optuna.create_study()
    assert source.limit == 2
    assert [source.draw(study.ask(), slot).config.seed for slot in (0, 1)] == [3, 1]
    assert source.example() == Config(seed=3)
