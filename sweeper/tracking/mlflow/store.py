"""The way to MLflow's store: quiet, without telemetry, and set up for one writer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse
from urllib.request import url2pathname

from sweeper.errors import SweeperError
from sweeper.system.addresses import is_database, redact, sqlite_file
from sweeper.tracking.mlflow.database import create_database, follow_move
from sweeper.tracking.mlflow.quiet import quieten

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient
    from sqlalchemy.engine import Engine

_PERMANENT = frozenset({"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "INVALID_STATE"})


@dataclass(frozen=True, slots=True)
class Store:
    """An open store.

    Attributes:
        client: MLflow's client.
        experiment_id: of the experiment that holds all runs.
        uri: where it is, secrets included.
        experiment: its name.
    """

    client: MlflowClient
    experiment_id: str
    uri: str
    experiment: str


def open_store(uri: str, experiment: str, artifacts: Path) -> Store:
    """Open the store, made new where there is none, with the experiment; `artifacts` is for a database's files.

    Raises:
        SweeperError: the experiment was deleted.
        Exception: whatever MLflow, its database or its server say; see ``is_permanent``.
    """
    quieten()
    if file := sqlite_file(uri):
        create_database(file, artifacts)
    from mlflow.tracking import MlflowClient

    client = MlflowClient(uri)
    _relax(client, uri)
    return Store(client, _experiment(client, uri, experiment, artifacts), uri, experiment)


def close_store(store: Store) -> None:
    """Let go of a SQLite file, so that its log is folded into it."""
    if sqlite_file(store.uri) is not None:
        _engine(store.client).dispose()


def is_permanent(error: Exception) -> bool:
    """Whether trying again cannot help: MLflow refuses the content itself, or this code is wrong."""
    code = getattr(error, "error_code", None)
    if code is not None:
        return code in _PERMANENT
    return isinstance(error, TypeError | ValueError | KeyError | AttributeError) and not isinstance(error, OSError)


def describe_error(error: Exception, uri: str) -> str:
    """An error in one line without secrets."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return redact(f"{redact(uri)}: {first}")[:300]


def local_folder(uri: str) -> Path | None:
    """The folder of a local artifact address; None for a remote one."""
    if uri.startswith("file:"):
        return Path(url2pathname(urlparse(uri).path))
    return Path(url2pathname(uri)) if uri.startswith("/") else None


def _relax(client: MlflowClient, uri: str) -> None:
    """Let SQLite's commits not wait for the disk: in WAL mode that is safe against a crash of the process."""
    if sqlite_file(uri) is None:
        return
    from sqlalchemy import event

    engine = _engine(client)
    if not event.contains(engine, "connect", _set_pragmas):
        engine.dispose()
        event.listen(engine, "connect", _set_pragmas)


def _engine(client: MlflowClient) -> Engine:
    engine: Engine = client._tracking_client.store.engine  # noqa: SLF001  # MLflow has no other way to its connections
    return engine


def _set_pragmas(connection: object, _: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")  # type: ignore[attr-defined]  # sqlite3's own connection


def _experiment(client: MlflowClient, uri: str, name: str, artifacts: Path) -> str:
    from mlflow.exceptions import MlflowException

    location = artifacts.as_uri() if is_database(uri) else None
    if client.get_experiment_by_name(name) is None:
        try:
            return str(client.create_experiment(name, artifact_location=location))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":  # another process was faster
                raise
    found = client.get_experiment_by_name(name)
    if found.lifecycle_stage != "active":
        raise SweeperError(
            f"The experiment {name} was deleted in MLflow",
            hint=f"restore it: mlflow experiments restore --experiment-id {found.experiment_id}",
        )
    _follow_move(uri, found.experiment_id, found.artifact_location, artifacts)
    return str(found.experiment_id)


def _follow_move(uri: str, experiment_id: str, recorded: str, artifacts: Path) -> None:
    file, old = sqlite_file(uri), local_folder(recorded)
    moved_along = file is not None and file.absolute().parent == artifacts.parent
    if file and moved_along and old is not None and old != artifacts and not old.exists():
        follow_move(file, experiment_id, recorded, artifacts)
