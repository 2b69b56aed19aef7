import os
import signal
from functools import partial
from pathlib import Path

import pytest
import targets

from sweeper.checkpoint import About, Checkpoint, write
from sweeper.config.schema import Config
from sweeper.errors import InterruptedRunError, SweeperError
from sweeper.study.session import Session
from sweeper.study.single_run import run
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import EpochReport, StepReport
from sweeper.workers.inline import InlinePool
from sweeper.workers.process_pool import ProcessPool

CONFIG = Config(learning_rate=0.2, steps=5)


def carry_out(tmp_path, target, *, config=CONFIG, pool=None, observe=lambda _: None):
    tracker = MemoryTracker()
    try:
        with pool or InlinePool(target) as workers:
            ended = run(config, ["learning_rate=0.2"], Session(tmp_path, workers, tracker, observe))
    except SweeperError as error:
        ended = error
    return ended, tracker


def test_a_run_is_recorded_with_everything(tmp_path):
    heard = []
    ended, tracker = carry_out(tmp_path, targets.trivial, observe=heard.append)
    assert ended.record.result.status == "finished"
    assert ended.record.result.validation.accuracy == (0.9,)
    assert ended.record.overrides == ["learning_rate=0.2"]
    assert [report.step for report in ended.record.history] == [1, 2, 3, 4, 5]
    assert sum(isinstance(event, StepReport) for event in heard) == 5
    assert sum(isinstance(event, EpochReport) for event in heard) == 5
    assert tracker.runs[ended.run_id.result()].params["learning_rate"] == "0.2"


def test_a_run_that_fails_is_recorded_and_told(tmp_path):
    ended, tracker = carry_out(tmp_path, targets.diverging, config=Config(learning_rate=0.9))
    assert ended.message == "the run failed: the loss was nan at step 3"
    assert ended.hint == "a smaller learning_rate"
    assert ended.exit_code == 1
    assert [stored.status for stored in tracker.runs.values()] == ["FAILED"]


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")])
def test_a_run_that_is_interrupted_is_recorded_as_such(tmp_path, number, name):
    def stop(event):
        if isinstance(event, EpochReport) and event.step == 2:
            os.kill(os.getpid(), number)

    ended, tracker = carry_out(tmp_path, targets.trivial, observe=stop)
    assert isinstance(ended, InterruptedRunError)
    assert ended.message == f"{name}: the run was broken off; its last validation was at step 2"
    assert [stored.status for stored in tracker.runs.values()] == ["KILLED"]


def test_a_worker_that_was_killed_is_replaced_and_nothing_is_heard_twice(tmp_path, monkeypatch):
    monkeypatch.setenv("SWEEPER_TEST_MARK", str(tmp_path / "mark"))
    heard = []
    pool = ProcessPool(1, target=targets.signalled)
    ended, _ = carry_out(tmp_path, None, pool=pool, observe=heard.append)
    assert ended.record.result.status == "finished"
    assert [event.step for event in heard if isinstance(event, EpochReport)] == [1, 2, 3, 4, 5]


def test_a_run_that_ends_its_worker_twice_is_given_up(tmp_path):
    pool = ProcessPool(1, target=partial(targets.deadly, above=0.1))
    ended, _ = carry_out(tmp_path, None, pool=pool)
    assert "ended its worker 2 times: exited with status 3" in ended.message


def test_an_interrupted_run_says_whether_the_same_command_goes_on(tmp_path):
    def stop(event):
        if isinstance(event, EpochReport) and event.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    def kept(group, report, stopped):
        write(Path(group[0].checkpoint), Checkpoint(About(1, (), {}, {}, {}, jit=False), {}))
        return targets.trivial(group, report, stopped)

    ended, _ = carry_out(tmp_path, targets.trivial, observe=stop)
    assert ended.hint == "the same command begins again"
    ended, _ = carry_out(tmp_path, kept, observe=stop)
    assert ended.hint == "the same command goes on from its last checkpoint"
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1
    carry_out(tmp_path, kept)
    assert list((tmp_path / "checkpoints").iterdir()) == []
