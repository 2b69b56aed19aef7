"""What a tracker has to write, one entry a call, in a form that outlives the process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sweeper.tracking.base import RunRecord, StudyStatus
from sweeper.trial import EpochReport, Scores, result_from_json


@dataclass(frozen=True, slots=True)
class Open:
    """Open a study's parent run, or go on with it; `provenance` is of the process that does."""

    study: str
    facts: Mapping[str, Any]
    provenance: Mapping[str, str]
    time: float


@dataclass(frozen=True, slots=True)
class Record:
    """Write a run that ended. `ref` names it for good."""

    ref: str
    run: RunRecord
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Update:
    """Add to a run, named by its id or by its ref; `artifacts` are paths with the folder that each goes to."""

    run_id: str
    ref: str
    time: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    artifacts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """End a study's parent run."""

    study: str
    status: StudyStatus
    summary: Mapping[str, float]
    time: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Kill:
    """Close a run that its process left open."""

    run_id: str
    reason: str


Entry = Open | Record | Update | Close | Kill
_KINDS: dict[str, type[Entry]] = {"open": Open, "record": Record, "update": Update, "close": Close, "kill": Kill}


def dumps(entry: Entry) -> str:
    """An entry as one JSON document."""
    return json.dumps({"kind": type(entry).__name__.lower(), **asdict(entry)}, default=str)


def loads(document: str) -> Entry:
    """The entry that ``dumps`` wrote.

    Raises:
        ValueError, KeyError, TypeError: the document is torn, or of another version.
    """
    values: dict[str, Any] = json.loads(document)
    kind = _KINDS[values.pop("kind")]
    if kind is Record:
        values["run"] = _run(values["run"])
    return kind(**values)


def _run(values: dict[str, Any]) -> RunRecord:
    history = [_report(report) for report in values.pop("history")]
    result = result_from_json(values.pop("result"))
    return RunRecord(**values, history=history, result=result)


def _report(values: dict[str, Any]) -> EpochReport:
    scores = {split: Scores(**{k: tuple(v) for k, v in values[split].items()}) for split in ("train", "validation")}
    return EpochReport(**values | scores)
