"""Sweeps that are interrupted, and drivers that die or share a study."""

import json
import os
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
import targets
from helpers import carry_out, plan, stop_after

from sweeper.errors import InterruptedRunError, SweeperError
from sweeper.study import driver
from sweeper.study.converters import quiet_optuna
from sweeper.study.open_study import Lease
from sweeper.study.opening import open_study
from sweeper.study.plan import Began, Ended, Note
from sweeper.study.storage.cached import CachedStorage
from sweeper.study.storage.location import study_file
from sweeper.study.study_record import load_study, load_trials
from sweeper.system import signals as interrupts
from sweeper.system.process import this_process
from sweeper.tracking.memory import MemoryTracker


def tried(runs):
    return {json.dumps(dict(trial.values), sort_keys=True) for trial in load_trials(runs, "s")}


@pytest.mark.parametrize("sampler", ["random", "tpe", "qmc"])
def test_ctrl_c_loses_nothing_and_repeats_nothing(tmp_path, sampler):
    asked = plan(12, sampler=sampler, group_limit=3)
    with pytest.raises(InterruptedRunError) as told:
        carry_out(asked, tmp_path, targets.trivial, observe=stop_after(5))
    assert "stopped with 5 of 12 trials" in told.value.message
    before = load_study(tmp_path, "s")
    outcome, ended = carry_out(asked, tmp_path, targets.trivial)
    assert before.running > 0
    assert outcome.counts.finished == 12
    assert len(ended) == 12 - 5
    assert len(tried(tmp_path)) == 12
    kept = {trial.number: trial for trial in load_trials(tmp_path, "s")}
    assert all(kept[trial.number] == trial for trial in before.trials)


def test_ctrl_c_is_answered_at_once_while_the_end_takes_its_time(tmp_path):
    heard, stop = [], stop_after(2)

    def watch(event):
        heard.append(event)
        stop(event)

    with pytest.raises(InterruptedRunError):
        carry_out(plan(9, group_limit=1), tmp_path, targets.trivial, observe=watch)
    assert heard[-1] == Note("Ctrl-C: ending in order; another one ends at once")


def test_a_signal_is_somebody_elses_again_after_the_sweep(tmp_path):
    before = signal.getsignal(signal.SIGINT)
    carry_out(plan(1), tmp_path, targets.trivial)
    assert signal.getsignal(signal.SIGINT) is before


def test_trials_of_a_dead_driver_are_run_again_with_the_same_values(tmp_path, monkeypatch):
    asked = plan(6, sampler="tpe")
    dead = {}

    def die(event):
        if isinstance(event, Began):
            dead.update(event.trials)
            raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):  # noqa: PT012
        patched.setattr(driver._Sweep, "_leave", lambda self, status: None)
        patched.setattr("sweeper.study.opening.OpenStudy.close", lambda self: self.store.close())
        patched.setattr(
            "sweeper.study.opening.Lease.new", lambda: Lease("dead", replace(this_process(), pid=2**22 + 1), 0.0)
        )
        carry_out(asked, tmp_path, targets.trivial, observe=die)
    notes = []
    outcome, ended = carry_out(
        asked, tmp_path, targets.trivial, observe=lambda event: notes.append(event) if isinstance(event, Note) else None
    )
    assert outcome.counts.finished == 6
    assert "did not finish will be run again" in notes[0].text
    again = {f"s/{trial.number}": trial.overrides for trial in ended}
    assert len(dead) > 0
    assert {key: again[key] for key in dead} == dead


def test_a_trial_that_its_driver_ends_while_it_is_taken_over_is_left_to_it(tmp_path, monkeypatch):
    """The driver was taken for dead, on another machine, as its clock had jumped; it was alive."""
    with pytest.raises(InterruptedRunError):
        carry_out(plan(6, group_limit=1), tmp_path, targets.trivial, observe=stop_after(1))
    claim, stolen = CachedStorage.claim, []

    def late(store, trial_id, *arguments):
        claimed = claim(store, trial_id, *arguments)
        if claimed and not stolen:
            stolen.append(store.get_trial(trial_id).number)
            with closing(sqlite3.connect(study_file(tmp_path, "s"))) as database, database:
                database.execute("UPDATE trials SET state = 'FAIL' WHERE trial_id = ?", (trial_id,))
        return claimed

    monkeypatch.setattr(CachedStorage, "claim", late)
    outcome, ended = carry_out(plan(6, group_limit=1), tmp_path, targets.trivial)
    assert outcome.counts.finished == 6
    assert stolen
    assert stolen[0] not in {trial.number for trial in ended}


def test_trials_of_a_living_driver_are_left_alone(tmp_path):
    with quiet_optuna():
        other = open_study(plan(4), tmp_path)
        from sweeper.study.slots import Attempts

        theirs = Attempts(other.study, other.source, other.lease.driver)
        held = [theirs.begin(4) for _ in range(2)]

    def release(event):
        if isinstance(event, Ended) and held:
            with quiet_optuna():
                theirs.release(held)
            held.clear()

    outcome, ended = carry_out(plan(4), tmp_path, targets.trivial, observe=release)
    assert outcome.counts.finished == 4
    assert [trial.number for trial in ended[:1]] == [2]
    assert sorted(trial.number for trial in ended) == [0, 1, 2, 3]
    other.close()


def test_interrupts_are_left_alone_outside_the_main_thread(tmp_path):
    import threading

    found = []
    thread = threading.Thread(target=lambda: found.append(carry_out(plan(2), tmp_path, targets.trivial)))
    thread.start()
    thread.join()
    assert found[0][0].counts.finished == 2


def test_a_second_ctrl_c_is_at_once():
    with interrupts.listen() as caught:
        os.kill(os.getpid(), signal.SIGINT)
        assert caught.caught == "Ctrl-C"
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_what_comes_after_the_last_look_of_a_sweep_ends_the_next_one(tmp_path, monkeypatch):
    """The moment in which a signal used to be lost: the sweep is done, and its handler not yet gone."""
    importances_of = driver.importances

    def late(*arguments, **more):
        os.kill(os.getpid(), signal.SIGINT)
        return importances_of(*arguments, **more)

    before = signal.getsignal(signal.SIGINT)
    with interrupts.listen():
        with monkeypatch.context() as patched:
            patched.setattr(driver, "importances", late)
            outcome, _ = carry_out(plan(3), tmp_path / "one", targets.trivial)
        assert outcome.counts.finished == 3
        with pytest.raises(InterruptedRunError, match="Ctrl-C: stopped with 0 of 3 trials"):
            carry_out(plan(3), tmp_path / "two", targets.trivial)
    assert signal.getsignal(signal.SIGINT) is before
    assert carry_out(plan(3), tmp_path / "two", targets.trivial)[0].counts.finished == 3


def test_what_ended_a_sweep_is_told_even_where_the_record_fails_too(tmp_path, monkeypatch):
    def flush(self):
        raise SweeperError("the record cannot be written")

    monkeypatch.setattr(MemoryTracker, "flush", flush)
    monkeypatch.setattr(MemoryTracker, "close", lambda self: None)
    with pytest.raises(InterruptedRunError):
        carry_out(plan(5, group_limit=1), tmp_path, targets.trivial, observe=stop_after(1))
    with pytest.raises(SweeperError, match="the record cannot be written"):
        carry_out(plan(5), tmp_path, targets.trivial)
