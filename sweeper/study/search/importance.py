"""Importance of the hyperparameters of a study that was read back, over any of its trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import optuna
from optuna.trial import create_trial

from sweeper.study.objectives import OBJECTIVES
from sweeper.study.outcome import ENOUGH, EVALUATOR, shares
from sweeper.study.quiet import quiet_optuna
from sweeper.study.search.source import distribution
from sweeper.study.study_record import StudyRecord

__all__ = ["EVALUATOR", "evaluator"]

Indices = npt.NDArray[np.intp]


def evaluator(record: StudyRecord) -> tuple[Callable[[Indices], Mapping[str, float]], int] | None:
    """A function from indices into the finished trials to importance by name, and how many trials there are.

    None where there are too few to say anything, or nothing was searched.
    """
    space = record.space
    finished = [trial for trial in record.trials if trial.state == "finished" and trial.score is not None]
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
            return shares(study)

    return evaluate, len(frozen)
