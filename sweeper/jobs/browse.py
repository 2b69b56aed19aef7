"""What ``sweeper ui`` shows: a view of all studies and single runs, and one of each study's trials, best first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sweeper.study.objectives import DEFAULT, OBJECTIVES
from sweeper.tracking import StoredRun, open_reader
from sweeper.tracking.describe import FINAL, SCORE, quoted
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
        raise no_study(study, reader)
    latest = sorted(parents, key=lambda name: (name == study, parents[name].started))[-MOST_STUDIES:]
    each = [_of_study(parents[name], [run for run in stored if _is_trial(run, name)]) for name in latest]
    return [_of_all(stored), *each]


def _of_all(stored: Sequence[StoredRun]) -> View:
    """Studies and single runs, so that no single run is behind the trials of a study."""
    shown = [run for run in stored if run.tags.get("kind") != "trial"]
    before = ("best_score", FINAL + DEFAULT)
    order = _best_known(shown, (SCORE, *before))
    columns = [_STATUS, *_scores(shown, [order, *before, DEFAULT]), *_ABOUT]
    created = max((run.started for run in shown), default=0.0) + 1  # before every study in the menu
    ascending = not OBJECTIVES[DEFAULT].maximize
    return View(ALL, "All runs", "tags.kind != 'trial'", column("metrics", order), ascending, columns, created)


def _of_study(parent: StoredRun, trials: Sequence[StoredRun]) -> View:
    """A study's trials: how each ended, what it is worth, and what differs between them."""
    name = parent.tags["study"]
    objectives = parent.tags.get("objective", DEFAULT).split(",")
    order = _best_known(trials, (SCORE, FINAL + objectives[0]))
    keys = dict.fromkeys(key for run in trials for key in run.params)
    varied = [key for key in keys if len({run.params.get(key) for run in trials}) > 1]
    columns = [
        _STATUS,
        *_scores(trials, [order, *objectives, "validation.loss"]),
        *(column("params", key) for key in varied[:MOST_KEYS]),
    ]
    chosen = f"tags.kind = 'trial' AND tags.study = {quoted(name)}"
    ascending = objectives[0] in OBJECTIVES and not OBJECTIVES[objectives[0]].maximize
    return View(name, name, chosen, column("metrics", order), ascending, columns, parent.started)


def _best_known(runs: Sequence[StoredRun], names: Sequence[str]) -> str:
    """The metric that most of the runs have, the first of as good: earlier versions recorded others than a score."""
    return max(names, key=lambda name: sum(name in run.metrics for run in runs))


def _scores(runs: Sequence[StoredRun], names: Sequence[str]) -> list[str]:
    known = {key for run in runs for key in run.metrics}
    return [column("metrics", name) for name in dict.fromkeys(names) if name in known]


def _is_trial(run: StoredRun, study: str) -> bool:
    return run.tags.get("kind") == "trial" and run.tags.get("study") == study
