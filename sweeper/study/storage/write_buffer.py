"""What has changed in a trial since it was last written, and the rows that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages._rdb import models


@dataclass
class WriteBuffer:
    """The unsaved changes of one trial.

    Attributes:
        params: as Optuna keeps them inside, with their distributions.
        user, system: attributes.
        steps: reports.
    """

    params: dict[str, tuple[float, BaseDistribution]] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)
    steps: dict[int, float] = field(default_factory=dict)

    def rows(self, trial_id: int) -> list[Any]:
        """Parameters and reports: written once and never changed, what is there need not be read."""
        return [
            *(_param(trial_id, name, value, kind) for name, (value, kind) in self.params.items()),
            *(_report(trial_id, step, value) for step, value in self.steps.items()),
        ]


def _param(trial_id: int, name: str, value: float, kind: BaseDistribution) -> models.TrialParamModel:
    text = distribution_to_json(kind)
    return models.TrialParamModel(trial_id=trial_id, param_name=name, param_value=value, distribution_json=text)


def _report(trial_id: int, step: int, value: float) -> models.TrialIntermediateValueModel:
    stored, kind = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr(value)
    return models.TrialIntermediateValueModel(
        trial_id=trial_id, step=step, intermediate_value=stored, intermediate_value_type=kind
    )
