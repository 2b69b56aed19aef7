"""What a user's overrides may change in a question, and what they may not: one clear line."""

import pytest

from sweeper.errors import InputError
from sweeper.questions.ask.flags import from_flags
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import Question, load

RATE = {"learning_rate": "tag(log,interval(0.01,1))"}


def refused(question, overrides=(), **keys):
    with pytest.raises(InputError) as caught:
        prepare(question, ["dataset=digits", *overrides], **keys)
    assert "\n" not in caught.value.message + caught.value.hint
    return caught.value


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize(
    ("name", "override", "hint"),
    [
        ("width", "hidden=[20]", "give several, such as hidden=choice([10,10],[30,20],[50,30],[100,60],[300,100])"),
        ("activation", "activation=relu", "give several, such as activation=relu,tanh,sigmoid"),
        ("loss", "loss=mse", "give several, such as loss=cross_entropy,full_cross_entropy,mse"),
    ],
)
def test_an_override_that_leaves_one_condition_is_said_to(name, override, hint, quick):
    error = refused(load(name), [override], quick=quick)
    assert error.message == f"question {name}: {override} leaves one condition only"
    assert error.hint == hint
    assert error.key == override.partition("=")[0]


def test_one_value_is_no_comparison():
    error = refused(from_flags(["activation=relu"], [], None))
    assert error.message == "question activation: activation=relu leaves one condition only"
    assert error.hint == "a comparison needs two, separated by commas"


def test_of_two_compared_keys_one_may_be_fixed():
    question = Question("both", "Which?", scientific={"activation": "relu,tanh", "hidden": "choice([9],[5])"})
    conditions = prepare(question, ["dataset=digits", "hidden=[7]"]).conditions
    assert [(c.name, c.config.activation, c.config.hidden) for c in conditions] == [
        ("relu", "relu", (7,)),
        ("tanh", "tanh", (7,)),
    ]


@pytest.mark.parametrize(
    ("name", "override", "said"),
    [
        ("batch-size", "batch_size=50", "conditions differ by batch_size (1, 10, 100, 1000, full)"),
        ("lr-decay", "lr_decay=cosine", "conditions differ by lr_decay (exponential, cosine, inverse time)"),
        ("init", "init=he_normal", "conditions differ by init (Glorot uniform, He normal, zeros)"),
        ("generalization", "dropout=0.1", "conditions differ by dropout (dropout 0.3)"),
    ],
)
def test_what_conditions_set_cannot_be_fixed(name, override, said):
    assert said in refused(load(name), [override]).message


def test_how_long_to_train_is_one_thing_under_two_keys():
    question = Question("long", "How long?", conditions={"short": ("epochs=1",), "long": ("epochs=2",)})
    assert "conditions differ by steps" in refused(question, ["steps=7"]).message


def test_a_condition_cannot_set_what_is_tuned():
    question = Question("q", "Which?", conditions={"a": ("learning_rate=0.1",), "b": ()}, nuisance=RATE, budget=4)
    assert "learning_rate is tuned, and condition a sets it" in refused(question).message
    fixed = Question("q", "Which?", conditions={"a": ("learning_rate=0.1",), "b": ()})
    assert [c.config.learning_rate for c in prepare(fixed, ["dataset=digits"]).conditions] == [0.1, 0.1]


def test_candidates_must_differ():
    error = refused(load("test-tuning"), ["learning_rate=0.1", "dropout=0.1"])
    assert "learning_rate=0.1 and dropout=0.1 leaves nothing to draw candidates by" in error.message


@pytest.mark.parametrize("quick", [False, True])
def test_the_users_epochs_replace_a_question_s_steps(quick):
    prepared = prepare(load("activation"), ["dataset=digits", "epochs=2"], quick=quick)
    told = [c.config for c in prepared.conditions] + [point.config for point in prepared.search()]
    assert {(config.steps, config.epochs) for config in told} == {(None, 2.0)}


def test_groups_of_a_users_own_folder_are_known_to_conditions_and_tuning(tmp_path):
    (tmp_path / "init").mkdir()
    (tmp_path / "init" / "mine.yaml").write_text("name: truncated_normal\nstddev: 0.07\nbias: 0.0\n")
    question = Question("q", "Which?", scientific={"activation": "relu,tanh"}, nuisance=RATE, budget=4)
    prepared = prepare(question, ["dataset=digits", "init=mine"], config_dir=tmp_path)
    assert {c.config.init.stddev for c in prepared.conditions} == {0.07}
    assert {point.config.init.stddev for point in prepared.search()} == {0.07}
