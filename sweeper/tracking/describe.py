"""What a tracker keeps of a run, as plain facts: parameters, tags (who ran what, where, with which code), metrics."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import shlex
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from statistics import fmean
from typing import Any

from sweeper.config.history import SCHEMA
from sweeper.system.addresses import redact
from sweeper.system.process import Process, this_process
from sweeper.tracking.base import RunRecord, RunState, StudyStatus
from sweeper.trial import EpochReport, Scores, TrialStatus

ENDS: dict[str, RunState] = {"finished": "FINISHED", "pruned": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
"""How each way to end shows in MLflow; the tag ``status`` keeps the finer word."""

EXPERIMENT = "sweeper"
"""The MLflow experiment that holds all runs, as it is called at first."""

MARK = "sweeper.record"
"""The tag by which it is found whatever it is called."""

SCORE = "score"
"""The metric by which runs and studies are listed, best first; a trial that was pruned has none."""

OPENING = ".opening"
"""After ``test``, the tag with the number of the opening of the test split whose scores a run has."""

FINAL = "final/"
"""Before the names of scores over a whole split at the end; the same names without it are curves by step."""

_LONGEST_PARAM = 6000
_LONGEST_TAG = 8000
"""MLflow's limits, in characters."""
_FORBIDDEN = re.compile(r"[^\w\-. :/]")
"""What MLflow allows in no key."""


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric; `time` in milliseconds since the epoch."""

    key: str
    value: float
    step: int
    time: int


def trial_ref(study: str, number: int) -> str:
    """The name of a trial that stays the same whoever records it: the key to writing it once."""
    return f"{study}:{number}"


def study_ref(study: str) -> str:
    """The name of a study's parent run."""
    return f"study:{study}"


def ref_of(run: RunRecord) -> str:
    """The ref of a trial; a new one for a single run."""
    if run.study and run.number is not None:
        return trial_ref(run.study, run.number)
    return f"run:{uuid.uuid4().hex}"


def status_of(run: RunRecord) -> str:
    """``finished``, ``stopped``, ``failed`` or ``interrupted``."""
    return "interrupted" if run.interrupted else run.result.status


def seeds_of(run: RunRecord, members: int) -> list[int]:
    """The seed of each member."""
    first = run.config.get("seed", 0)
    return list(range(first, first + members))


def params_of(run: RunRecord) -> dict[str, str]:
    """The configuration, flat: ``optimizer.name``, ``hidden`` = ``[50, 30]``."""
    return {clean(key): text(value)[:_LONGEST_PARAM] for key, value in flatten(run.config)}


def tags_of(run: RunRecord, ref: str, facts: Mapping[str, str]) -> dict[str, str]:
    """Everything about a run that is neither a parameter nor a number, `facts` of its process among it."""
    result = run.result
    trial = {"study": run.study, "number": str(run.number)} if run.study else {}
    failure = result.failure
    tags = {
        **facts,
        "mlflow.runName": run.name,
        "sweeper.ref": ref,
        "sweeper.schema": str(SCHEMA),
        "kind": "trial" if run.study else "run",
        **trial,
        "status": status_of(run),
        "pruned": str(result.status == TrialStatus.PRUNED).lower() if run.study else "",
        "interrupted": run.interrupted,
        "failure.kind": failure.kind if failure else "",
        "failure.message": failure.message if failure else "",
        "failure.step": str(failure.step) if failure else "",
        "overrides": " ".join(run.overrides),
        "seeds": text(seeds_of(run, run.config.get("repeats", 1))),
        "weights": text(result.weights) if result.weights else "",
        **{f"machine.{key}": value for key, value in result.machine.items()},
        **{f"data.{key}": text(value) for key, value in result.data.items()},
        **{f"version.{name}": version for name, version in result.versions.items()},
        **run.tags,
    }
    return _tidy(tags)


def points_of(run: RunRecord) -> list[MetricPoint]:
    """All metrics: the curves by step, the final scores, and how long what took.

    ``train.loss``, ``train.accuracy``, ``validation.loss``, ``validation.accuracy``, further metrics that were asked
    for and ``learning_rate`` by step; with several members also each one's own, as ``seed_3/validation.accuracy``. At
    the end all metrics, behind ``final/``.
    """
    points = [point for report in run.history for point in _report_points(run, report)]
    return points + [
        MetricPoint(key, value, run.result.steps, round(run.ended * 1000)) for key, value in _final_values(run).items()
    ]


def study_tags(study: str, facts: Mapping[str, Any], provenance: Mapping[str, str]) -> dict[str, str]:
    """The tags of a study's parent run, while it is open."""
    given = {key: text(value) for key, value in flatten(dict(facts))}
    fixed = {"mlflow.runName": study, "sweeper.ref": study_ref(study), "kind": "study", "study": study}
    return _tidy({**provenance, **given, **fixed, "status": "running"})


def study_data(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The data set that a study is bound to: name, digest and sizes; empty where its facts have none."""
    data, sizes = (json.loads(each) if isinstance(each := facts.get(key), str) else each for key in ("data", "sizes"))
    return {**data, "sizes": sizes or {}} if isinstance(data, dict) else {}


def study_end_tags(status: StudyStatus, reason: str = "") -> dict[str, str]:
    """What the parent run's tags become when the study ends."""
    return {"status": status, "interrupted": reason}


def owner(tags: Mapping[str, str]) -> Process | None:
    """The process that opened a run, from the tags that it left there."""
    if not tags.get("pid", "").isdigit():
        return None
    return Process(tags.get("host", ""), int(tags["pid"]), tags.get("process_start", ""))


def quoted(value: str) -> str:
    """A value as MLflow's search takes one."""
    return f'"{value}"' if "'" in value else f"'{value}'"


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested mappings as dotted keys."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def clean(key: str) -> str:
    """The key with what MLflow forbids in it replaced."""
    return _FORBIDDEN.sub("_", key)[:250]


def text(value: object) -> str:
    """Strings as they are, everything else as JSON, so that it can be read back."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _tidy(tags: Mapping[str, str]) -> dict[str, str]:
    return {clean(key): value[:_LONGEST_TAG] for key, value in tags.items() if value}


def _report_points(run: RunRecord, report: EpochReport) -> list[MetricPoint]:
    values = {
        **_score_values(run, "train", report.train),
        **_score_values(run, "validation", report.validation),
        "learning_rate": report.learning_rate,
        "epoch": report.epoch,
    }
    # Made of the record alone, so that writing it again after a torn attempt writes the same rows.
    time = round((run.started + report.seconds) * 1000)
    return [MetricPoint(key, value, report.step, time) for key, value in values.items()]


def _final_values(run: RunRecord) -> dict[str, float]:
    result = run.result
    values: dict[str, float] = {}
    for split, found in (("train", result.train), ("validation", result.validation)):
        if found is not None:
            values |= {f"{FINAL}{key}": value for key, value in _score_values(run, split, found).items()}
    values |= {f"seconds.{part}": value for part, value in result.seconds.items()}
    score = {} if run.score is None else {SCORE: run.score}
    return values | score | {"steps_done": result.steps, "group": result.group, "parameters": result.parameters}


def _score_values(run: RunRecord, split: str, found: Scores) -> dict[str, float]:
    values = {f"{split}.{name}": fmean(each) for name, each in found.known.items()}
    if len(found.loss) > 1:
        for place, seed in enumerate(seeds_of(run, len(found.loss))):
            values |= {f"seed_{seed}/{split}.{name}": each[place] for name, each in found.known.items()}
    return values


_LIBRARIES = (
    "sweeper", "tensorflow", "tensorflow-cpu", "keras", "numpy", "optuna", "hydra-core", "mlflow", "pandas",
)  # fmt: skip


@cache
def provenance() -> dict[str, str]:
    """Facts of this process as tags, found once: code, command line, user, machine, versions."""
    process = this_process()
    return {
        "mlflow.user": _user(),
        "mlflow.source.name": command_line(),
        "mlflow.source.type": "LOCAL",
        **git_state(Path.cwd()),
        "host": process.host,
        "pid": str(process.pid),
        "process_start": process.start,
        "platform": platform.platform(),
        "cpus": str(os.cpu_count() or ""),
        "python": platform.python_version(),
        **{f"version.{name}": version for name, version in versions().items()},
    }


def versions() -> dict[str, str]:
    """Versions of the libraries that decide about results, read from their metadata: nothing is imported."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def command_line() -> str:
    """This process's command line as it would be typed, secrets starred out; long ones are cut."""
    program = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    return redact(shlex.join([program, *sys.argv[1:]]))[:2000]


def git_state(folder: Path) -> dict[str, str]:
    """``mlflow.source.git.commit`` of the checkout that holds the folder, and whether files differ from it.

    Empty outside a checkout, or without git.
    """
    status = ["status", "--porcelain=v2", "--branch", "--untracked-files=no", "--ignore-submodules=all"]
    lines = _git(folder, [*_without_programs(folder), *status]).splitlines()
    commits = [line.split()[2] for line in lines if line.startswith("# branch.oid ")]
    if not commits or commits[0] == "(initial)":
        return {}
    dirty = any(not line.startswith("#") for line in lines)
    return {"mlflow.source.git.commit": commits[0], "git.dirty": str(dirty).lower()}


def _without_programs(folder: Path) -> list[str]:
    """Options that keep git from starting what a checkout's own configuration names: a monitor, hooks, filters."""
    names = _git(folder, ["config", "--null", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process|required)$"])
    filters = [part for name in names.split("\0") if name for part in ("-c", f"{name}=")]
    return ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", *filters]


def _git(folder: Path, arguments: list[str]) -> str:
    """What git says; nothing where it fails, or is not there."""
    command = ["git", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=2, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return "" if done.returncode else done.stdout


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run under a number that has no name
        return str(os.getuid())
