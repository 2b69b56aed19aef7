"""Results of questions made up from numbers, so that an analysis can be held to what was planted in them."""

from __future__ import annotations

import base64
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import Question
from sweeper.questions.experiment_results import Results
from sweeper.trial import EpochReport, Failure, Scores, Trial, TrialResult

SIZES = {"train": 1150, "validation": 288, "test": 359}
FACTS = {"name": "digits", "digest": "d" * 64, "sizes": SIZES}


def trial(number, values, score, *, train=None, loss=0.5, correct=(), kind="not_finite"):
    """A trial with this validation accuracy; one that failed where that is None."""
    if score is None:
        failure = Failure(kind, "the loss is not finite at step 3", 3)
        result = TrialResult(f"s/{number}", "failed", failure=failure)
        return Trial(number, "failed", None, values, (), result, 1.0, 2.0, failure)
    scores = Scores((loss,), (float(score),))
    learned = Scores((0.1,), (float(score if train is None else train),))
    result = TrialResult(
        f"s/{number}", "finished", steps=40, train=learned, validation=scores, correct=tuple(correct), data=FACTS
    )
    return Trial(number, "finished", float(score), values, (), result, 1.0, 2.0)


def pack(bits):
    return base64.b64encode(np.packbits(np.asarray(bits, bool)).tobytes()).decode()


@pytest.fixture(scope="session")
def packed():
    """Bits as a result carries them."""
    return pack


@pytest.fixture(scope="session")
def made_up():
    """Makes Results of a question out of each condition's accuracies by seed (None for a repeat that failed)."""

    def make(
        question,
        accuracies,
        *,
        train=None,
        losses=None,
        correct=None,
        histories=None,
        chosen=None,
        search=None,
        split=None,
    ):
        prepared = prepare(question, ["dataset=digits", f"repeats={len(next(iter(accuracies.values()), [1, 2]))}"])
        number, repeats, failed = 0, {}, []
        for condition in prepared.conditions:
            repeats[condition.name] = {}
            for place, score in enumerate(accuracies.get(condition.name, [])):
                seed, number = 1000 + place, number + 1
                one = trial(
                    number,
                    {"condition": condition.name, "phase": "repeat", "seed": seed},
                    score,
                    train=train[condition.name][place] if train else None,
                    loss=losses[condition.name] if losses else 0.5,
                    correct=[correct[condition.name][place]] if correct else (),
                )
                history = histories[condition.name] if histories else ()
                if one.state == "failed":
                    failed.append(one)
                else:
                    repeats[condition.name][seed] = replace(
                        one, config=condition.config.to_dict(), history=tuple(history)
                    )
        searched = {
            name: [
                trial(n, {"condition": name, "phase": "search", **values}, score)
                for n, (values, score) in enumerate(rows)
            ]
            for name, rows in (search or {}).items()
        }
        failed += [one for rows in searched.values() for one in rows if one.state == "failed"]
        return Results(
            prepared=prepared,
            search=searched,
            chosen=chosen or {},
            repeats=repeats,
            failed=failed,
            data=FACTS,
            load=lambda: split,
            command="sweeper explore mine",
            seconds=12.0,
        )

    return make


@pytest.fixture(scope="session")
def history():
    """Makes validations out of (step, seconds, accuracy)."""

    def make(rows):
        return [
            EpochReport("s/1", step, 1.0, Scores((0.1,), (value,)), Scores((0.1,), (value,)), 0.1, seconds)
            for step, seconds, value in rows
        ]

    return make


@pytest.fixture(scope="session")
def labels():
    """A split with nothing but validation labels of three classes."""

    def make(numbers):
        return SimpleNamespace(validation_labels=np.asarray(numbers), classes=("zero", "one", "two"))

    return make


@pytest.fixture(scope="session")
def two():
    """A question with two conditions."""
    return Question("mine", "Which is best?", scientific={"activation": "relu,tanh"})


@pytest.fixture(scope="session")
def three():
    """A question with three conditions and a search."""
    return Question(
        "mine",
        "Which is best?",
        scientific={"activation": "relu,tanh,sigmoid"},
        nuisance={"learning_rate": "tag(log,interval(0.01,1))"},
        budget=18,
    )


@pytest.fixture(scope="session")
def with_scores():
    """Makes the same Results with other accuracies by condition and seed."""

    def make(results, accuracies):
        repeats = {
            name: {
                1000 + place: trial(place, {"condition": name, "phase": "repeat"}, score)
                for place, score in enumerate(scores)
            }
            for name, scores in accuracies.items()
        }
        return replace(results, repeats=repeats)

    return make
