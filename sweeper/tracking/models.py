"""The saved models of a run, found again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sweeper.errors import InputError, SweeperError
from sweeper.system.addresses import tracking_uri
from sweeper.system.temporary import folder_until_exit
from sweeper.tracking.describe import EXPERIMENT
from sweeper.tracking.mlflow.reader import read_runs
from sweeper.tracking.mlflow.store import local_folder


def model_files(runs: Path, run_id: str) -> list[Path]:
    """The ``.keras`` files of a recorded run, one a member, in the order of their seeds.

    Those of a store on another machine are downloaded.

    Raises:
        InputError: there is no such run.
        SweeperError: its models are not there (any more).
    """
    stored = next((run for run in read_runs(tracking_uri(runs), EXPERIMENT) if run.run_id == run_id), None)
    if stored is None:
        raise InputError(f"there is no run {run_id} in {runs}", hint="`sweeper results` lists them", key="run")
    found = _models(stored.artifacts, run_id)
    if not found:
        raise SweeperError(f"the models of the run {run_id} are not there", hint="train it again", key="run")
    return found


def study_models(runs: Path, study: str) -> dict[int, list[Path]]:
    """The ``.keras`` files of all trials of a study that have some, by number: one a member, in the order of seeds.

    Those of a store on another machine are downloaded.

    Raises:
        SweeperError: the record cannot be read.
    """
    found: dict[int, list[Path]] = {}
    for stored in read_runs(tracking_uri(runs), EXPERIMENT, study=study):
        number = stored.tags.get("number", "")
        if number.isdigit() and (files := _models(stored.artifacts, stored.run_id)):
            found[int(number)] = files
    return found


def artifact_files(artifacts: str, run_id: str, names: Sequence[str]) -> dict[str, Path]:
    """Those of a run's files with these names that are there; those of another machine are downloaded."""
    local = local_folder(artifacts)
    paths = {name: local / name if local is not None else _downloaded(run_id, name) for name in names}
    return {name: path for name, path in paths.items() if path is not None and path.exists()}


def _models(artifacts: str, run_id: str) -> list[Path]:
    return sorted((_folder(artifacts, run_id) / "models").glob("*/data/model.keras"), key=_seed)


def _folder(artifacts: str, run_id: str) -> Path:
    local = local_folder(artifacts)
    if local is not None:
        return local
    return (_downloaded(run_id, "models") or Path("models")).parent


def _downloaded(run_id: str, name: str) -> Path | None:
    """A file or folder of a run on another machine; None where it is not there."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        return Path(download_artifacts(run_id=run_id, artifact_path=name, dst_path=str(folder_until_exit())))
    except (MlflowException, OSError):
        return None


def _seed(path: Path) -> int:
    return int(path.parents[1].name.removeprefix("seed_"))
