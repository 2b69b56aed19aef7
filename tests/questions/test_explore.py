"""Questions from end to end, with workers that need no TensorFlow: run, interrupted, gone on with, published."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter

import numpy as np
import pytest

from sweeper.errors import InputError, InterruptedRunError, SweeperError
from sweeper.questions.ask.flags import from_flags
from sweeper.questions.ask.question import Question
from sweeper.questions.run.explorer import Answered, Asked, explore, jobs, publish_all
from sweeper.study.plan import Ended
from sweeper.study.session import Session
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import EpochReport, Failure, Scores, TrialResult
from sweeper.workers.inline import InlinePool

pytestmark = pytest.mark.usefixtures("undrawn")
MEANS = {"relu": 0.95, "tanh": 0.9, "sigmoid": 0.8}


class Worker:
    """A target that scores by activation and learning rate, and counts what it was given."""

    def __init__(self, broken=()):
        self.given = Counter()
        self.broken = broken

    def __call__(self, group, report, stopped):
        return [self.one(spec, report) for spec in group]

    def one(self, spec, report):
        config = spec.config
        self.given[(config["activation"], config["learning_rate"], config["seed"], config["batch_seed"])] += 1
        if config["activation"] in self.broken:
            return TrialResult(spec.key, "failed", failure=Failure("not_finite", "the loss is not finite at step 2", 2))
        accuracy = tuple(self.accuracy(config, config["seed"] + member) for member in range(config["repeats"]))
        scores = Scores(tuple(1 - value for value in accuracy), accuracy)
        report(EpochReport(spec.key, 4, 1.0, scores, scores, 0.1, 0.1))
        return TrialResult(spec.key, "finished", steps=4, train=scores, validation=scores, data={"name": "digits"})

    def accuracy(self, config, seed):
        chance = np.random.default_rng([seed, len(config["activation"])]).normal(0, 0.002)
        return float(MEANS[config["activation"]] - 0.05 * abs(np.log10(config["learning_rate"] / 0.1)) + chance)


TUNED = Question(
    "mine",
    "Which is best?",
    scientific={"activation": "relu,tanh,sigmoid"},
    nuisance={"learning_rate": "tag(log,interval(0.01,1))"},
    fixed=("dataset=digits", "steps=4"),
    budget=15,
    repeats=4,
)


@pytest.fixture
def ask(tmp_path):
    """Asks questions of a worker; what was answered."""

    def asking(questions, worker, observe=lambda _: None, overrides=(), tracker=None):
        with InlinePool(worker) as pool, tracker or MemoryTracker() as keeper:
            return explore(jobs(questions, overrides), Session(tmp_path, pool, keeper, observe), announce=observe)

    return asking


def test_a_question_is_searched_repeated_answered_and_published(ask, tmp_path):
    worker, told = Worker(), []
    tracker = MemoryTracker()
    (one,) = ask([TUNED], worker, told.append, tracker=tracker)
    assert sum(worker.given.values()) == 15 + 12
    assert [(pair.a, pair.b, pair.verdict) for pair in one.answer.pairs] == [
        ("relu", "tanh", "better"),
        ("relu", "sigmoid", "better"),
        ("tanh", "sigmoid", "better"),
    ]
    for condition in one.answer.conditions:
        rates = {rate for name, rate, seed, _ in worker.given if name == condition.name and seed < 1000}
        nearest = min(rates, key=lambda rate: abs(np.log10(rate / 0.1)))
        assert condition.tuned == {"learning_rate": nearest}
        fresh = {
            (s, b) for name, rate, s, b in worker.given if name == condition.name and s >= 1000 and rate == nearest
        }
        assert fresh == {(seed, seed) for seed in range(1000, 1004)}
    folder = tmp_path / "reports" / "mine"
    assert {path.name for path in folder.iterdir()} == {"report.html", "report.md", "report.json", "figures"}
    assert json.loads((folder / "report.json").read_text())["pairs"][0]["verdict"] == "better"
    kinds = [type(event) for event in told]
    assert kinds[0] is Asked
    assert kinds[-1] is Answered
    parent = next(run for run in tracker.runs.values() if run.name == one.study)
    assert parent.status == "FINISHED"
    assert {folder for _, folder in tracker.artifacts[parent.run_id]} == {"report", "report/figures"}


def test_asked_again_nothing_is_run_or_written(ask, tmp_path):
    first = ask([TUNED], Worker())
    worker = Worker()
    again = ask([TUNED], worker)
    assert not worker.given
    assert again[0].answer.to_json() == first[0].answer.to_json()
    assert not (tmp_path / "reports" / "_earlier").exists()


@pytest.mark.parametrize("after", [3, 20])
def test_an_interrupted_question_goes_on_and_nothing_that_ended_is_trained_again(ask, after):
    worker, before, later = Worker(), [], []

    def interrupt(event):
        if isinstance(event, Ended):
            before.append(event.trial)
            if len(before) == after:
                os.kill(os.getpid(), signal.SIGINT)

    def watch(event):
        if isinstance(event, Ended):
            later.append(event.trial)

    with pytest.raises(InterruptedRunError) as caught:
        ask([TUNED], worker, interrupt)
    assert caught.value.exit_code == 3
    assert caught.value.hint == "go on with: sweeper explore mine"
    (one,) = ask([TUNED], worker, watch)
    assert len(one.answer.pairs) == 3
    assert len(before) + len(later) == 27
    assert {trial.number for trial in before}.isdisjoint(trial.number for trial in later)
    assert all(worker.given[what(trial)] == 1 for trial in before)


def what(trial):
    values = trial.values
    seed = values.get("seed", 0)
    return values["condition"], values["learning_rate"], seed, seed


def test_overrides_and_flags(ask):
    question = from_flags(["activation=relu,sigmoid"], ["learning_rate=tag(log,interval(0.01,1))"], 6)
    worker = Worker()
    (one,) = ask([question], worker, overrides=("dataset=digits", "steps=4", "repeats=3", "learning_rate=0.2"))
    assert sum(worker.given.values()) == 6
    assert {rate for _, rate, _, _ in worker.given} == {0.2}
    assert [condition.name for condition in one.answer.conditions] == ["relu", "sigmoid"]
    assert one.answer.provenance.seeds == (1000, 1001, 1002)


def test_a_condition_that_always_fails_is_left_out_with_its_reason(ask):
    (one,) = ask([TUNED], Worker(broken=["sigmoid"]))
    assert [condition.name for condition in one.answer.conditions] == ["relu", "tanh"]
    assert any(warning.startswith("sigmoid is not compared: 0 of its 4 repeats") for warning in one.answer.warnings)
    assert any("activation=sigmoid" in warning or "condition=sigmoid" in warning for warning in one.answer.warnings)


def test_all_conditions_failing_is_one_clear_error(ask):
    with pytest.raises(SweeperError) as caught:
        ask([TUNED], Worker(broken=list(MEANS)))
    assert "not finite" in caught.value.message
    assert caught.value.exit_code == 1


def test_several_questions_make_one_report(ask, tmp_path):
    other = Question("other", "Relu or tanh?", scientific={"activation": "relu,tanh"}, fixed=TUNED.fixed, repeats=2)
    told = []
    answered = ask([TUNED, other], Worker(), told.append)
    assert [one.answer.name for one in answered] == ["mine", "other"]
    assert [(event.place, len(event.jobs)) for event in told if isinstance(event, Asked)] == [(0, 2), (1, 2)]
    published = publish_all(answered, tmp_path)
    html = published.html.read_text()
    assert "Which is best?" in html
    assert "Relu or tanh?" in html


def test_answers_before_an_interruption_are_published(ask, tmp_path):
    other = Question("other", "Relu or tanh?", scientific={"activation": "relu,tanh"}, fixed=TUNED.fixed, repeats=2)

    def interrupt(event):
        if isinstance(event, Asked) and event.place == 1:
            signal.raise_signal(signal.SIGINT)

    # A shell starts what runs in the background with Ctrl-C ignored, these tests too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(InterruptedRunError, match="Ctrl-C: stopped with 0 of"):
            ask([TUNED, other], Worker(), interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (tmp_path / "reports" / "mine" / "report.html").is_file()


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"a": (), "b": ("dataset=mnist_5k",)}, "its conditions have different data"),
        ({"a": (), "b": ("validation.seed=1",)}, "its conditions have different data"),
        ({"a": (), "b": ("batch_size=2000",)}, "2000 is more than the"),
        ({"a": (), "b": ("dataset.train_size=5000",)}, "dataset.train_size"),
    ],
)
def test_conditions_that_the_data_cannot_give_are_refused_before_anything_runs(conditions, said):
    question = Question("mine", "Which?", conditions=conditions, fixed=("dataset=digits", "steps=4"))
    with pytest.raises(InputError) as caught:
        jobs([question], [])
    assert said in caught.value.message


def test_conditions_may_differ_in_how_much_they_train_on():
    question = Question(
        "mine",
        "Which?",
        conditions={"all": (), "few": ("dataset.train_size=100",)},
        fixed=("dataset=digits", "steps=4"),
    )
    (job,) = jobs([question], [])
    assert job.data.facts["sizes"]["train"] > 1000
