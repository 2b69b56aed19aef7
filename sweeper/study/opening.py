"""Open a study for a driver: its storage, what it is bound to, its sampler and pruner, and a lease in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
from optuna.pruners import BasePruner
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from sweeper.config.length import total_steps
from sweeper.errors import InputError
from sweeper.study import identity as binding
from sweeper.study.converters import distribution, quiet_optuna, read_trial
from sweeper.study.objectives import OBJECTIVES, check_objectives, constraint
from sweeper.study.plan import Plan
from sweeper.study.search import resource
from sweeper.study.search.pruners import PRUNERS, make_pruner, make_pruner_by_steps
from sweeper.study.search.samplers import SAMPLERS, make_sampler
from sweeper.study.search.source import Source, always_asked
from sweeper.study.slots import SAME_AS, SLOT, WARM, Slots, is_warm
from sweeper.study.storage.cached import CachedStorage
from sweeper.study.storage.connect import exists, find, open_store, reading
from sweeper.study.storage.creation import is_begun
from sweeper.study.storage.lease import RENEW, Lease, Leases
from sweeper.study.storage.location import check_name, settle, study_file
from sweeper.system.clock import AwakeClock
from sweeper.trial import Trial, Value

ENQUEUED = "enqueued"
"""The study's attribute with the values of slots that were given, by slot."""


@dataclass
class OpenStudy:
    """A study with this driver's lease in it.

    Attributes:
        source: what fills its slots.
        facts: what it is bound to.
        broken: its storage has failed, and is not to be asked again.
    """

    study: optuna.Study
    source: Source
    facts: dict[str, Any]
    lease: Lease
    broken: bool = False
    _clock: AwakeClock = field(default_factory=AwakeClock)
    _renewed: float = -RENEW

    @property
    def store(self) -> CachedStorage:
        """The study's storage."""
        store = self.study._storage  # noqa: SLF001
        assert isinstance(store, CachedStorage)
        return store

    def renew(self) -> bool:
        """Renew the lease when it is time; whether it was."""
        now = self._clock.now()
        if now - self._renewed < RENEW:
            return False
        self._renewed = now
        self._write(self.lease.renew())
        return True

    def alive(self) -> Callable[[str], bool]:
        """Tells of a driver's id whether that driver is alive, as of now."""
        return self.leases().alive

    def leases(self) -> Leases:
        """The leases of all drivers that the study has had."""
        return Leases.read(self.store.get_study_user_attrs(self.study._study_id))  # noqa: SLF001

    def leaders(self, count: int) -> tuple[Trial, ...]:
        """The best finished trials by the first objective that keep the constraints, each configuration once."""
        sign = -1 if self.study.directions[0] == StudyDirection.MAXIMIZE else 1

        def place(trial: FrozenTrial) -> tuple[float, int]:
            assert trial.values is not None
            return sign * trial.values[0], trial.number

        complete = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        finished = [
            trial for trial in complete if not is_warm(trial) and SAME_AS not in trial.user_attrs and _feasible(trial)
        ]
        return tuple(read_trial(self.store, trial) for trial in sorted(finished, key=place)[:count])

    def close(self) -> None:
        """Give the lease back and let go of the storage."""
        if not self.broken:
            self._write(self.lease.renew(ended=True))
        self.store.close()

    def _write(self, lease: Lease) -> None:
        self.lease = lease
        self.store.set_study_user_attr(self.study._study_id, lease.key, lease.to_json())  # noqa: SLF001


class PreparedStudy:
    """A plan that makes sense, with what will fill its slots: checked against its study first, and then opened.

    Args:
        plan: what is asked.
        runs: where studies are kept.

    Raises:
        InputError: the plan cannot be carried out.
    """

    def __init__(self, plan: Plan, runs: Path) -> None:
        check_name(plan.study)
        self.plan, self._runs = plan, runs
        self._source = _checked(plan)
        self._sampler = make_sampler(plan.sampler, plan.seed, always_asked(plan.space))

    def check(self) -> None:
        """Raise what ``open`` would, before anything is written; of another machine's storage nothing is asked.

        Raises:
            InputError: the study is bound to something else.
            SweeperError: the storage does not answer, or is damaged.
        """
        plan, runs = self.plan, self._runs
        if settle(runs, plan.study, plan.storage) or not is_begun(study_file(runs, plan.study)):
            return
        with reading(runs, plan.study) as backend:
            if not any(found.study_name == plan.study for found in backend.get_all_studies()):
                return
            kept = backend.get_study_user_attrs(find(backend, plan.study)).get(binding.KEY)
        if kept is not None:
            binding.check(plan, kept)

    def is_complete(self) -> bool:
        """Whether the study has as many trials as are asked for already. Nothing is written.

        Raises:
            SweeperError: its storage is damaged, or does not answer.
        """
        plan = self.plan
        with quiet_optuna():
            if not exists(self._runs, plan.study, plan.storage):
                return False
            with reading(self._runs, plan.study, plan.storage) as backend:
                trials = backend.get_all_trials(find(backend, plan.study), deepcopy=False)
        slots = Slots()
        slots.update(trials)
        return slots.filled(slots.wanted(plan.trials, self._source.limit))

    def open(self) -> OpenStudy:
        """Open the study, or begin it.

        Raises:
            InputError: the study is bound to something else, or cannot be written.
            SweeperError: the storage does not answer, or is damaged.
        """
        plan = self.plan
        store = open_store(self._runs, plan.study, plan.storage)
        store.forgetful = not (SAMPLERS[plan.sampler].adaptive or PRUNERS[plan.pruner].prunes)
        study = optuna.create_study(
            study_name=plan.study,
            storage=store,
            directions=[OBJECTIVES[name].direction for name in (plan.objective, *plan.more)],
            sampler=self._sampler,
            load_if_exists=True,
        )
        store.refresh(study._study_id)  # noqa: SLF001
        facts = _bind(plan, study, store)
        study.pruner = _pruner(plan, facts)
        _start_warm(plan, study, store)
        opened = OpenStudy(study, self._source, facts, Lease.new())
        opened.renew()
        _enqueue(plan, opened)
        return opened


def open_study(plan: Plan, runs: Path) -> OpenStudy:
    """Open the study of a plan, or begin it; see ``PreparedStudy``."""
    return PreparedStudy(plan, runs).open()


def check_plan(plan: Plan, runs: Path) -> None:
    """Raise what ``open_study`` would, before anything is written; see ``PreparedStudy``."""
    PreparedStudy(plan, runs).check()


def _checked(plan: Plan) -> Source:
    """The plan's source, if the plan makes sense."""
    if plan.trials < 1:
        raise InputError(f"{plan.trials} trials are none", hint="ask for at least 1 with --trials", key="trials")
    if plan.seed < 0:
        raise InputError(f"the seed {plan.seed} is negative", hint="any whole number from 0", key="seed")
    PRUNERS[plan.pruner]  # or it is said here that there is none
    check_objectives(plan.objective, plan.more, plan.sampler)
    for text in plan.constraints:
        constraint(text)
    if (plan.space is None) == (not plan.points):
        raise InputError("there is nothing to try", hint="give a space, or points")
    return Source(plan)


def _pruner(plan: Plan, facts: Mapping[str, Any]) -> BasePruner:
    """By what the study is bound to: one from before there were marks keeps to steps."""
    found = resource.kept(facts)
    if found is not None or not PRUNERS[plan.pruner].prunes:
        return make_pruner(plan.pruner, found.whole if found else 1)
    return make_pruner_by_steps(plan.pruner, total_steps(Source(plan).example(), resource.train_size(plan)))


def _bind(plan: Plan, study: optuna.Study, store: CachedStorage) -> dict[str, Any]:
    """What the study is bound to: a new one to this plan; another one must agree with it."""
    attributes = store.get_study_user_attrs(study._study_id)  # noqa: SLF001
    kept: dict[str, Any] | None = attributes.get(binding.KEY)
    asked = binding.facts(plan)
    if kept is None:
        if study.get_trials(deepcopy=False):
            raise InputError(
                f"the study {plan.study!r} was not made by sweeper", hint="give another name with --study", key="study"
            )
        store.set_study_user_attr(study._study_id, binding.KEY, asked)  # noqa: SLF001
        return asked
    binding.check(plan, kept)
    if len(asked["points"]) > len(kept["points"]):
        asked[resource.KEY] = kept.get(resource.KEY)
        store.set_study_user_attr(study._study_id, binding.KEY, asked)  # noqa: SLF001
        return asked
    return kept


def _enqueue(plan: Plan, opened: OpenStudy) -> None:
    """Give slots to the enqueued values that have none yet: the first that nobody has tried."""
    study_id = opened.study._study_id  # noqa: SLF001
    kept: dict[str, dict[str, Value]] = opened.store.get_study_user_attrs(study_id).get(ENQUEUED, {})
    if plan.space is None or SAMPLERS[plan.sampler].exhaustive:
        return
    new = [dict(values) for values in plan.enqueue if dict(values) not in kept.values()]
    if new:
        tried = [trial.user_attrs.get("slot", -1) for trial in opened.study.get_trials(deepcopy=False)]
        free = max([*tried, *map(int, kept)], default=-1) + 1
        kept |= {str(free + index): values for index, values in enumerate(new)}
        opened.store.set_study_user_attr(study_id, ENQUEUED, kept)
    opened.source.given.update({int(slot): values for slot, values in kept.items()})


def _feasible(trial: FrozenTrial) -> bool:
    return all(violation <= 0 for violation in trial.constraints.values())


def _start_warm(plan: Plan, study: optuna.Study, store: CachedStorage) -> None:
    """Put trials of an earlier study into one that has none of its own yet; one that goes on has them already.

    They are no attempts at a slot, so that nobody counts them; samplers see them as any other.
    """
    trials = study.get_trials(deepcopy=False)
    if any(SLOT in trial.user_attrs for trial in trials):
        return
    known = {trial.user_attrs[WARM] for trial in trials if WARM in trial.user_attrs}
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
            user_attrs={WARM: one.name},
            constraints=dict(one.violations),
        )
        store.create_new_trial(study._study_id, trial)  # noqa: SLF001
