"""How to search, and the plan that comes of it."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweeper.config.checks import parameters
from sweeper.config.compose import compose
from sweeper.config.history import reopen
from sweeper.config.schema import Config
from sweeper.config.space import Space, Value
from sweeper.config.start import nearest
from sweeper.errors import InputError
from sweeper.study.another import check_trained
from sweeper.study.objectives import Constraint, check_task, constraint, default_of, violations
from sweeper.study.plan import Past, Plan
from sweeper.study.search.pruners import DEFAULT
from sweeper.study.search.samplers import SAMPLERS
from sweeper.study.session import Data
from sweeper.trial import Trial, TrialResult
from sweeper.workers.cluster import HERE_ALONE, Cluster


@dataclass(frozen=True, slots=True)
class Search:
    """How to search, apart from what.

    Attributes:
        trials: finished or pruned ones, in total.
        study: its name; made from everything that the study is bound to where empty.
        sampler, seed, timeout, max_errors, storage: as in ``Plan``.
        objective: as in ``Plan``; accuracy where empty or, if numbers are to be predicted, their RMSE.
        pruner: as in ``Plan``; ``pruners.DEFAULT`` where empty, or what the study has; none with several.
        more: further objectives, such as ``parameters``; nothing can be pruned then, and nobody confirmed.
        constraints: such as ``parameters<=50000``.
        enqueue: configurations to try first, overrides in one string each.
        warm_start: an earlier study of the same data, whose trials the sampler knows.
        baseline: whether a random search of as many trials is run beside.
        workers: processes; 0 for one a core, or as many as the cluster has room for.
        threads: of each worker.
        deadline: seconds that a trial may take; 0 for no limit.
        memory: bytes that each worker may take; 0 for no limit.
        keep_models: whether each trial's models are kept.
        confirm: how many of the leaders run again on fresh seeds.
        confirm_share: of the search's time that this may take; 0 for as long as it takes.
        repeats: how many fresh seeds, at most; 0 for as many as before, or the usual number.
        command: that goes on with this search.
        cluster: where the workers run.
    """

    trials: int = 50
    study: str = ""
    sampler: str = "tpe"
    pruner: str = ""
    seed: int = 0
    objective: str = ""
    more: Sequence[str] = ()
    constraints: Sequence[str] = ()
    enqueue: Sequence[str] = ()
    warm_start: str = ""
    baseline: bool = False
    timeout: float | None = None
    max_errors: int = 10
    storage: str = ""
    workers: int = 0
    threads: int = 1
    deadline: float = 0.0
    memory: int = 0
    keep_models: bool = True
    confirm: int = 0
    confirm_share: float = 0.0
    repeats: int = 0
    command: str = ""
    cluster: Cluster = HERE_ALONE


LEADERS, SHARE = 3, 0.25
"""Where nobody says how many shall be confirmed: at most so many, in at most this share of the search's time."""


def confirming(asked: int | None, *, several: bool) -> dict[str, Any]:
    """The fields of ``Search`` that say who is confirmed.

    Args:
        asked: how many leaders; None where nobody said.
        several: whether there are several objectives: of a front, nobody is confirmed.
    """
    if asked is not None:
        return {"confirm": asked}
    return {} if several else {"confirm": LEADERS, "confirm_share": SHARE}


def make_plan(
    search: Search, space: Space, data: Data, runs: Path, config_dir: Path | None = None
) -> tuple[Plan, list[str]]:
    """The plan of a search, and what a person should know of it.

    Raises:
        InputError: what was asked does not go together with the space or the data.
    """
    notes = list(data.notes)
    search = replace(search, objective=search.objective or default_of(data.task))
    kept = [constraint(text) for text in search.constraints]
    check_task((search.objective, *search.more, *(one.measure for one in kept)), data.task)
    if search.more:
        _check_several(search)
        notes.append("with several objectives no trial is pruned, and none is confirmed as the best")
    past = earlier(search, space, data, runs) if search.warm_start else ()
    if past:
        large = sum(not one.feasible for one in past)
        missed = f", of which {large} miss {', '.join(search.constraints)}" if large else ""
        notes.append(f"the sampler knows {len(past)} trials of {search.warm_start}{missed}")
    plan = Plan(
        study=search.study,
        trials=search.trials,
        data=data.facts,
        space=space,
        sampler=search.sampler,
        pruner=search.pruner or ("none" if search.more else DEFAULT),
        seed=search.seed,
        objective=search.objective,
        more=tuple(search.more),
        constraints=tuple(map(str, kept)),
        inputs=data.inputs,
        classes=data.classes,
        columns=data.columns,
        enqueue=[enqueued(text, space, config_dir) for text in search.enqueue],
        past=past,
        timeout=search.timeout,
        max_errors=search.max_errors,
        storage=search.storage,
        keep_models=search.keep_models,
        command=search.command,
    )
    return (plan if search.study else replace(plan, study=study_name(plan, search))), notes


def random_search(plan: Plan) -> Plan:
    """As many trials of the same space, drawn at random, and none stopped early."""
    study = f"{plan.study[:90]}-random"
    return replace(plan, study=study, sampler="random", pruner="none", enqueue=(), past=(), keep_models=False)


def enqueued(text: str, space: Space, config_dir: Path | None = None) -> Mapping[str, Value]:
    """The values of a configuration to try, which is given as overrides of what is fixed.

    A key that is not given has its usual value, or the nearest that the space has.

    Raises:
        InputError: it cannot be read, or is not in the space.
    """
    try:
        given = shlex.split(text)
    except ValueError as error:
        raise InputError(
            f"--enqueue {text!r}: {error}", hint="close it, or leave the other one out", key="--enqueue"
        ) from error
    try:
        return _values(given, space, config_dir)
    except InputError as error:
        instead = (text, text.replace(*error.instead)) if error.instead and error.instead[0] in text else None
        hint = error.hint or "leave it out, or search it as well: what is not searched is the same in all trials"
        raise InputError(f"--enqueue {text!r}: {error.message}", hint=hint, key="--enqueue", instead=instead) from error


def _values(given: Sequence[str], space: Space, config_dir: Path | None) -> Mapping[str, Value]:
    """Those of what is given, the rest as usual or the nearest; what is refused is told of what is given alone."""
    config = compose((*(one for one in space.fixed if not one.startswith("hidden.")), *given), config_dir)
    found = nearest(space, config)
    if found is None:
        return space.values(config)
    try:
        return space.values(compose(given, config_dir, under=space.overrides(found)))
    except InputError:
        with suppress(InputError):
            return space.values(config)
        raise


def earlier(search: Search, space: Space, data: Data, runs: Path) -> tuple[Past, ...]:
    """The finished trials of an earlier study that lie in this space.

    Raises:
        InputError: there is no such study, or none of its trials is of use here.
    """
    from sweeper.study.study_record import load_study

    name = search.warm_start
    if not SAMPLERS[search.sampler].adaptive:
        learning = ", ".join(row.name for row in SAMPLERS.values() if row.adaptive)
        raise InputError(
            f"the sampler {search.sampler} makes nothing of an earlier study",
            hint=f"use one of {learning}, or --enqueue its best",
            key="--warm-start",
        )
    record = load_study(runs, name, search.storage)
    asked = (search.objective, *search.more)
    if record.facts.get("data", {}).get("digest") != data.facts["digest"]:
        raise InputError(f"the study {name} is of other data", hint="begin from one of the same", key="--warm-start")
    check_trained(record.facts, data.facts, f"the study {name!r} was begun", "or search without --warm-start")
    if record.objectives != asked:
        was = ", ".join(record.objectives)
        raise InputError(f"the study {name} was for {was}", hint="search for the same", key="--warm-start")
    points, found, why = record.points(), [], ""
    constraints = [constraint(text) for text in search.constraints]
    for trial in record.trials:
        number = trial.number
        if number in points:
            try:
                config = reopen(trial.config, trial.schema, what=f"the trial {name}:{number}")
                missed = _missed(constraints, trial, config, data)
                found.append(Past(f"{name}:{number}", space.values(config), points[number], missed))
            except InputError as error:
                why = why or error.message
    if not found:
        reason = f": {why}" if why else ", as none has finished"
        raise InputError(f"no trial of {name} lies in this space{reason}", hint="widen it", key="--warm-start")
    return tuple(found)


def _missed(constraints: Sequence[Constraint], trial: Trial, config: Config, data: Data) -> Mapping[str, float]:
    """How far a trial of an earlier study misses each constraint of this one.

    Raises:
        InputError: that cannot be said of one of them; such a trial would be taken as one that keeps it.
    """
    result = trial.result or TrialResult("", trial.state)
    size = result.parameters or (parameters(config, data.inputs, data.classes) if data.inputs else 0)
    missed = violations(constraints, replace(result, parameters=size), config.repeats)
    for one in constraints:
        if str(one) not in missed:
            raise InputError(f"whether trial {trial.number} keeps {one} is not known", key="--warm-start")
    return missed


def _check_several(search: Search) -> None:
    """Say of what needs one objective that it cannot be had."""
    why = "with several objectives no trial is"
    if search.pruner not in {"", "none"}:
        raise InputError(
            f"{why} hopeless by one of them, and the pruner {search.pruner} has nothing to go by",
            hint="leave it out, or keep one objective and a --constraint",
            key="--pruner",
        )
    if search.confirm:
        raise InputError(
            f"{why} the best, and there is none to confirm",
            hint="leave it out, or compare some of the front: sweeper compare STUDY:N STUDY:M --repeats 5",
            key="--confirm",
        )


def study_name(plan: Plan, search: Search) -> str:
    """From everything that a study is bound to: asked again in the same way, the same study goes on."""
    assert plan.space is not None
    bound = [plan.space.digest, plan.data["digest"], plan.sampler, plan.pruner, plan.seed, plan.objective]
    extra = [part for part in (plan.more, plan.constraints, search.warm_start) if part]
    text = json.dumps([*bound, *extra])
    return f"tune-{plan.data['name']}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
