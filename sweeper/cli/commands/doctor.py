"""``sweeper doctor``: what this installation can do, and whether its records are sound."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import bold, emit, facts, warn
from sweeper.errors import InputError
from sweeper.workers.cluster import Cluster


def doctor(
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Put in order what ended processes left behind.")] = False,
    gone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="A machine or container that is gone: what its processes had counts as left behind. It is only needed "
            "where doctor says that it cannot know.",
        ),
    ] = None,
    restore: Annotated[
        str,
        typer.Option(metavar="NAME", help="Bring back what was deleted in MLflow: a run, STUDY, STUDY:N, or all."),
    ] = "",
    free: Annotated[
        bool,
        typer.Option("--free", help="Delete for good what was removed, replaced, or is of no use; it is listed first."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before --free.")] = False,
    cluster: Annotated[
        str,
        typer.Option(
            metavar="WHERE",
            help="Look at the nodes of a Ray cluster instead: auto (the one this machine is in) or ray://HOST:PORT.",
        ),
    ] = "",
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Check versions, data, records and the test split's ledger.

    Exit code 1 if something is wrong; each problem is one line that says what to do.
    """
    if cluster:
        _check_alone(fix, gone, restore, free)
        _cluster(cluster, runs, as_json=as_json)
        return
    if free:
        _free(runs, yes=yes, as_json=as_json)
        return
    from sweeper.jobs.doctor import examine

    document = examine(runs, fix=fix, gone=gone or (), restore=restore)
    emit(document, lambda: shown(document), as_json=as_json)
    if not document["ok"]:
        raise typer.Exit(1)


def _check_alone(*others: object) -> None:
    """Raises InputError where the records shall be put in order, too."""
    if any(others):
        message = "--cluster looks at nodes alone: it goes with none of --fix, --gone, --restore, --free"
        raise InputError(message, hint="two commands do both", key="--cluster")


def _cluster(address: str, runs: Path, *, as_json: bool) -> None:
    from sweeper.cli.cluster_nodes import shown_nodes
    from sweeper.jobs.doctor_cluster import examine_cluster

    document = examine_cluster(Cluster(address), runs)
    emit(document, lambda: shown_nodes(document), as_json=as_json)
    if not document["ok"]:
        raise typer.Exit(1)


def _free(runs: Path, *, yes: bool, as_json: bool) -> None:
    from sweeper.cli.asking import agreed
    from sweeper.jobs.shared.room import free, freeable

    found = freeable(runs)
    if not found:
        emit({"freed": [], "bytes": 0}, "There is nothing to free.", as_json=as_json)
        return
    agreed("free", [f"{_megabytes(one.bytes):>10}  {one.what}: {one.path}" for one in found], yes=yes)
    document = free(found)
    emit(document, f"Freed {_megabytes(document['bytes'])}.", as_json=as_json)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def shown(document: dict[str, Any]) -> str:
    """Section by section, what is wrong last."""
    samplers = document["samplers"]
    sections = {
        "versions": document["versions"].items(),
        "machine": [(name, _amount(name, value)) for name, value in document["machine"].items()],
        "samplers": [(name, "yes" if there else "not installed") for name, there in samplers.items()],
        "data": [(name, where or "not here") for name, where in document["data"].items()],
        "records": _records(document),
    }
    blocks = [f"{bold(name)}\n{facts(pairs)}" for name, pairs in sections.items()]
    mended = [f"mended: {line}" for line in document["mended"]]
    problems = [warn(f"! {line}") for line in document["problems"]] or ["Nothing is wrong."]
    unseen = [f"? {each['message']}" for each in document["unseen"]]
    return "\n\n".join([*blocks, "\n".join([*mended, *unseen, *problems])])


def _records(document: dict[str, Any]) -> list[tuple[str, str]]:
    runs, mlflow, ledger = document["runs"], document["mlflow"], document["ledger"]
    state = "can be written" if runs["writable"] else "cannot be written"
    torn = [f"line {each['line']} {each['kind']}" for each in ledger["problems"]]
    return [
        ("runs folder", f"{runs['path']}: {state}, {_amount('free', runs['free'])} free"),
        ("MLflow", _mlflow(mlflow, Path(runs["path"]))),
        *((f"study {study['name']}", _study(study)) for study in document["studies"]),
        *((("takes room", _room(document["room"])),) if document["room"] else ()),
        *((("checkpoints", _checkpoints(document["checkpoints"])),) if document["checkpoints"]["kept"] else ()),
        ("test ledger", ", ".join([f"{ledger['entries']} entries", *torn])),
    ]


def _room(room: dict[str, int]) -> str:
    return ", ".join(f"{part} {_megabytes(size)}" for part, size in room.items() if size >= 50_000)


def _mlflow(mlflow: dict[str, Any], runs: Path) -> str:
    if not mlflow["exists"]:
        return "nothing recorded yet"
    file = Path(mlflow["uri"].removeprefix("sqlite:///"))
    where = runs / file.name if file.parent == runs.absolute() else mlflow["uri"]
    if not mlflow["ok"]:
        return f"{where}: damaged, or out of reach"
    parts = [f"{mlflow['runs']} runs"] + [
        f"{mlflow[part]} {part}" for part in ("running", "waiting", "refused", "torn") if mlflow[part]
    ]
    if mlflow.get("deleted"):
        parts.append(f"{mlflow['deleted']} deleted in its pages (--restore all brings them back)")
    return f"{where}: {', '.join(parts)}"


def _checkpoints(left: dict[str, Any]) -> str:
    """Each goes on with the command that was killed, and may be deleted instead."""
    many = len(left["kept"])
    size, oldest = left["bytes"] / 1e6, left["oldest"][:10]
    return f"{many} to go on from with the same command, {size:.1f} MB, the oldest of {oldest}: {left['kept'][0]}"


def _study(study: dict[str, Any]) -> str:
    if not study["ok"]:
        return "damaged"
    return f"{study['trials']} trials" + (f", {study['unfinished']} unfinished" if study["unfinished"] else "")


def _amount(name: str, value: Any) -> str:
    """Bytes as GB; graphics processors by name, with their memory; anything else as it is."""
    if name == "gpus":
        return ", ".join(f"{one['name']} ({_amount('free', one['free_memory'])} free)" for one in value)
    return f"{value / 1e9:.1f} GB" if isinstance(value, int) and name != "cores" else str(value)
