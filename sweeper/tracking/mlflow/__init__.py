"""The tracker behind MLflow, and the only home of MLflow, which is made quiet before it is imported anywhere."""

from __future__ import annotations

import logging
import os
import warnings

OPTIONAL = ("matplotlib", "pandas", "pyarrow", "pygments", "scipy", "sklearn")
"""What MLflow and alembic import where it is installed, and a client needs for nothing: 80 MB and half a second."""

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",  # what goes wrong comes as an exception, and is said once
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # standard output belongs to the command
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # The tracker tries again by itself, in order; a server that is away must answer for itself soon.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


def quieten() -> None:
    """No telemetry, no log lines, unless the user's environment says otherwise. Before MLflow is imported."""
    for key, value in _ENVIRONMENT.items():
        os.environ.setdefault(key, value)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    # What these libraries say to each other's authors must not become an error where warnings are errors.
    for module in ("mlflow", "sqlalchemy", "alembic"):
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=rf"{module}\b")
