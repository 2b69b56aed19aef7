"""What a sweep came to, read from its study."""

from __future__ import annotations

import time
from typing import Literal

import optuna
from optuna.trial import FrozenTrial, TrialState

from sweeper.study.opening import OpenStudy
from sweeper.study.plan import Counts, Outcome, Plan, Trial
from sweeper.study.slots import is_past
from sweeper.study.trial_records import read_trial
from sweeper.system.lazy_imports import without
from sweeper.tracking.base import RunRef

with without(["sklearn"]):  # which only the other evaluators need
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

TOP = 10
"""Leaders in an outcome."""

ENOUGH = 10
"""Finished trials below which nothing can be said of importance."""

EVALUATOR = "PED-ANOVA"
"""Watanabe et al. 2023: how much a parameter's values among the best tenth differ from its values among all."""


def make_outcome(
    plan: Plan,
    opened: OpenStudy,
    counts: Counts,
    *,
    workers: int,
    begun: float,
    ended: Literal["done", "timeout"],
    notes: tuple[str, ...],
    run: RunRef,
) -> Outcome:
    """Read the outcome of a study as it stands now.

    Args:
        plan: what was asked.
        opened: the study.
        counts: how the study stands.
        workers: how many there were.
        begun: on the monotonic clock.
        ended: why the sweep is over.
        notes: lines that a person should see.
        run: the study's own record.
    """
    top = leaders(opened, TOP)
    importance = importances(opened.study)
    return Outcome(
        study=plan.study,
        counts=counts,
        best=top[0] if top else None,
        top=top,
        seconds=time.monotonic() - begun,
        data=plan.data,
        workers=workers,
        objective=plan.objective,
        importance=importance,
        evaluator=EVALUATOR if importance else "",
        ended=ended,
        notes=notes,
        run=run,
    )


def leaders(opened: OpenStudy, count: int) -> tuple[Trial, ...]:
    """The best finished trials by the first objective that keep the constraints; of equals, the earlier first."""
    sign = -1 if opened.study.directions[0] == optuna.study.StudyDirection.MAXIMIZE else 1

    def place(trial: FrozenTrial) -> tuple[float, int]:
        assert trial.values is not None
        return sign * trial.values[0], trial.number

    complete = opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    finished = [trial for trial in complete if not is_past(trial) and _feasible(trial)]
    return tuple(read_trial(opened.store.backend, trial).trial for trial in sorted(finished, key=place)[:count])


def _feasible(trial: FrozenTrial) -> bool:
    return all(violation <= 0 for violation in trial.constraints.values())


def importances(study: optuna.Study) -> tuple[tuple[str, float], ...]:
    """The share of each hyperparameter that every trial has, largest first; empty where nothing can be said.

    With several objectives it is for coming near their front.
    """
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(finished) < ENOUGH or len({tuple(t.values or ()) for t in finished}) < 2 or not finished[0].params:
        return ()
    return tuple(shares(study).items())


def shares(study: optuna.Study) -> dict[str, float]:
    """Of each hyperparameter that every trial has, the largest first; the scores must not all be equal."""
    return get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
