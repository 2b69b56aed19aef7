"""Who trains, searches or asks with an optimizer and no learning rate for it is told, once."""

import pytest

from sweeper.config.compose import compose
from sweeper.config.planning import plan_space
from sweeper.jobs.run import run
from sweeper.jobs.shared.bound_search import bound_plan
from sweeper.jobs.shared.search import Search
from sweeper.questions.ask.flags import from_flags
from sweeper.questions.run.explorer import jobs

CHOSEN = "learning_rate=0.1"


def told(notes):
    return sum("the usual of adam" in note for note in notes)


@pytest.mark.parametrize(("typed", "said"), [(["optimizer=adam"], 1), (["optimizer=adam", CHOSEN], 0), ([], 0)])
def test_a_search_says_so(tmp_path, typed, said):
    _, notes = bound_plan(Search(trials=2), plan_space(["dataset=digits", *typed]), tmp_path)
    assert told(notes) == said


@pytest.mark.parametrize(("typed", "said"), [([], 1), ([CHOSEN], 0)])
def test_a_question_says_so(typed, said):
    (job,) = jobs([from_flags(["optimizer=sgd,adam"], [], None)], ["dataset=digits", *typed])
    assert told(job.data.notes) == said


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
def test_a_run_says_so_and_trains_as_it_was_asked(tmp_path):
    typed = ["dataset=digits", "steps=2", "optimizer=adam"]
    document = run(typed, runs=tmp_path)
    assert told(document["notes"]) == 1
    assert document["config"]["learning_rate"] == compose(typed).learning_rate
    assert told(run([*typed, CHOSEN], runs=tmp_path)["notes"]) == 0
