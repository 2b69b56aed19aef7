"""MLflow's registry of models: names with versions, each of which leads to a run's files."""

from __future__ import annotations

from pathlib import Path

from sweeper.errors import InputError, SweeperError
from sweeper.tracking.mlflow.reader import MlflowReader
from sweeper.tracking.mlflow.store import describe_error


def check_name(name: str) -> None:
    """Raise InputError where MLflow would refuse a name."""
    if not name.strip() or {"/", ":"} & set(name) or name in {".", ".."}:
        raise InputError(f"{name!r} is no name for a model", hint="without '/' and ':'", key="--register")


def add_version(runs: Path, run_id: str, place: str, name: str) -> str:
    """Another version of a registered model, or the first one; its number.

    Args:
        runs: the runs folder.
        run_id: whose files hold it.
        place: the folder among them, an MLflow model.
        name: of the registered model.

    Raises:
        SweeperError: the store does not answer, or refuses it.
    """
    reader = MlflowReader(runs)
    client = reader.client()
    from mlflow.exceptions import MlflowException

    try:
        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        source = f"{client.get_run(run_id).info.artifact_uri}/{place}"
        return str(client.create_model_version(name, source, run_id).version)
    except MlflowException as error:
        raise SweeperError(
            f"the model cannot be registered as {name!r}: {describe_error(error, reader.uri)}", key="--register"
        ) from error
