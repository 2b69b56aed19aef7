"""Search spaces: what is asked, what comes of it, and what is no space."""

import json
import random
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.config.compose import compose
from sweeper.config.planning import plan_space
from sweeper.config.schema import Adam, Config, Exponential, Init, Momentum, Optimizer
from sweeper.config.space import Choice, Float, Int, Space
from sweeper.errors import InputError


def draw(seed):
    """A suggest function of a random sampler."""
    rng = random.Random(seed)

    def suggest(_, domain):
        if isinstance(domain, Float) and domain.step is None:
            return rng.uniform(domain.low, domain.high)
        return rng.choice(domain.points)

    return suggest


CONDITIONAL = [
    "optimizer=sgd,momentum,adam",
    "optimizer.momentum=0.5,0.9",
    "optimizer.beta_1=0.8",
    "optimizer.clipnorm=0,1",
    "lr_decay=none,exponential",
    "lr_decay.rate=0.1,0.5",
    "init=truncated_normal,he_normal",
    "init.stddev=0.05,0.2",
    "hidden.depth=0,1,2",
    "hidden.width=10,20",
]
LISTS = ["hidden=choice([],[50],[100,30])", "batch_size=50,full", "optimizer=rmsprop", "optimizer.centered=true,false"]


def test_the_default_space():
    made = plan_space([])
    assert dict(made.dimensions) == {
        "hidden.depth": Int(1, 3),
        "activation": Choice(("relu", "tanh", "sigmoid")),
        "hidden.0": Int(16, 256, log=True),
        "hidden.1": Int(16, 256, log=True),
        "hidden.2": Int(16, 256, log=True),
        "learning_rate": Float(0.01, 1.0, log=True),
        "dropout": Float(0.0, 0.5),
        "l2": Float(1e-6, 1e-3, log=True),
    }
    assert made.size is None
    assert made.fixed == ()


def test_the_space_of_the_benchmarks():
    made = plan_space([], space="benchmark")
    assert dict(made.dimensions) == {
        "activation": Choice(("relu", "tanh", "sigmoid")),
        "hidden": Choice(("[50]", "[100]", "[50,30]", "[100,30]", "[100,50,30]")),
        "learning_rate": Float(0.01, 1.0, log=True),
        "dropout": Choice((0, 0.2)),
        "l2": Float(1e-6, 1e-3, log=True),
    }
    assert plan_space(["space=benchmark"]) == made


def test_the_command_line_fixes_replaces_and_adds():
    made = plan_space(
        ["activation=tanh", "learning_rate=0.1,0.2", "batch_size=interval(10,100)", "steps=400"], space="small"
    )
    assert dict(made.dimensions) == {"learning_rate": Choice((0.1, 0.2)), "batch_size": Int(10, 100)}
    assert made.fixed == ("activation=tanh", "steps=400")
    assert made.config({"learning_rate": 0.2, "batch_size": 64}) == replace(
        Config(), activation="tanh", steps=400, learning_rate=0.2, batch_size=64
    )


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["hidden=[100,30]"], ["activation", "learning_rate", "dropout", "l2"]),
        (["hidden=[50],[100]"], ["activation", "learning_rate", "dropout", "l2", "hidden"]),
        (["hidden.depth=2"], ["activation", "hidden.0", "hidden.1", "learning_rate", "dropout", "l2"]),
        (["hidden.width=40"], ["hidden.depth", "activation", "learning_rate", "dropout", "l2"]),
        (["hidden.depth=1", "hidden.width=40"], ["activation", "learning_rate", "dropout", "l2"]),
    ],
)
def test_widths_and_depths_overrule_each_other(typed, names):
    assert list(plan_space(typed).dimensions) == names


def test_a_fixed_depth_or_width():
    narrow = plan_space(["hidden.depth=2,3", "hidden.width=40"], space="none")
    assert narrow.config({"hidden.depth": 3}).hidden == (40, 40, 40)
    assert narrow.overrides({"hidden.depth": 3}) == ["hidden=[40,40,40]"]
    usual_depth = plan_space(["hidden.width=10,20"], space="none")
    assert usual_depth.config({"hidden.0": 20, "hidden.1": 10}).hidden == (20, 10)


def test_parts_are_asked_where_the_option_has_them():
    made = plan_space(CONDITIONAL, space="none")
    points = made.grid()
    parts = {"sgd": 1, "momentum": 2, "adam": 1}
    expected = sum(parts.values()) * 2 * (1 + 2) * (2 + 1) * (1 + 2 + 4)
    assert made.size == len(points) == expected
    assert len({json.dumps(point) for point in points}) == expected
    for point in points:
        assert ("optimizer.momentum" in point) == (point["optimizer"] == "momentum")
        assert ("lr_decay.rate" in point) == (point["lr_decay"] == "exponential")
        assert ("init.stddev" in point) == (point["init"] == "truncated_normal")
        assert [name for name in point if name in {"hidden.0", "hidden.1"}] == ["hidden.0", "hidden.1"][
            : point["hidden.depth"]
        ]
    kinds = {"sgd": Optimizer, "momentum": Momentum, "adam": Adam}
    for point in points[:: len(points) // 40]:
        config = made.config(point)
        assert type(config.optimizer) is kinds[point["optimizer"]]
        assert getattr(config.optimizer, "beta_1", 0.8) == 0.8
        assert config.optimizer.clipnorm == point["optimizer.clipnorm"]
        assert config.init == Init(point["init"], point.get("init.stddev", 0.1))


@pytest.mark.parametrize("typed", [CONDITIONAL, LISTS])
def test_every_point_is_the_config_of_its_overrides_and_back(typed):
    made = plan_space(typed, space="none")
    points = made.grid()
    for point in points[:: max(1, len(points) // 60)]:
        config = made.config(point)
        assert compose(made.overrides(point)) == config
        assert made.values(config) == point


DEFAULT = plan_space([])


@given(st.integers())
@settings(max_examples=50, deadline=None)
def test_what_is_asked_is_in_the_space(seed):
    made = DEFAULT
    point = made.ask(draw(seed))
    config = made.config(point)
    assert config.hidden == tuple(point[f"hidden.{i}"] for i in range(point["hidden.depth"]))
    assert compose(made.overrides(point)) == config
    assert made.values(config) == point
    assert list(point) == [name for name in made.dimensions if name in point]


def test_lists_and_truths_are_text_for_the_sampler():
    made = plan_space(LISTS, space="none")
    point = {"hidden": "[100,30]", "batch_size": "full", "optimizer.centered": "true"}
    assert point in made.grid()
    config = made.config(point)
    assert (config.hidden, config.batch_size, config.optimizer.centered) == ((100, 30), "full", True)


@pytest.mark.parametrize("typed", [[], CONDITIONAL, LISTS, ["epochs=1,2"], ["hidden.depth=2", "optimizer=adam"]])
def test_json_and_back(typed):
    made = plan_space(typed)
    again = Space.from_dict(json.loads(json.dumps(made.to_dict())))
    assert again == made
    assert again.digest == made.digest
    assert list(again.dimensions) == list(made.dimensions)
    point = made.ask(draw(0))
    assert again.config(point) == made.config(point)


def test_the_digest_is_of_what_counts():
    made = plan_space(["steps=400"])
    assert plan_space(["log_every=7", "steps=4e2"]).digest == made.digest
    others = [
        ["steps=401"],
        ["steps=400", "l2=0"],
        ["steps=400", "dropout=interval(0,0.6)"],
        ["steps=400", "repeats=2"],
    ]
    assert len({plan_space(typed).digest for typed in others} | {made.digest}) == 5


def test_steps_or_epochs_can_be_searched():
    made = plan_space(["epochs=1,2.5"], space="none", under=["steps=400"])
    assert made.config({"epochs": 2.5}) == replace(Config(), epochs=2.5, steps=None)
    assert plan_space(["steps=100,200"], space="none", under=["epochs=2"]).config({"steps": 200}).epochs is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"learning_rate": 0.1}, "activation has no value"),
        ({"activation": "elu", "learning_rate": 0.1}, "activation: elu is not in the space"),
        ({"activation": "relu", "learning_rate": 2.0}, "learning_rate: 2.0 is not in the space"),
        ({"activation": "relu", "learning_rate": 0.1, "l3": 0}, "l3: no such dimension here"),
    ],
)
def test_values_that_are_not_in_the_space(values, message):
    made = plan_space([], space="small")
    with pytest.raises(InputError) as caught:
        made.config(values)
    assert caught.value.message.startswith(message)
    assert "(" not in caught.value.hint  # in words, not as Python has it


def test_configs_that_are_not_in_the_space():
    made = plan_space(["optimizer=sgd,momentum", "dropout=0.1"], space="small")
    inside = replace(Config(), optimizer=Momentum(), dropout=0.1)
    assert made.values(inside) == {"optimizer": "momentum", "activation": "relu", "learning_rate": 0.1}
    for outside in ({"optimizer": Adam()}, {"dropout": 0.2}, {"learning_rate": 5.0}, {"activation": ("relu", "tanh")}):
        with pytest.raises(InputError, match="is not in the space") as caught:
            made.values(replace(inside, **outside))
        assert "Choice" not in f"{caught.value.message} {caught.value.hint}"
    with pytest.raises(InputError, match=r"dropout: 0\.2 is not in the space, where it is 0\.1"):
        made.values(replace(inside, dropout=0.2))


def test_combinations_that_do_not_go_together_are_infeasible_one_by_one():
    made = plan_space(["activation=choice(relu,[relu,tanh])", "hidden=[50],[50,30]"], space="none")
    with pytest.raises(InputError, match="activation: 2 given for 1 hidden layer"):
        made.config({"activation": "[relu,tanh]", "hidden": "[50]"})
    assert made.config({"activation": "[relu,tanh]", "hidden": "[50,30]"}).activation == ("relu", "tanh")

    assert made.example() in [made.config(point) for point in made.grid() if point["activation"] == "relu"]


def test_an_example_goes_together_though_the_first_values_do_not():
    made = plan_space(["activation=choice([relu,tanh],relu)", "hidden=[50],[50,30]"], space="none")
    assert made.example() == replace(Config(), hidden=(50, 30))


def test_corners_have_every_option_and_both_ends():
    made = plan_space([*CONDITIONAL, "l2=interval(0,0.1)", "activation=relu,tanh,elu"], space="none")
    corners = list(made.corners())
    for name, domain in made.dimensions.items():
        assert {corner[name] for corner in corners if name in corner} == set(domain.edges)


def test_a_grid_has_an_end():
    with pytest.raises(InputError, match="learning_rate: a grid over a continuous range has no end"):
        plan_space([], space="small").grid()
    huge = plan_space([f"{key}=int(interval(1,9999))" for key in ("steps", "batch_size")], space="none")
    assert huge.size == 9999**2
    with pytest.raises(InputError, match=r"the grid has 99,980,001 points; the limit is 100,000"):
        huge.grid()
    small = plan_space(["learning_rate=range(0.1,0.4,0.1)", "l2=0,0.1"], space="none").grid()
    assert [tuple(point.values()) for point in small] == list(product((0.1, 0.2, 0.3), (0, 0.1)))


@pytest.mark.parametrize(
    ("typed", "message", "key"),
    [
        ("hidden=[50] hidden.depth=1,2", "both hidden and hidden.depth are given", "hidden.depth"),
        ("steps=1,2 epochs=1,2", "both steps and epochs are given", "epochs"),
        ("activtion=relu,tanh", "activtion: no such key; did you mean activation?", "activtion"),
        ("hidden.dept=1,2", "hidden.dept: no such key; did you mean hidden.depth?", "hidden.dept"),
        ("activation=relu,rlu", "activation: no such name: rlu; did you mean relu?", "activation"),
        ("activation=interval(0,1)", "activation: 0.0 is not text or a list of names", "activation"),
        ("hidden=choice([50],a)", "hidden: a is not a list of whole numbers", "hidden"),
        ("dropout=interval(0,1)", "dropout: 1.0 is not from 0 to below 1", "dropout"),
        ("steps=100,200.5", "steps: 200.5 is not a whole number or null", "steps"),
        ("optimizer=sgd,adan", "optimizer: no such option: adan; did you mean adam?", "optimizer"),
        ("optimizer=interval(0,1)", "optimizer is a choice of names", "optimizer"),
        ("optimizer.beta_1=0.8,0.9", "optimizer.beta_1: no such key of optimizer=sgd", "optimizer.beta_1"),
        (
            "optimizer=adam,nadam optimizer.bta_1=0.8",
            "optimizer.bta_1: no such key of optimizer=adam or nadam; did you mean optimizer.beta_1?",
            "optimizer.bta_1",
        ),
        ("init=he_normal init.stddev=0.1,0.2", "init.stddev: no such key of init=he_normal", "init.stddev"),
        ("optimizer.name=sgd,adam", "optimizer.name: no such key", "optimizer.name"),
        ("seed=1,2", "seed cannot be searched", "seed"),
        ("repeats=1,2", "repeats cannot be searched", "repeats"),
        ("dataset=mnist,digits", "dataset cannot be searched", "dataset"),
        ("validation.size=100,200", "validation.size cannot be searched", "validation.size"),
        ("log_every=1,2", "log_every cannot be searched", "log_every"),
        ("metrics=auc,f1_macro", "metrics cannot be searched: it does not change a result", "metrics"),
        ("dataset.drop=a,b", "dataset.drop cannot be searched: trials must be trained", "dataset.drop"),
        ("hidden.depth=int(interval(1,1000))", "hidden.depth: 1000 is not from 0 to 100", "hidden.depth"),
        ("hidden.depth=a,b", "hidden.depth: a is not a whole number", "hidden.depth"),
        ("hidden.width=int(interval(0,9))", "hidden.width: 0 is not from 1 to", "hidden.width"),
        ("hidden.width=int(interval(1,1000000000))", "the network would need about", "hidden"),
        ("activation=[relu,tanh] hidden=[50],[30]", "activation: 2 given for 1 hidden layer", "activation"),
        ("learning_rate=-1", "learning_rate: -1.0 is not above 0", "learning_rate"),
        ("l2=interval(1,0)", "l2: the interval from 1 to 0 is reversed", "l2"),
        ("+l2=0,1", "+l2=0,1: keys cannot be added or deleted", "l2"),
        ("space=smal", "smal: no such search space; did you mean small?", "space"),
    ],
)
def test_what_is_no_space_is_one_line_with_its_key(typed, message, key):
    with pytest.raises(InputError) as caught:
        plan_space(typed.split(" "))
    assert caught.value.message.startswith(message)
    assert caught.value.key == key
    assert "\n" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "typed", [[], ["activation=tanh"], ["hidden=choice([50,30])"], ["learning_rate=interval(1,1)"]]
)
def test_nothing_to_search(typed):
    with pytest.raises(InputError, match="nothing is left to search"):
        plan_space(typed, space="none")


def test_two_spaces_cannot_both_be_meant():
    with pytest.raises(InputError, match="two spaces are named: benchmark, small"):
        plan_space(["space=small"], space="benchmark")


def test_a_sweep_over_one_value_is_fixed():
    made = plan_space(["hidden=choice([50])", "learning_rate=range(1,2)", "activation=relu,tanh"], space="none")
    assert list(made.dimensions) == ["activation"]
    assert made.config({"activation": "tanh"}) == replace(Config(), hidden=(50,), learning_rate=1.0, activation="tanh")


def test_training_sizes_can_be_searched_for_the_question_of_generalisation():
    made = plan_space(["dataset=mnist_5k", "dataset.train_size=100,1000"], space="none")
    assert [made.config(point).dataset.train_size for point in made.grid()] == [100, 1000]
    assert {made.config(point).dataset.name for point in made.grid()} == {"mnist_5k"}


def test_parts_of_fixed_groups_can_be_searched():
    made = plan_space(["lr_decay=exponential", "lr_decay.rate=0.1,0.5", "lr_decay.decay_steps=200"], space="none")
    assert made.config({"lr_decay.rate": 0.5}).lr_decay == Exponential(rate=0.5, decay_steps=200)


def test_values_off_the_grid_by_a_rounding_error_are_on_it_in_configuration_and_command():
    space = plan_space(["space=none", "learning_rate=range(0.1,1.0,0.1)"])
    values = space.ask(lambda *_: 0.1 + 6 * 0.1)
    assert values == {"learning_rate": 0.7}
    assert space.config({"learning_rate": 0.1 + 6 * 0.1}).learning_rate == 0.7
    assert space.overrides(values) == ["learning_rate=0.7"]
    with pytest.raises(InputError, match=r"0\.75 is not in the space"):
        space.config({"learning_rate": 0.75})
