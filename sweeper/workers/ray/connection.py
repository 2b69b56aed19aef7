"""The connection of this process to a cluster: made once, quiet, and with a line on what is wrong."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sweeper.errors import InputError, SweeperError, one_line
from sweeper.workers.cluster import AUTO, LOCAL, Cluster

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # how it will be one day; without it Ray warns
    # Ray prints the death of every worker to standard output, which belongs to the command's document.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
}
"""Ray's own settings, read when it is imported; what a person has set stays."""

ONE_MACHINE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # its servers listen on loopback alone
    "RAY_worker_niceness": "0",  # it is 15, and whatever else the machine does goes before the training
}
"""Ray's settings for one machine."""

TOKEN = {"RAY_AUTH_MODE": "token"}
"""With a token at hand a head asks for it unless it is told otherwise; a client sends it only where this is set."""

ATTEMPTS = 3
"""Times that a local Ray is started before it is given up."""

REACH = 10.0
"""Seconds until a host that does not answer counts as not there."""


class Connection:
    """A connection to a cluster, which ends with ``close`` unless the process had one before.

    Args:
        cluster: which.
        cpus: processors of a local one.

    Raises:
        InputError: there is no such cluster, Ray is not installed, or the cluster's is another.
        SweeperError: it cannot be used.
    """

    def __init__(self, cluster: Cluster, cpus: int) -> None:
        self.driver = secrets.token_hex(8)
        check_installed()
        ray = _imported(cluster)
        self._own = not ray.is_initialized()
        if self._own:
            _check_reach(cluster)
            with _handlers_kept(), _explained(cluster):
                _begin(ray, _arguments(cluster, cpus), attempts=ATTEMPTS if cluster.address == LOCAL else 1)

    def close(self) -> None:
        """Leave the cluster; a local one ends."""
        if self._own:
            import ray

            with _handlers_kept():
                ray.shutdown()


def _begin(ray: Any, arguments: dict[str, Any], attempts: int) -> None:
    """Connect. On a busy machine Ray's own servers may take longer to start than it waits for them."""
    for left in reversed(range(attempts)):
        try:
            ray.init(**arguments)
        except Exception as error:
            ray.shutdown()
            if "timed out during startup" not in str(error) or not left:
                raise
        else:
            return


def check_installed() -> None:
    """Raises InputError where Ray is not installed."""
    if find_spec("ray") is None:
        raise InputError("--cluster needs Ray, which is not installed", hint="pip install 'sweeper[ray]'")


def _imported(cluster: Cluster) -> Any:
    more = ONE_MACHINE if cluster.address == LOCAL else TOKEN if cluster.host and _has_token() else {}
    for name, value in (QUIET | more).items():
        os.environ.setdefault(name, value)
    import ray

    return ray


def _has_token() -> bool:
    """Whether there is a token where Ray looks for one."""
    named = os.environ.get("RAY_AUTH_TOKEN_PATH")
    path = Path(named) if named else Path.home() / ".ray" / "auth_token"
    return bool(os.environ.get("RAY_AUTH_TOKEN")) or path.is_file()


def _arguments(cluster: Cluster, cpus: int) -> dict[str, Any]:
    quiet = {"logging_level": "CRITICAL", "log_to_driver": False}
    if cluster.address == LOCAL:
        return quiet | {"address": LOCAL, "num_cpus": cpus, "include_dashboard": False}
    return quiet | {"address": cluster.address}


def _check_reach(cluster: Cluster) -> None:
    """Ask a server whether it is there: Ray itself would try for minutes."""
    if cluster.host is None:
        return
    try:
        socket.create_connection(cluster.host, REACH).close()
    except OSError as error:
        raise InputError(
            f"no Ray cluster answers at {cluster.address}: {error.strerror or error}",
            hint="ray start --head --ray-client-server-port 10001 starts one there",
            key="--cluster",
        ) from error


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Ray sets a handler for SIGTERM of its own, which would end a sweep without a word."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        with suppress(ValueError):  # not the main thread, where Ray sets none either
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _explained(cluster: Cluster) -> Iterator[None]:
    """What Ray says, as one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Ray says it twice, once as a warning of several lines
            yield
    except ConnectionError as error:
        if cluster.address == AUTO:
            raise InputError(
                "--cluster auto: no Ray cluster runs on this machine",
                hint="ray start --head starts one, ray start --address HOST:6379 joins one; or --cluster local",
                key="--cluster",
            ) from error
        hint = "if its head has a token, copy it here: ~/.ray/auth_token" if cluster.host else ""
        raise SweeperError(
            f"the Ray cluster {cluster.address} cannot be used: {_first_line(error)}", hint=hint
        ) from error
    except RuntimeError as error:
        if "ersion" in str(error):
            text = " ".join(line.strip() for line in str(error).splitlines() if line.strip())
            raise InputError(f"--cluster {cluster.address}: {text}", key="--cluster") from error
        raise SweeperError(f"the Ray cluster {cluster.address} cannot be used: {_first_line(error)}") from error
    except Exception as error:  # Ray raises plain exceptions, too
        raise SweeperError(f"the Ray cluster {cluster.address} cannot be used: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return one_line(next(iter(str(error).strip().splitlines()), type(error).__name__))
