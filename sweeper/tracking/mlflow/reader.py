"""The reading half of the tracker behind MLflow; a SQLite store is read directly, any other through MLflow's client."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, final

from sweeper.errors import SweeperError
from sweeper.system.addresses import redact, sqlite_file, tracking_uri
from sweeper.system.files import folder_until_exit
from sweeper.tracking.base import Curves, RunReader, StoredRun
from sweeper.tracking.mlflow import sqlite_rows
from sweeper.tracking.mlflow.folder import Places
from sweeper.tracking.mlflow.sqlite_rows import Experiment

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflow.tracking import MlflowClient

_Answer = TypeVar("_Answer")


@final
class MlflowReader(RunReader):
    """Reads MLflow's store, and the files of its runs in the runs folder that is open.

    Args:
        runs: the runs folder.
        uri: of the store; MLFLOW_TRACKING_URI, or the database in `runs`, if it is not given.
        client: used instead of a new one where the store is no SQLite file.

    Raises:
        InputError: MLFLOW_TRACKING_URI is of no use.
    """

    def __init__(self, runs: Path, *, uri: str = "", client: MlflowClient | None = None) -> None:
        self.uri = uri or tracking_uri(runs)
        self._file, self._client = sqlite_file(self.uri), client
        self.places = Places(self.uri, runs)

    def runs(
        self, *, study: str = "", ref: str = "", status: str = "", called: str = "", deleted: bool | None = False
    ) -> list[StoredRun]:
        """Runs, oldest first."""
        wanted = {"study": study, "ref": ref, "status": status, "called": called}
        if self._file is not None:
            file = self._file
            return self._asked(lambda: sqlite_rows.runs(file, wanted, deleted=deleted)) if file.exists() else []
        from sweeper.tracking.mlflow import client_rows

        return self._asked(lambda: client_rows.runs(self.client(), wanted, deleted=deleted))

    def curves(self, run: StoredRun) -> Curves:
        """Every value of each of a run's metrics with its step, in order."""
        if self._file is not None:
            file = self._file
            return self._asked(lambda: sqlite_rows.curves(file, run.run_id))
        from sweeper.tracking.mlflow import client_rows

        return self._asked(lambda: client_rows.curves(self.client(), run))

    @property
    def deleted(self) -> bool:
        """Whether the record as a whole was deleted in MLflow's pages."""
        found = self.experiments()
        return bool(found) and all(each.deleted for each in found)

    def folder(self, run: StoredRun) -> Path | None:
        """The folder of a run's files, there or not; None where they are on another machine."""
        return self.places.read(run.run_id, run.artifacts)

    def download(self, run: StoredRun, name: str) -> Path | None:
        """A copy of a file or folder of a run on another machine; None where it is not there."""
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        target = str(folder_until_exit())
        try:
            found = download_artifacts(run_id=run.run_id, artifact_path=name, dst_path=target, tracking_uri=self.uri)
        except (MlflowException, OSError):
            return None
        return Path(found)

    def experiments(self) -> list[Experiment]:
        """The experiments that hold the record; raises as ``runs`` does."""
        if self._file is not None:
            file = self._file
            return self._asked(lambda: sqlite_rows.experiments(file)) if file.exists() else []
        from sweeper.tracking.mlflow import client_rows

        return self._asked(lambda: client_rows.experiments(self.client()))

    def client(self) -> MlflowClient:
        """MLflow's client for the store."""
        if self._client is None:
            from sweeper.tracking.mlflow import client_rows

            self._client = client_rows.connect(self.uri)
        return self._client

    def _asked(self, question: Callable[[], _Answer]) -> _Answer:
        try:
            return question()
        except Exception as error:
            raise SweeperError(
                f"The record at {redact(self.uri)} cannot be read: {redact(str(error))}",
                hint="if another program holds it, try again; a damaged file is best put aside and restored from a "
                "backup",
            ) from error
