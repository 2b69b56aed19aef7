"""What the driver costs a trial, with nothing to train: `python benchmarks/overhead.py`.

A trivial objective runs in two worker processes; the rest is as in a real sweep: SQLite, sampler, pruner, MLflow.
Prints, for 10, 200 and 2,000 trials, milliseconds a trial by the clock and by the driver's own processor time (the
start-up of a first trial taken off), its memory, and its open files. `--trials 20000 --tracker none` is a day's worth.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from sweeper.config.space import Choice, Float, Space
from sweeper.records import EpochReport, Scores, TrialResult
from sweeper.study.driver import tune
from sweeper.study.plan import Ended, Plan
from sweeper.study.workers.processes import ProcessPool

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


def tracker(kind, runs):
    if kind == "mlflow":
        from sweeper.tracking import open_tracker

        return open_tracker(runs)
    from sweeper.tracking.memory import MemoryTracker

    return MemoryTracker()


def measure(trials, options):
    from overhead import trivial as target  # workers find it by its module, which a script is not

    first = {}

    def watch(event):
        if isinstance(event, Ended) and not first:
            first.update(wall=time.perf_counter(), cpu=time.process_time())

    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        data = {"name": "none", "digest": "none", "sizes": {"train": 100}}
        plan = Plan("overhead", trials, data, SPACE, sampler=options.sampler, pruner=options.pruner)
        with ProcessPool(2, target=target) as pool, tracker(options.tracker, runs) as record:
            begun = time.perf_counter()
            outcome = tune(plan, runs=runs, pool=pool, tracker=record, observe=watch)
            ended, cpu = time.perf_counter(), time.process_time()
    assert outcome.counts.finished + outcome.counts.pruned == trials
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    files = len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0
    print(
        f"{trials:>6}  {1000 * (ended - begun) / trials:>12.1f}  {1000 * (ended - first['wall']) / trials:>13.1f}"
        f"  {1000 * (cpu - first['cpu']) / trials:>9.1f}  {memory:>9.0f}  {files:>5}",
        flush=True,
    )


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
