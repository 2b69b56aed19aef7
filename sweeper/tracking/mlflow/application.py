"""MLflow's server in one process: ``python -P -m sweeper.tracking.mlflow.application LISTENER``, a socket's number.

``mlflow server`` imports MLflow, checks the store, and starts a second process that imports it again: twice the time
until a page is there. This is the second process alone. Its settings are MLflow's own, in the environment.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any

_ENDING = 3
"""Seconds that open connections of browsers have, once it is to end."""

_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>sweeper</title>
<script>
// Until somebody chooses otherwise: MLflow's assistant does not cover a third of the page when it is opened for the
// first time, and runs are runs of training, not evaluations of prompts.
const first = {"mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true", "mlflow.workflowType_v1": '"machine_learning"'};
for (const [key, value] of Object.entries(first)) localStorage.setItem(key, localStorage.getItem(key) ?? value);
location.replace(%s);
</script>
"""


def main(listener: str) -> None:
    """Serve until a signal ends it; what keeps it from starting is the last line of what it says."""
    import uvicorn
    from mlflow.server.handlers import initialize_backend_stores

    _settle()
    try:
        initialize_backend_stores(*(os.environ[name] for name in (_STORE, _STORE, _ROOT)))
    except Exception as error:  # noqa: BLE001 - whatever the database says
        sys.exit(str(error))
    config = uvicorn.Config(_application(), log_level="warning", timeout_graceful_shutdown=_ENDING)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(listener))])


_STORE, _ROOT, _FILES = "MLFLOW_BACKEND_STORE_URI", "MLFLOW_DEFAULT_ARTIFACT_ROOT", "MLFLOW_ARTIFACTS_DESTINATION"


def _settle() -> None:
    """Settings under the names by which MLflow's first process hands them to its second."""
    from mlflow.server import constants

    os.environ |= {
        constants.BACKEND_STORE_URI_ENV_VAR: os.environ[_STORE],
        constants.REGISTRY_STORE_URI_ENV_VAR: os.environ[_STORE],
        constants.ARTIFACT_ROOT_ENV_VAR: os.environ[_ROOT],
        constants.ARTIFACTS_DESTINATION_ENV_VAR: os.environ[_FILES],
        constants.SERVE_ARTIFACTS_ENV_VAR: "true",
        "_MLFLOW_SGI_NAME": "uvicorn",
    }


def _application() -> Any:
    """MLflow's application, and ``/sweeper/VIEW`` before it: the short address of a view of the runs."""
    from fastapi import APIRouter
    from fastapi.responses import HTMLResponse
    from mlflow.server.fastapi_app import app

    from sweeper.tracking.mlflow.views import page

    router = APIRouter()

    @router.get("/sweeper", response_class=HTMLResponse)
    @router.get("/sweeper/{study:path}", response_class=HTMLResponse)
    def view(study: str = "") -> str:
        target = json.dumps(page(os.environ.get("SWEEPER_EXPERIMENT") or _experiment(), study))
        return _PAGE % target.replace("<", "\\u003c")

    app.router.routes[:0] = router.routes  # MLflow's own end with one that takes every path
    return app


def _experiment() -> str:
    """The experiment with the record, which was begun after this server; empty where there is none yet."""
    from sweeper.system.addresses import sqlite_file
    from sweeper.tracking.mlflow.sqlite_rows import experiments

    file = sqlite_file(os.environ[_STORE])
    found = [each for each in experiments(file) if not each.deleted] if file is not None and file.exists() else []
    return found[0].experiment_id if found else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
