"""Where MLflow keeps its record, and how to name that place without its secrets."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

from sweeper.errors import InputError

_CREDENTIALS = re.compile(r"://\S*@")
_SECRETS = re.compile(r"((?:password|passwd|pwd|token|secret|api_?key|access_?key)\w*=)[^\s&;]+", re.IGNORECASE)
_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_SERVERS = ("http", "https", "databricks")


def tracking_uri(runs: Path) -> str:
    """MLFLOW_TRACKING_URI, or the SQLite file in the runs folder.

    Raises:
        InputError: the variable names a kind of store that MLflow no longer writes.
    """
    given = os.environ.get("MLFLOW_TRACKING_URI", "").strip()
    if not given:
        return sqlite_uri(runs / "mlflow.db")
    kind = re.split(r"[+:]", given, maxsplit=1)[0].lower()
    if kind not in _DATABASES + _SERVERS:
        raise InputError(
            f"MLFLOW_TRACKING_URI={redact(given)} is no MLflow store that can be written",
            hint="unset it for runs/mlflow.db, or give sqlite:///FILE, postgresql://... or http://HOST:PORT",
            key="MLFLOW_TRACKING_URI",
        )
    return given


def sqlite_uri(file: Path) -> str:
    """The address of a SQLite file."""
    # It is unquoted when it is read, and a question mark would end its path.
    path = str(file.absolute()).replace("%", "%25").replace("?", "%3F")
    return f"sqlite:///{path}"


def literally(url: str) -> str:
    """The address of a study's storage as Optuna has to be given it: it formats addresses, and braces are its own."""
    return url.replace("{", "{{").replace("}", "}}")


def sqlite_file(uri: str) -> Path | None:
    """The file of a SQLite store; None for any other store, and for one in memory."""
    match = re.fullmatch(r"sqlite(?:\+\w+)?:///([^?]+)(?:\?.*)?", uri)
    return Path(unquote(match[1])) if match and match[1] != ":memory:" else None


def is_database(uri: str) -> bool:
    """Whether the store is a database that this process writes itself (its artifacts lie in the runs folder)."""
    return uri.startswith(_DATABASES)


def redact(text: str) -> str:
    """The text with user names and passwords in addresses, and the values of secret-looking parameters, starred out.

    Rather too much than too little: everything between ``://`` and the last ``@`` of a word goes.
    """
    return _SECRETS.sub(r"\1***", _CREDENTIALS.sub("://***@", text))
