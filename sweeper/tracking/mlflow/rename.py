"""Other names in MLflow's store: of a study's runs, at once where the store is a file, and of a single run."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from sweeper.system.addresses import sqlite_file
from sweeper.tracking.base import StoredRun
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.renamed import name_in, past_in, tags_in

Change = tuple[StoredRun, str, Mapping[str, str]]
"""A run, its name, and the tags that change."""


def rename_study(reader: MlflowReader, old: str, new: str, *, deleted: bool) -> int:
    """Give a study's runs its new name, and tell those that began warm with it; how many runs it has.

    Raises:
        Exception: whatever MLflow or its database say.
    """
    own = reader.runs(study=old, deleted=None if deleted else False)
    changes: list[Change] = [(run, name_in(run, old, new), tags_in(run, old, new)) for run in own]
    changes += [(run, run.name, tags) for run in _studies(reader) if (tags := past_in(run, old, new))]
    file = sqlite_file(reader.uri)
    if file is not None:
        _in_file(file, changes)
    else:
        for change in changes:
            _through_mlflow(reader, *change)
    return len(own)


def rename_run(reader: MlflowReader, run_id: str, name: str) -> None:
    """Give a run another name; raises as ``rename_study`` does."""
    reader.client().update_run(run_id, name=name)


def _studies(reader: MlflowReader) -> list[StoredRun]:
    return [run for run in reader.runs(deleted=None) if run.tags.get("kind") == "study"]


def _in_file(file: Path, changes: Sequence[Change]) -> None:
    """All changes, or none."""
    names = [(name, run.run_id) for run, name, _ in changes]
    tags = [(value, run.run_id, key) for run, _, changed in changes for key, value in changed.items()]
    with closing(sqlite3.connect(file, timeout=20)) as database, database:
        database.executemany("UPDATE runs SET name = ? WHERE run_uuid = ?", names)
        database.executemany("UPDATE tags SET value = ? WHERE run_uuid = ? AND key = ?", tags)


def _through_mlflow(reader: MlflowReader, run: StoredRun, name: str, tags: Mapping[str, str]) -> None:
    """One run, the tag of its study last, as it is found by that; MLflow changes nothing of what is deleted."""
    client = reader.client()
    if run.deleted:
        client.restore_run(run.run_id)
    client.update_run(run.run_id, name=name)
    for key in sorted(tags, key=lambda key: key == "study"):
        client.set_tag(run.run_id, key, tags[key])
    if run.deleted:
        client.delete_run(run.run_id)
