"""Importance of hyperparameters for the score, by PED-ANOVA: of a study that is open, or of one that was read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import optuna
from optuna.trial import TrialState, create_trial

from sweeper.study.converters import distribution, quiet_optuna
from sweeper.study.objectives import OBJECTIVES
from sweeper.study.study_record import StudyRecord
from sweeper.system.lazy_imports import without
from sweeper.trial import TrialStatus

with without(["sklearn"]):  # which only the other evaluators need
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

ENOUGH = 10
"""Finished trials below which nothing can be said of importance."""

EVALUATOR = "PED-ANOVA"
"""Watanabe et al. 2023: how much a parameter's values among the best tenth differ from its values among all."""

Indices = npt.NDArray[np.intp]


def importances(study: optuna.Study) -> tuple[tuple[str, float], ...]:
    """The share of each hyperparameter that every trial has, largest first; empty where nothing can be said.

    With several objectives it is for coming near their front.
    """
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(finished) < ENOUGH or len({tuple(t.values or ()) for t in finished}) < 2 or not finished[0].params:
        return ()
    return tuple(_shares(study).items())


def evaluator(record: StudyRecord) -> tuple[Callable[[Indices], Mapping[str, float]], int] | None:
    """A function from indices into the finished trials to importance by name, and how many trials there are.

    None where there are too few to say anything, or nothing was searched.
    """
    space = record.space
    finished = [trial for trial in record.trials if trial.state == TrialStatus.FINISHED and trial.score is not None]
    if space is None or len(finished) < ENOUGH or len({trial.score for trial in finished}) < 2:
        return None
    kinds = {name: distribution(domain) for name, domain in space.dimensions.items()}
    frozen = [
        create_trial(
            value=trial.score,
            params=dict(trial.values),
            distributions={name: kinds[name] for name in trial.values},
        )
        for trial in finished
    ]
    direction = OBJECTIVES[record.objective].direction

    def evaluate(indices: Indices) -> Mapping[str, float]:
        with quiet_optuna():
            study = optuna.create_study(direction=direction)
            study.add_trials([frozen[index] for index in indices])
            if len({trial.value for trial in study.get_trials(deepcopy=False)}) < 2:
                return {}
            return _shares(study)

    return evaluate, len(frozen)


def _shares(study: optuna.Study) -> dict[str, float]:
    """The share of each hyperparameter that every trial has, the largest first; the scores must not all be equal."""
    return get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
