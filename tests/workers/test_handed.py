"""Examples that the driver has read reach its worker as they are, or not at all."""

import os
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from helpers import drain, results

from sweeper.config.compose import compose
from sweeper.config.planning import plan_space
from sweeper.data import load
from sweeper.jobs.shared.bound_search import bound_plan
from sweeper.jobs.shared.search import Search
from sweeper.study.session import read_data
from sweeper.trial import TrialSpec
from sweeper.workers import handed, run_group
from sweeper.workers.handed import Offer
from sweeper.workers.process_pool import ProcessPool

CONFIG = compose(["dataset=digits", "steps=20", "validation.size=100"])
DATA = CONFIG.dataset, CONFIG.validation
HANDLES = Path("/proc/self/fd")


@pytest.fixture
def split():
    return load(*DATA)


def offered(split):
    offer = Offer(*DATA, split)
    assert offer.message[0] == "examples"
    return offer, offer.message[1][2]


def test_they_are_the_same_in_all(split):
    offer, handed = offered(split)
    taken = handed.taken()
    for field in fields(split):
        before, after = getattr(split, field.name), getattr(taken, field.name)
        if isinstance(before, np.ndarray):
            assert (before.dtype, before.shape) == (after.dtype, after.shape)
            assert (before == after).all()
        else:
            assert before == after
    assert taken.facts == split.facts
    offer.withdraw()
    assert (taken.train_labels == split.train_labels).all()


def test_what_was_withdrawn_is_not_to_be_had(split):
    offer, handed = offered(split)
    offer.withdraw()
    assert offer.message == ("data", DATA)
    with pytest.raises(OSError, match=r"fd/\d+"):
        handed.taken()


def test_another_file_in_its_place_is_not_taken_for_it(split, tmp_path):
    offer, handed = offered(split)
    place = int(handed.path.rpartition("/")[2])
    other = tmp_path / "other"
    other.write_bytes(b"1" * 10_000_000)
    with other.open("rb") as file:
        os.dup2(file.fileno(), place)
    with pytest.raises(ValueError, match="no longer"):
        handed.taken()
    offer.withdraw()


@pytest.mark.parametrize("change", [{"typed": "x" * handed.MOST}, {"in_file": True}, {"folds": (1,)}])
def test_what_does_not_fit_is_read_by_the_worker(split, change):
    assert Offer(*DATA, replace(split, **change)).message == ("data", DATA)


def test_what_was_released_is_read_by_the_worker(split):
    split.release()
    assert Offer(*DATA, split).message == ("data", DATA)


@pytest.mark.parametrize(("place", "name"), [(os, "memfd_create"), (handed, "_write")])
def test_without_room_the_worker_reads(split, monkeypatch, place, name):
    def refuse(*_):
        raise OSError("no room")

    before = len(list(HANDLES.iterdir()))
    monkeypatch.setattr(place, name, refuse)
    assert Offer(*DATA, split).message == ("data", DATA)
    assert len(list(HANDLES.iterdir())) == before


def test_a_worker_that_cannot_have_them_reads_the_files(split, monkeypatch):
    monkeypatch.setattr(run_group, "_kept", {})
    offer, handed = offered(split)
    offer.withdraw()
    run_group.take_over(*DATA, handed)
    assert run_group._kept[*DATA, False].digest == split.digest


@pytest.mark.parametrize("size", [1, 2])
def test_a_new_pool_trains_on_what_was_read(split, monkeypatch, size):
    mine = replace(split, digest="f" * 64)  # so that it can be had in no other way
    monkeypatch.setattr("sweeper.data.summary.load", lambda *_: mine)
    with ProcessPool(size) as pool:
        pool.prepare(*DATA)
        assert pool.wants_examples
        digest = read_data(CONFIG, pool=pool).facts["digest"]
        assert not pool.wants_examples
        for number in range(size):
            pool.submit([TrialSpec(f"s/{number}", CONFIG.to_dict(), digest)])
        found = results(drain(pool, size, timeout=120.0)).values()
    assert [result.failure for result in found] == [None] * size
    assert {(result.steps, result.data["digest"]) for result in found} == {(20, "f" * 64)}
    assert len({result.worker for result in found}) == size
    assert pool._ahead.message[0] == "data"


def test_a_table_is_read_by_both_side_by_side():
    table = replace(CONFIG.dataset, name="csv", path="table.csv")
    with ProcessPool(1) as pool:
        pool.prepare(table, CONFIG.validation)
        assert not pool.wants_examples
        assert pool._ahead.message == ("data", (table, CONFIG.validation))


def test_a_pool_that_does_not_start_at_once_wants_none_before():
    with ProcessPool(2, at_once=False) as pool:
        assert not pool.wants_examples


def test_a_search_hands_over_what_it_has_read(monkeypatch, tmp_path):
    said = []
    monkeypatch.setattr(ProcessPool, "prepare", lambda pool, *data: said.append((pool.size, len(data))))
    monkeypatch.setattr(ProcessPool, "wants_examples", True)
    with ProcessPool(2, at_once=False) as pool:
        bound_plan(Search(trials=2), plan_space(["dataset=digits"]), tmp_path, pool=pool)
    assert said == [(2, 2), (2, 3)]
