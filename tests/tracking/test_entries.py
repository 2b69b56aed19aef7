from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sweeper.tracking.spool import Close, Kill, Open, Record, Update, dumps, loads
from sweeper.trial import Failure, Scores


@pytest.mark.parametrize(
    "entry",
    [
        Open("s", {"seed": 1, "sampler": "tpe"}, {"host": "h"}, 1.5),
        Update("id", "", 2.5, {"a": 1.0}, {"b": "c"}, [["/x/y.png", "figures"]]),  # type: ignore[list-item]
        Close("s", "interrupted", {"best": 0.5}, 3.5, "why"),
        Kill("id", "why"),
    ],
)
def test_entries_come_back(entry: Open | Update | Close | Kill) -> None:
    assert loads(dumps(entry)) == entry


def test_a_record_comes_back(make) -> None:
    failure = Failure("kind", "message", 7)
    run = make("a", study="s", number=3, failure=failure, models=("/m/a.keras",), validation=None)
    entry = Record("s:3", run, {"host": "h"})
    assert loads(dumps(entry)) == entry


def test_what_is_not_finite_comes_back(make) -> None:
    run = make("a", train=Scores((math.inf, math.nan), (0.0, 1.0)))
    back = loads(dumps(Record("r", run, {})))
    assert isinstance(back, Record)
    assert back.run.result.train is not None
    assert back.run.result.train.loss[0] == math.inf
    assert math.isnan(back.run.result.train.loss[1])


def test_facts_that_json_does_not_know_become_text(make) -> None:
    run = replace(make("a"), tags={"path": "x"})
    back = loads(dumps(Open("s", {"folder": run.name, "kind": object}, {}, 0.0)))
    assert isinstance(back, Open)
    assert back.facts["kind"] == "<class 'object'>"


@pytest.mark.parametrize("text", ["", "{", '{"kind": "no such"}', '{"kind": "kill"}', "[]", '{"a": 1}'])
def test_torn_entries_are_noticed(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        loads(text)
