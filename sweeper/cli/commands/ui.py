"""``sweeper ui``: web interfaces over the runs folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sweeper.cli.options import RUNS, Json, Runs
from sweeper.cli.render import emit, note, warn

USAGE_OFF = "MLflow's pages say that usage data are collected. Here that is switched off, and nothing is sent."
USAGE_ON = "MLflow collects usage data, as MLFLOW_DISABLE_TELEMETRY and DO_NOT_TRACK of your environment allow it."


def ui(
    study: Annotated[
        str, typer.Argument(metavar="[STUDY]", help="Begin with the trials of this study.", show_default=False)
    ] = "",
    *,
    browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    optuna: Annotated[
        bool,
        typer.Option("--optuna", help="optuna-dashboard over a copy of all studies instead (sweeper[dashboard])."),
    ] = False,
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
    if optuna:
        _dashboard(study, runs, host, port, browser=browser, as_json=as_json)
        return
    from sweeper.jobs.browse import views
    from sweeper.jobs.browse_reports import reporting
    from sweeper.tracking.mlflow import ui as server
    from sweeper.tracking.mlflow.renewal import renewing

    shown = views(runs, study)
    note("Starting MLflow's web interface ...")
    with server.serving(runs, host=host, port=port, views=shown, study=study) as address:
        if address.open_to_network:
            note(warn(f"Open to the network: whoever reaches {host} can read and delete every run. No password."))
        note(USAGE_OFF if server.telemetry_is_off() else warn(USAGE_ON))
        if address.copied:
            note(f"{runs} cannot be written: a copy of its record is shown, and nothing that is changed there is kept.")
        if as_json:  # for a program, which has no use for a page that is still loading
            server.wait_until_loaded(address)
        document = {"url": address.url, "page": address.page, "pid": address.pid, "runs": str(runs)}
        emit(document, f"{address.page}   (Ctrl-C ends it)", as_json=as_json)
        if browser:
            _open(address.page)
        if address.copied:
            server.wait(address)
            return
        renew = renewing(runs, lambda: views(runs, study))
        with reporting(runs, study) as report:
            server.wait(address, renew, report)


def _dashboard(study: str, runs: Path, host: str, port: int | None, *, browser: bool, as_json: bool) -> None:
    from sweeper.study.dashboard import check_installed, copied, serve
    from sweeper.tracking.mlflow.port import free_port

    check_installed()
    storage = copied(runs, study)
    chosen = free_port(host, port)
    url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{chosen}"  # noqa: S104
    page = f"{url}/dashboard/studies/{_place(storage, study)}" if study else f"{url}/dashboard"

    def ready() -> None:
        if host not in {"127.0.0.1", "localhost"}:
            note(warn(f"Open to the network: whoever reaches {host} can read every study. No password."))
        note("A copy of the studies as they stand now: what is changed there is not kept.")
        emit({"url": url, "page": page, "runs": str(runs)}, f"{page}   (Ctrl-C ends it)", as_json=as_json)
        if browser:
            _open(page)

    serve(storage, host, chosen, ready)


def _place(storage: Any, study: str) -> int:
    return int(storage.get_study_id_from_name(study))


def _open(page: str) -> None:
    """Open a page in a browser with windows: one of the terminal would take the terminal."""
    import webbrowser

    windows = sys.platform != "linux" or any(os.environ.get(key) for key in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    if not windows or not webbrowser.open(page):
        note(warn("There is no browser here: open the address where there is one (docs/how-to/browser.md)."))
