"""What the tests of studies share: a small space, plans, and a way to wait for a pool."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from sweeper.config.schema import Config
from sweeper.config.space import Choice, Float, Space
from sweeper.study.driver import tune
from sweeper.study.plan import Ended, Plan
from sweeper.study.session import Session
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import TrialResult, TrialSpec
from sweeper.workers.base import WorkerLost
from sweeper.workers.inline import InlinePool

DATA = {"name": "digits", "digest": "d", "sizes": {"train": 100, "validation": 20, "test": 20}}
SPACE = Space(
    {
        "learning_rate": Float(0.01, 1.0, log=True),
        "dropout": Float(0.0, 0.5),
        "activation": Choice(("relu", "tanh", "sigmoid")),
    },
    fixed=("steps=5",),
    base={"steps": 5},
)


def spec(number=0, **config):
    return TrialSpec(f"s/{number}", Config().to_dict() | config, "", "")


def plan(trials=10, **more):
    return Plan(**{"study": "s", "trials": trials, "data": DATA, "space": SPACE, "sampler": "random", "seed": 1} | more)


def carry_out(what, runs, target, *, tracker=None, pool=None, observe=None):
    """Tune inline, where the order of everything is fixed; the outcome and the trials in the order of their ends."""
    ended = []

    def watch(event):
        if isinstance(event, Ended):
            ended.append(event.trial)
        if observe:
            observe(event)

    with pool or InlinePool(target) as workers, tracker or MemoryTracker() as record:
        outcome = tune(what, Session(runs, workers, record, watch))
    return outcome, ended


def drain(pool, count, timeout=30.0):
    """Every event until so many trials have their result or are lost."""
    events, done, limit = [], 0, time.monotonic() + timeout
    while done < count:
        assert time.monotonic() < limit, f"{done} of {count} trials after {timeout} s: {events[-3:]}"
        for event in pool.poll(0.2):
            events.append(event)
            done += isinstance(event, TrialResult)
            done += len(event.keys) if isinstance(event, WorkerLost) else 0
    return events


def results(events):
    return {event.key: event for event in events if isinstance(event, TrialResult)}


def stop_after(count):
    """An observer that presses Ctrl-C when so many trials have ended."""
    seen = []

    def watch(event):
        if isinstance(event, Ended):
            seen.append(event)
            if len(seen) == count:
                os.kill(os.getpid(), signal.SIGINT)

    return watch


def lost(events):
    """The losses of workers among them."""
    return [event for event in events if isinstance(event, WorkerLost)]


def alive(pid):
    """Running, and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


def until(condition, timeout=20.0):
    """Wait for something to hold."""
    limit = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)
