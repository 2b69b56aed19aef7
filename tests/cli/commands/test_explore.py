"""``sweeper explore`` as it is typed."""

from __future__ import annotations

import os
import shlex
import signal

import pytest

from sweeper.questions.ask.question import questions
from sweeper.questions.run import explorer as answers

RATES = ("explore", "--scientific", "learning_rate=0.3,0.1,0.2", "dataset=digits", "steps=4", "repeats=3")
FILE = """\
title: Which learning rate is best?
scientific: {learning_rate: "0.3,0.1"}
fixed: [dataset=digits, steps=4]
repeats: 2
"""


def test_the_list(world):
    document = world.typed("explore", "--list", "--json").json
    assert [question["name"] for question in document] == list(questions())
    assert all(question["title"].endswith("?") for question in document)
    assert "test-tuning" in world.typed("explore", "--list").out
    assert not (world.folder / "runs").exists()


def test_the_document_of_one_question(world):
    document = world.typed(*RATES, "--json").json
    (answer,) = document["answers"]
    assert document["contents"] is None
    assert document["question"] == answer["question"] == "learning_rate"
    assert document["pairs"] == answer["pairs"]
    verdicts = {(pair["a"], pair["b"]): pair["verdict"] for pair in document["pairs"]}
    assert verdicts == {("0.3", "0.1"): "better", ("0.3", "0.2"): "better", ("0.1", "0.2"): "worse"}
    (first, *_) = document["pairs"]
    assert first["difference"] == pytest.approx(0.2)
    assert first["interval"]["low"] < first["difference"] < first["interval"]["high"]
    assert document["conditions"][0]["mean"] == pytest.approx(1.0)
    assert "learning rate 0.3 is best: it has 100.00%" in document["answer"][0]
    assert all(os.path.isfile(path) for path in document["report"].values())  # noqa: PTH113 - as a script would look
    assert document["ledger"] is None


def test_the_text(world):
    typed = world.typed(*RATES)
    assert typed.code == 0
    lines = typed.out.splitlines()
    assert lines[0] == "Which learning rate is best?"
    assert lines[3].split() == ["condition", "validation", "95%", "interval", "training", "gap", "verdict"]
    assert lines[4].split() == ["0.3", "100.00%", "98.68%", "to", "100.00%", "100.00%", "0.00", "best"]
    assert lines[-1] == "Report: runs/reports/learning_rate/report.html"
    assert "9 trials" in typed.err


def test_a_file_of_ones_own_and_several_at_once(world):
    (world.folder / "mine.yaml").write_text(FILE)
    (world.folder / "other.yml").write_text(FILE.replace("0.3,0.1", "0.2,0.4,0.6"))
    document = world.typed("explore", "mine.yaml", "other.yml", "mine.yaml", "--json").json
    assert [answer["question"] for answer in document["answers"]] == ["mine", "other"]
    assert "pairs" not in document
    contents = world.folder / document["contents"]
    assert contents.read_text().count("Which learning rate is best?") >= 2
    assert [answer["provenance"]["command"] for answer in document["answers"]] == [
        "sweeper explore mine.yaml",
        "sweeper explore other.yml",
    ]


def test_the_command_in_the_report_asks_the_same_again(world):
    first = world.typed(*RATES, "--nuisance", "dropout=interval(0,0.5)", "--budget", "6", "--json").json
    command = shlex.split(first["provenance"]["command"])
    assert command[0] == "sweeper"
    trials = len(world.tracker.runs)
    again = world.typed(*command[1:], "--json").json
    assert again == first
    assert len(world.tracker.runs) == trials


def test_quick_is_the_questions_own(world):
    (world.folder / "mine.yaml").write_text(FILE + "quick: {repeats: 4}\n")
    document = world.typed("explore", "mine.yaml", "--quick", "--json").json
    assert document["conditions"][0]["seeds"] == 4


def test_a_ctrl_c_leaves_a_state_that_the_same_command_goes_on_from(world):
    learn, given = world.target, []

    def interrupted(group, report, stopped):
        given.extend(spec.key for spec in group)
        if len(given) > len(group):  # the second one
            os.kill(os.getpid(), signal.SIGINT)
        return learn(group, report, stopped)

    world.target = interrupted
    typed = world.typed(*RATES, "--json")
    assert typed.code == 3
    assert typed.error["hint"] == f"go on with: sweeper {shlex.join([*RATES[:1], *RATES[3:], *RATES[1:3]])}"
    world.target = learn
    assert len(world.typed(*RATES, "--json").json["pairs"]) == 3
    numbers = [run.tags["number"] for run in world.tracker.runs.values() if run.tags["kind"] == "trial"]
    assert sorted(map(int, numbers)) == list(range(9))


def test_a_ctrl_c_exactly_between_two_questions_is_not_lost(world, monkeypatch):
    for name in ("one", "two"):
        (world.folder / f"{name}.yaml").write_text(FILE)
    publish = answers.publish_answer

    def publishing(*arguments):
        os.kill(os.getpid(), signal.SIGINT)
        return publish(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(answers, "publish_answer", publishing)
        typed = world.typed("explore", "one.yaml", "two.yaml", "--json")
    assert typed.code == 3
    assert "Ctrl-C: stopped with 0 of 4 trials" in typed.error["message"]
    assert (world.folder / "runs" / "reports" / "one" / "report.html").is_file()
    assert len(world.typed("explore", "one.yaml", "two.yaml", "--json").json["answers"]) == 2
    assert sum(run.tags["kind"] == "trial" for run in world.tracker.runs.values()) == 8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no question is asked"),
        (("--all", "loss"), "--all asks every question"),
        (("activations",), "no question is called 'activations'"),
        (("nowhere.yaml",), "no such file: nowhere.yaml"),
        (("loss", "--scientific", "activation=relu,tanh"), "ask a question of their own"),
        (("--scientific", "activation"), "not KEY=SWEEP"),
        (("--scientific", "activation=relu", "dataset=digits"), "leaves one condition only"),
        (("--scientific", "activation=relu,tanh", "--nuisance", "activation=relu,elu"), "both scientific and nuisance"),
        (("activation", "dataset=digits", "--budget", "2"), "a budget of 2 trials cannot cover 3 conditions"),
        (("activation", "--budget", "0"), "a whole number from 1 is needed"),
        (("activation", "dataset=digits", "repeats=1"), "repeats is 1"),
        (("activation", "dataset=digitz"), "digitz"),
        (("activation", "dataset=digits", "stepz=3"), "stepz"),
        (("activation", "dataset=digits", "batch_size=5000"), "5000 is more than"),
        (("activation", "dataset=digits", "+steps=3"), "steps"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(world, arguments, said):
    typed = world.typed("explore", *arguments)
    assert typed.code == 2
    assert said in typed.err
    assert typed.err.count("\n") == 1
    assert typed.out == ""
    assert world.files() == []
