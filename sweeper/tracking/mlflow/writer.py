"""Entries written to MLflow, each in a handful of calls, and each so that writing it again changes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.system.files import temporary_folder
from sweeper.tracking.base import RunRecord
from sweeper.tracking.deletions import gone
from sweeper.tracking.describe import (
    ENDS,
    params_of,
    points_of,
    status_of,
    study_data,
    study_end_tags,
    study_ref,
    study_tags,
    tags_of,
)
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.mlflow.shown import model_tags, score_tags, shown_metric, shown_points, shown_tags
from sweeper.tracking.mlflow.store import MlflowStore, NotMadeYetError, close_store
from sweeper.tracking.run_files import discard, place, place_run
from sweeper.tracking.spool import Close, Entry, Kill, Open, Record, Update

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput
    from mlflow.tracking import MlflowClient

_MADE_BY_OTHERS = 60.0
"""Seconds that another process has for making a study's run; it may have to load MLflow first."""

_SHOWN_DIGEST = 8
"""Characters of a data set's digest on MLflow's pages, as its own are; the tag ``data.digest`` has all of it."""


@dataclass(slots=True)
class _Known:
    """A run that is in the store: its id, where its files go, and whether it is written to its end, or was deleted."""

    run_id: str
    artifacts: str
    whole: bool
    deleted: bool = False


class _Runs:
    """The runs of a store that entries are about, each read once.

    Args:
        reader: of the store.
        client: MLflow's.
    """

    def __init__(self, reader: MlflowReader, client: MlflowClient) -> None:
        self._reader, self._client = reader, client
        self._index: dict[str, _Known] = {}
        self._studies: set[str] = set()

    def add(self, ref: str, known: _Known) -> _Known:
        """A run that was created for a ref."""
        self._index[ref] = known
        return known

    def known(self, ref: str) -> _Known | None:
        """The run of a ref, where it was read or created already."""
        return self._index.get(ref)

    def get(self, run_id: str) -> _Known:
        """A run by its id, as it stands now."""
        info = self._client.get_run(run_id).info
        stage = info.lifecycle_stage
        return _Known(run_id, info.artifact_uri, whole=info.status != "RUNNING", deleted=stage != "active")

    def find(self, ref: str, study: str, *, anew: bool = False) -> _Known | None:
        """The run of a ref. A study's are read once; `anew`: so is this one, where it is not known."""
        if study and study not in self._studies:
            self._learn(study=study)
            self._studies.add(study)
        if anew and ref not in self._index:
            self._learn(ref=ref)
        return self._index.get(ref)

    def resolve(self, ref: str) -> _Known:
        """The run of a ref. Raises KeyError where there is none."""
        study = ref.removeprefix("study:") if ref.startswith("study:") else ref.rpartition(":")[0]
        known = self.find(ref, study, anew=True)
        if known is None:
            raise KeyError(f"no run {ref}")
        return known

    def deleted_meanwhile(self, entry: Entry) -> str:
        """The id of an entry's run, where it was deleted since it was read; empty otherwise."""
        ref = study_ref(entry.study) if isinstance(entry, Open | Close) else getattr(entry, "ref", "")
        run_id = getattr(entry, "run_id", "") or (self._index[ref].run_id if ref in self._index else "")
        if not run_id or not self.get(run_id).deleted:
            return ""
        if ref in self._index:
            self._index[ref].deleted = True
        return run_id

    def _learn(self, **which: str) -> None:
        found = self._reader.runs(**which, deleted=None)
        for run in sorted(found, key=lambda run: run.deleted):  # one that is there counts before one that was deleted
            if ref := run.tags.get("sweeper.ref"):
                known = _Known(run.run_id, run.artifacts, whole=run.status != "RUNNING", deleted=run.deleted)
                self._index.setdefault(ref, known)


class Writer:
    """Writes entries in the order in which they come. For one thread. To what was deleted nothing is added.

    Args:
        store: an open store.
    """

    def __init__(self, store: MlflowStore) -> None:
        self._store = store
        self._client = store.client
        self._reader = MlflowReader(store.places.runs, uri=store.uri, client=store.client)
        self._runs = _Runs(self._reader, store.client)

    def write(self, entry: Entry, *, again: bool) -> str:
        """Write one entry; the run's id. `again`: an earlier attempt may have got part of the way.

        Raises:
            InputError: the record was deleted meanwhile.
            Exception: whatever MLflow says.
        """
        try:
            return self._write(entry, again=again)
        except Exception:
            if self._reader.deleted:
                raise gone() from None
            if run_id := self._runs.deleted_meanwhile(entry):
                return run_id
            raise

    def _write(self, entry: Entry, *, again: bool) -> str:
        match entry:
            case Open():
                return self._open(entry, again=again)
            case Record():
                return self._record(entry, again=again)
            case Update():
                return self._update(entry)
            case Close():
                return self._close(entry)
            case Kill():
                return self._kill(entry)

    def abandon(self, entry: Entry, reason: str) -> None:
        """Leave nothing open of an entry that MLflow refuses."""
        known = self._runs.known(entry.ref) if isinstance(entry, Record) else None
        if known is not None:
            self._kill(Kill(known.run_id, reason))

    def close(self) -> None:
        """Let go of the store."""
        close_store(self._store)

    def _open(self, entry: Open, *, again: bool) -> str:
        tags = study_tags(entry.study, entry.facts, entry.provenance)
        known = self._runs.find(study_ref(entry.study), entry.study, anew=again)
        if known is None and not entry.makes and time.time() - entry.time < _MADE_BY_OTHERS:
            raise NotMadeYetError(f"the run of the study {entry.study!r} is not there yet")
        if known is None:
            known = self._create(study_ref(entry.study), entry.study, entry.time, tags)
            again = True
        elif not known.deleted:
            self._log(known.run_id, tags=tags | {"interrupted": ""})
            self._client.update_run(known.run_id, status="RUNNING")
        if again and not known.deleted:
            self._add_data(known.run_id, study_data(entry.facts))
        return known.run_id

    def _record(self, entry: Record, *, again: bool) -> str:
        run = entry.run
        known = self._runs.find(entry.ref, run.study, anew=again)
        if known is not None and (known.whole or known.deleted):
            return known.run_id
        if known is None:
            known = self._create(entry.ref, run.name, run.started, self._tags(entry))
        self._log_all(known.run_id, run)
        self._add_files(known, run)
        self._client.set_terminated(known.run_id, ENDS[status_of(run)], round(run.ended * 1000))
        known.whole = True
        return known.run_id

    def _update(self, entry: Update) -> str:
        known = self._runs.get(entry.run_id) if entry.run_id else self._runs.resolve(entry.ref)
        if known.deleted:
            return known.run_id
        self._log(known.run_id, {key: (value, entry.time) for key, value in entry.metrics.items()}, dict(entry.tags))
        if entry.artifacts:
            with self._folder(known) as folder:
                missing = [p for p, inside in entry.artifacts if not place(Path(p), folder / inside / Path(p).name)]
            self._note_missing(known, missing)
        return known.run_id

    def _close(self, entry: Close) -> str:
        known = self._runs.resolve(study_ref(entry.study))
        if known.deleted:
            return known.run_id
        metrics = {key: (value, entry.time) for key, value in entry.summary.items()}
        self._log(known.run_id, metrics, study_end_tags(entry.status, entry.reason))
        self._client.set_terminated(known.run_id, ENDS[entry.status], round(entry.time * 1000))
        return known.run_id

    def _kill(self, entry: Kill) -> str:
        # What was waiting in a spool may have completed it meanwhile.
        known = self._runs.get(entry.run_id)
        if known.whole or known.deleted:
            return ""
        self._log(entry.run_id, tags=study_end_tags("interrupted", entry.reason))
        self._client.set_terminated(entry.run_id, "KILLED")
        return entry.run_id

    def _tags(self, entry: Record) -> dict[str, str]:
        tags = tags_of(entry.run, entry.ref, entry.provenance) | model_tags(entry.run)
        parent = self._runs.find(study_ref(entry.run.study), entry.run.study) if entry.run.study else None
        return tags | {"mlflow.parentRunId": parent.run_id} if parent else tags

    def _create(self, ref: str, name: str, started: float, tags: dict[str, str]) -> _Known:
        run = self._client.create_run(self._store.experiment_id, round(started * 1000), shown_tags(tags), name)
        return self._runs.add(ref, _Known(run.info.run_id, run.info.artifact_uri, whole=False))

    def _log_all(self, run_id: str, run: RunRecord) -> None:
        from mlflow.entities import Metric, Param, RunTag

        points = points_of(run)
        metrics = [Metric(point.key, point.value, point.time, point.step) for point in shown_points(points)]
        params = [Param(key, value) for key, value in params_of(run).items()]
        tags = [RunTag(key, value) for key, value in score_tags(points).items()]
        self._client.log_batch(run_id, metrics, params, tags)
        self._add_data(run_id, run.result.data)

    def _add_data(self, run_id: str, data: Mapping[str, Any]) -> None:
        if data:
            self._client.log_inputs(run_id, [_dataset(data)])

    def _add_files(self, known: _Known, run: RunRecord) -> None:
        with self._folder(known) as folder:
            missing = place_run(folder, run)
        self._note_missing(known, missing)
        for model in run.result.models:
            discard(Path(model))

    def _note_missing(self, known: _Known, files: list[str]) -> None:
        # The run is worth more than its files: it is recorded without those that somebody removed meanwhile.
        if files:
            self._log(known.run_id, tags={"artifacts.missing": " ".join(files)})

    def _log(
        self, run_id: str, metrics: dict[str, tuple[float, float]] | None = None, tags: dict[str, str] | None = None
    ) -> None:
        from mlflow.entities import Metric, RunTag

        given = (metrics or {}).items()
        points = [Metric(shown_metric(key), value, round(time * 1000), 0) for key, (value, time) in given]
        named = [RunTag(key, value) for key, value in shown_tags(tags or {}).items()]
        self._client.log_batch(run_id, points, (), named)

    @contextmanager
    def _folder(self, known: _Known) -> Iterator[Path]:
        """A folder whose files are the run's artifacts when the block ends."""
        local = self._store.places.write(known.run_id, known.artifacts)
        if local is not None:
            local.mkdir(parents=True, exist_ok=True)
            yield local
            return
        with temporary_folder() as folder:
            yield folder
            self._client.log_artifacts(known.run_id, str(folder))


def _dataset(data: Mapping[str, Any]) -> DatasetInput:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    source = json.dumps({"uri": data.get("name", "")})
    profile = json.dumps(data.get("sizes", {}))
    digest = str(data.get("digest", ""))[:_SHOWN_DIGEST]
    dataset = Dataset(str(data.get("name", "")), digest, "local", source, None, profile)
    return DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])
