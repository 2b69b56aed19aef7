"""``sweeper config``, ``diff`` and ``init``: configurations looked at, compared and begun."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sweeper.cli.options import RUNS, ConfigDir, Json, Overrides, Runs
from sweeper.cli.render import bold, dim, emit, note, table


def config(
    context: typer.Context,
    overrides: Overrides = None,
    *,
    changed: Annotated[bool, typer.Option("--changed", help="Only what is not the tutorial's.")] = False,
    config_dir: ConfigDir = None,
    as_json: Json = False,
) -> None:
    """Show the resolved configuration, and where each value comes from. Nothing is run."""
    from sweeper.cli.words import overrides_of
    from sweeper.jobs.configurations import TUTORIAL, resolved

    rows = resolved(overrides_of(overrides, context), config_dir)
    rows = [row for row in rows if not changed or row["source"] != TUTORIAL]
    shown = [tuple(row.values()) if row["source"] == TUTORIAL else (*map(bold, list(row.values())),) for row in rows]
    emit(
        rows,
        lambda: table(("key", "value", "from"), shown) if rows else "All of it is the tutorial's.",
        as_json=as_json,
    )


def diff(
    one: Annotated[str, typer.Argument(metavar="A", help="A run, STUDY for its winner, STUDY:N, or quoted overrides.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Likewise.")],
    *,
    config_dir: ConfigDir = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Show the keys in which two configurations differ."""
    from sweeper.jobs.configurations import different

    document = different(one, other, runs, config_dir)
    rows = [(row["key"], row["a"], row["b"]) for row in document["differences"]]
    same = dim(f"{document['same']} keys have the same value")
    text = table(("key", document["a"], document["b"]), rows) if rows else "They are the same configuration."
    emit(document, f"{text}\n{same}", as_json=as_json)


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write; it is made.")] = Path("conf"),
    *,
    as_json: Json = False,
) -> None:
    """Write a commented folder of configuration to start from: a preset, a search space, a question.

    Files that are there are kept as they are.
    """
    from sweeper.jobs.begin import begin

    document = begin(folder)
    for path in document["kept"]:
        note(f"{path} is there, and stays as it is")
    text = "\n".join([*document["written"], "", "use it with:", *(f"  {bold(one)}" for one in document["commands"])])
    emit(document, text, as_json=as_json)
