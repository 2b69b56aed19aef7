"""One kind of write on a disk that is really full: ``python full_disk.py KIND FOLDER``, the folder a small tmpfs.

Writes once while there is room, fills the disk, writes again, makes room, and writes a third time. Prints as JSON what
was said while the disk was full, and what was there to read after each of the three.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import optuna

from sweeper import checkpoint
from sweeper.checkpoint import About, Checkpoint
from sweeper.config.schema import Config
from sweeper.data import fetch, ledger
from sweeper.errors import SweeperError
from sweeper.report.documents.model import Document
from sweeper.report.documents.publish import publish
from sweeper.study.converters import quiet_optuna
from sweeper.study.storage.connect import explained, open_store
from sweeper.study.storage.location import StudyLocation, list_studies, remembered, settle
from sweeper.tracking import RunRecord, export, open_reader
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.run_rows import rows
from sweeper.trial import Scores, TrialResult

SIZE = 100_000


def fill(folder):
    """Take every last block."""
    handle = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(handle, bytes(4096))
    except OSError:
        os.close(handle)


def saved(folder, turn):
    content = np.random.default_rng(turn).integers(0, 256, SIZE, np.uint8)
    checkpoint.write(folder / "a.npz", Checkpoint(About(turn, (), {}, {}, {}, jit=False), {"weights": content}))


def there(folder):
    found = checkpoint.read(folder / "a.npz")
    return found.about.step if len(found.arrays["weights"]) == SIZE else None


def look(folder, turn):
    ledger.append(folder / "ledger.jsonl", {"turn": turn, "why": "x" * 5000})


def looks(folder):
    path = folder / "ledger.jsonl"
    changed = [problem.message for problem in ledger.verify(path) if problem.kind != "torn"]
    return changed or [entry["turn"] for entry in ledger.entries(path)]


def report(folder, turn):
    publish(Document(f"Turn {turn}", []), folder / "reports", name="r", data={"turn": turn, "more": "x" * SIZE})


def reports(folder):
    found = json.loads((folder / "reports" / "r" / "report.json").read_text())["turn"]
    return found, sorted(path.name for path in (folder / "reports").iterdir() if path.name.startswith(".r"))


def table(folder, turn):
    export.write([], "csv", str(turn) + "x" * SIZE, folder / "table.csv", force=True)


def tables(folder):
    return (folder / "table.csv").read_text()[0], sorted(path.name for path in folder.glob(".table*"))


def data(folder, turn):
    fetch._write(folder / "data" / f"{turn}.gz", bytes(SIZE))


def files(folder):
    return sorted(path.name for path in (folder / "data").iterdir())


def place(folder, turn):
    StudyLocation(folder, f"study{turn}", f"postgresql://me@host/{'x' * 5000}").remember()


def places(folder):
    return [turn for turn in range(3) if remembered(folder, f"study{turn}")]


def begun(folder, turn):
    with quiet_optuna(), explained("the study"):
        store = open_store(settle(folder, f"s{turn}"))
        try:
            optuna.create_study(storage=store, study_name=f"s{turn}")
        finally:
            store.close()


def study(folder, turn):
    """Begin a study; on the full disk again and again with a little more room, until there is enough."""
    filler = folder / "filler"
    refused = []
    while turn == 1:
        try:
            begun(folder, turn)
            break
        except SweeperError as error:
            refused.append(error)
            os.truncate(filler, max(0, filler.stat().st_size - 8192))
    if turn != 1:
        begun(folder, turn)
    if refused:
        raise SweeperError(" / ".join(sorted({error.message.rpartition(": ")[2] for error in refused})))


def studies(folder):
    left = [path.name for path in (folder / "studies").glob(".s*")]
    return list_studies(folder), left


def artifact(folder, turn):
    """The disk of the artifacts is full; database and spool are on another."""
    runs = Path(os.environ["RUNS"])
    model = runs / "models" / str(turn) / "member-0.keras"
    model.parent.mkdir(parents=True)
    model.write_bytes(bytes([turn]) * SIZE)
    (runs / "artifacts").mkdir(exist_ok=True)
    with MlflowTracker(runs, patience=1.0) as tracker:
        scores = Scores((0.5,), (0.5,))
        result = TrialResult("k", "finished", 10, scores, scores, {"total": 1.0}, models=(str(model),))
        tracker.record(RunRecord(str(turn), Config().to_dict(), [], [], result, 1.0, 2.0))
        if tracker.flush():
            raise SweeperError(tracker.trouble)


def artifacts(folder):
    found = {path.read_bytes()[0] for path in folder.rglob("*.keras") if len(path.read_bytes()) == SIZE}
    return sorted(found), sorted(
        row["name"] for row in rows(open_reader(Path(os.environ["RUNS"]))) if row["status"] != "running"
    )


def single(folder, turn):
    """Database, spool and artifacts on one disk that is full."""
    with MlflowTracker(folder, patience=1.0) as tracker:
        scores = Scores((0.5,), (0.5,))
        result = TrialResult("k", "finished", 10, scores, scores, {"total": 1.0})
        tracker.record(RunRecord(str(turn), Config().to_dict(), [], [], result, 1.0, 2.0))


def singles(folder):
    return sorted(row["name"] for row in rows(open_reader(folder)))


KINDS = {
    "checkpoint": (saved, there),
    "ledger": (look, looks),
    "report": (report, reports),
    "table": (table, tables),
    "data": (data, files),
    "place": (place, places),
    "study": (study, studies),
    "artifact": (artifact, artifacts),
    "record": (single, singles),
}


def main(kind, folder):
    write, read = KINDS[kind]
    write(folder, 0)
    found = [read(folder)]
    fill(folder)
    said = ""
    try:
        write(folder, 1)
    except (OSError, SweeperError) as error:
        said = error.message if isinstance(error, SweeperError) else f"{error.strerror}"
    found.append(read(folder))
    (folder / "filler").unlink()
    write(folder, 2)
    print(json.dumps({"said": said, "found": [*found, read(folder)]}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
