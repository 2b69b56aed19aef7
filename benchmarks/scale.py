"""How many workers one driver keeps busy: `python benchmarks/scale.py --workers 10 200 1000 --seconds 10`.

The real driver, over a pool whose workers only wait: each trial takes so many seconds, give or take a tenth, with ten
validations. Time is simulated: it goes on with the processor time of the driver, and where the driver waits it jumps to
what happens next. So a sweep of a day takes minutes, and other programs on the machine do not count; what the storage
makes the driver wait for does not count either. Prints for each case the share of the time of the workers in which they
were busy between the first moment that all were and the last trial that was handed out, the driver's processor time for
each trial, and how late it heard of an event at worst.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from overhead import SPACE, Forgetful, scores

from sweeper.study.driver import tune
from sweeper.study.plan import Plan
from sweeper.study.session import Session
from sweeper.trial import EpochReport, Event, TrialResult, TrialSpec
from sweeper.workers.base import HERE, Files, Pool

VALIDATIONS = 10


class WaitingPool(Pool):
    """Workers that only wait, in simulated time."""

    def __init__(self, size: int, seconds: float) -> None:
        self.size, self.seconds = size, seconds
        self.skipped, self.busy = 0.0, 0
        self.lot, self.order = random.Random(0), itertools.count()
        self.coming: list[tuple[float, int, Event]] = []
        self.changes: list[tuple[float, int]] = []
        self.late = 0.0
        self.submitted = 0

    @property
    def now(self) -> float:
        return time.process_time() + self.skipped

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
            self._plan(now + lasts, result)
        self.submitted += len(group)
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
            if isinstance(event, TrialResult):
                self.late = max(self.late, now - due)
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

    def utilisation(self) -> float:
        """The share of busy time from the first moment that all were busy to the last trial handed out."""
        changes = sorted(self.changes)
        busy, total, begun, before = 0, 0.0, 0.0, 0.0
        last = max(moment for moment, change in changes if change > 0)
        for moment, change in changes:
            if begun and moment <= last:
                total += busy * (moment - before)
            busy, before = busy + change, moment
            begun = begun or (moment if busy == self.size else 0.0)
        return total / (self.size * (last - begun)) if begun and last > begun else 0.0


def case(workers: int, seconds: float, sampler: str, rounds: int) -> str:
    trials = workers * rounds
    plan = Plan(
        "scale", trials, {"name": "none", "digest": "d", "sizes": {"train": 1000, "validation": 100, "test": 100}},
        space=SPACE, sampler=sampler, pruner="none", seed=1, group_limit=1, keep_models=False,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, WaitingPool(workers, seconds) as pool, Forgetful() as tracker:
        began = time.process_time()
        tune(plan, Session(Path(folder), pool, tracker))
        each = 1000 * (time.process_time() - began) / trials
        return f"{sampler:8}{workers:8}{seconds:10g}{trials:8}{pool.utilisation():9.1%}{each:9.1f} ms{pool.late:9.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[10, 200, 1000])
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0])
    parser.add_argument("--samplers", nargs="+", default=["random"])
    parser.add_argument("--rounds", type=int, default=3, help="trials for each worker")
    asked = parser.parse_args()
    print(f"{'sampler':8}{'workers':>8}{'seconds':>10}{'trials':>8}{'busy':>9}{'a trial':>12}{'late':>11}")
    for sampler, seconds, workers in itertools.product(asked.samplers, asked.seconds, asked.workers):
        print(case(workers, seconds, sampler, asked.rounds), flush=True)


if __name__ == "__main__":
    main()
