"""MLflow's server in one process: ``python -P -m sweeper.tracking.mlflow.application LISTENER``, a socket's number.

``mlflow server`` imports MLflow, checks the store, and starts a second process that imports it again: twice the time
until a page is there. This is the second process alone, which answers with the page while it imports MLflow. Its
settings are MLflow's own, in the environment.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import socket
import sys
import threading
from concurrent.futures import Future
from contextlib import suppress
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
    """Serve until a signal ends it; what keeps MLflow from starting is the last line of what it says."""
    import uvicorn

    from sweeper.tracking.mlflow.early_page import EarlyPage, page_files

    loading: Future[Any] = Future()
    loading.set_running_or_notify_cancel()  # no browser that goes away takes it along
    page = EarlyPage(loading, _hosts(), _short_page, page_files(), _headers())
    config = uvicorn.Config(page, log_level="warning", lifespan="off", timeout_graceful_shutdown=_ENDING)
    server = uvicorn.Server(config)
    threading.Thread(target=_load, args=(loading, server), daemon=True).start()
    server.run(sockets=[socket.socket(fileno=int(listener))])
    if loading.done() and (error := loading.exception()):
        sys.exit(str(error))


def _hosts() -> list[str]:
    """The names that MLflow will answer, as patterns."""
    if os.environ.get("MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "").strip().lower() in {"true", "1"}:
        return ["*"]
    return [name.strip() for name in os.environ.get("MLFLOW_SERVER_ALLOWED_HOSTS", "").split(",")]


def _headers() -> dict[str, str]:
    """Those that MLflow adds to each of its answers."""
    framed = os.environ.get("MLFLOW_SERVER_X_FRAME_OPTIONS", "SAMEORIGIN").upper()
    return {"X-Content-Type-Options": "nosniff", **({"X-Frame-Options": framed} if framed not in {"", "NONE"} else {})}


def _load(loading: Future[Any], server: Any) -> None:
    """Import MLflow's application, and end the server where that fails."""
    gc.disable()  # half a second goes into looking for garbage among what is only being made
    try:
        application = _application()
    except BaseException as error:  # noqa: BLE001 - whatever the database says
        loading.set_exception(RuntimeError(str(error)))
        server.should_exit = True
        return
    loading.set_result(application)
    with suppress(ImportError):  # what the page asks for next, and MLflow imports only then
        from mlflow.server.graphql import graphql_schema_extensions  # noqa: F401
    gc.freeze()
    gc.enable()
    asyncio.run(_begin(application))


async def _begin(application: Any) -> None:
    """What MLflow does as its server begins; it does nothing as one ends."""
    async with application.router.lifespan_context(application):
        pass


_STORE, _ROOT, _FILES = "MLFLOW_BACKEND_STORE_URI", "MLFLOW_DEFAULT_ARTIFACT_ROOT", "MLFLOW_ARTIFACTS_DESTINATION"


def _application() -> Any:
    _settle()
    from mlflow.server.handlers import initialize_backend_stores

    initialize_backend_stores(*(os.environ[name] for name in (_STORE, _STORE, _ROOT)))
    from mlflow.server.fastapi_app import app

    return app


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


def _short_page(study: str) -> str:
    """The page at the short address of a view of the runs, which leads to that view."""
    from sweeper.tracking.mlflow.views import page

    target = json.dumps(page(os.environ.get("SWEEPER_EXPERIMENT") or _experiment(), study))
    return _PAGE % target.replace("<", "\\u003c")


def _experiment() -> str:
    """The experiment with the record, which was begun after this server; empty where there is none yet."""
    from sweeper.system.addresses import sqlite_file
    from sweeper.tracking.mlflow.sqlite_rows import experiments

    file = sqlite_file(os.environ[_STORE])
    found = [each for each in experiments(file) if not each.deleted] if file is not None and file.exists() else []
    return found[0].experiment_id if found else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
