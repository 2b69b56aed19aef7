"""What is kept of the trials that wait and run, against what looking through all of them would say."""

import math
import sys
from fractions import Fraction
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from sweeper.study.dispatch import Dispatch
from sweeper.study.queue import Group
from sweeper.study.waiting import WaitingTrials

WEIGHTS = (1.0, 2.0, 1.1, 3.7, 0.1 + 1, 20.0)


def plain(waiting, limit, share, worth):
    """The next group by adding everything up."""
    filled = {structure: trials for structure, trials in waiting.items() if trials}
    structure, trials = max(filled.items(), key=lambda entry: sum(Fraction(weight) for _, weight in entry[1]))
    fitting = next((n for n in range(1, len(trials)) if sum(w for _, w in trials[: n + 1]) > limit), len(trials))
    fitting = math.ceil(len(trials) / math.ceil(len(trials) / fitting))
    fair = max(1, math.ceil(share))
    return structure, fitting if fitting - fair <= worth else fair


steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(WEIGHTS)),
        st.tuples(st.floats(0, 20), st.floats(0, 5)),
    ),
    max_size=60,
)


@given(steps, st.integers(1, 16))
def test_groups_are_those_that_adding_up_would_give(steps, limit):
    waiting, all_of = WaitingTrials(), {}
    for number, (first, second) in enumerate(steps):
        if isinstance(first, str):
            waiting.add(first, number, second)
            all_of.setdefault(first, []).append((number, second))
        elif waiting:
            structure, many = plain(all_of, limit, first, second)
            assert waiting.take(limit=limit, share=first, worth=second) == [n for n, _ in all_of[structure][:many]]
            del all_of[structure][:many]
        assert len(waiting) == sum(map(len, all_of.values()))
    assert waiting.drain() == [number for trials in all_of.values() for number, _ in trials]
    assert not waiting
    waiting.add("a", "again", 1.0)
    assert waiting.take(limit=limit, share=1, worth=0) == ["again"]


def handed_out():
    """What was handed out, which nobody trains, and the groups whose checkpoint was forgotten."""
    forgotten = []
    pool = SimpleNamespace(submit=lambda specs, files: None, stop=lambda key: None)
    session = SimpleNamespace(pool=pool, files=None, observe=lambda event: None)
    dispatch = Dispatch(None, session, SimpleNamespace(forget=forgotten.append), None, None)
    dispatch._spec = lambda attempt, alone: None
    return dispatch, forgotten


def attempt(number, done=0.0):
    return SimpleNamespace(key=f"s/{number}", done=done, group=0, overrides=())


@given(
    st.lists(st.tuples(st.sampled_from(["submit", "advance", "end"]), st.integers(0, 9), st.floats(0, 1)), max_size=60)
)
def test_what_is_left_and_whose_group_is_over_are_what_looking_through_all_would_say(orders):
    dispatch, forgotten = handed_out()
    running, number = {}, 0
    for what, which, done in orders:
        if what == "submit":
            number += 1
            group = [attempt(10 * number + n, done if n else 0.0) for n in range(1 + which % 3)]
            dispatch.submit(Group(number, group))
            running |= {one.key: one for one in group}
        elif running:
            one = list(running.values())[which % len(running)]
            if what == "advance":
                dispatch.advance(one, done)
                assert one.done == done
            else:
                del running[one.key]
                assert dispatch.take_back(one.key) is one
                before = len(forgotten)
                dispatch.close(one.group)
                over = all(other.group != one.group for other in running.values())
                assert forgotten[before:] == ([one.group] if over else [])
        assert dispatch.left == math.fsum(1.0 - one.done for one in running.values())
        assert len(dispatch) == len(running)
    assert {one.key for one in dispatch.drain()} == set(running)
    assert dispatch.left == 0


def test_what_is_handed_out_again_counts_once():
    dispatch, forgotten = handed_out()
    one = attempt(1)
    dispatch.submit(Group(1, [one]))
    dispatch.advance(one, 0.5)
    dispatch.submit(Group(2, [one]))
    assert (len(dispatch), dispatch.left) == (1, 0.5)
    dispatch.take_back(one.key)
    dispatch.close(2)
    assert (dispatch.left, forgotten) == (0, [2])


def calls(work):
    """How many functions are called, generators' steps included."""
    seen = []
    sys.setprofile(lambda frame, event, _: seen.append(event) if event.endswith("call") else None)
    try:
        work()
    finally:
        sys.setprofile(None)
    return len(seen)


def test_a_trial_takes_as_many_calls_with_ten_thousand_others_as_with_a_hundred():
    def one_more(others):
        waiting = WaitingTrials()
        for number in range(others):
            waiting.add(number % 50, number, 1.0)
        dispatch, _ = handed_out()
        runs = [attempt(number) for number in range(others)]
        for number, each in enumerate(runs):
            dispatch.submit(Group(number, [each]))

        def work():
            waiting.add(7, "one more", 1.0)
            assert len(waiting) == others + 1
            waiting.take(limit=1, share=dispatch.left / 10, worth=0)
            dispatch.advance(runs[0], 0.5)
            dispatch.take_back(runs[0].key)
            dispatch.close(0)

        return calls(work)

    few, many = one_more(100), one_more(10_000)
    assert many <= few + 5
