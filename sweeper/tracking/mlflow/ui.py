"""MLflow's web interface over a runs folder: one small server, on loopback, that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from sweeper.errors import InputError, SweeperError
from sweeper.system.addresses import is_database, redact, sqlite_file, sqlite_uri, tracking_uri
from sweeper.system.files import temporary_folder
from sweeper.system.guard import guarded
from sweeper.system.python import module_command, safe_environment
from sweeper.system.signals import ENDING
from sweeper.system.sqlite import connect_read_only
from sweeper.tracking.mlflow.folder import Places, create_database, settle
from sweeper.tracking.mlflow.port import listening
from sweeper.tracking.mlflow.renewal import write_where_recorded
from sweeper.tracking.mlflow.views import ALL, SHORT, View, short_page

TELEMETRY = ("MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK")
"""MLflow's settings against collecting usage data, by its server and, at its server's word, by its pages."""
_HOSTS, _ORIGINS = "MLFLOW_SERVER_ALLOWED_HOSTS", "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"
LOOPBACK = "127.0.0.1"
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_PATIENCE = 120.0
"""Seconds until a server that does not answer counts as failed; it takes 5 on an idle machine."""
_RENEW = 10.0
"""Seconds until it is looked for studies that have no view yet."""
_GRACE = 10.0
"""Seconds that a server has to end by itself."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the interface is.

    Attributes:
        url: its address for a browser.
        pid: the server's process.
        open_to_network: others can reach it.
        log: what the server says, the reason of its end last.
        page: address of the view that was asked for; the server's first page is about other things.
        copied: the folder cannot be written; what is shown is a copy of its record, in which no change is kept.
    """

    url: str
    pid: int
    open_to_network: bool
    log: IO[bytes]
    page: str = ""
    copied: bool = False


def server_command(listener: int) -> list[str]:
    """The server on a socket that listens, small: as it comes it starts 15 processes, takes 24 s and 1.9 GB."""
    return module_command("sweeper.tracking.mlflow.application", str(listener))


def server_environment(uri: str, artifacts: Path, host: str) -> dict[str, str]:
    """Its settings. The store's address goes here, because a command line can be read by everyone."""
    names = os.environ.get(_HOSTS) or allowed_hosts(host)
    return {
        **safe_environment(),
        "MLFLOW_BACKEND_STORE_URI": uri,
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": artifacts.as_uri(),
        "MLFLOW_ARTIFACTS_DESTINATION": artifacts.as_uri(),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        _HOSTS: names,
        _ORIGINS: os.environ.get(_ORIGINS) or allowed_origins(names),
        **(dict.fromkeys(TELEMETRY, "true") if telemetry_is_off() else {}),
    }


def telemetry_is_off() -> bool:
    """Whether MLflow collects no usage data, whatever its pages say: either of two settings is enough."""
    return any(os.environ.get(key, "true").strip().lower() in {"true", "1"} for key in TELEMETRY)


def allowed_hosts(host: str) -> str:
    """The names under which a browser may ask for it, so that no web page can through a name of its own.

    At any port: one that is forwarded by ssh or a container has another number on the other side. Open to the network
    it has its own names, and private addresses, as MLflow itself allows them.
    """
    names = {"localhost", "127.0.0.1", "[[]::1]"}
    if host not in _LOCAL:
        names |= {socket.gethostname(), socket.getfqdn(), _pattern(host)} - {"0.0.0.0", "[[]::]"}  # noqa: S104
        names |= {"10.*", "192.168.*", *(f"172.{number}.*" for number in range(16, 32))}
    named = (name if name.endswith("*") else f"{name}:*" for name in names)
    return ",".join(sorted({*named, *(name for name in names if name[-1] != "*" and name[0] != "[")}))


def allowed_origins(names: str) -> str:
    """The pages that may ask for runs: its own, under each name that it has. Without them MLflow shows none."""
    given = [name.strip() for name in names.split(",")]
    return ",".join(f"{scheme}://{name}" for name in given if name not in {"", "*"} for scheme in ("http", "https"))


@contextmanager
def serving(
    runs: Path, *, host: str = LOOPBACK, port: int | None = None, views: Sequence[View] = (), study: str = ALL
) -> Iterator[Address]:
    """The interface over `runs`, whose pages a browser can open when the block begins; gone when it ends.

    MLflow itself may still be loading then: a page waits for it. ``wait_until_loaded`` does, too.

    Args:
        runs: the runs folder.
        host: the network interface to listen on.
        port: 5000, or any that is free, if it is not given.
        views: of the list of runs, put into the record for MLflow's pages to show.
        study: the view whose address is given.

    Raises:
        InputError: the record is a server of its own, or the port is taken.
        SweeperError: MLflow's server does not start.
    """
    uri = tracking_uri(runs)
    if not is_database(uri):
        raise InputError(f"The record is kept by a server: open {redact(uri)}", key="MLFLOW_TRACKING_URI")
    listener, places = listening(host, port), Places(uri, runs)
    chosen = int(listener.getsockname()[1])
    with listener, tempfile.TemporaryFile() as log, _terminating(), _database(places) as (shown_uri, copied):
        experiment = write_where_recorded(runs, shown_uri, views)
        environment = server_environment(shown_uri, places.root, host) | {"SWEEPER_EXPERIMENT": experiment}
        command = guarded(server_command(listener.fileno()))
        process = subprocess.Popen(
            command,
            cwd=sys.prefix,  # nothing that lies where the user is, whatever a library does
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[listener.fileno()],
        )
        listener.close()  # that of the server is left, and ends with it
        ready = False
        try:
            shown = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104
            url = f"http://{_bracketed(shown)}:{chosen}"
            _wait_until_answered(process.pid, url + SHORT, log)
            ready = True
            yield Address(url, process.pid, host not in _LOCAL, log, url + short_page(study), copied)
        except KeyboardInterrupt:
            # Whoever was told the address may ask for the end at once, before anybody waits for that.
            if not ready:
                raise
        finally:
            _end(process)


def wait_until_loaded(address: Address) -> None:
    """Wait until MLflow itself answers. Raises SweeperError, with the reason, if it ends instead."""
    _wait_until_answered(address.pid, f"{address.url}/health", address.log)


def wait(address: Address, *now_and_then: Callable[[], None]) -> None:
    """Stay until Ctrl-C or SIGTERM, and do some things now and then; raises SweeperError if the server ends itself."""
    with contextlib.suppress(KeyboardInterrupt):
        last = time.monotonic()
        while _lives(address.pid):
            time.sleep(0.2)
            if time.monotonic() - last > _RENEW:
                for each in now_and_then:
                    each()
                last = time.monotonic()
        raise SweeperError(
            f"MLflow's server ended by itself: {_last_line(address.log)}",
            hint="start it again; sweeper doctor checks the record",
        )


@contextmanager
def _database(places: Places) -> Iterator[tuple[str, bool]]:
    """The address of a database for MLflow's server, whose files are where they are now; whether it is a copy."""
    file = sqlite_file(places.uri)
    if file is None:
        yield places.uri, False
        return
    writable = all(os.access(place, os.W_OK) for place in (file.parent, file) if place.exists())
    with ExitStack() as stack:
        if not writable:  # MLflow writes as it starts, and SQLite as it reads
            folder = stack.enter_context(temporary_folder())
            file = _copied(file, folder / file.name)
        create_database(file, places.root)
        if places.own:
            settle(file, places.root)
        yield sqlite_uri(file), not writable


def _copied(file: Path, copy: Path) -> Path:
    if file.exists():
        with closing(connect_read_only(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    return copy


@contextmanager
def _terminating() -> Iterator[None]:
    """SIGTERM and SIGHUP as Ctrl-C: they would leave the server behind; and Ctrl-C even where a shell ignores it."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_until_answered(pid: int, url: str, log: IO[bytes]) -> None:
    place = urlsplit(url)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and _lives(pid):
        # Without urllib, no proxy of the environment stands between this process and its own child.
        connection = HTTPConnection(place.hostname or "", place.port, timeout=2)
        with contextlib.suppress(OSError, HTTPException), closing(connection):
            connection.request("GET", place.path)
            if connection.getresponse().status == HTTPStatus.OK:
                return
        time.sleep(0.05)
    raise SweeperError(
        f"MLflow's server did not start: {_last_line(log)}", hint="try another --port; see sweeper doctor"
    )


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return redact(lines[-1]) if lines else "it said nothing"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and its children, which are a group of their own; Ctrl-C reaches only this process."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()


def _lives(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def _pattern(host: str) -> str:
    """A host as MLflow's patterns have it: ``[`` would begin a set of characters."""
    return f"[[]{host}]" if ":" in host else host


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
