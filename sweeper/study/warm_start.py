"""What a study starts warm with: the trials of an earlier one, which its sampler knows."""

from __future__ import annotations

from optuna.trial import FrozenTrial, TrialState, create_trial

from sweeper.config.space import Space
from sweeper.study.converters import SLOT, WARM, distribution
from sweeper.study.open_study import OpenStudy
from sweeper.study.plan import Past, Plan

BRINGS = "brings the past"
"""The study's attribute with the driver that puts the earlier trials into it."""


def start_warm(plan: Plan, opened: OpenStudy) -> None:
    """Put trials of an earlier study into one that has none of its own yet; one that goes on has them already.

    They are no attempts at a slot, so that nobody counts them; samplers see them as any other. Of drivers that begin at
    once one brings them, and the next where it died before it had brought them all.
    """
    if plan.space is None or not plan.past or _has_begun(opened) or not opened.has(BRINGS):
        return
    known = {trial.user_attrs[WARM] for trial in _trials(opened) if WARM in trial.user_attrs}
    for one in plan.past:
        if one.name not in known:
            opened.store.create_new_trial(opened.study._study_id, _trial(one, plan.space))  # noqa: SLF001


def _has_begun(opened: OpenStudy) -> bool:
    return any(SLOT in trial.user_attrs for trial in _trials(opened))


def _trials(opened: OpenStudy) -> list[FrozenTrial]:
    """All that there are now, those of other drivers among them."""
    opened.store.refresh(opened.study._study_id)  # noqa: SLF001
    return opened.study.get_trials(deepcopy=False)


def _trial(one: Past, space: Space) -> FrozenTrial:
    return create_trial(
        state=TrialState.COMPLETE,
        values=list(one.objectives),
        params=dict(one.values),
        distributions={name: distribution(space.dimensions[name]) for name in one.values},
        user_attrs={WARM: one.name},
        constraints=dict(one.violations),
    )
