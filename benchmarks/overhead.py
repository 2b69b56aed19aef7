"""What the driver costs a trial, with nothing to train: `python benchmarks/overhead.py`.

A trivial objective runs in two worker processes; the rest is as in a real sweep: SQLite, sampler, pruner, MLflow.
Prints, for 10, 200 and 2,000 trials, milliseconds a trial by the clock and by the driver's own processor time (the
start-up of a first trial taken off), its largest memory, and its open files; then how it went on, quarter by quarter:
processor time a trial, memory and files. A day's worth of trials:
`--trials 20000 --tracker none --sampler random --pruner none`.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path

from sweeper.config.space import Choice, Float, Space
from sweeper.study.driver import tune
from sweeper.study.plan import Ended, Plan
from sweeper.study.session import Session
from sweeper.tracking import Tracker, open_tracker
from sweeper.tracking.memory import MemoryReader
from sweeper.trial import EpochReport, Scores, TrialResult
from sweeper.workers.process_pool import ProcessPool

SPACE = Space(
    {
        "learning_rate": Float(0.01, 1.0, log=True),
        "dropout": Float(0.0, 0.5),
        "l2": Float(1e-6, 1e-3, log=True),
        "activation": Choice(("relu", "tanh", "sigmoid")),
        "batch_size": Choice((50, 100)),
    }
)
EPOCHS = 10


def trivial(group, report, stopped):
    """Ten validations and a result, in no time."""
    for step in range(1, EPOCHS + 1):
        for spec in group:
            report(EpochReport(spec.key, step, step, scores(spec), scores(spec), 0.1, 0.01))
    return [
        TrialResult(spec.key, "finished", EPOCHS, scores(spec), scores(spec), {"total": 0.01, "train": 0.01})
        for spec in group
    ]


def scores(spec):
    return Scores((spec.config["learning_rate"],), (1.0 - spec.config["learning_rate"],))


class Forgetful(Tracker):
    """Keeps nothing, so that what grows is the driver."""

    trouble = ""

    def open_study(self, study, facts, *, makes=True):
        return self.record(None)

    def record(self, run):
        done = Future()
        done.set_result("")
        return done

    def recorded(self, study):
        return {}

    def reconcile(self):
        return []

    @property
    def reader(self):
        return MemoryReader()

    def delete(self, run_ids): ...

    def rename_study(self, old, new, *, deleted=True): ...

    def rename_run(self, run_id, name): ...

    def restore(self, run_ids): ...

    def check(self): ...

    def flush(self):
        return 0

    def update(self, run, **more): ...

    def close_study(self, study, status, summary): ...

    def close(self): ...


class Course:
    """How it goes on: after the first trial, and each quarter of them, processor time, memory and open files."""

    def __init__(self, trials):
        self.marks = {1, *(trials * part // 4 for part in range(1, 5))}
        self.seen, self.at = 0, []

    def watch(self, event):
        if not isinstance(event, Ended):
            return
        self.seen += 1
        if self.seen in self.marks:
            pages = int(Path("/proc/self/statm").read_text().split()[1]) if sys.platform == "linux" else 0
            files = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
            memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
            self.at.append((self.seen, time.perf_counter(), time.process_time(), memory, files))

    def say(self):
        for (seen, _, cpu, _, _), (now, _, later, memory, files) in pairwise(self.at):
            print(f"{now:>6}  {'':>29}  {1000 * (later - cpu) / (now - seen):>9.1f}  {memory:>9.0f}  {files:>5}")


def measure(trials, options):
    from overhead import trivial as target  # workers find it by its module, which a script is not

    course = Course(trials)
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        data = {"name": "none", "digest": "none", "sizes": {"train": 100}}
        plan = Plan("overhead", trials, data, SPACE, sampler=options.sampler, pruner=options.pruner)
        record = open_tracker(runs) if options.tracker == "mlflow" else Forgetful()
        with ProcessPool(2, target=target) as pool, record:
            begun = time.perf_counter()
            outcome = tune(plan, Session(runs, pool, record, course.watch))
            ended, cpu = time.perf_counter(), time.process_time()
    assert outcome.counts.finished + outcome.counts.pruned == trials
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _, first, first_cpu, _, files = course.at[0]
    print(
        f"{trials:>6}  {1000 * (ended - begun) / trials:>12.1f}  {1000 * (ended - first) / trials:>13.1f}"
        f"  {1000 * (cpu - first_cpu) / trials:>9.1f}  {memory:>9.0f}  {files:>5}",
        flush=True,
    )
    course.say()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, nargs="*", default=[10, 200, 2000])
    parser.add_argument("--sampler", default="tpe")
    parser.add_argument("--pruner", default="asha")
    parser.add_argument("--tracker", choices=("mlflow", "none"), default="mlflow")
    options = parser.parse_args()
    print("trials  ms a trial     after first  cpu ms     memory MB  files")
    for trials in options.trials:
        measure(trials, options)


if __name__ == "__main__":
    main()
