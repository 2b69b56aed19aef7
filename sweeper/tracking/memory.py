"""A tracker that keeps everything in memory: for tests, and for work that is not to be recorded."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, final

from sweeper.errors import SweeperError
from sweeper.system.files import folder_until_exit
from sweeper.tracking.base import Curves, RunReader, RunRecord, RunRef, StoredRun, StudyStatus, Tracker
from sweeper.tracking.describe import (
    ENDS,
    MetricPoint,
    params_of,
    points_of,
    ref_of,
    status_of,
    study_end_tags,
    study_ref,
    study_tags,
    tags_of,
)
from sweeper.tracking.renamed import name_in, past_in, ref_in, tags_in
from sweeper.tracking.run_files import discard, place, place_run


@final
class MemoryReader(RunReader):
    """What a tracker in memory keeps; files are in a temporary folder, made when the first is asked for.

    Attributes:
        kept: runs by id, deleted ones too.
        points: every point of every metric, by run id.
        records: what runs were made of, by run id.
    """

    def __init__(self) -> None:
        self.kept: dict[str, StoredRun] = {}
        self.points: dict[str, list[MetricPoint]] = {}
        self.records: dict[str, RunRecord] = {}
        self._home: Path | None = None

    def runs(
        self, *, study: str = "", ref: str = "", status: str = "", called: str = "", deleted: bool | None = False
    ) -> list[StoredRun]:
        """Runs, oldest first."""
        found = [
            run
            for run in self.kept.values()
            if deleted in {None, run.deleted}
            and study in {"", run.tags.get("study", "")}
            and ref in {"", run.tags["sweeper.ref"]}
            and status in {"", run.status}
            and (called in {"", run.name} or run.run_id.startswith(called))
        ]
        return sorted(found, key=lambda run: (run.started, run.run_id))

    def curves(self, run: StoredRun) -> Curves:
        """Every value of each of a run's metrics with its step, in order."""
        found: Curves = {}
        for point in sorted(self.points[run.run_id], key=lambda point: point.step):
            found.setdefault(point.key, []).append((point.step, point.value))
        return found

    @property
    def deleted(self) -> bool:
        """Never: there is nothing around the runs that could be deleted."""
        return False

    def folder(self, run: StoredRun) -> Path:
        """The folder of a run's files."""
        self._home = self._home or folder_until_exit()
        folder = self._home / run.run_id
        if not folder.exists():
            folder.mkdir()
            if run.run_id in self.records:
                place_run(folder, self.records[run.run_id])
        return folder

    def download(self, run: StoredRun, name: str) -> Path | None:
        """Nothing: no file is on another machine."""
        raise SweeperError(f"{name} of the run {run.run_id} is on no other machine")


@final
class MemoryTracker(Tracker):
    """Keeps what the other trackers write.

    Attributes:
        runs: by run id.
        points: every point of every metric, by run id.
        artifacts: files that were added, with their folders, by run id.
    """

    def __init__(self) -> None:
        self._reader = MemoryReader()
        self.runs, self.points = self._reader.kept, self._reader.points
        self.artifacts: dict[str, list[tuple[Path, str]]] = {}
        self._ids: dict[str, str] = {}
        self._taken: list[Path] = []

    @classmethod
    def over(cls, runs: Path) -> MemoryTracker:
        """The one of a runs folder: the same for as long as this process lives."""
        return _TRACKERS.setdefault(runs.absolute(), cls())

    @property
    def reader(self) -> RunReader:
        """The reading half."""
        return self._reader

    def open_study(self, study: str, facts: Mapping[str, Any], *, makes: bool = True) -> Future[str]:  # noqa: ARG002 - nobody else has it
        """Open the parent run of a study, or go on with it."""
        ref = study_ref(study)
        if ref not in self._ids:
            self._add(ref, StoredRun("", study, "RUNNING", time.time(), None, {}, {}, {}))
        run = self.runs[self._ids[ref]]
        if not run.deleted:
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
        if missing := [path for path, _ in artifacts if not path.is_file()]:
            raise SweeperError(f"There is no file {missing[0]} to record")
        stored = self.runs[run_id]
        if stored.deleted:
            return
        stored.metrics |= metrics or {}
        stored.tags |= tags or {}
        self.artifacts[run_id] += artifacts
        for path, inside in artifacts:
            place(path, self._reader.folder(stored) / inside / path.name)

    def close_study(self, study: str, status: StudyStatus, summary: Mapping[str, float]) -> None:
        """End the parent run."""
        run = self.runs[self._ids[study_ref(study)]]
        if run.deleted:
            return
        run.status, run.ended = ENDS[status], time.time()
        run.metrics |= summary
        run.tags |= study_end_tags(status)

    def recorded(self, study: str) -> dict[int, str]:
        """Number and run id of each trial of the study."""
        trials = self._reader.runs(study=study, deleted=None)
        return {int(run.tags["number"]): run.run_id for run in trials if run.tags["kind"] == "trial"}

    def reconcile(self) -> list[str]:
        """Nothing: what is in memory has no driver that could have died."""
        return []

    def delete(self, run_ids: Sequence[str]) -> None:
        """Mark runs as deleted."""
        for run_id in run_ids:
            self.runs[run_id].deleted = True

    def restore(self, run_ids: Sequence[str]) -> None:
        """Bring back deleted runs."""
        for run_id in run_ids:
            self.runs[run_id].deleted = False

    def rename_study(self, old: str, new: str, *, deleted: bool = True) -> int:
        """Give a study's runs its new name."""
        found = self._reader.runs(study=old, deleted=None if deleted else False)
        for run in found:
            run.name, run.tags = name_in(run, old, new), run.tags | tags_in(run, old, new)
            self._ids[run.tags["sweeper.ref"]] = self._ids.pop(ref_in(run.tags["sweeper.ref"], new, old))
        for run in self._reader.runs():
            run.tags |= past_in(run, old, new)
        return len(found)

    def rename_run(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        self.runs[run_id].name = name

    def check(self) -> None:
        """Nothing stands in the way."""

    def flush(self) -> int:
        """Nothing waits; what was taken leaves the place where it was trained."""
        while self._taken:
            discard(self._taken.pop())
        return 0

    @property
    def trouble(self) -> str:
        """Nothing ever stands in the way."""
        return ""

    def close(self) -> None:
        """End as killed the studies that are open."""
        for run in self.runs.values():
            if run.status == "RUNNING" and not run.deleted:
                self.close_study(run.tags["study"], "interrupted", {})

    def _add(self, ref: str, run: StoredRun) -> None:
        run.run_id = uuid.uuid4().hex
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
        self.points[stored.run_id], self._reader.records[stored.run_id] = points, run
        if run.result.models:
            self._reader.folder(stored)
            self._taken += map(Path, run.result.models)


_TRACKERS: dict[Path, MemoryTracker] = {}
"""The trackers of this process, by runs folder."""


def _done(value: str) -> Future[str]:
    future: Future[str] = Future()
    future.set_result(value)
    return future
