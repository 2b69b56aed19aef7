"""A store that is no SQLite file, read through MLflow's client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sweeper.system.python import spared
from sweeper.tracking.base import Curves, StoredRun
from sweeper.tracking.describe import EXPERIMENT, MARK, quoted
from sweeper.tracking.mlflow import OPTIONAL, quieten
from sweeper.tracking.mlflow.shown import plain, plain_curves
from sweeper.tracking.mlflow.sqlite_rows import Experiment, number

if TYPE_CHECKING:
    from mlflow.entities import Experiment as MlflowExperiment
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

_PAGE = 1000
_KEYS = {"study": "tags.study", "ref": "tags.`sweeper.ref`", "status": "attributes.status"}


def load() -> None:
    """Import what ``connect`` and the first write to a SQLite store take."""
    quieten()
    with spared(OPTIONAL):
        import mlflow.store.tracking.sqlalchemy_workspace_store
        import mlflow.tracking  # noqa: F401


def connect(uri: str) -> MlflowClient:
    """MLflow's client, quiet."""
    quieten()
    with spared(OPTIONAL):
        from mlflow.tracking import MlflowClient

        return MlflowClient(uri)


def experiments(client: MlflowClient) -> list[Experiment]:
    """The experiments that hold runs of sweeper, whatever they are called now."""
    from mlflow.entities import ViewType

    marked = client.search_experiments(view_type=ViewType.ALL, filter_string=f"tags.`{MARK}` != ''")
    named = client.get_experiment_by_name(EXPERIMENT)
    known = {each.experiment_id: _experiment(each, marked=True) for each in marked}
    if named is not None:
        known.setdefault(named.experiment_id, _experiment(named, marked=False))
    return list(known.values())


def runs(client: MlflowClient, wanted: Mapping[str, str], *, deleted: bool | None) -> list[StoredRun]:
    """Runs as ``RunReader.runs`` gives them."""
    ids = [each.experiment_id for each in experiments(client)]
    if not ids:
        return []
    query = " AND ".join(
        f"{_KEYS[name]} = {quoted(value)}" for name, value in wanted.items() if value and name in _KEYS
    )
    found = [_stored(run) for run in _pages(client, ids, query, deleted=deleted)]
    if called := wanted["called"]:  # MLflow's own search knows no beginning of an id
        found = [run for run in found if run.name == called or run.run_id.startswith(called)]
    return sorted(found, key=lambda run: (run.started, run.run_id))


def curves(client: MlflowClient, run: StoredRun) -> Curves:
    """Every value of each metric of a run with its step, in order."""
    keys = client.get_run(run.run_id).data.metrics
    found = {key: client.get_metric_history(run.run_id, key) for key in keys}
    return plain_curves(
        {key: sorted((point.step, number(point.value)) for point in points) for key, points in found.items()}
    )


def _experiment(found: MlflowExperiment, *, marked: bool) -> Experiment:
    deleted = found.lifecycle_stage != "active"
    return Experiment(str(found.experiment_id), found.name, found.artifact_location, deleted, marked)


def _pages(client: MlflowClient, ids: list[str], query: str, *, deleted: bool | None) -> Iterator[Run]:
    from mlflow.entities import ViewType

    view = {True: ViewType.DELETED_ONLY, False: ViewType.ACTIVE_ONLY, None: ViewType.ALL}[deleted]
    token = None
    while True:
        page = client.search_runs(ids, query, view, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _stored(run: Run) -> StoredRun:
    info, data = run.info, run.data
    ended = info.end_time / 1000 if info.end_time else None
    values = {key: number(value) for key, value in data.metrics.items()}
    stored = StoredRun(
        info.run_id,
        info.run_name,
        info.status,
        info.start_time / 1000,
        ended,
        dict(data.params),
        values,
        dict(data.tags),
        info.artifact_uri,
        deleted=info.lifecycle_stage != "active",
    )
    return plain(stored)
