"""Question files: the shipped ones hold, and a wrong one is told in one line."""

import pytest

from sweeper.errors import InputError
from sweeper.questions.ask.flags import from_flags
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import Question, check, load, questions, read

NAMES = [
    "activation", "batch-size", "depth", "dropout", "generalization", "init", "l2", "learning-rate", "loss", "lr-decay",
    "optimizer", "output-nonlinearity", "test-tuning", "width",
]  # fmt: skip


def test_every_question_of_the_tutorial_is_there():
    assert sorted(questions()) == NAMES


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quick", [False, True])
def test_shipped_questions_prepare(name, quick):
    prepared = prepare(load(name), quick=quick)
    points = prepared.search()
    assert len({point.config.digest for point in points}) == len(points)
    if not prepared.question.candidates:
        repeats = prepared.repeats({c.name: prepared.draws[0] if prepared.draws else {} for c in prepared.conditions})
        assert len(repeats) == len(prepared.conditions) * prepared.question.repeats


def write(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return path


GOOD = "scientific: {activation: 'relu,tanh'}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "repeat: 4", "no such key in a question: repeat"),
        (GOOD + "nuisance: {activation: 'relu,tanh'}\nbudget: 4", "activation is both scientific and nuisance"),
        (GOOD + "repeats: 1", "repeats is 1"),
        (GOOD + "repeats: many", "repeats must be a whole number"),
        (GOOD + "repeats: true", "repeats must be a whole number"),
        ("conditions: {one: []}", "it has one condition only"),
        ("title: nothing", "it compares nothing"),
        (GOOD + "conditions: {a: [], b: [dropout=0.1]}", "it has both scientific and conditions"),
        (GOOD + "analysis: magic", "no analysis is called 'magic'"),
        (GOOD + "nuisance: {learning_rate: 'interval(0.1,1)'}", "budget is 0"),
        ("- a list", "is not a question"),
        ("a: [", "cannot be read as YAML"),
        ("conditions: {a: dropout=0.1, b: []}", "must be a list of KEY=VALUE"),
        (GOOD + "quick: {repeat: 3}", "no such key in a question: repeat"),
        ("!!python/object/apply:os.system ['true']", "cannot be read as YAML"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path, text, said):
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        ask(path)
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


def ask(path):
    question = read(path)
    prepare(question)
    prepare(question, quick=True)


@pytest.mark.parametrize(
    ("text", "overrides", "said"),
    [
        ("scientific: {activation: relu}", [], "activation=relu leaves one condition only"),
        (GOOD + "nuisance: {learning_rate: 'interval(0.1,1)'}\nbudget: 1", [], "cannot cover 2 conditions"),
        (GOOD, ["repeats=1"], "repeats is 1"),
        (GOOD, ["repeats=1.5"], "repeats is a whole number"),
        ("scientific: {activaton: 'relu,tanh'}", [], "activaton"),
        ("scientific: {learning_rate: 'interval(0.1,1)'}", [], "grid over a continuous range"),
        ("conditions: {a: [], b: [dropout=2]}", [], "dropout"),
        (GOOD, ["stepz=4"], "stepz"),
    ],
)
def test_a_question_that_cannot_be_run_is_one_clear_line(tmp_path, text, overrides, said):
    with pytest.raises(InputError) as caught:
        prepare(read(write(tmp_path, text)), overrides)
    assert said in caught.value.message


def test_unknown_names_find_their_nearest():
    with pytest.raises(InputError) as caught:
        load("activations")
    assert "did you mean activation?" in str(caught.value)


def test_a_missing_file_is_said():
    with pytest.raises(InputError, match="no such file"):
        load("nowhere.yaml")


def test_overrides_fix_and_replace():
    question = load("activation")
    prepared = prepare(
        question, ["dataset=mnist_5k", "steps=40", "repeats=4", "activation=relu,elu", "learning_rate=0.2"]
    )
    assert [condition.name for condition in prepared.conditions] == ["relu", "elu"]
    assert prepared.question.repeats == 4
    assert prepared.search() == []
    (first, *_) = prepared.repeats({})
    assert (first.config.learning_rate, first.config.steps, first.config.dataset.name) == (0.2, 40, "mnist_5k")


def test_conditions_share_their_draws_and_seeds():
    prepared = prepare(load("activation"), ["dataset=mnist_5k"])
    by_condition = {}
    for point in prepared.search():
        by_condition.setdefault(point.values["condition"], []).append(point.config.learning_rate)
    assert len({tuple(rates) for rates in by_condition.values()}) == 1
    repeats = prepared.repeats({c.name: prepared.draws[0] for c in prepared.conditions})
    assert {(p.config.seed, p.config.batch_seed) for p in repeats} == {(s, s) for s in range(1000, 1010)}
    assert max(point.config.seed for point in prepared.search()) < 1000


def test_a_question_from_flags():
    question = from_flags(["activation=relu,tanh"], ["learning_rate=tag(log,interval(1e-3,1))"], None)
    prepared = prepare(question, ["dataset=digits"])
    assert (len(prepared.conditions), len(prepared.draws)) == (2, 20)


@pytest.mark.parametrize("text", ["activation", "=relu", "activation="])
def test_flags_must_be_key_and_sweep(text):
    with pytest.raises(InputError, match="not KEY=SWEEP"):
        from_flags([text], [], None)


def test_a_name_cannot_leave_the_reports():
    with pytest.raises(InputError, match="cannot name a folder"):
        check(Question("../outside", "t", scientific={"activation": "relu,tanh"}))


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("[relu, tanh]", ["relu", "tanh"]),
        ("'relu,tanh'", ["relu", "tanh"]),
        ("'choice(relu,tanh)'", ["relu", "tanh"]),
    ],
)
def test_what_is_compared_is_a_list_or_a_sweep(tmp_path, value, names):
    prepared = prepare(read(write(tmp_path, f"scientific: {{activation: {value}}}")), ["dataset=digits"])
    assert [condition.name for condition in prepared.conditions] == names


def test_lists_of_lists_are_compared(tmp_path):
    prepared = prepare(read(write(tmp_path, "scientific: {hidden: [[], [20], [20, 10]]}")), ["dataset=digits"])
    assert [condition.config.hidden for condition in prepared.conditions] == [(), (20,), (20, 10)]


def test_the_users_steps_replace_a_question_s_epochs():
    prepared = prepare(load("batch-size"), ["dataset=digits", "steps=7", "learning_rate=0.1"])
    assert {(c.config.steps, c.config.epochs) for c in prepared.conditions} == {(7, None)}


def test_a_search_tries_each_draw_from_several_seeds():
    (first, *_) = prepare(load("activation"), ["dataset=digits"]).search()
    assert first.config.repeats == 5
    assert first.values["repeats"] == 5


def test_candidates_have_weights_of_their_own_and_share_their_batches():
    points = prepare(
        load("test-tuning"), ["dataset=mnist_5k", "dataset.train_size=1000", "validation.size=900"]
    ).search()
    assert [point.config.seed for point in points] == list(range(500))
    assert {(point.config.batch_seed, point.config.repeats) for point in points} == {(0, 1)}


def test_without_a_quick_form_quick_is_refused(tmp_path):
    with pytest.raises(InputError, match="has no quick form"):
        prepare(read(write(tmp_path, GOOD)), quick=True)


def test_conditions_are_called_by_their_label():
    assert load("width").said("[10,10] and [30,20]") == "hidden layers [10,10] and [30,20]"
    assert load("loss").said("mse") == "mse"


def test_the_same_thing_twice_is_refused(tmp_path):
    with pytest.raises(InputError):
        prepare(read(write(tmp_path, "scientific: {activation: 'relu,relu'}")))
