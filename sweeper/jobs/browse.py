"""What ``sweeper ui`` shows: a view of all studies and single runs, and one of each study's trials, best first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sweeper.study.objectives import DEFAULT, OBJECTIVES
from sweeper.tracking import StoredRun, open_reader
from sweeper.tracking.describe import FINAL, SCORE, quoted
from sweeper.tracking.mlflow.shown import shown_metric
from sweeper.tracking.mlflow.views import ALL, View, column
from sweeper.tracking.run_rows import no_study

MOST_STUDIES = 30
"""Studies with a view of their own, the latest first: MLflow's menu shows them all."""

MOST_KEYS = 8
"""Keys of the configuration with a column of their own."""

_STATUS = column("tags", "status")
_ABOUT = (column("attributes", "Dataset"), column("attributes", "Models"), column("attributes", "Description"))


def views(runs: Path, study: str = ALL) -> list[View]:
    """The views of a runs folder.

    Args:
        runs: the folder.
        study: one that has a view in any case.

    Raises:
        InputError: there is no such study.
        SweeperError: the record cannot be read.
    """
    reader = open_reader(runs)
    stored = reader.runs()
    parents = {run.tags["study"]: run for run in stored if run.tags.get("kind") == "study"}
    if study != ALL and study not in parents:
        error = no_study(study, reader)
        if study.isdigit():
            error.instead = (study, f"--port={study}")
        elif address := re.fullmatch(r"(?:https?://)?(\w[\w.-]*):(\d+)/?", study):
            error.instead = (study, f"--host={address[1]} --port={address[2]}")
        raise error
    latest = sorted(parents, key=lambda name: (name == study, parents[name].started))[-MOST_STUDIES:]
    each = [_of_study(parents[name], [run for run in stored if _is_trial(run, name)]) for name in latest]
    return [_of_all(stored), *each]


def _of_all(stored: Sequence[StoredRun]) -> View:
    """Studies and single runs, so that no single run is behind the trials of a study."""
    shown = [run for run in stored if run.tags.get("kind") != "trial"]
    order, scores = _scores(shown, ["best_score", FINAL + DEFAULT], [DEFAULT])
    created = max((run.started for run in shown), default=0.0) + 1  # before every study in the menu
    ascending = not OBJECTIVES[DEFAULT].maximize
    return View(ALL, "All runs", "tags.kind != 'trial'", order, ascending, [_STATUS, *scores, *_ABOUT], created)


def _of_study(parent: StoredRun, trials: Sequence[StoredRun]) -> View:
    """A study's trials: how each ended, what it is worth, and what differs between them."""
    name = parent.tags["study"]
    objectives = parent.tags.get("objective", DEFAULT).split(",")
    order, scores = _scores(trials, [FINAL + objectives[0]], [*objectives, "validation.loss"])
    keys = dict.fromkeys(key for run in trials for key in run.params)
    varied = [key for key in keys if len({run.params.get(key) for run in trials}) > 1]
    columns = [_STATUS, *scores, *(column("params", key) for key in varied[:MOST_KEYS])]
    chosen = f"tags.kind = 'trial' AND tags.study = {quoted(name)}"
    if order != column("metrics", SCORE):  # of earlier versions: a pruned trial has what it is sorted by, too
        chosen += " AND tags.status != 'pruned'"
    ascending = objectives[0] in OBJECTIVES and not OBJECTIVES[objectives[0]].maximize
    return View(name, name, chosen, order, ascending, columns, parent.started)


def _scores(runs: Sequence[StoredRun], before: Sequence[str], names: Sequence[str]) -> tuple[str, list[str]]:
    """The column by which runs are sorted, and those of all their scores.

    Args:
        runs: of a view.
        before: the metrics that earlier versions recorded in place of a score.
        names: further metrics.
    """
    new = [run for run in runs if SCORE in run.metrics]
    old = [run for run in runs if SCORE not in run.metrics and run.tags.get("status", "finished") == "finished"]
    sums = {name: sum(name in run.metrics for run in old) for name in before}
    order = SCORE if len(new) >= len(old) else max(sums, key=sums.__getitem__)
    known = {key for run in runs for key in run.metrics}
    beside = [name for name in before if sums[name]]
    # The last value of a curve is what the score is of, under a name that MLflow's heading has no room for.
    beside += [name for name in names if name in known and (old or shown_metric(name) == name)]
    # What earlier versions recorded has its plain name on MLflow's pages.
    shown = [name if name in before or not new else shown_metric(name) for name in [order, *beside]]
    columns = list(dict.fromkeys(column("metrics", name) for name in shown))
    return columns[0], columns


def _is_trial(run: StoredRun, study: str) -> bool:
    return run.tags.get("kind") == "trial" and run.tags.get("study") == study
