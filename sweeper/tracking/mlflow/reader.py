"""Runs read back. A SQLite store is read directly, without MLflow's start-up and 20 times faster than through it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.errors import SweeperError
from sweeper.system.addresses import redact, sqlite_file
from sweeper.system.sqlite import connect_read_only
from sweeper.tracking.describe import StoredRun
from sweeper.tracking.mlflow.quiet import quieten

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

_LARGEST = 1.7976931348623157e308
"""What MLflow's databases hold in place of infinity."""
_PAGE = 1000

_RUNS = """
SELECT run_uuid, runs.name, status, start_time, end_time, artifact_uri
FROM runs JOIN experiments USING (experiment_id)
WHERE experiments.name = :experiment AND runs.lifecycle_stage = 'active'
"""
_TAGGED = " AND run_uuid IN (SELECT run_uuid FROM tags WHERE key = '{tag}' AND value = :{name})"
_CURVES = "SELECT key, step, CASE WHEN is_nan THEN NULL ELSE value END FROM metrics WHERE run_uuid = :run ORDER BY step"
_FACTS = "SELECT run_uuid, key, {value} FROM {table} WHERE run_uuid IN (SELECT run_uuid FROM ({runs}))"


def read_runs(
    uri: str,
    experiment: str,
    *,
    study: str = "",
    ref: str = "",
    status: str = "",
    called: str = "",
    client: MlflowClient | None = None,
) -> list[StoredRun]:
    """The runs of an experiment, oldest first; none where the store is not there yet.

    Args:
        uri: of the store.
        experiment: its name.
        study: only this study's parent and trials.
        ref: only the run with this ref.
        status: only runs in this state of MLflow's.
        called: only runs of this name, or whose id begins with it.
        client: used instead of a new one where the store is no SQLite file.

    Raises:
        SweeperError: the store cannot be read.
    """
    wanted = {"study": study, "ref": ref, "status": status, "called": called}
    file = sqlite_file(uri)
    try:
        if file is not None:
            return _from_file(file, experiment, wanted) if file.exists() else []
        return _from_client(client or _client(uri), experiment, wanted)
    except Exception as error:
        raise SweeperError(
            f"The record at {redact(uri)} cannot be read: {redact(str(error))}",
            hint="if another program holds it, try again; a damaged file is best put aside and restored from a backup",
        ) from error


def read_curves(uri: str, run: StoredRun) -> dict[str, list[tuple[int, float]]]:
    """Every value of each of a run's metrics with its step, in order.

    Raises:
        SweeperError: the store cannot be read.
    """
    file = sqlite_file(uri)
    try:
        if file is not None:
            return _curves_from_file(file, run.run_id)
        client = _client(uri)
        found = {key: client.get_metric_history(run.run_id, key) for key in run.metrics}
    except Exception as error:
        raise SweeperError(f"The record at {redact(uri)} cannot be read: {redact(str(error))}") from error
    return {key: sorted((point.step, _number(point.value)) for point in points) for key, points in found.items()}


def _curves_from_file(file: Path, run_id: str) -> dict[str, list[tuple[int, float]]]:
    curves: dict[str, list[tuple[int, float]]] = {}
    with closing(connect_read_only(file, timeout=20, isolation_level=None)) as database:
        for key, step, value in database.execute(_CURVES, {"run": run_id}):
            curves.setdefault(key, []).append((step, _number(value)))
    return curves


def _from_file(file: Path, experiment: str, wanted: dict[str, str]) -> list[StoredRun]:
    runs = _RUNS
    if wanted["study"]:
        runs += _TAGGED.format(tag="study", name="study")
    if wanted["ref"]:
        runs += _TAGGED.format(tag="sweeper.ref", name="ref")
    if wanted["status"]:
        runs += " AND status = :status"
    if wanted["called"]:
        runs += " AND (runs.name = :called OR substr(run_uuid, 1, length(:called)) = :called)"
    values = {"experiment": experiment, **wanted}
    with closing(connect_read_only(file, timeout=20, isolation_level=None)) as database:
        database.execute("BEGIN")  # one moment for all four reads
        found = {row[0]: _stored(row) for row in database.execute(runs + " ORDER BY start_time, run_uuid", values)}
        tables: list[tuple[str, str, Callable[[StoredRun], dict[str, Any]]]] = [
            ("params", "value", lambda run: run.params),
            ("tags", "value", lambda run: run.tags),
            ("latest_metrics", "CASE WHEN is_nan THEN NULL ELSE value END", lambda run: run.metrics),
        ]
        for table, value, kept in tables:
            for run_id, key, fact in database.execute(_FACTS.format(value=value, table=table, runs=runs), values):
                kept(found[run_id])[key] = _number(fact) if table == "latest_metrics" else fact
    return list(found.values())


def _stored(row: tuple[str, str, Any, int, int | None, str]) -> StoredRun:
    run_id, name, status, started, ended, artifacts = row
    return StoredRun(run_id, name, status, started / 1000, ended / 1000 if ended else None, {}, {}, {}, artifacts)


def _number(value: float | None) -> float:
    if value is None:
        return math.nan
    return math.copysign(math.inf, value) if abs(value) >= _LARGEST else value


def _client(uri: str) -> MlflowClient:
    quieten()
    from mlflow.tracking import MlflowClient

    return MlflowClient(uri)


def _from_client(client: MlflowClient, experiment: str, wanted: dict[str, str]) -> list[StoredRun]:
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return []
    keys = {"study": "tags.study", "ref": "tags.`sweeper.ref`", "status": "attributes.status"}
    query = " AND ".join(f"{keys[name]} = {_quoted(value)}" for name, value in wanted.items() if value and name in keys)
    runs = [_from_entity(run) for run in _pages(client, found.experiment_id, query)]
    if called := wanted["called"]:  # MLflow's own search knows no beginning of an id
        runs = [run for run in runs if run.name == called or run.run_id.startswith(called)]
    return sorted(runs, key=lambda run: (run.started, run.run_id))


def _pages(client: MlflowClient, experiment_id: str, query: str) -> Iterator[Run]:
    token = None
    while True:
        page = client.search_runs([experiment_id], query, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _from_entity(run: Run) -> StoredRun:
    info, data = run.info, run.data
    stored = _stored((info.run_id, info.run_name, info.status, info.start_time, info.end_time, info.artifact_uri))
    stored.params |= data.params
    stored.tags |= data.tags
    stored.metrics |= {key: _number(value) for key, value in data.metrics.items()}
    return stored


def _quoted(value: str) -> str:
    return f'"{value}"' if "'" in value else f"'{value}'"
