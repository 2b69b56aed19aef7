"""``sweeper data``: the data sets, their pictures, downloads and digests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import emit, facts, note, table

app = typer.Typer(help="The data sets: what there is, pictures by label, downloads, digests.")

Name = Annotated[str, typer.Argument(metavar="DATASET", help="mnist, mnist_5k, fashion_mnist, digits; or npz.")]


@app.command("list")
def list_(*, runs: Runs = RUNS, as_json: Json = False) -> None:
    """Every data set, its sizes, and where it lies on this machine."""
    from sweeper.data import inventory, places

    places.use_runs(runs)
    document = inventory.listing()
    emit(document, lambda: _listing(document), as_json=as_json)


@app.command()
def show(
    name: Name = "mnist",
    *,
    label: Annotated[str, typer.Option("--label", help="Ten examples of this label, instead of one of each.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The PNG file to make; one that is there is kept.")
    ] = None,
    path: Annotated[str, typer.Option("--path", help="The file of an npz data set.")] = "",
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Make a picture of training examples: ten of a label, or one of each label."""
    from sweeper.config.schema import Dataset, Validation
    from sweeper.data import places
    from sweeper.report import examples

    places.use_runs(runs)
    document = examples.show(
        Dataset(name, path=path), Validation(), label=label, output=output, folder=runs / "reports"
    )
    for line in document["notes"]:
        note(line)
    emit(document, document["path"], as_json=as_json)


@app.command()
def fetch(name: Name = "mnist", *, runs: Runs = RUNS, as_json: Json = False) -> None:
    """Download a data set into the runs folder; each file is kept only if its SHA-256 is right."""
    from sweeper.data import places, sealed
    from sweeper.data.fetch import fetch as download

    places.use_runs(runs)
    document = download(name, sealed.files(name), note)
    emit(document, document["folder"], as_json=as_json)


@app.command()
def verify(
    name: Annotated[str, typer.Argument(metavar="[DATASET]", help="One data set; all that are here if left out.")] = "",
    *,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Compare the data on this machine with the digests of the catalog; exit code 1 if one is wrong."""
    from sweeper.data import inventory, places

    places.use_runs(runs)
    document = inventory.verify(name)
    emit(document, lambda: _verified(document), as_json=as_json)
    if not document["ok"]:
        raise typer.Exit(1)


def _listing(document: dict[str, Any]) -> str:
    rows = [
        (each["name"], each["sizes"]["train"], each["sizes"]["test"], each["where"] or "not here", each["title"])
        for each in document["datasets"]
    ]
    sets = table(("data set", "training", "test (sealed)", "where", "what"), rows)
    return f"{sets}\n\nfiles of your own\n{facts(document['kinds'].items())}"


def _verified(document: dict[str, Any]) -> str:
    rows = [
        (each["name"], file["file"], "right" if file["ok"] else file["why"])
        for each in document["datasets"]
        for file in each["files"] or [{"file": "not here", "ok": False, "why": ""}]
    ]
    return table(("data set", "file", "SHA-256"), rows)
