"""Why batches: courses, what they reach, and the noise."""

import numpy as np
import pytest

from sweeper.errors import InputError
from sweeper.questions.analyses import answer
from sweeper.questions.ask.question import Question, load
from sweeper.questions.run.explorer import jobs


@pytest.fixture(scope="module")
def split():
    from types import SimpleNamespace

    rng = np.random.default_rng(1)
    train, labels = rng.random((1150, 6), np.float32), rng.integers(0, 3, 1150)
    return SimpleNamespace(train=train, some=lambda rows: train[rows], train_labels=labels)


@pytest.fixture(scope="module")
def results(made_up, history, split):
    question = Question(
        "batch-size",
        "Why?",
        conditions={"10": ("batch_size=10",), "100": ("batch_size=100",), "full": ("batch_size=full",)},
        analysis="batch_size",
        label="batch size {}",
    )
    histories = {
        "10": history([(10, 0.5, 0.6), (20, 1.0, 0.93), (230, 9.0, 0.95)]),
        "100": history([(1, 0.1, 0.3), (5, 0.4, 0.94), (23, 2.0, 0.96)]),
        "full": history([(1, 0.2, 0.2), (2, 0.4, 0.4)]),
    }
    scores = {"10": [0.95, 0.951, 0.949], "100": [0.96, 0.961, 0.962], "full": [0.4, 0.41, 0.39]}
    return made_up(question, scores, histories=histories, split=split)


@pytest.fixture(scope="module")
def made(results):
    return answer(results)


def test_what_it_took_to_get_there(made):
    columns = [column.name for column in made.tables[0].columns]
    rows = {row[0]: dict(zip(columns, row, strict=True)) for row in made.tables[0].rows}
    assert rows["10"]["Examples to 94%"] == 2300
    assert rows["100"]["Seconds to 94%"] == pytest.approx(0.4)
    assert rows["100"]["Examples to 94%"] == 500
    assert rows["full"]["Examples to 94%"] is None
    assert rows["full"]["Steps"] == 2
    assert rows["full"]["Gradient noise"] is None
    assert rows["10"]["Gradient noise"] == pytest.approx(10**0.5 * rows["100"]["Gradient noise"], rel=0.3)
    took = next(sentence for sentence in made.sentences if "To 94%" in sentence)
    assert took == (
        "Each batch size saw about 2,300 examples, which makes 230 steps with 10 and 2 with full. To 94% it took 9 s "
        "with 10 and 0.4 s with 100, soonest with 100; full did not get there with the examples given."
    )


def test_it_is_drawn_against_seconds_examples_and_steps(made):
    names = [figure.name for figure in made.figures]
    assert names == [
        "batch-size-per-second", "batch-size-conditions", "batch-size-per-example", "batch-size-per-step",
        "batch-size-noise", "batch-size-pairs",
    ]  # fmt: skip


def test_the_noise_is_said_with_its_root(made):
    noisy = next(sentence for sentence in made.sentences if "noise of the gradient" in sentence)
    assert "from 10 to 100 examples, 10 times the work" in noisy
    assert "the square root of 10 is 3" in noisy


@pytest.mark.parametrize("hold", ["file", "memory"])
def test_all_examples_at_once_are_refused_before_anything_runs_where_they_stay_in_their_file(tmp_path, hold):
    random = np.random.default_rng(2)
    np.save(tmp_path / "x.npy", random.normal(size=(2000, 3)).astype(np.float32))
    np.save(tmp_path / "y.npy", np.arange(2000) % 2)
    data = ["dataset=npy", f"dataset.path={tmp_path}", f"dataset.hold={hold}", "validation.size=0.25"]
    asked = [load("batch-size")], data
    if hold == "memory":
        assert jobs(*asked)
        return
    with pytest.raises(InputError, match="batch_size: full is all training examples, and those stay in their file"):
        jobs(*asked)
