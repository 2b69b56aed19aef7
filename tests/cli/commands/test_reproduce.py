"""``sweeper reproduce`` as it is typed and shown."""

from __future__ import annotations

import pytest

from sweeper.cli.commands.reproduce import SHOWN, shown
from sweeper.jobs import reproduce as job

SAME = {
    "title": "s:3",
    "identical": True,
    "compared": {"validations": 9, "final": True, "weights": True},
    "differences": [],
    "largest": 0.0,
    "circumstances": [],
    "notes": [],
}


def rows(count):
    return [{"what": f"step {n} train loss", "recorded": 0.1 + 0.2, "now": 0.3} for n in range(count)]


def test_identical_says_what_was_compared():
    assert "s:3 came out identical to the last bit: 9 validations, the final scores, the weights." in shown(SAME)
    less = SAME | {"compared": {"validations": 2, "final": False, "weights": False}}
    assert "bit: 2 validations." in shown(less)


def test_differences_have_all_their_digits_and_the_rest_is_counted():
    circumstance = {"what": "threads", "recorded": "1", "now": "2"}
    text = shown(
        SAME | {"identical": False, "differences": rows(SHOWN + 3), "largest": 5e-17, "circumstances": [circumstance]}
    )
    assert "0.30000000000000004  0.3" in text
    assert "\n3 more; the largest difference is 5e-17" in text
    assert "threads" in text


@pytest.mark.parametrize(("identical", "code"), [(True, 0), (False, 1)])
def test_the_exit_code_tells_a_script(world, monkeypatch, identical, code):
    asked = []

    def reproduce(called, **_):
        asked.append(called)
        return SAME | {"identical": identical}

    monkeypatch.setattr(job, "reproduce", reproduce)
    typed = world.typed("reproduce", "--from-trial", "s:3", "--json")
    assert (typed.code, typed.json["identical"]) == (code, identical)
    assert asked == ["s:3"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name one run"),
        (("a", "--from-trial", "s:1"), "name one run"),
        (("--from-trial", "s"), "not STUDY:N"),
        (("nothing",), "no run 'nothing'"),
    ],
)
def test_bad_input_is_one_line(world, arguments, message):
    typed = world.typed("reproduce", *arguments, "--json")
    assert typed.code == 2
    assert message in typed.error["message"]
    assert world.files() == []
