"""``sweeper results``: every run and trial as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweeper.cli.layout import ago, fitted
from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import emit, note
from sweeper.cli.scores import measured

if TYPE_CHECKING:
    from sweeper.tracking.base import RunReader


def results(
    *,
    study: Annotated[
        str | None, typer.Argument(metavar="STUDY", help="Only the trials of this study.", show_default=False)
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="table, csv, json or parquet; else what the file's ending says.")
    ] = "",
    output: Annotated[Path | None, typer.Option(help="Write to this file instead of standard output.")] = None,
    sort: Annotated[
        str, typer.Option(metavar="COLUMN", help="Order by this column: the best accuracy first, else the smallest.")
    ] = "",
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many rows.", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")] = False,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Show what there is: studies and single runs, or the trials of a study, best first.

    A table fits the terminal; csv, json and parquet have every run and trial with every column.
    In Python: sweeper.results() gives the same as a pandas DataFrame.
    """
    from sweeper.tracking import export, open_reader
    from sweeper.tracking import run_rows as results
    from sweeper.tracking.deletions import deleted_note
    from sweeper.tracking.spool import waiting

    chosen = export.format_of(form, output)
    reader = open_reader(runs)
    recorded = rows = results.rows(reader, study)
    objective, maximize = _objective(runs, study) if study else ("", True)
    if sort:
        rows = results.sort(rows, sort, reverse=reverse)
    elif study and chosen == "table" and not as_json:
        rows = results.best_first(rows, objective, maximize, reverse=reverse)
    rows = rows[:limit]
    deleted = deleted_note(reader)
    listed = chosen == "table" and output is None and not (study or sort or as_json)
    text = _listing(reader, recorded, runs, limit) if listed else _text(rows, chosen, objective)
    if output is not None:
        export.write(rows, chosen, text, output, force=force)
        emit(
            {"output": str(output), "format": chosen, "rows": len(rows)},
            f"{len(rows)} rows in {output}",
            as_json=as_json,
        )
    else:
        emit(rows, text if rows or (listed and text) else _nothing(deleted, study), as_json=as_json)
    if rows and deleted:
        note(deleted)
    if left := waiting(runs / "spool"):
        note(f"{left} entries wait in {runs / 'spool'} to be written; the next run or tune writes them")


def _text(rows: list[dict[str, Any]], chosen: str, objective: str) -> str:
    """The table, or the file's text."""
    from sweeper.tracking import export
    from sweeper.tracking import run_rows as results

    return fitted(*results.overview(rows, objective)) if chosen == "table" else export.as_text(rows, chosen)


def _listing(reader: RunReader, recorded: list[dict[str, Any]], runs: Path, limit: int | None) -> str:
    """What there is, where neither a study nor an order was asked for."""
    from sweeper.jobs.overview import listing

    parents = [run for run in reader.runs() if "confirmed_score" in run.metrics]
    confirmed = {run.tags.get("study", ""): run.metrics["confirmed_score"] for run in parents}
    rows = listing(runs, recorded, confirmed)[:limit]
    if not rows:
        return ""
    columns = ("name", "state", "trials", "best", "data", "when", "what")
    return fitted(
        columns,
        [
            (
                one["name"],
                one["state"],
                one["trials"],
                measured(one["objective"], one["best"] if one["confirmed"] is None else one["confirmed"]),
                one["data"],
                ago(one["when"]),
                one["what"] if one["confirmed"] is None else _confirmed(one),
            )
            for one in rows
        ],
        more="sweeper results NAME has more",
    )


def _confirmed(one: dict[str, Any]) -> str:
    return f"fresh seeds; was {measured(one['objective'], one['best'])}"


def _objective(runs: Path, study: str) -> tuple[str, bool]:
    """What the trials of a study are compared by, and whether more of it is better."""
    from sweeper.errors import SweeperError
    from sweeper.study.objectives import DEFAULT, OBJECTIVES
    from sweeper.study.overview import overview

    try:
        name = overview(runs, study).objective
    except SweeperError:  # its own file is gone, or away; the record has its trials all the same
        name = DEFAULT
    return name, OBJECTIVES[name].maximize


def _nothing(deleted: str, study: str | None) -> str:
    if deleted:
        return f"Nothing to show: {deleted}."
    if study:
        return f"No trial of the study {study} is recorded yet."
    return "No runs are recorded yet: sweeper run makes one."
