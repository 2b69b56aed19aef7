"""One suite over every pool of workers: what the driver may rely on."""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import targets
import warming
from helpers import drain, results, spec
from on_ray import all_there, local_ray

from sweeper.errors import InputError
from sweeper.trial import EpochReport, StepReport, TrialResult
from sweeper.workers.base import LocalFiles
from sweeper.workers.pools import CLUSTER, WORKER_KINDS, PoolOptions, open_pool

# A Ray that takes too long to start on a busy machine is left to itself, and another one started.
pytestmark = pytest.mark.filterwarnings(
    "ignore:subprocess .* is still running:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module")
def cluster():
    """A Ray of this machine."""
    with local_ray() as ray:
        yield ray


@pytest.fixture(scope="module")
def warm_server(tmp_path_factory):
    """The folder of a warm server."""
    folder = tmp_path_factory.mktemp("warm") / "own"
    with warming.server(folder):
        yield folder


@pytest.fixture(
    params=[
        *WORKER_KINDS.names,
        "on demand",
        pytest.param("warm", marks=pytest.mark.skipif(sys.platform != "linux", reason="there are none")),
    ]
)
def make(request, monkeypatch):
    """Makes pools of one kind, and closes them at the end."""
    made = []
    if request.param == CLUSTER:
        request.getfixturevalue("cluster")
    if request.param == "warm":
        monkeypatch.setenv("SWEEPER_WARM", str(request.getfixturevalue("warm_server")))

    def make(target=targets.trivial):
        options = PoolOptions(size=2, target=target)
        if request.param == "on demand":
            made.append(open_pool(replace(options, at_once=False)))
        else:
            made.append(open_pool(options, "processes" if request.param == "warm" else request.param))
        return all_there(made[-1])

    yield make
    for pool in made:
        pool.close()


def test_every_trial_has_exactly_one_result(make):
    pool = make()
    for first in range(0, 12, 3):
        pool.submit([spec(number) for number in range(first, first + 3)])
    events = drain(pool, 12)
    ended = [event.key for event in events if isinstance(event, TrialResult)]
    assert sorted(ended) == sorted(f"s/{number}" for number in range(12))


def test_reports_come_before_the_result_and_in_order(make):
    pool = make()
    pool.submit([spec(0), spec(1)])
    events = drain(pool, 2)
    for key in ("s/0", "s/1"):
        own = [event for event in events if getattr(event, "key", "") == key]
        assert [event.step for event in own if isinstance(event, EpochReport)] == [1, 2, 3, 4, 5]
        assert [event.step for event in own if isinstance(event, StepReport)] == [1, 2, 3, 4, 5]
        assert isinstance(own[-1], TrialResult)


def test_a_result_is_what_the_target_gave(make):
    pool = make()
    pool.submit([spec(0, learning_rate=0.2), spec(1, learning_rate=0.3)])
    found = results(drain(pool, 2))
    assert found["s/0"].validation.accuracy == (0.9,)
    assert found["s/1"].validation.accuracy == (1.0,)
    assert found["s/0"].group == 2


def test_a_stopped_trial_ends_early_and_the_rest_of_its_group_goes_on(make):
    pool = make(partial(targets.trivial, pause=0.05))
    pool.submit([spec(0), spec(1)])
    events = []
    while not any(isinstance(event, EpochReport) for event in events):
        events += pool.poll(1.0)
    pool.stop("s/0")
    found = results(events + drain(pool, 2))
    assert found["s/0"].status == "pruned"
    assert found["s/0"].steps < targets.STEPS
    assert found["s/1"].status == "finished"


def test_a_trial_that_is_stopped_while_it_waits_still_ends_once(make):
    pool = make(partial(targets.trivial, pause=0.02))
    for number in range(5):
        pool.submit([spec(number)])
    pool.stop("s/4")
    found = results(drain(pool, 5))
    assert found["s/4"].status == "pruned"
    assert [found[f"s/{number}"].status for number in range(4)] == ["finished"] * 4


def test_stopping_what_has_ended_or_was_never_there_is_no_error(make):
    pool = make()
    pool.stop("s/7")
    pool.submit([spec(0)])
    drain(pool, 1)
    pool.stop("s/0")
    pool.submit([spec(0)])
    assert results(drain(pool, 1))["s/0"].status == "finished"


def test_hunger_is_the_number_of_groups_that_could_start(make):
    pool = make(partial(targets.trivial, pause=0.05))
    assert pool.free_workers == pool.size
    pool.submit([spec(0)])
    assert pool.free_workers == pool.size - 1
    for number in range(1, pool.size + 2):
        pool.submit([spec(number)])
    assert pool.free_workers == 0
    drain(pool, pool.size + 2)
    while pool.free_workers < pool.size:
        assert not [event for event in pool.poll(0.1) if isinstance(event, TrialResult)]


def test_what_a_target_raises_is_the_failure_of_each_trial(make):
    pool = make(targets.raising)
    pool.submit([spec(0), spec(1)])
    found = results(drain(pool, 2))
    assert {result.status for result in found.values()} == {"failed"}
    assert found["s/0"].failure.kind == "RuntimeError"
    assert "no such file" in found["s/0"].failure.message


def test_only_the_guilty_of_a_group_fail(make):
    pool = make(targets.fussy)
    pool.submit([spec(0), spec(1, learning_rate=0.9), spec(2)])
    found = results(drain(pool, 3))
    assert [found[f"s/{number}"].status for number in range(3)] == ["finished", "failed", "finished"]


def test_too_much_memory_is_a_failure_with_a_name(make):
    pool = make(targets.greedy)
    pool.submit([spec(0)])
    assert results(drain(pool, 1))["s/0"].failure.kind == "out of memory"


def test_polling_an_idle_pool_gives_nothing(make):
    pool = make()
    assert pool.poll(0.0) == []
    assert pool.poll(0.05) == []


def test_closing_twice_and_in_the_middle_of_work_is_no_error(make):
    pool = make(partial(targets.trivial, pause=0.05))
    pool.submit([spec(0)])
    pool.submit([spec(1)])
    pool.poll(0.3)
    pool.close()
    pool.close()


def test_what_a_worker_gets_and_gives_are_names_of_files(make, tmp_path):
    pool = make(targets.saving)
    files = pool.files(tmp_path)
    named = replace(spec(0), model_dir="studies/s.models/me/0", checkpoint="checkpoints/s/me-1.npz")
    assert str(tmp_path) not in repr(named)
    pool.submit([named], files)
    result = results(drain(pool, 1))["s/0"]
    assert result.models == ("studies/s.models/me/0/model.keras",)
    assert files.fetch(result.models[0]).read_text() == "weights"
    assert files.fetch(named.checkpoint) == tmp_path / "checkpoints/s/me-1.npz"


def test_a_worker_of_this_machine_can_be_given_paths(make, tmp_path):
    pool = make(targets.saving)
    pool.submit([replace(spec(0), model_dir=str(tmp_path / "models"))])
    result = results(drain(pool, 1))["s/0"]
    assert Path(result.models[0]).read_text() == "weights"


def test_names_and_paths_are_two_sides_of_one_thing(tmp_path):
    files = LocalFiles(tmp_path)
    assert files.name(files.draft("a/b")) == "a/b"
    assert files.name(Path("/elsewhere/c")) == "/elsewhere/c"


def test_an_unknown_kind_raises_with_the_nearest():
    with pytest.raises(InputError, match="there is no worker kind 'process'; did you mean processes"):
        open_pool(PoolOptions(), "process")
