"""``sweeper data``: the data sets, their pictures, downloads and digests."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import typer

from sweeper.cli.help import Command, CommandGroup
from sweeper.cli.options import RUNS, Json, Overrides, Runs
from sweeper.cli.render import emit, facts, note, table
from sweeper.errors import InputError

app = typer.Typer(cls=CommandGroup, help="The data sets: what there is, pictures by label, downloads, digests.")

Name = Annotated[
    str, typer.Argument(metavar="DATASET", help="mnist, mnist_5k, fashion_mnist, digits, diabetes; or npz, npy.")
]


_FEW_PLACES = 8
"""Places of an array that are listed one by one."""


@app.command("list", cls=Command)
def list_(*, runs: Runs = RUNS, as_json: Json = False) -> None:
    """Every data set, its sizes, and where it lies on this machine."""
    from sweeper.data import inventory, places

    places.use_runs(runs)
    document = inventory.listing()
    emit(document, lambda: _listing(document), as_json=as_json)


@app.command(cls=Command)
def show(
    name: Name = "mnist",
    overrides: Overrides = None,
    *,
    label: Annotated[str, typer.Option("--label", help="Ten examples of this label, instead of one of each.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The PNG file to make; one that is there is kept.")
    ] = None,
    path: Annotated[str, typer.Option("--path", help="The file of an npz data set, the folder of an npy one.")] = "",
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Make a picture of training examples: ten of a label, or one of each label.

    Of a table of yours (csv, parquet) it shows how each column is read, the classes or the numbers to predict, and a
    picture of the features.
    """
    from sweeper.config.build import to_text
    from sweeper.config.compose import compose
    from sweeper.config.datasets import DATASETS
    from sweeper.data import places

    _check_name(name)
    places.use_runs(runs)
    if overrides and overrides[0].isdigit():
        raise InputError(
            f"{overrides[0]} is a label", key=overrides[0], instead=(overrides[0], f"--label={overrides[0]}")
        )
    given = [f"dataset.path={to_text(path)}"] if path else []
    config = compose([f"dataset={name}", *given, *(overrides or [])])
    folder = runs / "reports"
    from sweeper.report import tables

    is_array = DATASETS[name].is_file and not DATASETS[name].is_table
    flat = is_array and not label and not tables.has_pictures(config.dataset, config.validation)
    if DATASETS[name].has_columns or flat:
        document = tables.show(config.dataset, config.validation, output=output, folder=folder)
    else:
        from sweeper.report import examples

        document = examples.show(config.dataset, config.validation, label=label, output=output, folder=folder)
    for line in document["notes"]:
        note(line)
    emit(document, lambda: _read(document) if "columns" in document else document["path"], as_json=as_json)


@app.command(cls=Command)
def fetch(name: Name = "mnist", *, runs: Runs = RUNS, as_json: Json = False) -> None:
    """Download a data set into the runs folder; each file is kept only if its SHA-256 is right."""
    from sweeper.data import places, sealed
    from sweeper.data.fetch import fetch as download

    places.use_runs(runs)
    document = download(name, sealed.files(name), note)
    emit(document, document["folder"], as_json=as_json)


@app.command(cls=Command)
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


def _check_name(name: str) -> None:
    """Say of what is no data set what was meant: ``dataset=digits``, ``my.csv``."""
    from sweeper.config.datasets import DATASETS
    from sweeper.data import catalog

    key, equals, value = name.partition("=")
    kind = Path(name).suffix.lstrip(".")
    if equals and key == "dataset":
        raise InputError(f"{name}: a data set is named here without its key", key="dataset", instead=(name, value))
    if kind in DATASETS:
        more = " dataset.target=COLUMN" if DATASETS[kind].is_table else ""
        meant = f"{kind} dataset.path={DATASETS[kind].path_to(name)}{more}"
        raise InputError(f"{name} is a file, not the name of a data set", key="dataset", instead=(name, meant))
    catalog.check_name(name)


def _read(document: dict[str, Any]) -> str:
    columns = _columns(document["columns"])
    sizes = document["dataset"]["sizes"]
    rows = [("rows", f"{sum(sizes.values()):,}: {', '.join(f'{part} {size:,}' for part, size in sizes.items())}")]
    rows += [("features", f"{document['features']:,} after preprocessing"), ("picture", document["path"])]
    return "\n\n".join([table(("column", "kind", "missing", "why"), columns), _of_target(document), facts(rows)])


def _columns(columns: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """A row for each column; the places of an array that are read alike share one."""
    rows: list[tuple[str, ...]] = []
    for (of_array, how), group in groupby(columns, lambda each: (_is_place(each["name"]), _how(each))):
        names = [each["name"] or "(nameless)" for each in group]
        joined = [f"{names[0]} to {names[-1]}"] if of_array and len(names) > _FEW_PLACES else names
        rows += [(name, *how) for name in joined]
    return rows


def _is_place(name: str) -> bool:
    """Whether it is no name that a person gave, but a place in an array."""
    return re.fullmatch(r"x\[\d+\]", name) is not None


def _how(column: dict[str, Any]) -> tuple[str, ...]:
    return column["kind"], str(column["missing"] or ""), column["why"]


def _of_target(document: dict[str, Any]) -> str:
    """The classes with their rows; of numbers how they are distributed."""
    if target := document["target"]:
        heads = (target["name"], "rows (sealed ones left out)", "mean", "spread", "least", "median", "greatest")
        return table(heads, [("", target["rows"], *(f"{target[name]:.6g}" for name in heads[2:]))])
    classes = [(each["name"], each["rows"], f"{each['share']:.1%}") for each in document["classes"]]
    return table(("class", "rows (sealed ones left out)", "share"), classes)


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
