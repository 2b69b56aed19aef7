"""``sweeper results``: every run and trial as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import emit, note, table


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
    """Show every run and trial: how it was set, how well it did.

    A table shows the scores and the keys that differ; csv, json and parquet have every column.
    In Python: sweeper.results() gives the same as a pandas DataFrame.
    """
    from sweeper.tracking import export, open_reader
    from sweeper.tracking import run_rows as results
    from sweeper.tracking.deletions import deleted_note
    from sweeper.tracking.spool import waiting

    chosen = export.format_of(form, output)
    reader = open_reader(runs)
    rows = results.rows(reader, study)
    rows = (results.sort(rows, sort, reverse=reverse) if sort else rows)[:limit]
    deleted = deleted_note(reader)
    text = table(*results.overview(rows)) if chosen == "table" else export.as_text(rows, chosen)
    if output is not None:
        export.write(rows, chosen, text, output, force=force)
        emit(
            {"output": str(output), "format": chosen, "rows": len(rows)},
            f"{len(rows)} rows in {output}",
            as_json=as_json,
        )
    else:
        emit(rows, text if rows else _nothing(deleted, study), as_json=as_json)
    if rows and deleted:
        note(deleted)
    if left := waiting(runs / "spool"):
        note(f"{left} entries wait in {runs / 'spool'} to be written; the next run or tune writes them")


def _nothing(deleted: str, study: str | None) -> str:
    if deleted:
        return f"Nothing to show: {deleted}."
    if study:
        return f"No trial of the study {study} is recorded yet."
    return "No runs are recorded yet: sweeper run makes one."
