"""``sweeper ui``: MLflow's web interface over the runs folder."""

from __future__ import annotations

from typing import Annotated

import typer

from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import emit, note, warn

USAGE_OFF = "MLflow's pages say that usage data are collected. Here that is switched off, and nothing is sent."
USAGE_ON = "MLflow collects usage data, as MLFLOW_DISABLE_TELEMETRY and DO_NOT_TRACK of your environment allow it."


def ui(
    *,
    host: Annotated[
        str, typer.Option(help="Network interface to listen on; the default is reached from this machine only.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="5000, or any free one, if not given.", show_default=False)
    ] = None,
    runs: Runs = RUNS,
    as_json: Json = False,
) -> None:
    """Open MLflow's web interface over everything recorded, until Ctrl-C."""
    from sweeper.tracking.mlflow import ui as server

    note("Starting MLflow's web interface ...")
    with server.serving(runs, host=host, port=port) as address:
        if address.open_to_network:
            note(warn(f"Open to the network: whoever reaches {host} can read and delete every run. No password."))
        note(USAGE_OFF if server.telemetry_is_off() else warn(USAGE_ON))
        if address.copied:
            note(f"{runs} cannot be written: a copy of its record is shown, and nothing that is changed there is kept.")
        document = {"url": address.url, "page": address.page, "pid": address.pid, "runs": str(runs)}
        emit(document, f"{address.page}   (Ctrl-C ends it)", as_json=as_json)
        server.wait(address)
