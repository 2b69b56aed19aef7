"""Every run and trial as a flat row: for tables, files and pandas."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from sweeper.config.metrics import METRICS
from sweeper.config.registry import unknown
from sweeper.config.schema import KEYS, LATER_KEYS
from sweeper.errors import InputError
from sweeper.tracking import open_reader
from sweeper.tracking.base import RunReader, StoredRun
from sweeper.tracking.deletions import deleted_error
from sweeper.tracking.describe import FINAL, OPENING, SCORE
from sweeper.trial import TrialStatus

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

_MAIN = ("validation.accuracy", "validation.rmse", "validation.r2", "validation.loss", "train.accuracy", "train.rmse")
"""What fits a terminal; of classes or of numbers."""
_SCORES = tuple(
    dict.fromkeys((*_MAIN, *(f"{part}.{name}" for part in ("validation", "train") for name in (*METRICS, "loss"))))
)
_BEST_FIRST = ("accuracy", *(row.name for row in METRICS.values() if row.maximize))
_TESTED = ("test.opening", "test.accuracy", "test.rmse")
"""The count first, as columns are dropped from the right: a test number is worth less with every opening."""
_NOT_SHOWN = frozenset({"learning_rate", "epoch", SCORE})
"""Curves whose last value says nothing about a run; the configuration has a key of the same name. The score is there
under its own name."""
_KEPT_TAGS = ("data.name", "data.digest", "overrides", "failure.kind", "failure.message", "failure.step", "same_as")
_COUNTS = ("steps_done", "group", "parameters", "test.opening")
_LOOK = ".look"
"""What the number of an opening was called."""
_MEMBER = re.compile(rf"{FINAL}seed_-?\d+/(.+)")
_MOST_CONFIG = 8
"""Configuration keys in the overview, at most."""


def results(study: str | None = None, *, runs: str | Path | None = None) -> pd.DataFrame:
    """Runs and trials as a DataFrame, one row each, oldest first; its columns are those of ``rows``.

    Args:
        study: only this study's trials.
        runs: the runs folder; SWEEPER_RUNS, or ``runs``, if it is not given.

    Raises:
        InputError: there is no such study.
        SweeperError: the record cannot be read.
    """
    folder = Path(runs or os.environ.get("SWEEPER_RUNS") or "runs")
    return to_frame(rows(open_reader(folder), study))


def rows(reader: RunReader, study: str | None = None) -> list[Row]:
    """Runs and trials as plain values, all with the same keys; None where a run has no such value.

    Columns: ``run_id``, ``kind`` (run or trial), ``study``, ``number``, ``name``, ``status`` (finished, pruned,
    failed, interrupted), ``started`` (UTC); every configuration key (``optimizer.name``) that is recorded of any of
    them; the scores over a whole split (``validation.accuracy``, and ``.std`` over the seeds where there are several);
    ``seconds`` and its parts, ``steps_done``, ``group``, ``parameters``; ``data.name``, ``data.digest``,
    ``overrides``, ``failure.*``;
    ``same_as``, the trial of the study whose result one took that was not trained, as it has the same configuration.
    """
    stored = reader.runs(study=study or "")
    if study and not stored:
        raise no_study(study, reader)
    sections = [_sections(run) for run in sorted(stored, key=_place) if run.tags.get("kind") != "study"]
    columns = list(dict.fromkeys(key for part in zip(*sections, strict=True) for section in part for key in section))
    merged = [{key: value for section in row for key, value in section.items()} for row in sections]
    # A key that is not recorded where it has its default would look unknown beside a row that has another.
    unsaid = {key: "[]" if value == () else value for key, value in LATER_KEYS.items()}
    return [{key: row.get(key, unsaid.get(key)) for key in columns} for row in merged]


def sort(table: Sequence[Row], key: str, *, reverse: bool = False) -> list[Row]:
    """Rows in the order of a column, the best first of what is the better, the more; all else from small to large.

    Gaps are last.

    Raises:
        InputError: there is no such column.
    """
    if table and key not in table[0]:
        # Nobody is led to a test score: choosing by one is what the seal is for.
        raise unknown("column", key, [name for name in table[0] if not name.startswith("test.")], key="--sort")
    known = [row for row in table if _is_known(row[key])]
    by_number = all(isinstance(row[key], int | float) for row in known)
    order: Callable[[Row], Any] = (lambda row: row[key]) if by_number else (lambda row: str(row[key]))
    best_first = key.startswith(("validation.", "train.", "test.")) and key.rpartition(".")[2] in _BEST_FIRST
    ordered = sorted(known, key=order, reverse=best_first != reverse)
    return ordered + [row for row in table if not _is_known(row[key])]


def best_first(table: Sequence[Row], objective: str, maximize: bool, *, reverse: bool = False) -> list[Row]:
    """Rows of a study, the best first: those that finished by their score, then the pruned ones, then the failed.

    A pruned trial's score is of fewer steps, and stands above no finished one.
    """

    def place(row: Row) -> tuple[int, float, int]:
        known = _is_known(row.get(objective))
        value = float(row[objective]) if known else 0.0
        order = {"finished": 0, "pruned": 1}.get(row["status"], 2)
        return order + (0 if known else 3), -value if maximize else value, row["number"] or 0

    ordered = sorted(table, key=place)
    return ordered[::-1] if reverse else ordered


def overview(table: Sequence[Row], objective: str = "") -> tuple[list[str], list[list[Any]]]:
    """What fits a terminal: how it went, by the objective first, and the configuration keys that differ."""
    if not table:
        return [], []
    varied = [key for key in table[0] if _is_config(key) and len({str(row[key]) for row in table}) > 1]
    studies = {row["study"] for row in table}
    name = [] if studies == {""} else ["number"] if len(studies) == 1 else ["study", "number"]
    scores = [
        key for key in dict.fromkeys((objective, *_MAIN, "seconds")) if any(row.get(key) is not None for row in table)
    ]
    tested = [key for key in _TESTED if any(row.get(key) is not None for row in table)]
    failure = [key for key in ("same_as", "failure.message") if any(row.get(key) for row in table)]
    # Some were stopped early, or trained for longer.
    steps = ["steps_done"] if len({row["steps_done"] for row in table if row.get("steps_done")}) > 1 else []
    settings = varied[:_MOST_CONFIG]
    columns = [*name, "status", *scores[:2], *settings, *steps, *tested, *failure, *scores[2:], "run_id"]
    return columns, [[_shown(key, row[key]) for key in columns] for row in table]


def _shown(key: str, value: Any) -> Any:
    """A value in few characters; a list as it is typed."""
    if key == "run_id":
        return value[:8]
    is_list = _is_config(key) and isinstance(value, str) and value.startswith("[")
    return value.replace(", ", ",").replace('"', "") if is_list else value


def no_study(study: str, reader: RunReader) -> InputError:
    """What is said where a study is asked for that is not recorded, with the nearest that is."""
    if gone := deleted_error(reader, study):
        return gone
    studies = sorted({run.tags.get("study", "") for run in reader.runs()} - {""})
    if not studies:
        return InputError(f"{study}: no such study; none is recorded yet", hint="sweeper tune starts one", key="study")
    return unknown("study", study, studies, key="study")


def to_frame(table: Sequence[Row]) -> pd.DataFrame:
    """Rows as a DataFrame, with `started` as a time."""
    import pandas as pd

    frame = pd.DataFrame(list(table))
    if "started" in frame:
        frame["started"] = pd.to_datetime(frame["started"], utc=True)
    return frame


def _place(run: StoredRun) -> tuple[float, int]:
    # Trials of a group start at the same moment.
    number = run.tags.get("number", "")
    return run.started, int(number) if number.isdigit() else -1


def _sections(run: StoredRun) -> tuple[Row, Row, Row, Row]:
    """Who and how; the configuration; the metrics; what the tags add."""
    tags = run.tags
    number = tags.get("number", "")
    first = {
        "run_id": run.run_id,
        "kind": tags.get("kind", "run"),
        "study": tags.get("study", ""),
        "number": int(number) if number.isdigit() else None,
        "name": run.name,
        "status": _status(tags.get("status", run.status.lower())),
        "started": datetime.fromtimestamp(run.started, UTC).isoformat(timespec="milliseconds"),
    }
    config = {key: _value(text) for key, text in run.params.items()}
    openings = {key: float(number) for key, number in tags.items() if _opens(key, number)}
    return first, config, _metrics(run.metrics | openings), {key: tags[key] for key in _KEPT_TAGS if key in tags}


def _opens(key: str, number: str) -> bool:
    return key.endswith(OPENING) and number.isdigit()


def _metrics(metrics: dict[str, float]) -> Row:
    """Scores of a whole split under their plain names; of the curves only what means the same at their end."""
    curves = {key: value for key, value in metrics.items() if "/" not in key and key not in _NOT_SHOWN}
    found = {key: value for key, value in curves.items() if not key.startswith("train.")}
    found |= {key.removeprefix(FINAL): metrics[key] for key in metrics if key.startswith(FINAL)}
    members: dict[str, list[float]] = {}
    for key, value in metrics.items():
        if match := _MEMBER.fullmatch(key):
            members.setdefault(match[1], []).append(value)
    spreads = {f"{score}.std": _deviation(values) for score, values in members.items() if len(values) > 1}
    found = {_today(key): value for key, value in found.items()}
    found |= {key: round(found[key]) for key in _COUNTS if key in found}
    named = {"seconds" if key == "seconds.total" else key: value for key, value in found.items() if "/" not in key}
    return dict(sorted((named | spreads).items(), key=lambda item: _rank(item[0])))


def _today(key: str) -> str:
    """The name of a metric that earlier versions recorded under another."""
    return f"{key.removesuffix(_LOOK)}{OPENING}" if key.endswith(_LOOK) else key


def _rank(key: str) -> tuple[int, str]:
    order = (*_SCORES, "seconds")
    places = [place for place, name in enumerate(order) if key in {name, f"{name}.std"}]
    places += [len(_SCORES)] if key.startswith("seconds") else []
    return (places[0] if places else len(order), key)


def _deviation(values: list[float]) -> float:
    """The sample standard deviation; NaN where a value is not finite."""
    mean = fmean(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _value(text: str) -> Any:
    """Numbers, truth values and None out of a parameter's text; lists stay text, so that a column has one type."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, list | dict | str) else value


def _is_config(key: str) -> bool:
    return key.partition(".")[0] in KEYS and not key.startswith(_SCORES)


def _is_known(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _status(said: str) -> str:
    """One word for a pruned trial, which older records call stopped."""
    return TrialStatus.PRUNED if said == "stopped" else said
