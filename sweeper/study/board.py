"""The slots of a sweep, and what has become of each.

A sweep of N trials is N slots, numbered from 0. A slot is filled by one attempt at a time, which is an Optuna trial; an
attempt that was cut short (its driver died, say) is void, and the slot is open again. A slot whose attempt failed for a
reason of its own stays failed, and opens one more slot at the end. So a sweep that is interrupted however often ends
with exactly N finished or pruned trials, and what a slot is seeded with never depends on how often that was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from optuna.trial import FrozenTrial, TrialState

SLOT, DRIVER, VOID = "slot", "driver", "void"
"""Attributes of an attempt: its slot; the driver that runs it; why it does not count, if it failed."""


@dataclass
class Board:
    """What is known of a study's slots; fed with its trials.

    Attributes:
        finished, pruned, failed: numbers of the attempts that ended so.
        running: attempts under way, by number.
    """

    finished: set[int] = field(default_factory=set)
    pruned: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    running: dict[int, FrozenTrial] = field(default_factory=dict)
    _filled: set[int] = field(default_factory=set)
    _attempts: dict[int, dict[int, FrozenTrial]] = field(default_factory=dict)
    _settled: set[int] = field(default_factory=set)
    _floor: int = 0

    def update(self, trials: Iterable[FrozenTrial]) -> None:
        """Take in trials, all or those that changed; a trial that has ended counts once."""
        for trial in trials:
            if trial.number in self._settled or SLOT not in trial.user_attrs:
                continue
            self._attempts.setdefault(trial.user_attrs[SLOT], {})[trial.number] = trial
            if trial.state.is_finished():
                self._settle(trial)
            else:
                self.running[trial.number] = trial

    def open_slot(self, slots: int) -> int | None:
        """The first slot below `slots` that is neither filled nor being filled."""
        busy = {trial.user_attrs[SLOT] for trial in self.running.values()}
        while self._floor in self._filled:
            self._floor += 1
        return next((slot for slot in range(self._floor, slots) if slot not in self._filled and slot not in busy), None)

    def rival(self, attempt: FrozenTrial) -> FrozenTrial | None:
        """An earlier attempt that has this attempt's slot."""
        others = self._attempts[attempt.user_attrs[SLOT]].items()
        return next((other for number, other in sorted(others) if number < attempt.number and not is_void(other)), None)

    def last_void(self, slot: int) -> FrozenTrial | None:
        """The last attempt at a slot that was cut short."""
        void = [trial for _, trial in sorted(self._attempts.get(slot, {}).items()) if is_void(trial)]
        return void[-1] if void else None

    @property
    def last_slot(self) -> int:
        """The highest slot that was ever attempted; -1 for none."""
        return max(self._attempts, default=-1)

    def _settle(self, trial: FrozenTrial) -> None:
        self._settled.add(trial.number)
        self.running.pop(trial.number, None)
        if is_void(trial):
            return
        self._filled.add(trial.user_attrs[SLOT])
        kind = {TrialState.COMPLETE: self.finished, TrialState.PRUNED: self.pruned}.get(trial.state, self.failed)
        kind.add(trial.number)


def is_void(trial: FrozenTrial) -> bool:
    """Whether an attempt was cut short, so that it says nothing about its slot."""
    return trial.state == TrialState.FAIL and VOID in trial.user_attrs
