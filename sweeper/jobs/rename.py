"""``sweeper rename``: a study or a single run under another name, wherever its name is; nothing of it is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sweeper.errors import InputError
from sweeper.jobs.shared.subjects import is_study
from sweeper.report.documents.publish import rename as rename_report
from sweeper.report.study.report import report_name
from sweeper.study.overview import overview
from sweeper.study.plan import Observer, ignore
from sweeper.study.removed import removed
from sweeper.study.rename import check_free, rename_past, rename_study
from sweeper.study.session import check_writable, recording
from sweeper.study.storage.location import alone, check_name, list_studies
from sweeper.study.storage.renaming import Renaming, forget, intending, under_way
from sweeper.study.study_record import load_study, reconcile
from sweeper.tracking import Tracker, open_reader
from sweeper.tracking.recorded import find_run

_ASKED = re.compile(r"(?:explore-.+|compare)-[0-9a-f]{8,}|.*-confirm-[0-9a-f]{6}")
"""Studies that are found by their names: of a question, a comparison, or a confirmation."""


def rename(called: str, new: str, *, runs: Path = Path("runs"), observe: Observer = ignore) -> dict[str, Any]:
    """Give a study, or a single run, another name.

    A study's name is changed in its database, in the record of its trials, in its files and reports, and in what
    belongs to it: its confirmation, the random search beside it, and the studies that began warm with it. Openings of
    the test split are on the ledger by the ids of runs, which stay. Killed in the middle, the same again completes it.

    Args:
        called: the study; or a single run, by its id, the beginning of it, or its name.
        new: its name from now on.
        runs: the runs folder.
        observe: told where the record cannot be written now.

    Returns:
        ``kind`` (study or run), ``old``, ``new``; ``studies``: the other studies that were renamed with it, as pairs;
        ``runs``: how many recorded runs; ``report``: the HTML of its report, made again; None where it had none.

    Raises:
        InputError: there is no such thing, it runs, it is named by what it answers, or the name is taken.
        SweeperError: the record or the storage does not answer.
    """
    check_writable(runs)
    begun = [one for one in under_way(runs) if called in {one.old, one.new}]
    if begun and (begun[0].old, begun[0].new) == (called, new):
        return _study(begun[0], runs, observe, begins=False)
    if not begun and not is_study(called, runs):
        return _run(called, new, runs, observe)
    pairs = _pairs(called, new, runs)
    _check(called, new, pairs, runs)
    return _study(Renaming(called, new, pairs), runs, observe, begins=True)


def _check(called: str, new: str, pairs: tuple[tuple[str, str], ...], runs: Path) -> None:
    """Say why a study cannot have another name, or this one."""
    if called == new:
        raise InputError(f"the study is called {new} already", hint="give another name", key="new")
    if _ASKED.fullmatch(called):
        hint = "rename the search that it is of" if "-confirm-" in called else "sweeper results lists the others"
        raise InputError(f"the study {called} is found by its name, which says what it answers", hint=hint, key="name")
    check_free(runs, new, called)
    _check_unknown(new, runs)
    _check_idle(pairs, runs)


def _check_unknown(new: str, runs: Path) -> None:
    """No run, and nothing that was removed, is called so: `doctor --restore` would bring back two of one name."""
    reader = open_reader(runs)
    if new in removed(runs) or reader.runs(study=new, deleted=None):
        hint = "sweeper doctor --free frees it, or give another name"
        raise InputError(f"a study {new!r} was removed, and can be brought back by that name", hint=hint, key="new")
    if alike := reader.runs(called=new, deleted=None):
        named = any(run.name == new for run in alike)
        said = f"a run is called {new!r} already" if named else f"{new!r} is how the id of a run begins"
        raise InputError(said, hint="give another name", key="new")


def _check_idle(pairs: tuple[tuple[str, str], ...], runs: Path) -> None:
    for old, _ in pairs:
        found = overview(runs, old)
        if found.state == "running":
            who = ", ".join(f"process {driver['pid']} on {driver['host']}" for driver in found.drivers)
            raise InputError(f"the study {old} is running: {who}", hint="end it with Ctrl-C first", key="name")


def _pairs(old: str, new: str, runs: Path) -> tuple[tuple[str, str], ...]:
    """The study, and those that are found by its name: its confirmations, and the random search beside it."""
    beside = re.compile(
        rf"{re.escape(old[:80])}(?P<what>-confirm-[0-9a-f]{{6}})|{re.escape(old[:90])}(?P<drawn>-random)"
    )
    found = {study: beside.fullmatch(study) for study in list_studies(runs) if study != old}
    more = [(s, new[:80] + m["what"] if m["what"] else new[:90] + m["drawn"]) for s, m in found.items() if m]
    return ((old, new), *more)


def _study(what: Renaming, runs: Path, observe: Observer, *, begins: bool) -> dict[str, Any]:
    """Change the name wherever it is; each step passes over what is done already, by one that was interrupted."""
    with alone(runs / "studies"), recording(runs, observe) as tracker, intending(runs, what):
        if begins:
            _still_idle(what, runs)
        count = sum(_one(old, new, runs, tracker) for old, new in what.pairs)
        had_report = rename_report(runs / "reports", report_name(what.old), report_name(what.new)) is not None
        made = _described(what.new, runs, tracker, observe, had_report=had_report)
    return {
        "kind": "study",
        "old": what.old,
        "new": what.new,
        "studies": [list(pair) for pair in what.pairs[1:]],
        "runs": count,
        "report": made,
    }


def _still_idle(what: Renaming, runs: Path) -> None:
    """A driver may have begun before it could see the intention; nothing has changed yet."""
    try:
        _check_idle(what.pairs, runs)
    except InputError:
        forget(runs, what)
        raise


def _one(old: str, new: str, runs: Path, tracker: Tracker) -> int:
    """Rename one study; how many recorded runs it has."""
    if old in list_studies(runs) and not open_reader(runs).runs(study=new):
        reconcile(runs, old, tracker)  # a trial that waits for the record knows where its models are
    tracker.rename_study(old, new, deleted=old not in removed(runs))
    rename_past(runs, old, new)
    rename_study(runs, old, new)
    return len(open_reader(runs).runs(study=new))


def _described(study: str, runs: Path, tracker: Tracker, observe: Observer, *, had_report: bool) -> str | None:
    """Description and report again, as both name the study and commands for it; the report's HTML."""
    from sweeper.jobs.confirm.confirmation import confirmation
    from sweeper.jobs.report import report
    from sweeper.jobs.shared.study_page import describe

    record = load_study(runs, study)
    if had_report and record.trials:
        return str(report(study, runs=runs, observe=observe)["report"]["html"])
    describe(record, confirmation(runs, record), runs, tracker)
    return None


def _run(called: str, new: str, runs: Path, observe: Observer) -> dict[str, Any]:
    """Give a single run another name; its id stays."""
    check_name(new)
    found = find_run(open_reader(runs), called)
    if found.record.study:
        hint = f"sweeper rename {found.record.study} NEW"
        raise InputError(f"{found.title} is a trial, which is called by its study's name", hint=hint, key="name")
    if new in list_studies(runs):
        raise InputError(f"there is a study {new!r} already", hint="give another name", key="new")
    _check_unknown(new, runs)
    with recording(runs, observe) as tracker:
        tracker.rename_run(found.run_id, new)
    return {"kind": "run", "old": called, "new": new, "studies": [], "runs": 1, "report": None}
