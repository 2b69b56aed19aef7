"""The files of recorded runs: trained models found again, and what is not there any more."""

from __future__ import annotations

import json
from pathlib import Path

from sweeper.errors import InputError, SweeperError
from sweeper.tracking.base import RunReader, StoredRun
from sweeper.tracking.deletions import deleted_error


def model_files(reader: RunReader, run_id: str) -> list[Path]:
    """The ``.keras`` files of a recorded run, one a member, in the order of their seeds.

    Those of a store on another machine are downloaded.

    Raises:
        InputError: there is no such run, or it was deleted.
        SweeperError: its models are not there (any more).
    """
    stored = next((run for run in reader.runs(called=run_id) if run.run_id == run_id), None)
    if stored is None:
        gone = deleted_error(reader, run_id)
        raise gone or InputError(f"there is no run {run_id}", hint="`sweeper results` lists them", key="run")
    found = _models(reader, stored)
    if not found:
        where = reader.folder(stored)
        raise SweeperError(
            f"the models of the run {run_id} are not there" + (f": looked in {where}/models" if where else ""),
            hint="train it again",
            key="run",
        )
    return found


def study_models(reader: RunReader, study: str) -> dict[int, list[Path]]:
    """The ``.keras`` files of all trials of a study that have some, by number: one a member, in the order of seeds.

    Those of a store on another machine are downloaded.

    Raises:
        SweeperError: the record cannot be read.
    """
    found: dict[int, list[Path]] = {}
    for stored in reader.runs(study=study):
        number = stored.tags.get("number", "")
        if number.isdigit() and (files := _models(reader, stored)):
            found[int(number)] = files
    return found


def lost_files(reader: RunReader, run: StoredRun) -> list[Path]:
    """Files that a run left behind and that are not in the folder that is open; of what is on this machine alone."""
    folder = reader.folder(run)
    if folder is None or run.status == "RUNNING" or run.tags.get("kind") == "study":
        return []
    wanted = [folder / "config.yaml"]
    try:
        models = json.loads((folder / "result.json").read_text(encoding="utf-8")).get("models", ())
    except (OSError, ValueError):  # runs from before there was one have none
        models = ()
    unplaced = len(run.tags.get("artifacts.missing", "").split())
    lost = [path for path in (*wanted, *(folder / model for model in models)) if not path.exists()]
    return lost if len(lost) > unplaced else []


def _models(reader: RunReader, stored: StoredRun) -> list[Path]:
    folder = reader.artifact(stored, "models")
    return sorted(folder.glob("*/data/model.keras"), key=_seed) if folder else []


def _seed(path: Path) -> int:
    return int(path.parents[1].name.removeprefix("seed_"))
