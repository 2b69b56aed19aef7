"""A sweep of its own process, to be killed.

``python sweep.py RUNS TRIALS [SAMPLER] [PRUNER] [PAUSE] [TRACKER] [CLUSTER]``

Prints one line of JSON for each group that begins and each trial that ends, and at last the outcome. The tracker is
``memory`` or ``mlflow``. Exit codes are the command line's.
"""

from __future__ import annotations

import json
import os
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

import targets
from helpers import plan

from sweeper.errors import SweeperError
from sweeper.study import driver
from sweeper.study.importance import Importances
from sweeper.study.plan import Began, Ended
from sweeper.study.session import Session
from sweeper.tracking import open_tracker
from sweeper.tracking.memory import MemoryTracker
from sweeper.workers.cluster import Cluster
from sweeper.workers.pools import PoolOptions, lend_pool

driver.importances = lambda _: Importances(why="nobody asks here, and it takes as long as the rest of a short sweep")


def say(**values):
    print(json.dumps(values), flush=True)


def main(runs, trials, sampler="random", pruner="none", pause="0.01", tracking="memory", cluster=""):
    def watch(event):
        if isinstance(event, Began):
            say(began=list(event.trials), at=time.monotonic())
        if isinstance(event, Ended):
            say(number=event.trial.number, state=event.trial.state, values=dict(event.trial.values))

    record = MemoryTracker() if tracking == "memory" else open_tracker(Path(runs))
    work = PoolOptions(2, target=partial(targets.trivial, pause=float(pause)), cluster=Cluster(cluster))
    with lend_pool(work) as pool, record as tracker:
        say(driver=os.getpid(), server=getattr(pool, "server_pid", None))
        try:
            outcome = driver.tune(
                plan(int(trials), sampler=sampler, pruner=pruner, group_limit=4),
                Session(Path(runs), pool, tracker, watch),
            )
        except SweeperError as error:
            say(error=error.message, hint=error.hint)
            return error.exit_code
    say(finished=outcome.counts.finished, pruned=outcome.counts.pruned, failed=outcome.counts.failed)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
