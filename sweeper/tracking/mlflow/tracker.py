"""The tracker that writes to MLflow, in a thread of its own."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, final

from sweeper.errors import InputError, SweeperError
from sweeper.system.addresses import sqlite_file, tracking_uri
from sweeper.system.process import Life
from sweeper.tracking.base import RunReader, RunRecord, RunRef, StudyStatus, Tracker
from sweeper.tracking.deletions import gone
from sweeper.tracking.describe import clean, owner, provenance, ref_of, study_ref
from sweeper.tracking.mlflow import rename
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.mlflow.store import describe_error
from sweeper.tracking.mlflow.writer_thread import Pending, WriterThread
from sweeper.tracking.spool import Close, Kill, Open, Record, Spool, Update


@final
class MlflowTracker(Tracker):
    """Hands every call to a thread that writes to MLflow, by way of a file in ``runs/spool``.

    MLflow is imported in that thread, so making a tracker is cheap. While MLflow's server is away the thread
    keeps trying and the calls still return at once; what is left at the end, the next tracker writes.

    Args:
        runs: the runs folder: database, artifacts and spool.
        uri: of MLflow's store; MLFLOW_TRACKING_URI, or the database in `runs`, if it is not given.
        patience: seconds that ``flush`` waits for a store that cannot be reached.

    Raises:
        InputError: the folder cannot be written, or MLFLOW_TRACKING_URI is of no use.
    """

    def __init__(self, runs: Path, *, uri: str = "", patience: float = 10.0) -> None:
        self._uri = uri or tracking_uri(runs)
        self._runs = runs.absolute()
        self._patience = patience
        self._open: set[str] = set()
        self._closed = self._in_vain = False
        _check_writable(self._runs)
        self._reader = MlflowReader(self._runs, uri=self._uri)
        self._thread = WriterThread(self._uri, self._runs, Spool(self._runs / "spool"))
        self._thread.start()

    @property
    def reader(self) -> RunReader:
        """The reading half."""
        return self._reader

    def open_study(self, study: str, facts: Mapping[str, Any], *, makes: bool = True) -> Future[str]:
        """Open the parent run of a study, or go on with it."""
        self._open.add(study)
        return self._thread.put(Open(study, facts, provenance(), time.time(), makes), study_ref(study))

    def record(self, run: RunRecord) -> Future[str]:
        """Write a run that ended."""
        ref = ref_of(run)
        return self._thread.put(Record(ref, run, provenance()), ref)

    def update(
        self,
        run: RunRef,
        *,
        metrics: Mapping[str, float] | None = None,
        tags: Mapping[str, str] | None = None,
        artifacts: Sequence[tuple[Path, str]] = (),
    ) -> None:
        """Add to a run."""
        files = [(_file(path), _inside(folder)) for path, folder in artifacts]
        run_id, ref = ("", run.ref) if isinstance(run, Pending) else (run if isinstance(run, str) else run.result(), "")
        values = {clean(key): value for key, value in (metrics or {}).items()}
        words = {clean(key): value for key, value in (tags or {}).items()}
        self._thread.put(Update(run_id, ref, time.time(), values, words, files), ref)

    def close_study(self, study: str, status: StudyStatus, summary: Mapping[str, float]) -> None:
        """End the parent run."""
        self._open.discard(study)
        self._thread.put(Close(study, status, summary, time.time()), study_ref(study))

    def recorded(self, study: str) -> dict[int, str]:
        """Number and run id of each trial of the study; what is on its way has no id yet."""
        waiting = [ref.rpartition(":") for ref in self._thread.waiting()]
        coming = {int(number): "" for name, _, number in waiting if name == study and number.isdigit()}
        stored = self._reader.runs(study=study, deleted=None)
        return coming | {
            int(run.tags["number"]): run.run_id
            for run in stored
            if run.tags.get("kind") == "trial" and (run.status != "RUNNING" or run.deleted)
        }

    def reconcile(self) -> list[str]:
        """Close as killed the runs of this store whose process has ended."""
        entries = []
        for run in self._reader.runs(status="RUNNING"):
            process = owner(run.tags)
            ended = process is not None and process.life() is Life.ENDED
            if process is not None and ended and run.tags.get("study", "") not in self._open:
                reason = f"its process {process.pid} on {process.host} ended without closing it"
                entries.append(Kill(run.run_id, reason))
        done = wait([self._thread.put(entry, "") for entry in entries], self._patience).done
        return [run_id for future in done if (run_id := future.result())]

    def delete(self, run_ids: Sequence[str]) -> None:
        """Delete runs as MLflow's pages do: marked, and kept."""
        self.flush()
        try:
            client = self._reader.client()
            for run_id in run_ids:
                if client.get_run(run_id).info.lifecycle_stage == "active":
                    client.delete_run(run_id)
        except Exception as error:
            raise SweeperError(f"Not all could be deleted: {describe_error(error, self._uri)}") from error

    def restore(self, run_ids: Sequence[str]) -> None:
        """Bring back deleted runs; where the experiment was deleted, all of it, as MLflow does."""
        try:
            client = self._reader.client()
            if self._reader.deleted:
                client.restore_experiment(self._reader.experiments()[0].experiment_id)
            for run_id in run_ids:
                if client.get_run(run_id).info.lifecycle_stage != "active":
                    client.restore_run(run_id)
        except Exception as error:
            raise SweeperError(f"Nothing could be brought back: {describe_error(error, self._uri)}") from error

    def rename_study(self, old: str, new: str, *, deleted: bool = True) -> int:
        """Give a study's runs its new name, once everything is written that was waiting."""
        if left := self.flush():
            what = "1 entry waits" if left == 1 else f"{left} entries wait"
            raise SweeperError(f"MLflow takes nothing now: {what}", hint="the same command again once it does")
        try:
            return rename.rename_study(self._reader, old, new, deleted=deleted)
        except Exception as error:
            raise SweeperError(f"Not all could be renamed: {describe_error(error, self._uri)}") from error

    def rename_run(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        try:
            rename.rename_run(self._reader, run_id, name)
        except Exception as error:
            raise SweeperError(f"The run could not be renamed: {describe_error(error, self._uri)}") from error

    def check(self) -> None:
        """Refuse where the experiment was deleted; only asked of a file, as a server may be away."""
        if sqlite_file(self._uri) is not None and self._reader.deleted:
            raise gone()

    def flush(self) -> int:
        """Wait until everything is written, or until MLflow has been out of reach for `patience` seconds."""
        left = self._thread.flush(self._left())
        self._in_vain = left > 0
        return left

    @property
    def trouble(self) -> str:
        """What MLflow said last, if it could not be reached since."""
        return self._thread.trouble

    def close(self) -> None:
        """End open studies as killed, flush, and end the thread."""
        if self._closed:
            return
        self._closed = True
        for study in sorted(self._open):
            self._thread.put(Close(study, "interrupted", {}, time.time(), "its driver closed it"), study_ref(study))
        try:
            self.flush()
        finally:
            self._thread.end(self._left())

    def _left(self) -> float:
        """Seconds to wait for a store that cannot be reached: one flush has waited in vain for all."""
        return min(1.0, self._patience) if self._in_vain else self._patience


def _check_writable(runs: Path) -> None:
    probe = runs / f".{uuid.uuid4().hex}"
    try:
        runs.mkdir(parents=True, exist_ok=True)
        probe.touch()
    except OSError as error:
        raise InputError(
            f"The folder {runs} cannot be written: {error.strerror}",
            hint="name another one with --runs DIR or SWEEPER_RUNS",
            key="runs",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


def _file(path: Path) -> str:
    if not path.is_file():
        raise SweeperError(f"There is no file {path} to record")
    return str(path.absolute())


def _inside(folder: str) -> str:
    if Path(folder).is_absolute() or ".." in Path(folder).parts:
        raise SweeperError(f"An artifact's folder {folder!r} leaves its run")
    return folder
