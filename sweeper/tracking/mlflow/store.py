"""The way to MLflow's store: quiet, without telemetry, and set up for one writer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.errors import SweeperError
from sweeper.system.addresses import is_database, redact, sqlite_file
from sweeper.tracking.describe import EXPERIMENT, MARK
from sweeper.tracking.mlflow import client_rows, sqlite_rows
from sweeper.tracking.mlflow.folder import Places, create_database, settle

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient
    from sqlalchemy.engine import Engine

_RACE = "IntegrityError"
"""What MLflow calls a bad request where two processes write one and the same row, such as a data set, at once."""

_UNIQUE = re.compile("unique|duplicate", re.IGNORECASE)

_PERMANENT = frozenset({"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "INVALID_STATE"})


@dataclass(frozen=True, slots=True)
class MlflowStore:
    """An open store.

    Attributes:
        client: MLflow's client.
        experiment_id: of the experiment that holds all runs.
        uri: where it is, secrets included.
        places: of the files of its runs.
    """

    client: MlflowClient
    experiment_id: str
    uri: str
    places: Places


def open_store(uri: str, runs: Path) -> MlflowStore:
    """Open the store, made new where there is none, with its experiment.

    Raises:
        InputError: the experiment was deleted.
        Exception: whatever MLflow, its database or its server say; see ``is_permanent``.
    """
    places = Places(uri, runs)
    if file := sqlite_file(uri):
        create_database(file, places.root)
    if places.own:
        settle(places.own, places.root)
    client = client_rows.connect(uri)
    _relax(client, uri)
    return MlflowStore(client, _experiment(client, uri, places.root), uri, places)


def close_store(store: MlflowStore) -> None:
    """Let go of a SQLite file, so that its log is folded into it."""
    if sqlite_file(store.uri) is not None:
        _engine(store.client).dispose()


class NotMadeYetError(SweeperError):
    """The run that another process is about to make is not there."""


def is_permanent(error: Exception) -> bool:
    """Whether trying again cannot help: MLflow refuses the content itself, or this code is wrong."""
    if isinstance(error, SweeperError):
        return False
    code = getattr(error, "error_code", None)
    if code is not None:
        return code in _PERMANENT and not (_RACE in str(error) and _UNIQUE.search(str(error)))
    return isinstance(error, TypeError | ValueError | KeyError | AttributeError) and not isinstance(error, OSError)


def describe_error(error: Exception, uri: str) -> str:
    """An error in one line without secrets; one of our own with what can be done."""
    if isinstance(error, SweeperError):
        return f"{error.message}: {error.hint}" if error.hint else error.message
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return redact(f"{redact(uri)}: {first}")[:300]


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


def _experiment(client: MlflowClient, uri: str, artifacts: Path) -> str:
    """The id of the experiment, made and marked where need be."""
    found = sqlite_rows.current_experiment(_experiments(client, uri))
    if found is None:
        _create(client, uri, artifacts)
        found = sqlite_rows.current_experiment(_experiments(client, uri))
        assert found is not None  # it was made
    if not found.marked:
        client.set_experiment_tag(found.experiment_id, MARK, "runs")
    return found.experiment_id


def _experiments(client: MlflowClient, uri: str) -> list[sqlite_rows.Experiment]:
    file = sqlite_file(uri)
    return sqlite_rows.experiments(file) if file is not None else client_rows.experiments(client)


def _create(client: MlflowClient, uri: str, artifacts: Path) -> None:
    from mlflow.exceptions import MlflowException

    location = artifacts.as_uri() if is_database(uri) else None
    try:
        client.create_experiment(EXPERIMENT, artifact_location=location)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":  # another process was faster
            raise
