"""Read studies back: what was asked, and every trial that has ended. No driver is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from sweeper.config.space import Space
from sweeper.config.with_data import FLOOR, STOP
from sweeper.study.converters import DRIVER, ended, quiet_optuna, to_record, to_trial
from sweeper.study.objectives import (
    DEFAULT,
    OBJECTIVES,
    Constraint,
    constraint,
    feasible,
    front,
    measured,
    rank,
    violations,
)
from sweeper.study.open_study import Lease, Leases
from sweeper.study.opening import ENQUEUED, IDENTITY, PLANNED
from sweeper.study.storage.connect import find, has_study, reading
from sweeper.study.storage.location import list_studies, locate
from sweeper.tracking.base import Tracker
from sweeper.trial import Scores, Trial, TrialStatus

__all__ = ["StudyRecord", "bound_to", "exists", "list_studies", "load_study", "load_trials", "reconcile", "rows"]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a study is bound to by rules that were others once; all empty where there is no such study.

    Attributes:
        digest: of its data.
        pruner: by name.
        apart: ``validate_min_steps`` of a search.
        patience: its ``stop_after``.
    """

    digest: str = ""
    pruner: str = ""
    apart: int = 0
    patience: int = 0


@dataclass(frozen=True)
class StudyRecord:
    """A study as it stands.

    Attributes:
        facts: what it is bound to: ``data``, ``space``, ``objective``, ``sampler``, ``pruner``, ``seed``.
        trials: that have ended, by number.
        running: how many attempts are under way, in this process or another.
        given: how many trials' values were given, not drawn.
        drivers: the driver of each attempt that counts as running, by the attempt's number.
        leases: of all drivers that it has had.
        planned: of a confirmation, as ``Plan.planned``.
    """

    study: str
    facts: Mapping[str, Any]
    trials: tuple[Trial, ...]
    running: int
    given: int = 0
    drivers: Mapping[int, str] = field(default_factory=dict)
    leases: Leases = field(default_factory=Leases)
    planned: tuple[int, ...] = ()

    @property
    def abandoned(self) -> list[int]:
        """Numbers of the attempts that count as running although their driver is dead."""
        return [number for number, driver in self.drivers.items() if not self.leases.alive(driver)]

    @property
    def unseen(self) -> list[tuple[Lease, int]]:
        """The drivers of other machines that may run, each with the number of its attempts."""
        owners = list(self.drivers.values())
        return [(lease, owners.count(lease.driver)) for lease in self.leases.unknown() if lease.driver in owners]

    @property
    def objective(self) -> str:
        """What the best is the best by."""
        return self.objectives[0]

    @property
    def objectives(self) -> tuple[str, ...]:
        """All that trials are compared by; the first decides which is the best."""
        return tuple(self.facts.get("objective", DEFAULT).split(","))

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """That a trial must keep to be the best."""
        return tuple(constraint(text) for text in self.facts.get("constraints", "").split(",") if text)

    def leaders(self, count: int | None = None) -> tuple[Trial, ...]:
        """The best finished trials by the first objective that keep the constraints, each configuration once."""
        return self._ranked[:count]

    @cached_property
    def _ranked(self) -> tuple[Trial, ...]:
        own = [one for one in self.trials if one.same_as is None]
        finished = [one for one in own if one.state == TrialStatus.FINISHED and self.feasible(one)]
        scored = [trial for trial in finished if trial.score is not None]
        return tuple(sorted(scored, key=lambda trial: rank(trial, self.objective), reverse=True))

    def feasible(self, trial: Trial) -> bool:
        """Whether a trial keeps the constraints, as far as that can be said."""
        members = int(trial.config.get("repeats", 1))
        return feasible(violations(self.constraints, trial.result, members))

    def points(self) -> dict[int, tuple[float, ...]]:
        """The value of each objective, by number of the finished trials that keep the constraints."""
        found = {}
        for trial in self.trials:
            members = int(trial.config.get("repeats", 1))
            values = [measured(name, trial.result, members) for name in self.objectives]
            if trial.state == TrialStatus.FINISHED and self.feasible(trial) and None not in values:
                found[trial.number] = tuple(value for value in values if value is not None)
        return found

    def front(self) -> list[int]:
        """Numbers of the trials that no other beats in all objectives."""
        return front(self.points(), [OBJECTIVES[name].maximize for name in self.objectives])

    @property
    def space(self) -> Space | None:
        """What was searched; None for a list of points."""
        kept = self.facts.get("space")
        return Space.from_dict(kept) if kept else None


def exists(runs: Path, study: str, storage: str = "") -> bool:
    """Whether the study was ever begun; writes nothing. `storage` is its address if the folder does not know it."""
    return has_study(locate(runs, study, storage))


def load_study(runs: Path, study: str, storage: str = "") -> StudyRecord:
    """Read a study.

    Raises:
        InputError: there is none of that name.
        SweeperError: its storage is damaged, or does not answer.
    """
    with quiet_optuna(), reading(locate(runs, study, storage)) as backend:
        study_id = find(backend, study)
        trials = backend.get_all_trials(study_id, deepcopy=False)
        attributes = backend.get_study_user_attrs(study_id)
    return StudyRecord(
        study,
        attributes.get(IDENTITY, {}),
        tuple(map(to_trial, ended(trials))),
        sum(1 for trial in trials if not trial.state.is_finished()),
        len(attributes.get(ENQUEUED, ())),
        drivers_of(trials),
        Leases.read(attributes),
        tuple(attributes.get(PLANNED, ())),
    )


def drivers_of(trials: Iterable[FrozenTrial]) -> dict[int, str]:
    """The driver of each trial that counts as running, by the trial's number."""
    return {trial.number: trial.user_attrs.get(DRIVER, "") for trial in trials if trial.state == TrialState.RUNNING}


def bound_to(runs: Path, study: str, storage: str = "") -> Bound:
    """What a study is bound to of what has changed from one version to another."""
    place = locate(runs, study, storage)
    with quiet_optuna():
        if not has_study(place):
            return Bound()
        with reading(place) as backend:
            kept = backend.get_study_user_attrs(find(backend, study)).get(IDENTITY, {})
    base = (kept.get("space") or {}).get("base", {})
    digest, pruner = str(kept.get("data", {}).get("digest", "")), str(kept.get("pruner", ""))
    return Bound(digest, pruner, base.get(FLOOR, 0), base.get(STOP, 0))


def load_trials(runs: Path, study: str, storage: str = "") -> tuple[Trial, ...]:
    """The trials of a study that have ended, by number; raises as ``load_study`` does."""
    return load_study(runs, study, storage).trials


def rows(record: StudyRecord) -> list[dict[str, Any]]:
    """A study as flat rows, one a trial, for a table."""
    return [_row(record.study, trial) for trial in record.trials]


def reconcile(runs: Path, study: str, tracker: Tracker, storage: str = "") -> list[int]:
    """Record every trial of a study that the tracker does not have; their numbers. Waits until they are written.

    Raises:
        InputError: there is no such study.
        SweeperError: the storage or the tracker does not answer.
    """
    record = load_study(runs, study, storage)
    have = tracker.recorded(study)
    missing = [trial for trial in record.trials if trial.number not in have]
    for trial in missing:
        tracker.record(to_record(trial, study))
    tracker.flush()
    return [trial.number for trial in missing]


def _row(study: str, trial: Trial) -> dict[str, Any]:
    result = trial.result
    return {
        "study": study,
        "number": trial.number,
        "state": trial.state,
        "score": trial.score,
        **{f"values.{name}": value for name, value in trial.values.items()},
        **_scores("train", result.train if result else None),
        **_scores("validation", result.validation if result else None),
        "steps": result.steps if result else 0,
        "parameters": result.parameters if result else None,
        "seconds": trial.ended - trial.started,
        "train_seconds": result.seconds.get("train") if result else None,
        "group": result.group if result else None,
        "started": trial.started,
        "failure": f"{trial.failure.kind}: {trial.failure.message}" if trial.failure else "",
        "overrides": " ".join(trial.overrides),
        "same_as": trial.same_as,
    }


def _scores(part: str, of: Scores | None) -> dict[str, float | None]:
    usual: dict[str, float | None] = {f"{part}.loss": None, f"{part}.accuracy": None}
    return usual | ({f"{part}.{name}": of.mean(name) for name in of.known} if of else {})
