"""One opening of the test split for everything that was explored, on the ledger; what it has is not opened again."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from sweeper.config.schema import Config
from sweeper.data import ledger
from sweeper.errors import SweeperError
from sweeper.jobs.shared.explore_opening import open_for_all
from sweeper.jobs.shared.opening import LEDGER
from sweeper.questions.ask.question import Question
from sweeper.questions.run.explorer import explore, jobs
from sweeper.study.session import Session
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import Scores, TrialResult
from sweeper.workers.inline import InlinePool

pytestmark = pytest.mark.usefixtures("undrawn")
EXAMPLES = 359
RATES = Question(
    "rates", "Which?", scientific={"learning_rate": "0.1,0.2"}, fixed=("dataset=digits", "steps=4"), repeats=2
)
DEEP = Question(
    "deep",
    "Deeper?",
    conditions={"tutorial": ("learning_rate=0.1",), "deep": ("learning_rate=0.1", "hidden=[9,9,9]")},
    fixed=("dataset=digits", "steps=4"),
    repeats=2,
)


def learn(group, report, stopped):
    scores = Scores((0.1,), (0.9,))
    data = {"name": "digits"}
    return [TrialResult(s.key, "finished", steps=4, train=scores, validation=scores, data=data) for s in group]


@pytest.fixture
def tested(monkeypatch, tmp_path):
    """Explores, with models that are right as often as their learning rate says; what was answered and judged."""
    judged = []

    def evaluate(model, features, labels, loss):
        judged.append(model)
        assert features.shape == (EXAMPLES, 64)
        accuracy = 1 - model.config.learning_rate - model.config.seed / 1e6
        return SimpleNamespace(loss=0.1, accuracy=accuracy, more={})

    monkeypatch.setitem(sys.modules, "sweeper.train.evaluate", SimpleNamespace(evaluate=evaluate, estimate=None))

    def ask(*questions, lost=False):
        with InlinePool(learn) as pool, MemoryTracker() as tracker:

            def opening(ran):
                kept = {
                    (job.study, trial.number): SimpleNamespace(config=Config.from_dict(trial.config))
                    for job, results in ran
                    for seeds in results.repeats.values()
                    for trial in seeds.values()
                }
                monkeypatch.setattr(
                    "sweeper.jobs.shared.explore_opening.study_models",
                    lambda runs, study: {} if lost else {n: [m] for (s, n), m in kept.items() if s == study},
                )
                return open_for_all(ran, runs=tmp_path, flush=lambda: 0)

            answered = explore(jobs(questions, []), Session(tmp_path, pool, tracker), opening=opening)
        return [one.answer for one in answered]

    return SimpleNamespace(ask=ask, judged=judged, ledger=lambda: ledger.entries(tmp_path / LEDGER))


def test_all_conditions_are_scored_in_one_opening(tested):
    (answer,) = tested.ask(RATES)
    assert [entry["event"] for entry in tested.ledger()] == ["opened", "result"]
    assert len(tested.judged) == 4
    by_name = {condition.name: condition for condition in answer.conditions}
    assert by_name["0.1"].test == pytest.approx(0.9 - 0.0010005)
    assert by_name["0.2"].test == pytest.approx(0.8 - 0.0010005)
    assert by_name["0.1"].test_interval.low < by_name["0.1"].test < by_name["0.1"].test_interval.high
    assert answer.ledger.startswith("Test accuracies are of the 1st opening of this test set (")
    assert answer.to_json()["conditions"][0]["test"] == pytest.approx(by_name["0.1"].test)


def test_asked_again_the_ledger_answers(tested):
    first = tested.ask(RATES)
    again = tested.ask(RATES)
    assert len(tested.ledger()) == 2
    assert len(tested.judged) == 4
    assert [c.test for c in again[0].conditions] == [c.test for c in first[0].conditions]
    assert again[0].ledger == first[0].ledger


class KilledError(BaseException):
    """As if the process ended there."""


def test_what_a_killed_exploration_has_on_the_ledger_is_answered_without_another_opening(tested, monkeypatch):
    real = ledger.append

    def killed_after_the_result(path, fields):
        entry = real(path, fields)
        if fields["event"] == "result":
            raise KilledError
        return entry

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "append", killed_after_the_result)
        with pytest.raises(KilledError):
            tested.ask(RATES)
    (answer,) = tested.ask(RATES)
    assert [entry["event"] for entry in tested.ledger()] == ["opened", "result"]
    assert len(tested.judged) == 4
    assert answer.conditions[0].test == pytest.approx(0.9 - 0.0010005)


def test_several_questions_share_one_opening_and_the_configurations_that_they_have_in_common(tested):
    rates, deep = tested.ask(RATES, DEEP)
    assert [entry["event"] for entry in tested.ledger()] == ["opened", "result"]
    assert len(tested.judged) == 6
    assert rates.conditions[0].test == deep.conditions[0].test


def test_what_is_new_is_another_opening_and_both_are_named(tested):
    tested.ask(RATES)
    (deep,) = tested.ask(DEEP)
    assert len(tested.judged) == 6
    assert deep.ledger.startswith("Test accuracies are of the 1st and 2nd openings of this test set (")


def test_without_models_nothing_is_opened(tested):
    with pytest.raises(SweeperError, match="the models of 4 of 4 repeats are not there"):
        tested.ask(RATES, lost=True)
    assert tested.ledger() == []


def test_without_asking_nothing_is_opened(tested, tmp_path):
    with InlinePool(learn) as pool, MemoryTracker() as tracker:
        (one,) = explore(jobs([RATES], []), Session(tmp_path, pool, tracker))
    assert one.answer.conditions[0].test is None
    assert one.answer.ledger == ""
    assert not (tmp_path / LEDGER).exists()


def test_a_question_that_compares_nothing_is_left_alone(tmp_path):
    candidates = Question("c", "?", candidates={"dropout": "interval(0,0.1)"}, fixed=RATES.fixed, budget=3)
    (job,) = jobs([candidates], [])
    results = SimpleNamespace(names=(), seeds=())
    assert open_for_all([(job, results)], runs=tmp_path, flush=lambda: 0) == [None]


def test_rows_that_are_no_longer_those_that_were_sealed_are_not_opened(tmp_path, monkeypatch):
    import numpy as np
    import pandas as pd

    from sweeper.config.schema import Dataset, Validation
    from sweeper.data import load
    from sweeper.errors import InputError
    from sweeper.jobs.shared import explore_opening

    path, random = tmp_path / "table.csv", np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=200), "b": random.normal(size=200), "y": np.arange(200) % 2})
    frame.to_csv(path, index=False)
    config = Config(dataset=Dataset(name="csv", path=str(path), target="y"))
    facts = load(config.dataset, Validation()).facts
    frame.assign(empty="").to_csv(path, index=False)
    job = SimpleNamespace(data=SimpleNamespace(facts=facts), measure=SimpleNamespace(key="accuracy"), study="s")
    results = SimpleNamespace(
        names=("a",), seeds=(0,), repeats={"a": {0: SimpleNamespace(config=config.to_dict(), number=0)}}
    )
    monkeypatch.setattr(explore_opening, "_models", lambda *_: {config.digest: path})
    with pytest.raises(InputError, match="other rows of the table are sealed than when the questions were begun"):
        open_for_all([(job, results)], runs=tmp_path, flush=lambda: 0)
    assert not (tmp_path / LEDGER).exists()
