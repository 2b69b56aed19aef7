"""How studies stand, read from what their drivers have stored: without a driver, without a worker, and quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from optuna.trial import FrozenTrial

from sweeper.errors import SweeperError
from sweeper.study.converters import DRIVER, SLOT, quiet_optuna
from sweeper.study.objectives import DEFAULT, OBJECTIVES, feasible
from sweeper.study.open_study import Leases
from sweeper.study.opening import ASKED, IDENTITY
from sweeper.study.slots import Slots
from sweeper.study.storage.connect import find, reading
from sweeper.study.storage.location import list_studies, locate

State = Literal["running", "complete", "stopped", "ended", "damaged"]


@dataclass(frozen=True, slots=True)
class Overview:
    """A study at a glance.

    Attributes:
        state: running (a driver is alive), complete (it has the trials that were asked for), stopped (it has fewer),
            ended (how many were asked for was not kept), or damaged.
        asked: trials that the last command asked for; None where that was not kept.
        running: attempts under way.
        best: number of the best finished trial, and its score by `objective`; None for none.
        began, last: seconds since the epoch, of the first trial's start and the last one's end; None for none.
        drivers: those that are alive, as ``host`` and ``pid``.
        about: why it is damaged.
    """

    study: str
    state: State
    objective: str = DEFAULT
    data: str = ""
    asked: int | None = None
    finished: int = 0
    pruned: int = 0
    failed: int = 0
    running: int = 0
    best: int | None = None
    score: float | None = None
    began: float | None = None
    last: float | None = None
    drivers: tuple[Mapping[str, Any], ...] = ()
    about: str = ""

    @property
    def done(self) -> int:
        """Trials that count."""
        return self.finished + self.pruned

    @property
    def done_of_asked(self) -> str:
        """How many trials count, of how many that were asked for."""
        return f"{self.done} of {self.asked}" if self.asked is not None else str(self.done)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


def overviews(runs: Path) -> list[Overview]:
    """Every study of a runs folder, the last that was worked on first; one that cannot be read says why."""
    found = [_tolerant(runs, name) for name in list_studies(runs)]
    return sorted(found, key=lambda one: -(one.last or one.began or 0.0))


def overview(runs: Path, study: str) -> Overview:
    """One study.

    Raises:
        InputError: there is none of that name.
        SweeperError: its storage is damaged, or does not answer.
    """
    with quiet_optuna(), reading(locate(runs, study)) as backend:
        study_id = find(backend, study)
        trials = backend.get_all_trials(study_id, deepcopy=False)
        attributes = backend.get_study_user_attrs(study_id)
    return _of(study, trials, attributes)


def _tolerant(runs: Path, study: str) -> Overview:
    try:
        return overview(runs, study)
    except SweeperError as error:
        return Overview(study, "damaged", about=error.message)


def _of(study: str, trials: Sequence[FrozenTrial], attributes: Mapping[str, Any]) -> Overview:
    slots, identity = Slots(), attributes.get(IDENTITY, {})
    slots.update(trials)
    leases = Leases.read(attributes)
    alive = [lease for lease in leases.by_driver.values() if leases.alive(lease.driver)]
    names = {lease.driver for lease in alive}
    asked = attributes.get(ASKED)
    objective = str(identity.get("objective", DEFAULT)).split(",")[0]
    own = [trial for trial in trials if SLOT in trial.user_attrs]
    best = _best([trial for trial in own if trial.number in slots.finished], objective)
    done = len(slots.finished) + len(slots.pruned)
    return Overview(
        study,
        "running" if alive else "ended" if asked is None else "complete" if done >= asked else "stopped",
        objective=objective,
        data=str(identity.get("data", {}).get("name", "")),
        asked=asked,
        finished=len(slots.finished),
        pruned=len(slots.pruned),
        failed=len(slots.failed),
        running=sum(trial.user_attrs.get(DRIVER) in names for trial in slots.open.values()),
        best=best.number if best else None,
        score=best.values[0] if best and best.values else None,
        began=min((t.datetime_start.timestamp() for t in own if t.datetime_start), default=None),
        last=max((t.datetime_complete.timestamp() for t in own if t.datetime_complete), default=None),
        drivers=tuple({"host": one.process.host, "pid": one.process.pid} for one in alive),
    )


def _best(finished: Sequence[FrozenTrial], objective: str) -> FrozenTrial | None:
    """The leader, as a driver names it: of those that keep the constraints."""
    kept = [trial for trial in finished if feasible(trial.constraints)]
    rank = OBJECTIVES[objective].rank
    return max(kept, key=lambda trial: (rank((trial.values or [0.0])[0]), -trial.number), default=None)
