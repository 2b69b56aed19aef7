"""A process that has loaded what commands need: ``python -P -m sweeper.cli.warm_commands IDLE LEADER``.

Each command (``entry``) is run by a copy of it, which is the command's driver in every sense: leases and records name
it. It never loads TensorFlow by this: workers come from the other warm server (``workers.warm_server``).
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from contextlib import suppress
from importlib import import_module

from sweeper.system.python import own_process
from sweeper.system.warm import frames
from sweeper.system.warm.place import COMMANDS
from sweeper.system.warm.server import keep
from sweeper.system.warm.spare import Visit

MODULES = (
    *(f"sweeper.jobs.{name}" for name in ("run", "tune", "explore", "compare", "test", "reproduce")),
    *("sweeper.jobs.confirm.confirm", "sweeper.jobs.shared.evidence", "sweeper.jobs.shared.study_page"),
    *("sweeper.cli.words", "sweeper.cli.habits", "sweeper.cli.sweep_progress", "sweeper.cli.explore_progress"),
    *("sweeper.config.planning", "sweeper.data.loader", "sweeper.data.summary"),
    *("sweeper.study.driver", "sweeper.study.opening", "sweeper.study.search.ahead"),
    *("sweeper.questions.run.explorer", "sweeper.report.study.report", "sweeper.report.figures.search"),
    *("sweeper.report.figures.learning", "sweeper.tracking.mlflow.tracker", "sweeper.tracking.mlflow.folder"),
    *("rich.console", "rich.live", "rich.progress_bar", "rich.table"),
    *("email.policy", "email.headerregistry", "encodings.ascii", "sqlalchemy.dialects.sqlite", "alembic.command"),
)
"""What commands import when they need it."""

_SETTINGS = ("MLFLOW_", "DO_NOT_TRACK")
"""Beginnings of variables that are set before MLflow is loaded, and are to stay.

scikit-learn sets some of OpenMP's, which a command's workers would inherit: in a command alone they begin before it.
"""

_ended: dict[str, Visit | int] = {}


def main(idle: float, leader: str) -> None:
    """Wait for commands; in a copy, run one."""
    atexit.register(_say_the_end)  # the first to be registered is the last to run
    visit = keep(COMMANDS, _load, idle=idle, leader=leader)
    if visit is not None:
        _run(visit)


def _load() -> None:
    before = set(os.environ)
    own_process()
    import_module("sweeper.cli.app")
    for name in MODULES:
        import_module(name)
    from sweeper.config.compose import compose
    from sweeper.data.sealed import load_readers
    from sweeper.report.figures.style import warm_up
    from sweeper.study.importance import load_forest
    from sweeper.tracking.mlflow.client_rows import load

    load()
    load_readers()
    load_forest()
    warm_up()
    compose([])
    for key in set(os.environ) - before:
        if not key.startswith(_SETTINGS):
            del os.environ[key]
    if threading.active_count() > 1:
        raise RuntimeError("an import has started a thread, which no copy would have")


def _run(visit: Visit) -> None:
    """Be the command, in its surroundings; never outlive who asked for it."""
    _ended["visit"] = visit
    visit.leash.close()
    os.setpgid(0, 0)
    for stream, handle in zip((1, 0), visit.handles, strict=True):
        os.dup2(handle, stream)
        os.close(handle)
    threading.Thread(target=_end_with, args=(visit,), name="client", daemon=True).start()
    sys.argv[:], sys.path[:] = visit.asked["argv"], visit.asked["path"]
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # as in a new process: else all copies would draw the same
    from sweeper.cli.app import main as run

    _ended["code"] = 1
    try:
        run(sys.argv[1:])
    except SystemExit as end:
        _ended["code"] = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise


def _end_with(visit: Visit) -> None:
    """A command whose terminal is gone, or that was killed, works no longer."""
    with suppress(OSError):
        while visit.channel.recv(1):
            pass
    os.kill(os.getpid(), signal.SIGKILL)


def _say_the_end() -> None:
    visit, code = _ended.get("visit"), _ended.get("code", 1)
    if not isinstance(visit, Visit):
        return
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    with suppress(OSError):
        frames.send(visit.channel, {"code": code})


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2])
