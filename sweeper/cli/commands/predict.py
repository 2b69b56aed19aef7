"""``sweeper predict``: rows in, classes with their probabilities out."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import dim, emit, note, table, warn, width_of

if TYPE_CHECKING:
    import pandas as pd

ROOM = 40
"""Characters for the probabilities of all classes; where they need more, that of the row's own class is shown."""
SHOWN = 20
"""Rows on a terminal; a file, or a pipe, gets them all."""
FORMS = (".csv", ".parquet")
"""Endings of files that answers are written to."""


def predict(
    context: typer.Context,
    called: Annotated[
        str,
        typer.Argument(
            metavar="RUN|STUDY", help="A run's id or the beginning of it, STUDY for its best trial, STUDY:N."
        ),
    ],
    file: Annotated[Path, typer.Argument(help="Rows to predict: CSV, Parquet; of images .npz or .npy.")],
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write all rows to this file: .csv or .parquet.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")] = False,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Show new rows to a trained model: the class of each, the probability of every class, and a note.

    The rows are read as the training file was. The note says what in a row is unlike training: a number outside its
    range, a category or a missing value that it did not have. Nothing sealed is opened.
    """
    from sweeper.cli.named import studies
    from sweeper.jobs.predict import predict as job
    from sweeper.tracking import export

    form = _form(output)
    if not file.exists() and (Path(called).is_file() or (Path(called).suffix in FORMS and str(file) in studies(()))):
        raise _turned(called, file, context)
    if output:
        export.check(output, force=force)
    document, answers = job(called, file, runs=runs)
    if output:
        export.put(output, lambda draft: _write(answers, draft, form), force=force)
    for line in document["notes"]:
        note(line)
    where = {"output": str(output)} if output else {"predictions": answers.to_dict("records")}
    emit(document | where, lambda: _text(document, answers, output), as_json=as_json)
    if not as_json:
        note(_about(document))


def _turned(called: str, file: Path, context: typer.Context) -> Exception:
    """What to type where the file stands before the model."""
    from sweeper.cli.commandline import command
    from sweeper.errors import InputError

    turned = {called: str(file), str(file): called}
    meant = command([turned.get(word, word) for word in context.obj])
    return InputError(f"{called} is a file: the model comes first", hint=f"type: {meant}", key="called")


def _form(output: Path | None) -> str:
    from sweeper.errors import InputError

    ending = output.suffix.lower() if output else ".csv"
    if ending not in FORMS:
        raise InputError(f"{output} ends in none of {', '.join(FORMS)}", hint="give it one", key="--output")
    return ending


def _write(answers: pd.DataFrame, draft: Path, form: str) -> None:
    if form == ".parquet":
        answers.to_parquet(draft, index=False)
    else:
        answers.to_csv(draft, index=False)


def _text(document: dict[str, Any], answers: pd.DataFrame, output: Path | None) -> str:
    if output:
        return f"{document['rows']:,} rows in {output}"
    if not sys.stdout.isatty():
        return str(answers.to_csv(index=False)).rstrip("\n")
    return _shown(answers)


def _shown(answers: pd.DataFrame) -> str:
    """The first rows, with as many classes, and as much of their notes, as there is room for."""
    first, columns = answers.head(SHOWN), _columns(answers)
    rows = [
        [number + 1, *(_cell(one[name]) for name in columns)] for number, one in enumerate(first.to_dict("records"))
    ]
    shown = table(["row", *columns], rows)
    if (first["note"] != "").any():
        room = get_terminal_size().columns - max(map(width_of, shown.splitlines())) - 3
        noted = [[*row, _cut(note, room)] for row, note in zip(rows, first["note"], strict=True)]
        shown = table(["row", *columns, "note"], noted)
    more = len(answers) - len(first)
    told = [dim(f"{more:,} more rows; -o FILE writes them all")] if more else []
    return "\n".join([shown, *told])


def _columns(answers: pd.DataFrame) -> list[str]:
    if "prediction" in answers:
        return ["prediction"]
    chances = [name for name in answers.columns if name.startswith("P(")]
    return ["class", *chances] if sum(len(name) + 2 for name in chances) < ROOM else ["class", "probability"]


def _cell(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) and abs(value) <= 1 else value


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 3)] + "…"


def _about(document: dict[str, Any]) -> str:
    members, unlike = document["members"], document["unlike"]
    of = f"the mean of {members} members" if members > 1 else "one model"
    line = f"{document['title']}: {document['rows']:,} rows, {of}"
    if not unlike["rows"]:
        return f"{line}; none looks unlike training"
    return warn(f"{line}; {unlike['rows']:,} ({unlike['share']:.1%}) look unlike training, as their notes say")
