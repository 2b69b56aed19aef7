"""What there is in a runs folder: studies and single runs, each in one row; nothing is loaded that trains."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from sweeper.study.overview import Overview, overviews

Row = dict[str, Any]

_BESIDE = re.compile(r"(?P<study>.*)-(?P<what>confirm-[0-9a-f]{6}|random)")
"""The study of a search's repeats on fresh seeds, or of the random search beside it."""


def listing(runs: Path, rows: Iterable[Row], confirmed: Mapping[str, float]) -> list[Row]:
    """Studies, the last that was worked on first, then single runs, the newest first.

    Args:
        runs: the runs folder.
        rows: all that is recorded there (``tracking.run_rows.rows``).
        confirmed: what the chosen trial of a study came to on fresh seeds.

    Returns:
        ``kind`` (study or run), ``name``, ``state``, ``trials`` (as text, with how many were asked for), ``best``,
        ``objective``, ``data``, ``when`` (seconds since the epoch), ``what``: a run's overrides,
        ``confirmed``: a score of a study.
    """
    found = overviews(runs)
    names = {one.study for one in found}
    own = [one for one in found if not parent_of(one.study, names)]
    studies = [_study(one, confirmed.get(one.study)) for one in own]
    return [*studies, *reversed([_run(row) for row in rows if row["kind"] == "run"])]


def trials_of(one: Overview) -> str:
    """How many of the trials that were asked for there are."""
    return one.done_of_asked + (f", {one.failed} failed" if one.failed else "")


def _study(one: Overview, confirmed: float | None) -> Row:
    return {
        "kind": "study",
        "name": one.study,
        "state": one.state,
        "trials": trials_of(one),
        "best": one.score,
        "objective": one.objective,
        "data": one.data,
        "when": one.last or one.began,
        "what": one.about,
        "confirmed": confirmed,
    }


def _run(row: Row) -> Row:
    from datetime import datetime

    return {
        "kind": "run",
        "name": _name(row),
        "state": row["status"],
        "trials": "",
        "best": row.get("validation.accuracy"),
        "objective": "validation.accuracy",
        "data": row.get("data.name") or row.get("dataset.name") or "",
        "when": datetime.fromisoformat(row["started"]).timestamp(),
        "what": row.get("overrides") or "",
        "confirmed": None,
    }


def _name(row: Row) -> str:
    """The name that a person gave the run; else the beginning of its id, as the usual name says what it is already."""
    usual = {(row.get("overrides") or "")[:120], "run"}
    return row["run_id"][:8] if not row["name"] or row["name"] in usual else str(row["name"])


def parent_of(study: str, names: Collection[str]) -> str:
    """The study that another one belongs to, as its confirmation does; empty for one that stands alone."""
    found = _BESIDE.fullmatch(study)
    return next((name for name in names if found and name[:80] == found["study"] and name != study), "")
