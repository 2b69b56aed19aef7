"""Studies begun again and again, each in a folder of its own: ``python beginning.py KIND FOLDER ROUNDS SEED``.

``killed``: a driver is killed while it makes the study's database, and the same command is given again.
``together``: four drivers begin the same study at once. Prints as JSON, for each round, the exit code of each driver,
what it said, and what is in the study at the end. Drivers are forked from this process, which has imported everything.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))

import targets
from helpers import plan

from sweeper.errors import SweeperError
from sweeper.study.driver import tune
from sweeper.study.opening import PreparedStudy
from sweeper.study.session import Session
from sweeper.study.study_record import exists, list_studies, load_study
from sweeper.tracking.memory import MemoryTracker
from sweeper.workers.inline import InlinePool

TRIALS = 4
DRIVERS = 4


def drive(runs):
    """A driver, as the command line has one: it looks at what is there, and begins or goes on."""
    asked = plan(TRIALS, sampler="random")
    PreparedStudy(asked, runs).check()
    with InlinePool(targets.trivial) as pool, MemoryTracker() as tracker:
        return tune(asked, Session(runs, pool, tracker))


def start(runs, wait):
    """A driver in a process of its own that begins after so many seconds; its id, and the end of a pipe to hear it."""
    hears, says = os.pipe()
    pid = os.fork()
    if pid:
        os.close(says)
        return pid, hears
    said, code = "", 0
    try:
        time.sleep(wait)
        drive(runs)
    except SweeperError as error:
        said, code = error.message, error.exit_code
    except BaseException:  # noqa: BLE001 - the last frame of this process
        said, code = traceback.format_exc(), 70
    os.write(says, said.encode())
    os._exit(code)


def end(pid, hears):
    """A driver's exit code, and what it said."""
    with os.fdopen(hears) as pipe:
        said = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def killed(runs, chance):
    """Kill a driver as something of its study appears, or shortly after; then go on."""
    pid, hears = start(runs, 0.0)
    folder = runs / "studies"
    sought = chance.choice([".*", ".s.db*", "s.db", "s.db-wal"])
    while not list(folder.glob(sought)) and not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        pass
    time.sleep(chance.choice([0.0, 0.001, chance.uniform(0.0, 0.01), 0.03, 0.12]))
    os.kill(pid, signal.SIGKILL)
    first = end(pid, hears)
    found = {"there": sorted(path.name for path in folder.iterdir()), "known": list_studies(runs)}
    if exists(runs, "s"):
        load_study(runs, "s")
    return [first, end(*start(runs, 0.0))], found


def together(runs, chance):
    """Four drivers, some milliseconds apart."""
    apart = chance.choice([0.0, 0.005, 0.05, 0.15])
    drivers = [start(runs, chance.uniform(0.0, apart)) for _ in range(DRIVERS)]
    return [end(*driver) for driver in drivers], {}


def main(kind, folder, rounds, seed):
    chance = random.Random(int(seed))
    for number in range(int(rounds)):
        runs = Path(folder) / str(number)
        ends, found = {"killed": killed, "together": together}[kind](runs, chance)
        trials = [dict(trial.values) for trial in load_study(runs, "s").trials]
        print(json.dumps({"ends": ends, "trials": trials, **found}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
