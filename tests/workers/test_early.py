"""A fork server that loads before its driver knows what there is to do."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import targets
from helpers import alive, drain, results, spec

from sweeper.cli import entry
from sweeper.system.python import import_path
from sweeper.workers import early
from sweeper.workers.process_pool import ProcessPool

COMMAND = Path(sys.executable).with_name("sweeper")


@pytest.fixture
def begin(monkeypatch):
    """Begins one for workers that need no library (in the test: pytest changes a variable between its phases)."""
    monkeypatch.setattr(early, "TRAINER", ())
    monkeypatch.setattr(early, "cores", lambda: 2)
    monkeypatch.setenv("SWEEPER_WARM", "")

    def begin():
        early.begin_early()
        return early._begun[0]

    yield begin
    early.end()


def ran_by(begun):
    with ProcessPool(1, target=targets.trivial) as pool:
        pool.submit([spec(0)])
        assert results(drain(pool, 1))["s/0"].status == "finished"
        return pool.server_pid == begun.process.pid


def test_a_pool_takes_it(begin):
    begun = begin()
    assert ran_by(begun)
    assert begun.process.returncode is not None


def test_only_once(begin):
    begun = begin()
    assert ran_by(begun)
    assert not ran_by(begun)


@pytest.mark.parametrize(
    "change",
    [
        lambda patch: patch.setenv("SWEEPER_CACHE", "elsewhere"),
        lambda patch: patch.syspath_prepend("/elsewhere"),
        lambda patch: patch.delenv("HOME"),
    ],
)
def test_one_that_stands_otherwise_ends_and_another_is_made(begin, monkeypatch, change):
    begun = begin()
    change(monkeypatch)
    assert not ran_by(begun)
    assert not alive(begun.process.pid)


def test_one_that_has_died_is_replaced(begin):
    begun = begin()
    begun.process.send_signal(signal.SIGKILL)
    begun.process.wait()
    assert not ran_by(begun)


def test_one_that_loads_something_else_is_replaced(begin):
    begun = begin()
    other = early.begin(import_path(), ["colorsys"])
    early._begun[:] = [other]
    assert not ran_by(other)
    begun.end()


def test_workers_see_the_folder_of_output_that_was_said_meanwhile(begin, monkeypatch):
    begun = begin()
    monkeypatch.setenv("SWEEPER_RUNS", "said/later")
    with ProcessPool(1, target=targets.folder_of_output) as pool:
        assert pool.server_pid == begun.process.pid
        pool.submit([spec(0)])
        assert "said/later" in results(drain(pool, 1))["s/0"].failure.message


def test_one_that_hears_no_more_ends_by_itself(begin):
    begun = begin()
    begun.process.stdin.close()
    assert begun.process.wait(60) == 0


def test_nothing_is_left_of_a_command_that_cannot_be_done(tmp_path):
    done = subprocess.Popen(
        [COMMAND, "run", "stepz=3", "--json"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert done.wait(120) == 2
    with pytest.raises(ProcessLookupError):
        os.killpg(done.pid, 0)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "steps=10"], True),
        (["--debug", "run"], True),
        (["reproduce", "abc"], True),
        (["run", "--help"], False),
        (["run", "--cluster", "local"], False),
        (["run", "--cluster=local"], False),
        (["tune", "--trials", "2"], True),
        (["explore", "activation"], True),
        (["explore", "--list"], False),
        (["compare", "tanh", "relu", "--repeats", "5"], True),
        (["compare", "tanh", "relu", "--repeats=5"], True),
        (["compare", "abc", "def"], False),  # of what is recorded
        (["test", "abc", "--refit"], True),
        (["test", "abc"], False),
        (["results"], False),
        ([], False),
    ],
)
def test_which_commands_have_libraries_imported_first_of_all(arguments, expected):
    assert entry._will_train(arguments) is expected


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["tune", "stepz=3"], False),
        (["tune", "steps=3", "optimizer.nesterov=true", "hidden.depth=1,2", "--trials=2"], True),
        (["tune", "--constraint", "parameters<=5000", "--storage", "sqlite:///a?b=c"], True),
        (["compare", "activation=tanh hidden=[5]", "relu", "--repeats=5"], True),
    ],
)
def test_a_command_that_has_a_key_misspelt_has_the_cores_to_itself(begin, arguments, kept):
    with entry._early_imports(arguments):
        assert bool(early._begun) is kept
    assert not early._begun


def test_a_single_core_is_left_to_the_command(monkeypatch):
    monkeypatch.setattr(early, "cores", lambda: 1)
    early.begin_early()
    assert not early._begun
