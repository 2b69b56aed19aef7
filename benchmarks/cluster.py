"""What a Ray of this machine costs a trial over processes: `python benchmarks/cluster.py --trials 50 --rounds 2`.

The benchmark's space, a random search, everything recorded as usual, two workers of one thread. Each round runs the
same search (one seed, so one list of configurations) with processes and with `--cluster local`, in turns. What counts
is from the first end of a trial, when everything has started, to the last one: seconds by the clock, and processor
seconds of this process and everything below it, Ray's servers included. Those are the surer ones where other programs
work beside. Prints both for a trial, their ratios, and the seconds until the first end.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sweeper.jobs.tune import Search, tune
from sweeper.study.plan import Ended
from sweeper.workers.cluster import HERE_ALONE, LOCAL, Cluster

KINDS = {"processes": HERE_ALONE, "ray": Cluster(LOCAL)}
WORKERS = 2
TICK = os.sysconf("SC_CLK_TCK")


class Course:
    """At each end of a trial: the clock, and the processor seconds until then."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.ends: list[tuple[float, float]] = []

    def watch(self, event: object) -> None:
        if isinstance(event, Ended):
            self.ends.append((time.monotonic(), used(os.getpid())))

    def cost(self) -> dict[str, float]:
        """A trial's seconds between the first end and the last, by the clock and of processors; and the start's."""
        (first, before), (last, after) = self.ends[0], self.ends[-1]
        trials = len(self.ends) - 1
        return {
            "clock": (last - first) / trials,
            "processor": (after - before) / trials,
            "start": first - self.begun,
        }


def used(pid: int) -> float:
    """Processor seconds of a process and all below it, those that have ended included."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        children = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in _children(task)]
    except OSError:
        return 0.0
    return sum(map(int, text.rpartition(")")[2].split()[11:15])) / TICK + sum(map(used, children))


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text().split()
    except OSError:
        return []


def measured(kind: str, seed: int, asked: argparse.Namespace) -> dict[str, float]:
    """One search, in this process."""
    course = Course()
    search = Search(
        trials=asked.trials, study="t", sampler="random", pruner="none", seed=seed, workers=WORKERS, cluster=KINDS[kind]
    )
    with tempfile.TemporaryDirectory() as folder:
        said = tune(
            [f"steps={asked.steps}", f"dataset={asked.dataset}"],
            search,
            space="benchmark",
            runs=Path(folder),
            observe=course.watch,
        )
    found = course.cost()
    print(f"{kind:10}{seed:5}{said['trials']['finished']:8}" + row(found), flush=True)
    return found


def row(found: dict[str, float]) -> str:
    return "".join(f"{found[name]:14.3f} s" for name in ("clock", "processor", "start"))


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--steps", type=int, default=5500)
    parser.add_argument("--dataset", default="mnist")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--one", nargs=2, metavar=("KIND", "SEED"), help="this search alone, in this process")
    asked = parser.parse_args()
    if asked.one:
        measured(asked.one[0], int(asked.one[1]), asked)
        return
    heads = ("kind", "seed", "trials", "clock, a trial", "processors", "first end")
    print("".join(f"{head:>{width}}" for head, width in zip(heads, (10, 5, 8, 16, 16, 16), strict=True)), flush=True)
    sums = dict.fromkeys(KINDS, (0.0, 0.0))
    for seed in range(1, asked.rounds + 1):
        for kind in list(KINDS)[:: 1 if seed % 2 else -1]:
            clock, processor = in_a_process_of_its_own(kind, seed, asked)
            sums[kind] = (sums[kind][0] + clock, sums[kind][1] + processor)
    ratios = [ray / alone for ray, alone in zip(sums["ray"], sums["processes"], strict=True)]
    print(f"ray over processes: {ratios[0]:.2f} by the clock, {ratios[1]:.2f} of processors")


def in_a_process_of_its_own(kind: str, seed: int, asked: argparse.Namespace) -> tuple[float, float]:
    """So that what one search has loaded is no start for the next."""
    command = [sys.executable, __file__, "--one", kind, str(seed), "--trials", str(asked.trials)]
    command += ["--steps", str(asked.steps), "--dataset", asked.dataset]
    line = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
    print(line, flush=True)
    seconds = line.split()[3::2]
    return float(seconds[0]), float(seconds[1])


if __name__ == "__main__":
    main()
