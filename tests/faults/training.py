"""Real training in a process of its own, to be killed: ``python training.py sweep|folds|run RUNS [CHECKPOINT_EVERY]``.

Prints one line of JSON for each note, and at last what was trained, but for the time that it took.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from sweeper.config.schema import Config, Dataset, Exponential, Validation
from sweeper.errors import SweeperError
from sweeper.study.driver import tune
from sweeper.study.plan import Note, Plan, Point
from sweeper.study.session import Session, read_data
from sweeper.study.single_run import run
from sweeper.study.study_record import load_study
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import to_json
from sweeper.workers.process_pool import ProcessPool

BASE = Config(
    dataset=Dataset(name="digits"),
    validation=Validation(size=300),
    hidden=(40, 20),
    steps=24_000,
    log_every=1_000,
    validate_every=1_500,
    dropout=0.2,
    lr_decay=Exponential(rate=0.9, decay_steps=2_000),
)
TRIALS = 3
FOLDS = replace(BASE, validation=Validation(folds=3), steps=9_000, validate_every=500, stop_after=100)
"""Over folds, which keep the weights of their best validation besides."""


def say(**values):
    print(json.dumps(values), flush=True)


def main(kind, runs, every="60"):
    base = FOLDS if kind == "folds" else BASE
    facts = read_data(base).facts
    with ProcessPool(1) as pool, MemoryTracker() as tracker:
        say(driver=os.getpid(), server=pool.server_pid)
        session = Session(Path(runs), pool, tracker, watch)
        try:
            trained = (single if kind == "run" else sweep)(base, facts, float(every), session)
        except SweeperError as error:
            say(error=error.message, hint=error.hint)
            return error.exit_code
    say(trained=trained)
    return 0


def watch(event):
    if isinstance(event, Note):
        say(note=event.text)


def sweep(base, facts, every, session):
    """A group of three, and what is kept of each."""
    configs = [replace(base, learning_rate=0.05 * (1 + number), seed=number) for number in range(TRIALS)]
    points = [Point({"seed": config.seed}, (f"seed={config.seed}",), config) for config in configs]
    tune(Plan("s", TRIALS, facts, points=points, checkpoint_every=every), session)
    trials = load_study(session.runs, "s").trials
    return [numbers(trial.result, trial.history) for trial in trials]


def single(base, facts, every, session):
    """One run, of two members."""
    config = replace(base, repeats=2)
    ended = run(config, [], session, digest=facts["digest"], keep_models=False, checkpoint_every=every)
    return [numbers(ended.record.result, ended.record.history)]


def numbers(result, history):
    """What must come again to the last bit."""
    kept = to_json(result)
    for name in ("key", "worker", "seconds", "models"):
        del kept[name]
    rows = [to_json(replace(report, key="", seconds=0.0)) for report in history]
    return {"result": kept, "history": rows}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
