"""Open a study for a driver: what it is bound to, its storage, its sampler and pruner, and what it starts warm with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.pruners import BasePruner

from sweeper.config.schema import total_steps
from sweeper.config.start import start
from sweeper.data import SEALED
from sweeper.errors import InputError
from sweeper.study.another import another_space, both_search, check_sealed, differs
from sweeper.study.converters import FIRST_NAME, quiet_optuna
from sweeper.study.objectives import OBJECTIVES, constraint
from sweeper.study.open_study import Lease, OpenStudy
from sweeper.study.plan import Plan
from sweeper.study.search.by_slot import SlotHyperband
from sweeper.study.search.pruners import (
    PRUNERS,
    RESOURCE,
    Resource,
    kept_resource,
    make_pruner,
    make_pruner_by_steps,
    train_size,
)
from sweeper.study.search.samplers import SAMPLERS, check_objectives, make_sampler
from sweeper.study.search.source import SlotSource, always_asked
from sweeper.study.slots import Slots
from sweeper.study.storage.cached import CachedStorage
from sweeper.study.storage.connect import find, has_study, open_store, reading
from sweeper.study.storage.location import check_name, settle
from sweeper.study.storage.renaming import check_settled
from sweeper.study.storage.transactions import STORAGE_ERRORS
from sweeper.trial import Value

SCHEMA = 1
"""The version of everything that sweeper keeps in a study's attributes."""

ASKED = "asked"
"""The study's attribute with how many trials the last command asked for, for whoever looks at it from outside."""

PLANNED = "planned"
"""The attribute of a confirmation with the fresh seeds that were asked for; see ``Plan.planned``."""

IDENTITY = "sweeper"
"""The study's attribute with all of this."""

START = "start"
"""Its key with the values that the first slot was given; a study from before there were any has none."""

ENQUEUED = "enqueued"
"""The study's attribute with the values of slots that were given, by slot."""


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
        self.plan, self._place = plan, settle(runs, plan.study, plan.storage)
        self._source = _checked(plan)
        self._sampler = make_sampler(plan.sampler, plan.seed, always_asked(plan.space))

    def check(self) -> None:
        """Raise what ``open`` would, before anything is written; of another machine's storage nothing is asked.

        Raises:
            InputError: the study is bound to something else.
            SweeperError: the storage does not answer, or is damaged.
        """
        plan, place = self.plan, self._place
        if place.url or place.is_new:
            return
        with reading(place) as backend:
            if not any(found.study_name == plan.study for found in backend.get_all_studies()):
                return
            kept = backend.get_study_user_attrs(find(backend, plan.study)).get(IDENTITY)
        if kept is not None:
            check_identity(plan, kept)

    def is_complete(self) -> bool:
        """Whether the study has as many trials as are asked for already. Nothing is written.

        Raises:
            SweeperError: its storage is damaged, or does not answer.
        """
        plan = self.plan
        with quiet_optuna():
            if not has_study(self._place):
                return False
            with reading(self._place) as backend:
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
        store = open_store(self._place)
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
        study.pruner = _pruner(plan, facts, store.get_study_user_attrs(study._study_id).get(FIRST_NAME, ""))  # noqa: SLF001
        opened = OpenStudy(study, self._source, facts, Lease.new())
        try:
            self._begin(opened)
        except BaseException as error:
            opened.broken = isinstance(error, STORAGE_ERRORS)
            opened.close()
            raise
        return opened

    def _begin(self, opened: OpenStudy) -> None:
        """Take the lease, and note what this command asks for."""
        plan, study, store = self.plan, opened.study, opened.store
        opened.renew()
        check_settled(self._place.runs, plan.study)  # who renames it looks for leases after saying so
        if plan.past and plan.space is not None:
            opened.start_warm(plan.past, plan.space)
        if store.get_study_user_attrs(study._study_id).get(ASKED) != plan.trials:  # noqa: SLF001
            store.set_study_user_attr(study._study_id, ASKED, plan.trials)  # noqa: SLF001
        if plan.planned:
            store.set_study_user_attr(study._study_id, PLANNED, list(plan.planned))  # noqa: SLF001
        _enqueue(plan, opened)


def open_study(plan: Plan, runs: Path) -> OpenStudy:
    """Open the study of a plan, or begin it; see ``PreparedStudy``."""
    return PreparedStudy(plan, runs).open()


_WHAT = {
    "schema": "version of sweeper",
    "kind": "kind of sweep",
    "data": "data",
    "space": "search space",
    "objective": "objective",
    "constraints": "constraints",
    "past": "earlier study",
    "sampler": "sampler",
    "seed": "seed",
    "pruner": "pruner",
}
"""What is compared, in the order in which differences are named."""


def identity_of(plan: Plan) -> dict[str, Any]:
    """What a study of this plan is bound to, as plain values."""
    return {
        "schema": SCHEMA,
        "kind": "search" if plan.space is not None else "points",
        "data": {"name": plan.data.get("name", ""), "digest": plan.data.get("digest", "")},
        SEALED: plan.data.get(SEALED, ""),
        "space": {"digest": plan.space.digest, **plan.space.to_dict()} if plan.space is not None else None,
        "points": [point.config.digest for point in plan.points],
        "objective": ",".join([plan.objective, *plan.more]),
        "constraints": ",".join(str(constraint(text)) for text in plan.constraints),
        "past": past_of(plan),
        "sampler": plan.sampler if plan.space is not None else "",
        "pruner": plan.pruner,
        RESOURCE: Resource.of(plan).to_json() if PRUNERS[plan.pruner].prunes and not plan.more else None,
        "seed": plan.seed,
        "sizes": dict(plan.data.get("sizes", {})),
        START: _start(plan),
    }


def _start(plan: Plan) -> dict[str, Value] | None:
    """Where a sampler that learns begins, if nobody says: at the configuration as it is."""
    if plan.space is None or plan.enqueue or plan.past or not SAMPLERS[plan.sampler].adaptive:
        return None
    return start(plan.space)


def past_of(plan: Plan) -> str:
    """The earlier studies whose trials a sampler knows, by name; the first time decides how many of them."""
    return ",".join(dict.fromkeys(one.name.rpartition(":")[0] for one in plan.past))


def check_identity(plan: Plan, kept: dict[str, Any]) -> None:
    """Make sure that the study can go on with this plan.

    Raises:
        InputError: what differs, and the way out.
    """
    asked = identity_of(plan)
    check_sealed(kept, plan.data, f"the study {plan.study!r} was begun", "or begin another study with --study NAME")
    for key, what in _WHAT.items():
        old, new = _short(kept.get(key, "")), _short(asked[key])
        if old != new:
            raise another_space(plan, kept) if both_search(kept, asked, key) else differs(plan, what, old, new, key)
    shared = min(len(kept["points"]), len(asked["points"]))
    if kept["points"][:shared] != asked["points"][:shared]:
        old, new = _digest(kept["points"][:shared]), _digest(asked["points"][:shared])
        raise differs(plan, "list of configurations", old, new, "points")


def _short(value: Any) -> str:
    """A value as a person can compare it."""
    if isinstance(value, dict) and "digest" in value:
        return f"{value.get('name', '')} {str(value['digest'])[:12]}".strip()
    return str(value)


def _digest(values: list[str]) -> str:
    return hashlib.sha256("".join(values).encode()).hexdigest()[:12]


def _checked(plan: Plan) -> SlotSource:
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
    return SlotSource(plan)


def _pruner(plan: Plan, facts: Mapping[str, Any], first_name: str) -> BasePruner:
    """The pruner that the study is bound to; one from before there were marks keeps to steps."""
    found = kept_resource(facts)
    if found is not None or not PRUNERS[plan.pruner].prunes:
        made = make_pruner(plan.pruner, found.whole if found else 1)
    else:
        made = make_pruner_by_steps(plan.pruner, total_steps(SlotSource(plan).example(), train_size(plan)))
    if isinstance(made, SlotHyperband):
        made.drawn_by = first_name
    return made


def _bind(plan: Plan, study: optuna.Study, store: CachedStorage) -> dict[str, Any]:
    """What the study is bound to: a new one to this plan, if nobody is faster; another one must agree with it."""
    asked = identity_of(plan)
    if IDENTITY not in store.get_study_user_attrs(study._study_id) and study.get_trials(deepcopy=False):  # noqa: SLF001
        raise InputError(
            f"the study {plan.study!r} was not made by sweeper", hint="give another name with --study", key="study"
        )

    def bind(kept: dict[str, Any] | None) -> dict[str, Any]:
        if kept is None:
            return asked
        check_identity(plan, kept)
        longer = len(asked["points"]) > len(kept["points"])
        return asked | {RESOURCE: kept.get(RESOURCE)} if longer else kept

    facts: dict[str, Any] = store.change_study_user_attr(study._study_id, IDENTITY, bind)  # noqa: SLF001
    return facts


def _enqueue(plan: Plan, opened: OpenStudy) -> None:
    """Give slots to the enqueued values that have none yet: the first that nobody has tried."""
    study_id = opened.study._study_id  # noqa: SLF001
    kept: dict[str, dict[str, Value]] = opened.store.get_study_user_attrs(study_id).get(ENQUEUED, {})
    begun = {0: values} if (values := opened.facts.get(START)) else {}
    if plan.space is None or SAMPLERS[plan.sampler].exhaustive:
        return
    if plan.enqueue:
        tried = [trial.user_attrs.get("slot", -1) for trial in opened.study.get_trials(deepcopy=False)]

        def add(kept: dict[str, dict[str, Value]] | None) -> dict[str, dict[str, Value]]:
            kept = kept or {}
            new = [dict(values) for values in plan.enqueue if dict(values) not in kept.values()]
            free = max([*tried, *begun, *map(int, kept)], default=-1) + 1
            return kept | {str(free + index): values for index, values in enumerate(new)}

        kept = opened.store.change_study_user_attr(study_id, ENQUEUED, add)
    opened.source.given.update(begun | {int(slot): values for slot, values in kept.items()})
