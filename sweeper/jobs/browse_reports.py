"""Reports of studies that have none yet, made while somebody looks at them in a browser.

A report takes some seconds of a processor, which the end of a search is not made to wait for.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sweeper.errors import SweeperError
from sweeper.system.python import module_command, safe_environment
from sweeper.tracking import open_reader

MOST = 5
"""Reports that one browsing makes, those of the latest studies."""
_NICE = 10
_AGAIN = 60.0
"""Seconds until it is looked again for studies without one, where there were none."""


@contextmanager
def reporting(runs: Path, first: str = "") -> Iterator[Callable[[], None]]:
    """What begins the next report whenever it is called, one at a time, each a process that gives way to others.

    Args:
        runs: the runs folder, as it is written.
        first: the study whose report is made before those of the latest.
    """
    tried: list[str] = []
    process: subprocess.Popen[bytes] | None = None
    later = 0.0

    def begin() -> None:
        nonlocal process, later
        busy = process is not None and process.poll() is None
        if busy or len(tried) >= MOST or time.monotonic() < later:
            return
        with suppress(SweeperError):  # whoever asks for the report is told what is wrong
            name = next((name for name in without_report(runs, first) if name not in tried), "")
            if name:
                process = _started(name, runs)
                tried.append(name)
            else:
                later = time.monotonic() + _AGAIN

    try:
        yield begin
    finally:
        if process is not None:
            process.terminate()
            process.wait()


def without_report(runs: Path, first: str = "") -> list[str]:
    """The studies that have trials, do not run, and have no report on their record: `first`, then the latest ones.

    Raises:
        SweeperError: the record cannot be read.
    """
    from sweeper.study.storage.location import list_studies  # SQLAlchemy's half second: not before a page is there

    reader, there = open_reader(runs), set(list_studies(runs))
    parents = {run.tags["study"]: run for run in reader.runs() if run.tags.get("kind") == "study"}
    latest = sorted(there & parents.keys(), key=lambda name: (name != first, -parents[name].started))
    missing = (name for name in latest if reader.artifact(parents[name], "report/report.html") is None)
    return [name for name in missing if _is_over(name, runs)]


def _is_over(study: str, runs: Path) -> bool:
    from sweeper.study.overview import overview  # and Optuna's

    with suppress(SweeperError):
        found = overview(runs, study)
        return found.state in {"complete", "stopped", "ended"} and found.done > 0
    return False


def _started(study: str, runs: Path) -> subprocess.Popen[bytes]:
    command = module_command("sweeper", "report", study, "--runs", str(runs.resolve()))
    process = subprocess.Popen(
        command,
        env=safe_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with suppress(OSError):  # it is over already, or the machine has none of this
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    return process
