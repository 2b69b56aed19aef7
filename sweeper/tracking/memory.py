"""A tracker that keeps everything in memory: for tests, and for work that is not to be recorded."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, final

from sweeper.errors import SweeperError
from sweeper.tracking.base import RunRecord, RunRef, StudyStatus, Tracker
from sweeper.tracking.describe import (
    ENDS,
    Point,
    StoredRun,
    params_of,
    points_of,
    ref_of,
    status_of,
    study_end_tags,
    study_ref,
    study_tags,
    tags_of,
)


@final
class MemoryTracker(Tracker):
    """Keeps what the other trackers write.

    Attributes:
        runs: by run id.
        points: every point of every metric, by run id.
        artifacts: files with their folders, by run id.
    """

    def __init__(self) -> None:
        self.runs: dict[str, StoredRun] = {}
        self.points: dict[str, list[Point]] = {}
        self.artifacts: dict[str, list[tuple[Path, str]]] = {}
        self._ids: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def open_study(self, study: str, facts: Mapping[str, Any]) -> Future[str]:
        """Open the parent run of a study, or go on with it."""
        ref = study_ref(study)
        if ref not in self._ids:
            self._add(ref, StoredRun("", study, "RUNNING", time.time(), None, {}, {}, {}))
        run = self.runs[self._ids[ref]]
        run.tags |= study_tags(study, facts, {})
        run.status = "RUNNING"
        return _done(run.run_id)

    def record(self, run: RunRecord) -> Future[str]:
        """Keep a run that ended; a trial that is known is left as it is."""
        ref = ref_of(run)
        if ref not in self._ids:
            self._add_run(ref, run)
        return _done(self._ids[ref])

    def update(
        self,
        run: RunRef,
        *,
        metrics: Mapping[str, float] | None = None,
        tags: Mapping[str, str] | None = None,
        artifacts: Sequence[tuple[Path, str]] = (),
    ) -> None:
        """Add to a run."""
        run_id = run if isinstance(run, str) else run.result()
        if run_id not in self.runs:
            raise SweeperError(f"There is no run {run_id}")
        self.runs[run_id].metrics |= metrics or {}
        self.runs[run_id].tags |= tags or {}
        if missing := [path for path, _ in artifacts if not path.is_file()]:
            raise SweeperError(f"There is no file {missing[0]} to record")
        self.artifacts[run_id] += artifacts

    def close_study(self, study: str, status: StudyStatus, summary: Mapping[str, float]) -> None:
        """End the parent run."""
        run = self.runs[self._ids[study_ref(study)]]
        run.status, run.ended = ENDS[status], time.time()
        run.metrics |= summary
        run.tags |= study_end_tags(status)

    def recorded(self, study: str) -> dict[int, str]:
        """Number and run id of each trial of the study."""
        trials = (run for run in self.runs.values() if run.tags["kind"] == "trial" and run.tags["study"] == study)
        return {int(run.tags["number"]): run.run_id for run in trials}

    def reconcile(self) -> list[str]:
        """Nothing: what is in memory has no driver that could have died."""
        return []

    def flush(self) -> int:
        """Nothing waits."""
        return 0

    @property
    def trouble(self) -> str:
        """Nothing ever stands in the way."""
        return ""

    def close(self) -> None:
        """End as killed the studies that are open."""
        for run in self.runs.values():
            if run.status == "RUNNING":
                self.close_study(run.name, "interrupted", {})

    def _add(self, ref: str, run: StoredRun) -> None:
        run.run_id = f"{next(self._numbers):032x}"
        self._ids[ref] = run.run_id
        self.runs[run.run_id], self.points[run.run_id], self.artifacts[run.run_id] = run, [], []

    def _add_run(self, ref: str, run: RunRecord) -> None:
        points = points_of(run)
        tags = tags_of(run, ref, {})
        if run.study:
            tags["mlflow.parentRunId"] = self._ids.get(study_ref(run.study), "")
        values = {point.key: point.value for point in points}
        stored = StoredRun("", run.name, ENDS[status_of(run)], run.started, run.ended, params_of(run), values, tags)
        self._add(ref, stored)
        self.points[stored.run_id] = points


def _done(value: str) -> Future[str]:
    future: Future[str] = Future()
    future.set_result(value)
    return future
