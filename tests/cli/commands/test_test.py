"""``sweeper test`` as it is typed and shown."""

from __future__ import annotations

import pytest

from sweeper.cli.commands.test import shown
from sweeper.data import ledger
from sweeper.jobs.shared.opening import LEDGER
from sweeper.tracking import open_tracker
from tests.old_runs import RUN, unpack


@pytest.fixture
def part():
    return {
        "loss": 0.5,
        "accuracy": 0.9,
        "interval": [0.85, 0.93],
        "method": "Wilson",
        "over": "examples",
        "chosen_on": None,
        "over_seeds": None,
        "collapses": {"seen": 0, "runs": 1, "share": [0.0, 0.95]},
        "openings": 5,
        "when": "2026-01-02T03:04:05+00:00",
        "who": "ann@lab",
        "examples": 359,
        "classes": [{"name": name, "accuracy": value} for name, value in (("a", 0.9), ("b", 0.2), ("c", 0.6))],
        "report": {"html": "runs/reports/test-x/report.html"},
        "opened": True,
    }


@pytest.fixture
def document(part):
    return {
        "title": "s:3",
        "overrides": ["activation=tanh"],
        "dataset": {"name": "digits"},
        "validation": part,
        "test": part,
        "refit": None,
    }


def test_every_test_number_says_which_opening_it_was(document, part):
    text = shown(document)
    assert text.count("5th opening of this test set") == 1
    both = shown(document | {"refit": part | {"openings": 6}})
    assert "6th opening of this test set" in both
    assert "test, refit" in both


def test_what_the_two_intervals_are_over_stands_together(document, part):
    lines = shown(document | {"test": part | {"largest": "a", "share": 0.4}}).splitlines()
    first, second = (place for place, line in enumerate(lines) if line.startswith("interval  "))
    assert second == first + 1
    assert "validation examples" in lines[first]
    assert "test examples" in lines[second]


def test_the_hardest_classes_and_the_report_are_named(document):
    text = shown(document)
    assert "b 0.2000, c 0.6000, a 0.9000" in text
    assert "runs/reports/test-x/report.html" in text


def test_what_was_recorded_says_when_and_by_whom(document, part):
    text = shown(document | {"test": part | {"opened": False}})
    assert "of 2026-01-02T03:04:05+00:00 by ann@lab; nothing was opened now" in text


def test_a_result_without_its_report_is_shown_too(document, part):
    bare = {name: value for name, value in part.items() if name not in {"classes", "report"}}
    assert "0.9000" in shown(document | {"test": bare})


def test_bad_input_is_one_line_and_opens_nothing(world):
    unpack(world.folder / "runs")
    for called, message in (("nope", "there is no run 'nope'"), ("old:2", "did not finish: it was pruned")):
        typed = world.typed("test", called, "--json")
        assert typed.code == 2
        assert message in typed.error["message"]
    assert not (world.folder / "runs" / LEDGER).exists()


def test_a_recorded_result_needs_no_tensorflow(world, monkeypatch):
    runs = unpack(world.folder / "runs")
    monkeypatch.setattr("sweeper.study.session.open_tracker", open_tracker)
    from sweeper.tracking import open_reader
    from sweeper.tracking.recorded import find_run

    data = {"name": "digits", "digest": "87ff0c9e40dc"}
    asked = {
        "who": "ann@lab",
        "run": RUN,
        "config_digest": find_run(open_reader(runs), RUN).config.digest,
        "data": data,
        "look": 3,
    }
    result = {"members": 1, "loss.0": 0.1, "accuracy.0": 0.9}
    ledger.append(runs / LEDGER, {"event": "result", **asked, "examples": 359, "result": result})
    before = (runs / LEDGER).read_bytes()
    typed = world.typed("test", RUN[:8], "--json")
    assert typed.code == 0
    assert typed.json["test"]["accuracy"] == 0.9
    assert (typed.json["test"]["openings"], typed.json["test"]["opened"]) == (3, False)
    assert (runs / LEDGER).read_bytes() == before
