from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.errors import InputError
from sweeper.statistics import race
from sweeper.trial import to_json

RNG = np.random.default_rng(0)
GOOD = list(0.97 + 0.002 * RNG.normal(size=10))
RIVAL = list(0.97 + 0.002 * RNG.normal(size=10))
BAD = list(0.93 + 0.002 * RNG.normal(size=10))


def test_a_loser_leaves_and_the_rest_go_on():
    found = race({"good": GOOD, "bad": BAD[:4], "rival": RIVAL}, margin=0.0)
    assert [loser.name for loser in found.dropped] == ["bad"]
    assert found.dropped[0].repeats <= 4
    assert found.dropped[0].beaten_by in {"good", "rival"}
    assert found.dropped[0].gap == pytest.approx(0.04, abs=0.01)
    assert set(found.alive) == {"good", "rival"}
    assert found.leader == max(("good", "rival"), key=lambda name: np.mean({"good": GOOD, "rival": RIVAL}[name]))
    assert (found.repeats, found.settled, found.reason) == (10, True, "the planned repeats are done")
    json.dumps(to_json(found))


def test_one_is_left():
    found = race({"good": GOOD[:5], "bad": BAD[:5]})
    assert (found.alive, found.settled, found.reason) == (("good",), True, "one is left")


def test_before_the_first_look_nobody_leaves():
    for seen in range(3):
        found = race({"good": GOOD[:seen], "bad": BAD[:seen]})
        assert (set(found.alive), found.dropped, found.settled) == ({"good", "bad"}, (), False)
        assert found.repeats == seen


def test_the_same_candidate_twice_is_tied_at_once():
    found = race({"one": GOOD[:3], "two": GOOD[:3]})
    assert (found.settled, found.reason) == (True, "all that are left are tied")
    assert set(found.alive) == {"one", "two"}


def test_a_repeat_that_is_not_whole_waits():
    whole = race({"good": GOOD[:6], "rival": RIVAL[:6], "bad": BAD[:6]}, margin=0.0)
    part = race({"good": GOOD[:7], "rival": RIVAL[:6], "bad": BAD[:6]}, margin=0.0)
    assert part == whole


def test_losses_race_downwards():
    assert race({"good": BAD[:5], "bad": GOOD[:5]}, higher_is_better=False).alive == ("good",)


@given(st.integers(0, 2**32 - 1), st.integers(3, 10))
def test_the_answer_follows_from_the_scores_alone(seed, seen):
    """Asked after each repeat, with the losers' scores ending where they left, it is the same as asked at the end."""
    rng = np.random.default_rng(seed)
    full = {name: list(mean + 0.003 * rng.normal(size=seen)) for name, mean in (("a", 0.97), ("b", 0.96), ("c", 0.9))}
    had = {name: [] for name in full}
    state = race(had)
    while not state.settled and state.repeats < seen:
        for name in state.alive:
            had[name].append(full[name][len(had[name])])
        state = race(had)
    at_once = race(full)
    assert (set(at_once.alive), at_once.dropped) == (set(state.alive), state.dropped)


def test_more_rivals_and_more_looks_ask_for_more():
    a, b = [0.970, 0.972, 0.971, 0.9705], [0.955, 0.9555, 0.9575, 0.957]
    assert race({"a": a, "b": b}, planned=4).alive == ("a",)
    crowd = {f"c{i}": [score + i / 1e5 for score in a] for i in range(30)}
    assert "b" in race({"a": a, "b": b} | crowd, planned=40, margin=0.0).alive


def test_what_is_no_race():
    with pytest.raises(InputError, match="needs a candidate"):
        race({})
    with pytest.raises(InputError, match="not 1 and 2"):
        race({"a": [0.9, 0.8]}, planned=2)
    assert race({"a": []}).reason == "one is left"
