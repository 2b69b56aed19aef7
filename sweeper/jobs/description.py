"""What MLflow's page of a study says above everything else, and the report that it shows."""

from __future__ import annotations

import hashlib
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sweeper.data import ledger
from sweeper.jobs.confirm.confirmation import Confirmation
from sweeper.jobs.scores import measure_of
from sweeper.jobs.shared.figures import by_worker
from sweeper.jobs.shared.opening import LEDGER
from sweeper.report.study.report import best_sentence
from sweeper.study.study_record import StudyRecord
from sweeper.tracking import StoredRun, Tracker
from sweeper.tracking.describe import study_ref

_WIDTH = 90
"""Characters of a line of a command."""

_NOTE = "mlflow.note.content"
_WRITTEN = "described"
"""The digest of the description that was written last: another one there is a person's, and stays."""


def describe(
    record: StudyRecord,
    confirmed: Confirmation | None,
    runs: Path,
    tracker: Tracker,
    *,
    report: Path | None = None,
) -> None:
    """Put the description of a study on its record, and its report; without a word where it has no record.

    Args:
        record: the study.
        confirmed: what is known of its leaders on fresh seeds.
        runs: the runs folder.
        tracker: of the folder.
        report: its HTML file.
    """
    parents = tracker.reader.runs(ref=study_ref(record.study))
    if not parents:
        return
    parent = parents[-1]
    text = description(record, confirmed, runs)
    tags = {_NOTE: text, _WRITTEN: _digest(text)} if _is_ours(parent) else {}
    tracker.update(parent.run_id, tags=tags, artifacts=[(report, "report")] if report else ())


def description(record: StudyRecord, confirmed: Confirmation | None, runs: Path) -> str:
    """Markdown: the verdict, how the trials ended, how often the test split was opened, and commands."""
    measure = measure_of(record.objective)
    flags = [] if runs == Path("runs") else ["--runs", str(runs)]
    verdict = confirmed.sentence if confirmed else best_sentence(by_worker(record.trials), measure)
    ends = Counter(str(trial.state) for trial in record.trials)
    counts = ", ".join(f"{number} {state}" for state, number in ends.items())
    openings = len(ledger.openings(runs / LEDGER, [str(record.facts.get("data", {}).get("digest"))]))
    opened = f"opened {openings} {'time' if openings == 1 else 'times'}" if openings else "not opened yet"
    trials = "1 trial" if len(record.trials) == 1 else f"{len(record.trials)} trials"
    told = [f"{does}:\n\n```\n{_wrapped(command)}\n```" for does, command in commands(record, confirmed, flags).items()]
    facts = f"{trials}: {counts}. The test split of its data was {opened}."
    return "\n\n".join([verdict, facts, *told])


def commands(record: StudyRecord, confirmed: Confirmation | None, flags: Sequence[str]) -> dict[str, str]:
    """What each does, and the command, for the trial that is named the best; none where no trial finished."""
    leaders = record.leaders()
    if not leaders:
        return {}
    number = confirmed.winner if confirmed else leaders[0].number
    winner = next(trial for trial in leaders if trial.number == number)
    return {
        "Run it again": shlex.join(["sweeper", "run", *winner.overrides, *flags]),
        "Open the test split for it, once, when nothing is left to choose": shlex.join(
            ["sweeper", "test", record.study, *flags]
        ),
        "Train it again and compare to the last bit": shlex.join(
            ["sweeper", "reproduce", "--from-trial", f"{record.study}:{number}", *flags]
        ),
    }


def _is_ours(parent: StoredRun) -> bool:
    there = parent.tags.get(_NOTE, "")
    return not there or _digest(there) == parent.tags.get(_WRITTEN)


def _wrapped(command: str) -> str:
    """A command in lines that MLflow's page has room for, to be copied as one."""
    lines = [""]
    for word in map(shlex.quote, shlex.split(command)):
        if len(lines[-1]) + len(word) > _WIDTH:
            lines.append(" ")
        lines[-1] += f" {word}" if lines[-1] else word
    return " \\\n".join(lines)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
