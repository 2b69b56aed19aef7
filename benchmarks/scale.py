"""How many workers one driver keeps busy: `python benchmarks/scale.py --workers 10 200 1000 --seconds 10`.

The real driver, over a pool whose workers only wait: each trial takes so many seconds, give or take a tenth, with ten
validations. Time is simulated: it goes on with the processor time of the driver, and where the driver waits it jumps to
what happens next. So a sweep of a day takes minutes, and other programs on the machine do not count; what the storage
makes the driver wait for does not count either.

Prints for each case the seconds until all workers were busy; the share of their time in which they were busy between
then (where they never were: the end of the first trials) and the last trial that was handed out; the driver's processor
time for each trial, in the middle third; and how long a worker that had ended a trial waited for the next one, in the
median and at worst. With `--storage` (a PostgreSQL) waiting for the server counts, too, so that the numbers are those
of this machine as it is.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import math
import random
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from overhead import SPACE, Forgetful, scores

from sweeper.report.figures.style import BLUE, GREEN, INK, VERMILLION, canvas, save, styled
from sweeper.study.driver import tune
from sweeper.study.plan import Ended, Plan
from sweeper.study.session import Session
from sweeper.trial import EpochReport, TrialResult, TrialSpec
from sweeper.workers.base import HERE, Event, Files, Pool

VALIDATIONS = 10
MANY = 10_000
"""Workers from which on a case has its name in the picture."""


class WaitingPool(Pool):
    """Workers that only wait, in simulated time."""

    def __init__(self, size: int, seconds: float, clock: Callable[[], float] = time.process_time) -> None:
        self.size, self.seconds, self.clock = size, seconds, clock
        self.skipped, self.busy = 0.0, 0
        self.lot, self.order = random.Random(0), itertools.count()
        self.coming: list[tuple[float, int, Event]] = []
        self.changes: list[tuple[float, int]] = []
        self.waits: list[float] = []
        self.lasts: dict[str, bool] = {}
        self.idle: deque[float] = deque()

    @property
    def now(self) -> float:
        return self.clock() + self.skipped

    def start(self) -> None:
        pass

    def submit(self, group: Sequence[TrialSpec], files: Files = HERE) -> None:
        now = self.now
        lasts = self.seconds * self.lot.uniform(0.9, 1.1) * len(group)
        for step in range(1, VALIDATIONS + 1):
            for spec in group:
                report = EpochReport(spec.key, step, step, scores(spec), scores(spec), 0.1, 0.01)
                self._plan(now + lasts * step / VALIDATIONS, report)
        for spec in group:
            seconds = {"total": lasts, "train": lasts}
            result = TrialResult(spec.key, "finished", VALIDATIONS, scores(spec), scores(spec), seconds, len(group))
            self.lasts[spec.key] = spec is group[-1]
            self._plan(now + lasts, result)
        if self.idle:
            self.waits.append(now - self.idle.popleft())
        self._busy(+1, now)

    def poll(self, timeout: float) -> list[Event]:
        now = self.now
        if self.coming and self.coming[0][0] > now:
            self.skipped += min(timeout, self.coming[0][0] - now)
            now = self.now
        found = []
        while self.coming and self.coming[0][0] <= now:
            due, _, event = heapq.heappop(self.coming)
            found.append(event)
            if isinstance(event, TrialResult) and self.lasts.pop(event.key):
                self.idle.append(due)
                self._busy(-1, due)
        return found

    def stop(self, key: str) -> None:
        pass

    @property
    def free_workers(self) -> int:
        return self.size - self.busy

    def close(self) -> None:
        pass

    def _plan(self, due: float, event: Event) -> None:
        heapq.heappush(self.coming, (due, next(self.order), event))

    def _busy(self, change: int, now: float) -> None:
        self.busy += change
        self.changes.append((now, change))

    def utilisation(self) -> tuple[float, float]:
        """Seconds until all were busy, and the share of busy time from then to the last trial that was handed out.

        Where they never all are, seconds are infinite, and the share is from the end of the first trials on.
        """
        changes = sorted(self.changes)
        first = changes[0][0]
        last = max(moment for moment, change in changes if change > 0)
        counts = itertools.accumulate(change for _, change in changes)
        full = next((moment for (moment, _), now in zip(changes, counts, strict=True) if now == self.size), math.inf)
        begun = min(full, first + self.seconds)
        busy, total, before = 0, 0.0, first
        for moment, change in changes:
            total += busy * max(0.0, min(moment, last) - max(before, begun))
            busy, before = busy + change, moment
        return full - first, total / (self.size * (last - begun)) if last > begun else 0.0


class Course:
    """The driver's processor time at the end of each trial."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def watch(self, event: object) -> None:
        if isinstance(event, Ended):
            self.at.append(time.process_time())

    @property
    def each(self) -> float:
        third = len(self.at) // 3
        return (self.at[2 * third] - self.at[third]) / third


def case(workers: int, seconds: float, sampler: str, asked: argparse.Namespace) -> dict:
    """One sweep: what it was, and what was measured."""
    trials = workers * asked.rounds
    plan = Plan(
        "scale", trials, {"name": "none", "digest": "d", "sizes": {"train": 1000, "validation": 100, "test": 100}},
        space=SPACE, sampler=sampler, pruner="none", seed=1, group_limit=asked.group, keep_models=False,
        storage=asked.storage,
    )  # fmt: skip
    clock = time.perf_counter if asked.storage else time.process_time
    course = Course()
    with tempfile.TemporaryDirectory() as folder, WaitingPool(workers, seconds, clock) as pool, Forgetful() as tracker:
        tune(plan, Session(Path(folder), pool, tracker, course.watch))
        start, share = pool.utilisation()
        waits = sorted(pool.waits)
        return {
            "sampler": sampler, "workers": workers, "seconds": seconds, "trials": trials, "start": start,
            "busy": share, "each": course.each, "waited": waits[len(waits) // 2], "worst": waits[-1],
        }  # fmt: skip


def line(row: dict) -> str:
    start = "never" if math.isinf(row["start"]) else f"{row['start']:.1f} s"
    return (
        f"{row['sampler']:8}{row['workers']:8}{row['seconds']:10g}{row['trials']:8}{start:>10}"
        f"{row['busy']:9.1%}{1000 * row['each']:9.1f} ms{row['waited']:9.2f} s{row['worst']:9.2f} s"
    )


@styled
def draw(rows: list[dict]) -> Figure:
    """How busy workers are, by how many trials a second they ask for; and what one driver's time allows at most."""
    figure = canvas("", height=3.4)
    axes = figure.subplots()
    kinds = dict.fromkeys(row["sampler"] for row in rows)
    for sampler, colour, marker in zip(kinds, (BLUE, VERMILLION, GREEN), "osD", strict=False):
        own = [row for row in rows if row["sampler"] == sampler]
        demand = np.array([row["workers"] / row["seconds"] for row in own])
        axes.scatter(demand, [row["busy"] for row in own], color=colour, marker=marker, zorder=3)
        quick, slow = (limit(row["each"] for row in own) for limit in (min, max))
        asked = np.geomspace(1, 2 * max(row["workers"] / row["seconds"] for row in rows), 200)
        least, most = (np.minimum(1.0, 1 / (asked * each)) for each in (slow, quick))
        label = f"{sampler}: what a driver allows at {1000 * quick:.1f} to {1000 * slow:.1f} ms a trial"
        axes.fill_between(asked, least, most, color=colour, alpha=0.2, linewidth=0, label=label)
        for row, x in zip(own, demand, strict=True):
            if row["workers"] >= MANY:
                axes.annotate(f"{row['workers']:,} of {row['seconds']:g} s", (x, row["busy"]), (4, -12), fontsize=8,
                              textcoords="offset points", color=INK)  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda trials, _: f"{trials:,g}")
    axes.set_ylim(0, 1.05)
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    axes.set_xlabel("Trials that all workers ask for in a second (workers / seconds of a trial)")
    axes.set_ylabel("Share of time that workers train")
    axes.legend(loc="lower left", frameon=False, fontsize=8)
    return figure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, nargs="*", default=[10, 200, 1000])
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0])
    parser.add_argument("--samplers", nargs="+", default=["random"])
    parser.add_argument("--rounds", type=int, default=3, help="trials for each worker")
    parser.add_argument("--group", type=int, default=1, help="most trials of a group")
    parser.add_argument("--storage", default="", help="address of a PostgreSQL, instead of an SQLite file")
    parser.add_argument("--out", type=Path, help="a file to which each case is added, as a line of JSON")
    parser.add_argument("--figure", type=Path, help="a picture of all that is in that file, as PNG")
    asked = parser.parse_args()
    heads = ("sampler", "workers", "seconds", "trials", "all busy", "then", "a trial", "waited", "at worst")
    print("".join(f"{head:>{width}}" for head, width in zip(heads, (8, 8, 10, 8, 10, 9, 12, 11, 11), strict=True)))
    for sampler, seconds, workers in itertools.product(asked.samplers, asked.seconds, asked.workers):
        row = case(workers, seconds, sampler, asked)
        print(line(row), flush=True)
        if asked.out:
            with asked.out.open("a") as file:
                file.write(json.dumps(row) + "\n")
    if asked.figure:
        save(draw([json.loads(text) for text in asked.out.read_text().splitlines()]), asked.figure)


if __name__ == "__main__":
    main()
