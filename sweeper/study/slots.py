"""The slots of a sweep, and what has become of each.

A sweep of N trials is N slots, numbered from 0. A slot is filled by an attempt, which is an Optuna trial; an attempt
whose driver died, or was interrupted, changes hands and keeps its values. A slot whose attempt failed stays failed, and
opens one more slot at the end. So a sweep that is interrupted however often ends with exactly N finished or pruned
trials, and what a slot is seeded with never depends on how often that was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from optuna.trial import FrozenTrial, TrialState

SLOT, DRIVER, VOID = "slot", "driver", "void"
"""Attributes of an attempt: its slot; the driver that runs it; that it does not count, as another has its slot."""


@dataclass
class Slots:
    """What is known of a study's slots; fed with its trials.

    Attributes:
        finished, pruned, failed: numbers of the attempts that ended so.
        repeated: of the finished and pruned ones, those that took the result of an earlier one.
        points: an attempt that finished or was pruned, as the storage knows it, by the ``point`` of its values.
        open: attempts that have not ended, by number.
    """

    finished: set[int] = field(default_factory=set)
    pruned: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    repeated: set[int] = field(default_factory=set)
    points: dict[int, int] = field(default_factory=dict)
    open: dict[int, FrozenTrial] = field(default_factory=dict)
    _owners: dict[int, int] = field(default_factory=dict)
    _floor: int = 0

    def update(self, trials: Iterable[FrozenTrial]) -> None:
        """Take in trials, all or those that changed; other programs' are not ours to count."""
        for trial in trials:
            if SLOT not in trial.user_attrs:
                continue
            if not trial.state.is_finished():
                self._own(trial)
                self.open[trial.number] = trial
            elif VOID in trial.user_attrs:
                self.open.pop(trial.number, None)
            else:
                self._own(trial)
                self._settle(trial)

    def open_slot(self, slots: int) -> int | None:
        """The first slot below `slots` that has no attempt."""
        while self._floor in self._owners:
            self._floor += 1
        return next((slot for slot in range(self._floor, slots) if slot not in self._owners), None)

    def wanted(self, trials: int, limit: int | None) -> int:
        """How many slots a sweep has: those asked for, and one more for each that failed, up to as many again.

        Args:
            trials: that are asked for.
            limit: how many there can be; None for any number, and then failures are made up for.
        """
        return min(trials, limit) if limit is not None else trials + min(len(self.failed), trials)

    def filled(self, slots: int) -> bool:
        """Whether every slot below `slots` has an attempt that has ended."""
        return self.open_slot(slots) is None and not self.open_below(slots)

    def open_below(self, slots: int) -> list[FrozenTrial]:
        """The attempts under way at slots below `slots`, by number."""
        return [trial for _, trial in sorted(self.open.items()) if trial.user_attrs[SLOT] < slots]

    def owns(self, trial: FrozenTrial) -> bool:
        """Whether an attempt has its slot: the first one of all has, whoever asked for it."""
        return self._owners[trial.user_attrs[SLOT]] == trial.number

    def _own(self, trial: FrozenTrial) -> None:
        slot = trial.user_attrs[SLOT]
        self._owners[slot] = min(trial.number, self._owners.get(slot, trial.number))

    def _settle(self, trial: FrozenTrial) -> None:
        self.open.pop(trial.number, None)
        kind = {TrialState.COMPLETE: self.finished, TrialState.PRUNED: self.pruned}.get(trial.state, self.failed)
        kind.add(trial.number)
        if SAME_AS in trial.user_attrs:
            self.repeated.add(trial.number)
        elif kind is not self.failed:
            self.points.setdefault(point(trial), trial._trial_id)  # noqa: SLF001


def point(trial: FrozenTrial) -> int:
    """Equal for trials of equal values, a rounding apart; who finds one compares configurations, too."""
    values = sorted(trial.params.items())
    return hash(tuple((name, f"{value:.12g}" if isinstance(value, float) else value) for name, value in values))


SAME_AS = "same_as"
"""The attribute of an attempt that was not trained: the number of the trial whose result it took."""

WARM = "past"
"""The attribute of a trial of an earlier study, which the sampler starts warm with: its name there."""


def is_warm(trial: FrozenTrial) -> bool:
    """Whether a trial is one of an earlier study, for the sampler to know."""
    return WARM in trial.user_attrs


def is_void(trial: FrozenTrial) -> bool:
    """Whether an attempt does not count: it never ran, as another has its slot."""
    return VOID in trial.user_attrs
