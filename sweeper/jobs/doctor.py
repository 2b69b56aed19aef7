"""``sweeper doctor``: what this installation can do, and whether its records are sound."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from sweeper.data import inventory, ledger, places
from sweeper.errors import SweeperError
from sweeper.jobs.shared.findings import Findings, count
from sweeper.jobs.shared.leftovers import find_temporary, unseen
from sweeper.jobs.shared.opening import LEDGER
from sweeper.jobs.shared.room import room
from sweeper.study.removed import put_back, removed
from sweeper.study.search.samplers import SAMPLERS
from sweeper.study.session import check_writable
from sweeper.system.addresses import redact, sqlite_file, tracking_uri
from sweeper.system.hardware import gpus
from sweeper.system.process import Life, cores, declare_gone
from sweeper.system.sqlite import connect_read_only
from sweeper.tracking import RunReader, StoredRun, Tracker, open_reader, open_tracker
from sweeper.tracking.deletions import ALL, check_deleted, named
from sweeper.tracking.deletions import restore as restore_runs
from sweeper.version import __version__

LIBRARIES = ("tensorflow", "keras", "numpy", "hydra-core", "optuna", "mlflow", "pandas", "scikit-learn", "matplotlib")


def examine(runs: Path, *, fix: bool = False, gone: Sequence[str] = (), restore: str = "") -> dict[str, Any]:
    """Examine everything; with `fix`, put in order what ended processes left behind. Nothing else is written.

    Args:
        runs: the runs folder.
        fix: whether to put in order what is found.
        gone: names of machines and containers of which a person says that nothing of theirs runs any more.
        restore: bring back first what was deleted in MLflow's pages: a run, ``STUDY``, ``STUDY:N`` or ``all``.

    Returns:
        ``ok``, ``problems``, ``mended``, ``versions``, ``machine``, ``samplers``, ``data``, ``runs``, ``mlflow``,
        ``studies``, ``checkpoints``, ``room`` (bytes by part), ``temporary``, ``ledger``; ``unseen``: what belongs to
        processes of other machines that may still run.
    """
    declare_gone(gone)
    places.use_runs(runs)
    findings = Findings(fix)
    if restore:
        findings.mended.append(_brought_back(runs, restore))
    document = {
        "versions": _versions(),
        "machine": _machine(),
        "samplers": {row.name: row.installed for row in SAMPLERS.values()},
        "data": {each["name"]: each["where"] for each in inventory.listing()["datasets"]},
        "runs": _runs(runs, findings),
        "studies": _studies(runs, findings),
        "mlflow": _mlflow(runs, findings),
        "checkpoints": _checkpoints(runs, findings),
        "room": room(runs),
        "temporary": find_temporary(runs, findings),
        "ledger": _ledger(runs / LEDGER, findings),
        "unseen": findings.unseen,
    }
    return {"ok": not findings.problems, "problems": findings.problems, "mended": findings.mended, **document}


def _versions() -> dict[str, str]:
    found = {"sweeper": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # such as tensorflow, which goes by several names
            found[name] = metadata.version(f"{name}-cpu") if name == "tensorflow" else ""
    return found


def _machine() -> dict[str, Any]:
    page = os.sysconf("SC_PAGE_SIZE")
    memory = {"memory": os.sysconf("SC_PHYS_PAGES") * page, "free_memory": os.sysconf("SC_AVPHYS_PAGES") * page}
    cards = {"gpus": found} if (found := gpus()) else {}
    return {"system": platform.platform(), "cores": cores(), **memory, **cards}


def _runs(runs: Path, findings: Findings) -> dict[str, Any]:
    try:
        check_writable(runs)
        why = ""
    except SweeperError as error:
        why = error.message
        findings.problems.append(why)
    there = next(place for place in (runs.absolute(), *runs.absolute().parents) if place.exists())
    return {"path": str(runs), "exists": runs.is_dir(), "writable": not why, "free": shutil.disk_usage(there).free}


def _studies(runs: Path, findings: Findings) -> list[dict[str, Any]]:
    from sweeper.study.storage.location import list_studies

    return [_study(runs, name, findings) for name in list_studies(runs)]


def _study(runs: Path, name: str, findings: Findings) -> dict[str, Any]:
    from sweeper.study.cleanup import release
    from sweeper.study.study_record import exists, load_study

    try:
        own = runs / "studies" / f"{name}.db"
        if own.exists():
            _check_database(own)
        if not exists(runs, name):  # its creation was interrupted
            return {"name": name, "ok": True, "trials": 0, "unfinished": 0, "left": 0}
        record = load_study(runs, name)
        left = record.abandoned
        for lease, trials in record.unseen:
            has = f"study {name}: {count(trials, 'trial', 'trials')} under way"
            findings.unseen.append(unseen(lease.process, lease.renewed, has))
        if left:
            what = f"study {name}: {count(len(left), 'trial', 'trials')} of a dead driver left as running"
            findings.found(what, lambda: release(runs, name))
    except SweeperError as error:
        findings.problems.append(f"study {name}: {error.message}")
        return {"name": name, "ok": False}
    return {"name": name, "ok": True, "trials": len(record.trials), "unfinished": record.running, "left": len(left)}


def _mlflow(runs: Path, findings: Findings) -> dict[str, Any]:
    from sweeper.tracking.spool import list_waiting, set_aside

    uri = tracking_uri(runs)
    file, spools = sqlite_file(uri), list_waiting(runs / "spool")
    waits = sum(spool.entries for spool in spools)
    left = sum(spool.entries for spool in spools if spool.life is Life.ENDED)
    for spool in spools:
        if spool.life is Life.UNKNOWN:
            has = f"MLflow: {count(spool.entries, 'entry waits', 'entries wait')} to be written"
            findings.unseen.append(unseen(spool.process, spool.heard, has))
    refused, torn = set_aside(runs / "spool")
    aside = {"refused": len(refused), "torn": len(torn)}
    if file is not None and not file.exists() and not (waits or refused or torn):
        return {"uri": redact(uri), "ok": True, "exists": False, "waiting": 0, **aside}
    try:
        if file is not None and file.exists():
            _check_database(file)
        if left:  # first, because what waits may open runs
            what = f"MLflow: {count(left, 'entry waits', 'entries wait')} to be written"
            findings.found(what, lambda: _with_tracker(runs, lambda _: None))  # a tracker takes over what waits
        _set_aside(runs, refused, torn, findings)
        counts = _record(runs, findings)
    except SweeperError as error:
        findings.problems.append(f"MLflow: {error.message}")
        return {"uri": redact(uri), "ok": False, "exists": True, "waiting": waits, **aside}
    return {"uri": redact(uri), "ok": True, "exists": True, "waiting": waits, **aside, **counts}


def _brought_back(runs: Path, called: str) -> str:
    """What was deleted in MLflow's pages, or by ``sweeper rm``."""
    check_writable(runs)
    reader, found = open_reader(runs), list[StoredRun]()
    back = [name for name in removed(runs) if called in {name, ALL} or name.startswith(f"{called}-confirm-")]
    if not back:
        check_deleted(reader, called)
    for name in back:
        put_back(runs, name)
    names = [name for name in dict.fromkeys([called, *back]) if named(reader, name)]
    for name in names:
        _with_tracker(runs, lambda tracker, name=name: found.extend(restore_runs(tracker, name)))  # type: ignore[misc]
    studies = f"; the study {', '.join(back)}" if back else ""
    return f"MLflow: {count(len(found), 'run', 'runs')} brought back{studies}"


def _set_aside(runs: Path, refused: Sequence[Path], torn: Sequence[Path], findings: Findings) -> None:
    """Entries that could not be written: another attempt may succeed; of what is torn, studies know their trials."""
    from sweeper.tracking.spool import readmit

    def try_again() -> None:
        readmit(refused)
        _with_tracker(runs, lambda _: None)

    if refused:
        what = f"MLflow: {count(len(refused), 'entry', 'entries')} refused before, the first {refused[0]}"
        findings.found(what, try_again)
    if torn:
        findings.problems.append(
            f"MLflow: {count(len(torn), 'entry', 'entries')} torn, the first {torn[0]}; trials are recorded again from "
            "their study, anything else is lost: delete the file once that is seen to"
        )


def _record(runs: Path, findings: Findings) -> dict[str, int]:
    """What MLflow says of the runs, against who lives and what the studies say."""
    from sweeper.tracking.describe import owner

    reader = open_reader(runs)
    everything = reader.runs(deleted=None)
    stored = [run for run in everything if not run.deleted]
    running = [run for run in stored if run.status == "RUNNING"]
    owners = [owner(run.tags) for run in running]
    dead = sum(1 for process in owners if process is not None and process.life() is Life.ENDED)
    for process in {each for each in owners if each is not None and each.life() is Life.UNKNOWN}:
        has = f"MLflow: {count(owners.count(process), 'run', 'runs')} left as running"
        findings.unseen.append(unseen(process, None, has))
    if dead:
        what = f"MLflow: {count(dead, 'run', 'runs')} of a dead process left as running"
        findings.found(what, lambda: _with_tracker(runs, lambda tracker: tracker.reconcile()))
    trials = {(run.tags.get("study", ""), run.tags.get("number", "")) for run in everything}
    missing = _unrecorded(runs, trials, findings)
    counts = {"runs": len(stored), "running": len(running), "left": dead, "missing": missing}
    return counts | {
        "deleted": len(everything) - len(stored),
        "without_files": _without_files(reader, stored, findings),
    }


def _without_files(reader: RunReader, stored: Sequence[StoredRun], findings: Findings) -> int:
    """Runs whose files are not where they belong; how many."""
    from sweeper.tracking.models import lost_files

    lost = [path for run in stored for path in lost_files(reader, run)[:1]]
    if lost:
        findings.problems.append(
            f"MLflow: files of {count(len(lost), 'run', 'runs')} are not there, the first {lost[0]}; put them back, "
            "or train again what is still wanted"
        )
    return len(lost)


def _unrecorded(runs: Path, trials: set[tuple[str, str]], findings: Findings) -> int:
    """Trials that a study has and MLflow has not; how many."""
    from sweeper.study.study_record import list_studies, load_trials, reconcile

    total = 0
    for study in list_studies(runs):
        try:
            missing = [trial for trial in load_trials(runs, study) if (study, str(trial.number)) not in trials]
        except SweeperError:  # said where studies are examined
            continue
        if missing:
            what = f"study {study}: {count(len(missing), 'trial', 'trials')} not recorded in MLflow"
            findings.found(what, partial(_with_tracker, runs, partial(reconcile, runs, study)))
        total += len(missing)
    return total


def _with_tracker(runs: Path, work: Callable[[Tracker], object]) -> None:
    with open_tracker(runs) as tracker:
        work(tracker)
        left = tracker.flush()
        if left:
            raise SweeperError(f"{count(left, 'entry waits', 'entries wait')} still: {tracker.trouble}")


def _checkpoints(runs: Path, findings: Findings) -> dict[str, Any]:
    """What killed processes have left to go on from, and what nobody will go on from."""
    from sweeper.study.cleanup import discard, left

    found = left(runs)
    useless = [each for each in found if each.useless]
    if useless:
        what = count(len(useless), "checkpoint", "checkpoints")
        first = f"{useless[0].path}: {useless[0].useless}"
        findings.found(f"{what} of no use, the first {first}", lambda: discard(useless))
    kept = [each for each in found if not each.useless]
    return {
        "kept": [str(each.path) for each in kept],
        "bytes": sum(each.size for each in kept),
        "oldest": datetime.fromtimestamp(kept[0].written, UTC).isoformat(timespec="seconds") if kept else None,
        "useless": [str(each.path) for each in useless],
    }


def _ledger(path: Path, findings: Findings) -> dict[str, Any]:
    try:
        problems, entries = ledger.verify(path), len(ledger.entries(path))
    except SweeperError as error:
        findings.problems.append(error.message)
        return {"path": str(path), "entries": 0, "problems": []}
    findings.problems += [f"the ledger {path}: {problem.message}" for problem in problems if problem.kind == "changed"]
    lines = [{"line": problem.line, "kind": problem.kind, "message": problem.message} for problem in problems]
    return {"path": str(path), "entries": entries, "problems": lines}


def _check_database(path: Path) -> None:
    """SQLite's own check; of a damaged file it says so where the first query might not.

    Raises:
        SweeperError: the file is damaged, or cannot be read.
    """
    try:
        with closing(connect_read_only(path, timeout=20)) as database:
            [said] = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise SweeperError(f"{path} cannot be read: {error}") from error
    if said != "ok":
        raise SweeperError(f"{path} is damaged: {said}")
