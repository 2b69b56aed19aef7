"""``sweeper export``: a model that works without sweeper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import emit, facts


def export(
    called: Annotated[
        str,
        typer.Argument(
            metavar="RUN|STUDY", help="A run's id or the beginning of it, STUDY for its best trial, STUDY:N."
        ),
    ],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet, or empty.")],
    *,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Write the network as ONNX, too (pip install sweeper[onnx]).")
    ] = False,
    register: Annotated[
        str, typer.Option(metavar="NAME", help="Put it into MLflow's model registry as well.", show_default=False)
    ] = "",
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Write a trained model as one folder that works without sweeper.

    It is an MLflow model: mlflow models serve -m DIR --env-manager local, or mlflow.pyfunc.load_model(DIR), takes raw
    rows and answers with class names and probabilities, as sweeper predict does. The networks are .keras files in it.
    """
    from sweeper.jobs.export import export as job

    document = job(called, folder, runs=runs, onnx=onnx, register=register)
    emit(document, lambda: _text(document), as_json=as_json)


def _text(document: dict[str, Any]) -> str:
    members = document["members"]
    return facts(
        [
            ("model", f"{document['title']}  {' '.join(document['overrides'])}"),
            ("folder", document["folder"]),
            ("networks", f"the mean of {members} members" if members > 1 else "one"),
            ("registered", document["registered"] and "{name}, version {version}".format(**document["registered"])),
            ("serve it", f"mlflow models serve -m {document['folder']} --env-manager local"),
        ]
    )
