"""What MLflow's pages show of a record, and in which order; everything else has a name that they leave out.

A page has a chart for each metric: a curve where it has several values, a dot where it has one. Charts are in sections
by what is before a slash, in the order of the alphabet; those without one come last. So the curves of training are in
the section ``curves``, numbers have none, and scores over a whole split, of which there is a curve, are no metrics.

Tags whose names begin with ``mlflow.`` are on no page: so do those of the process, the machine and the versions, and
digests. Whoever reads gets the plain names back, and earlier records as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sweeper.tracking.base import Curves, RunRecord, StoredRun
from sweeper.tracking.describe import FINAL, MetricPoint, seeds_of

_HIDDEN = "mlflow.sweeper."
_SCORES = f"{_HIDDEN}final."
"""Tags with scores over a whole split, as JSON; one has so many that it is not too long for MLflow."""
_SCORES_A_TAG = 50
_MOST_MODELS = 10

_FACTS = frozenset({
    "host", "pid", "process_start", "platform", "cpus", "python", "git.dirty", "schema", "sweeper.schema", "weights",
    "data", "data.digest", "data.seal", "data.sizes", "sizes", "points", "resource", "space", "described",
    "interrupted", "pruned", "state",  # said by status
})  # fmt: skip
_KINDS = ("version.", "machine.", "ledger.")

_SECTIONS = {"train.": "curves/", "validation.": "curves/", "learning_rate": "schedule/", "epoch": "schedule/"}


def shown_metric(key: str) -> str:
    """The name of a metric on MLflow's pages."""
    return next((section + key for start, section in _SECTIONS.items() if key.startswith(start)), key)


def shown_points(points: Iterable[MetricPoint]) -> list[MetricPoint]:
    """The points that have a chart, under the names that they have there."""
    return [replace(each, key=shown_metric(each.key)) for each in points if not each.key.startswith(FINAL)]


def shown_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags, under names by which MLflow's pages show what a person asks for first."""
    return {_HIDDEN + key if key in _FACTS or key.startswith(_KINDS) else key: value for key, value in tags.items()}


def score_tags(points: Iterable[MetricPoint]) -> dict[str, str]:
    """The scores over a whole split, as tags."""
    scores = [(each.key.removeprefix(FINAL), each.value) for each in points if each.key.startswith(FINAL)]
    parts = [scores[first : first + _SCORES_A_TAG] for first in range(0, len(scores), _SCORES_A_TAG)]
    return {f"{_SCORES}{number}": json.dumps(dict(part)) for number, part in enumerate(parts)}


def model_tags(run: RunRecord) -> dict[str, str]:
    """The models of a run as MLflow's lists want them; of many the first, as a tag has an end."""
    made = datetime.fromtimestamp(run.ended, UTC).strftime("%Y-%m-%d %H:%M:%S")
    paths = [f"models/seed_{seed}" for seed in seeds_of(run, len(run.result.models))[:_MOST_MODELS]]
    models = [{"artifact_path": path, "flavors": {"keras": {}}, "utc_time_created": made} for path in paths]
    return {"mlflow.log-model.history": json.dumps(models)} if models else {}


def plain(run: StoredRun) -> StoredRun:
    """A run as it was given to the tracker, from what MLflow has of it."""
    scores = [json.loads(value) for key, value in run.tags.items() if key.startswith(_SCORES)]
    run.metrics = {_plain_metric(key): value for key, value in run.metrics.items()}
    run.metrics |= {f"{FINAL}{key}": value for part in scores for key, value in part.items()}
    run.tags = {key.removeprefix(_HIDDEN): value for key, value in run.tags.items() if not key.startswith(_SCORES)}
    return run


def plain_curves(curves: Curves) -> Curves:
    """Curves under the names that they were given."""
    return {_plain_metric(key): points for key, points in curves.items()}


def _plain_metric(key: str) -> str:
    return key.removeprefix("curves/").removeprefix("schedule/")
