"""What trials are scored by beside loss and accuracy: one row each, with the task that it is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sweeper.config.registry import Registry

Task = Literal["classification", "regression"]
CLASSIFICATION: Task = "classification"
REGRESSION: Task = "regression"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: in the key ``metrics``, in records and, behind ``validation.``, as an objective.
        task: what it says something of.
        maximize: whether more is better.
        said: what it is, in a few words.
    """

    name: str
    task: Task
    maximize: bool
    said: str


METRICS = Registry(
    "metric",
    [
        Metric("balanced_accuracy", CLASSIFICATION, True, "mean recall of the classes"),
        Metric("f1_macro", CLASSIFICATION, True, "mean F1 of the classes"),
        Metric(
            "auc",
            CLASSIFICATION,
            True,
            "area under the ROC curve; of several classes the mean, each against all others",
        ),
        Metric("log_loss", CLASSIFICATION, False, "mean of -log of the probability given to the right class"),
        Metric("calibration", CLASSIFICATION, False, "expected calibration error, 15 bins"),
        Metric("rmse", REGRESSION, False, "root of the mean squared error, in the target's unit"),
        Metric("mae", REGRESSION, False, "mean absolute error, in the target's unit"),
        Metric("r2", REGRESSION, True, "share of the target's variance that is explained"),
    ],
)
"""Name by name; their definitions are in ``sweeper.train.metrics``."""


def metrics_of(task: Task) -> tuple[str, ...]:
    """The names of a task's metrics."""
    return tuple(row.name for row in METRICS.values() if row.task == task)
