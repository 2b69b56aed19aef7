"""What is left of a sweep of ``sweep.py`` that has ended: in its study, and in MLflow."""

import json

from sweeper.study.study_record import load_study
from sweeper.tracking.mlflow.reader import MlflowReader


def values(runs):
    """Of each slot, what was tried and how it ended."""
    record = load_study(runs, "s")
    assert record.running == 0
    return [(dict(trial.values), trial.state) for trial in record.trials]


def tried(runs):
    return {json.dumps(values) for values, _ in values(runs)}


def best(runs):
    return max(trial.score for trial in load_study(runs, "s").trials if trial.state == "finished")


def mirrored(runs):
    """What MLflow has: the numbers of the trials, and the states of all runs."""
    found = MlflowReader(runs).runs()
    numbers = [int(run.tags["number"]) for run in found if run.tags["kind"] == "trial"]
    return sorted(numbers), {run.status for run in found}
