"""One recorded run, found by what a person calls it and read back whole."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import yaml

from sweeper.config.history import SCHEMA, newer, reopen
from sweeper.config.registry import nearest
from sweeper.config.schema import LATER_KEYS, Config
from sweeper.config.with_data import FLOOR
from sweeper.errors import InputError, SweeperError
from sweeper.tracking.base import RunReader, RunRecord, StoredRun
from sweeper.tracking.deletions import deleted_error
from sweeper.tracking.describe import clean, flatten, text, trial_ref
from sweeper.tracking.recreate import RunFiles, record_of

SHOWN = 5
"""Runs that a message lists."""

_FILES = ("config.yaml", "overrides.txt", "result.json")
_LOST = "put them back there, or train it again"

_TRIAL = re.compile(r"^([^/#@:]+)[/#@](\d+)$")
"""A trial as MLflow's pages name it, and others would."""

OWN = frozenset({"seed", "batch_seed", "repeats", "log_every"})
"""Keys in which runs of one configuration may differ."""


@dataclass(frozen=True)
class Recorded:
    """A run as it was recorded.

    Attributes:
        record: what its driver and its worker said of it, without the paths of its models.
        config: as this version knows it.
        facts: the tags of the process that recorded it: code, host, versions.
    """

    run_id: str
    record: RunRecord
    config: Config
    facts: Mapping[str, str]

    @property
    def title(self) -> str:
        """What a person calls it: the trial's name, or the first digits of the run's id."""
        record = self.record
        return f"{record.study}:{record.number}" if record.study else self.run_id[:8]


def find_run(reader: RunReader, called: str) -> Recorded:
    """A run by its id, the beginning of its id, or its name.

    Raises:
        InputError: there is none, or more than one; or it was recorded by a version that this one does not know.
        SweeperError: the store cannot be read, or the run's files are not there.
    """
    found = reader.runs(called=called) if called else []
    found = [run for run in found if run.tags.get("kind") != "study"]
    exact = [run for run in found if run.run_id == called]
    return read_run(reader, _only(exact or found, called, reader))


def find_trial(reader: RunReader, study: str, number: int) -> Recorded:
    """A trial of a study; raises as ``find_run`` does."""
    found = reader.runs(ref=trial_ref(study, number))
    # Twice where an earlier version recorded again what had been deleted: the first has the models.
    return read_run(reader, _only(found[:1], f"{study}:{number}", reader))


def runs_like(reader: RunReader, config: Config) -> list[Recorded]:
    """The single runs of a configuration that finished, whatever their seeds, oldest first."""
    own = OWN if config.stop_after else OWN | {FLOOR}
    wanted = _flat(config, own)
    absent = LATER_KEYS.keys() - wanted.keys() - own
    found = [run for run in reader.runs(status="FINISHED") if run.tags.get("kind") == "run"]
    alike = [run for run in found if wanted.items() <= run.params.items() and not absent & run.params.keys()]
    return [read_run(reader, run) for run in alike]


def read_run(reader: RunReader, stored: StoredRun) -> Recorded:
    """Everything that was recorded of a run.

    Raises:
        InputError: it was recorded by a version that this one does not know.
        SweeperError: the run's files are not there, or damaged.
    """
    what, schema = f"the run {stored.run_id[:8]}", int(stored.tags.get("sweeper.schema", 0))
    version = stored.tags.get("version.sweeper", "")
    if schema > SCHEMA:
        raise newer(what, schema, version)
    record = _record(reader, stored, what)
    return Recorded(stored.run_id, record, reopen(record.config, schema, what=what, version=version), stored.tags)


def _record(reader: RunReader, stored: StoredRun, what: str) -> RunRecord:
    files = {name: path for name in _FILES if (path := reader.artifact(stored, name)) is not None}
    if "config.yaml" not in files:
        where = reader.folder(stored) or stored.artifacts
        raise SweeperError(f"the files of {what} are not there: looked in {where}", hint=_LOST, key="run")
    try:
        text = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
        result = json.loads(text["result.json"]) if "result.json" in text else None
        kept = RunFiles(yaml.safe_load(text["config.yaml"]), text.get("overrides.txt", "").splitlines(), result)
        return record_of(stored, kept, reader.curves(stored))
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise SweeperError(f"the record of {what} is damaged: {error}", hint="put a copy of it back") from error


def _flat(config: Config, own: Collection[str]) -> dict[str, str]:
    """What runs of one configuration have in common among their parameters."""
    return {clean(key): text(value) for key, value in flatten(config.to_dict()) if key not in own}


def _only(found: Sequence[StoredRun], called: str, reader: RunReader) -> StoredRun:
    if not found:
        raise deleted_error(reader, called) or _no_run(called, reader)
    if len(found) > 1:
        ids = ", ".join(run.run_id[:8] for run in found[-SHOWN:])
        raise InputError(f"{len(found)} runs are called {called!r}", hint=f"give an id, such as {ids}", key="run")
    return found[0]


def _no_run(called: str, reader: RunReader) -> InputError:
    """That there is no such run; names the study or trial that looks most like it."""
    study, colon, number = _TRIAL.sub(r"\1:\2", called).partition(":")
    studies = {run.tags.get("study", "") for run in reader.runs()} - {""}
    near = study if study in studies else nearest(study, studies)
    there = number.isdigit() and bool(reader.runs(ref=trial_ref(study, int(number))))
    if colon and near == study and not there:
        message = f"the study {study} has no trial {number}"
        return InputError(message, hint=f"sweeper results {study} lists them", key="run")
    meant = f"{near}{colon}{number}" if near else ""
    return InputError(
        f"there is no run {called!r}, and no study of that name" + (f"; did you mean {meant}?" if near else ""),
        hint="sweeper results lists them",
        key="run",
        instead=(called, meant) if near else None,
    )
