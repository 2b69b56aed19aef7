"""What is known from an earlier study: its trials, for a sampler that learns from them."""

from __future__ import annotations

import optuna
from optuna.trial import TrialState, create_trial

from sweeper.study.plan import Plan
from sweeper.study.search.source import distribution
from sweeper.study.slots import PAST, SLOT
from sweeper.study.storage.cached import CachedStorage


def remember(plan: Plan, study: optuna.Study, store: CachedStorage) -> None:
    """Put the plan's past into a study that has no trials of its own yet; one that goes on has it already.

    They are no attempts at a slot, so that nobody counts them; samplers see them as any other.
    """
    trials = study.get_trials(deepcopy=False)
    if any(SLOT in trial.user_attrs for trial in trials):
        return
    known = {trial.user_attrs[PAST] for trial in trials if PAST in trial.user_attrs}
    for one in plan.past:
        if one.name in known:
            continue
        assert plan.space is not None
        kinds = {name: distribution(plan.space.dimensions[name]) for name in one.values}
        trial = create_trial(
            state=TrialState.COMPLETE,
            values=list(one.objectives),
            params=dict(one.values),
            distributions=kinds,
            user_attrs={PAST: one.name},
        )
        store.create_new_trial(study._study_id, trial)  # noqa: SLF001
