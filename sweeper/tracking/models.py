"""The saved models of a run, found again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sweeper.errors import InputError, SweeperError
from sweeper.tracking.address import tracking_uri
from sweeper.tracking.describe import EXPERIMENT
from sweeper.tracking.mlflow_read import read_runs


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
    found = sorted((_folder(stored.artifacts, run_id) / "models").glob("*/data/model.keras"), key=_seed)
    if not found:
        raise SweeperError(f"the models of the run {run_id} are not there", hint="train it again", key="run")
    return found


def _folder(artifacts: str, run_id: str) -> Path:
    from sweeper.tracking.mlflow_store import local_folder

    local = local_folder(artifacts)
    if local is not None:
        return local
    from mlflow.artifacts import download_artifacts

    return Path(download_artifacts(run_id=run_id, artifact_path="models", dst_path=tempfile.mkdtemp())).parent


def _seed(path: Path) -> int:
    return int(path.parents[1].name.removeprefix("seed_"))
