"""Runs that were recorded before records had a schema, as they were: one run of two members, one study of three."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

FIRST = Path(__file__).parent / "fixtures" / "first-schema"
RUN = "5081e4a22ba64e2492f00c65ec8708ed"
STUDY = "old"
BEST = 1
"""Of the study's trials."""


def unpack(runs: Path) -> Path:
    """Put them into a runs folder."""
    shutil.copytree(FIRST / "artifacts", runs / "artifacts")
    (runs / "studies").mkdir()
    for script, database in (("mlflow.sql", runs / "mlflow.db"), ("study.sql", runs / "studies" / f"{STUDY}.db")):
        text = (FIRST / script).read_text(encoding="utf-8").replace("@RUNS@", str(runs))
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript(text)
    return runs
