"""``sweeper tune``: a search, from its overrides to its best trials."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.config.schema import Config
from sweeper.config.space import Space, plan_space
from sweeper.study.plan import Note, Objective, Outcome, Plan, Trial
from sweeper.study.workers.base import Pool
from sweeper.study.workshop import cores, read_data, workers
from sweeper.tracking import Tracker, open_tracker

if TYPE_CHECKING:
    from sweeper.jobs.confirmation import Confirmation

Observe = Callable[[object], None]


@dataclass(frozen=True, slots=True)
class Search:
    """How to search, apart from what.

    Attributes:
        trials: finished or pruned ones, in total.
        study: its name; made from everything that the study is bound to where empty.
        sampler, pruner, seed, objective, timeout, max_errors, storage: as in ``Plan``.
        workers: processes; 0 for one a core.
        threads: of each worker.
        keep_models: whether each trial's models are kept.
        confirm: how many of the leaders run again on fresh seeds.
        command: that goes on with this search.
    """

    trials: int = 50
    study: str = ""
    sampler: str = "tpe"
    pruner: str = "asha"
    seed: int = 0
    objective: Objective = "validation.accuracy"
    timeout: float | None = None
    max_errors: int = 10
    storage: str = ""
    workers: int = 0
    threads: int = 1
    keep_models: bool = True
    confirm: int = 0
    command: str = ""


def tune(
    overrides: Sequence[str] = (),
    search: Search | None = None,
    *,
    space: str | None = None,
    config_dir: Path | None = None,
    runs: Path = Path("runs"),
    observe: Observe = lambda _: None,
) -> dict[str, Any]:
    """Search on the validation split; a study that was begun goes on.

    Args:
        overrides: ``KEY=VALUE`` fixes a key, ``KEY=SWEEP`` searches it.
        search: how to search.
        space: the name of a file in conf/space.
        config_dir: a user's own config folder.
        runs: where everything is recorded.
        observe: told of notes and of everything that the driver tells.

    Returns:
        ``study``, ``trials`` (requested, finished, pruned, failed), ``best`` (number, params, validation, overrides;
        None if no trial finished), ``top``, ``importance``, ``evaluator``, ``seconds``, ``dataset``, ``workers``,
        ``objective``, ``run_id``, ``ended``, ``notes``; ``confirmed``: the leaders on fresh seeds (None if not asked);
        ``cautions``, and the ``tuning_curve``.

    Raises:
        InputError: what was asked cannot be done; nothing was written.
        InterruptedRunError: Ctrl-C; what is finished is kept, and the same again goes on.
        SweeperError: every trial failed in the same way, or the study cannot be written.
    """
    search = search or Search()
    size = search.workers or cores()
    with workers(runs, size, threads=search.threads) as pool:
        searched = plan_space(overrides, space=space, config_dir=config_dir)
        data = read_data(_first(searched))
        plan = _plan(search, searched, data.facts)
        _check(plan, runs)
        for line in data.notes:
            observe(Note(line))
        observe(Note(f"study {plan.study}", loud=False))
        with open_tracker(runs) as tracker:
            from sweeper.jobs.evidence import evidence
            from sweeper.study.driver import tune as drive
            from sweeper.study.results import load_study

            outcome = drive(plan, runs=runs, pool=pool, tracker=tracker, observe=observe)
            confirmed = _confirm(search, plan, outcome, runs, pool, tracker, observe)
            _draw(plan, outcome, runs, tracker)
            record = load_study(runs, plan.study, plan.storage)
            return _document(outcome, data.notes) | evidence(record, confirmed) | {"confirmed": _plain(confirmed)}


def _first(space: Space) -> Config:
    """Some configuration of the space, to check the data by."""
    return space.config(space.ask(lambda _, domain: domain.edges[0]))


def _plan(search: Search, space: Space, data: dict[str, Any]) -> Plan:
    plan = Plan(
        study=search.study,
        trials=search.trials,
        data=data,
        space=space,
        sampler=search.sampler,
        pruner=search.pruner,
        seed=search.seed,
        objective=search.objective,
        timeout=search.timeout,
        max_errors=search.max_errors,
        storage=search.storage,
        keep_models=search.keep_models,
        command=search.command,
    )
    return plan if search.study else replace(plan, study=_name(plan))


def _name(plan: Plan) -> str:
    """From everything that a study is bound to: asked again in the same way, the same study goes on."""
    assert plan.space is not None
    bound = [plan.space.digest, plan.data["digest"], plan.sampler, plan.pruner, plan.seed, plan.objective]
    return f"tune-{plan.data['name']}-{hashlib.sha256(json.dumps(bound).encode()).hexdigest()[:8]}"


def _check(plan: Plan, runs: Path) -> None:
    from sweeper.study.opening import check_plan

    check_plan(plan, runs)


def _confirm(
    search: Search, plan: Plan, outcome: Outcome, runs: Path, pool: Pool, tracker: Tracker, observe: Observe
) -> Confirmation | None:
    """The leaders on fresh seeds, where that was asked for and there is time left."""
    if not search.confirm or outcome.ended == "timeout":
        return None
    from sweeper.jobs.confirm import confirm

    left = None if plan.timeout is None else max(1.0, plan.timeout - outcome.seconds)
    found = confirm(plan, search.confirm, runs=runs, pool=pool, tracker=tracker, timeout=left, observe=observe)
    if found is not None:
        best = next(one for one in found.trials if one.number == found.winner)
        metrics = {"confirmed_score": best.value, "confirmed_trial": float(found.winner)}
        tracker.update(outcome.run, metrics=metrics, tags={"confirmed": found.sentence})
    return found


def _plain(confirmed: Confirmation | None) -> dict[str, Any] | None:
    return None if confirmed is None else confirmed.to_json()


def _draw(plan: Plan, outcome: Outcome, runs: Path, tracker: Tracker) -> None:
    """The history and the importances onto the study's own record."""
    from sweeper.jobs.figures import study_figures

    with tempfile.TemporaryDirectory() as folder:
        paths = study_figures(plan, outcome, runs, Path(folder))
        tracker.update(outcome.run, artifacts=[(path, "figures") for path in paths])
        tracker.flush()


def _document(outcome: Outcome, notes: Sequence[str]) -> dict[str, Any]:
    counts = outcome.counts
    kinds = ("requested", "finished", "pruned", "failed")
    return {
        "study": outcome.study,
        "run_id": outcome.run if isinstance(outcome.run, str) else outcome.run.result(),
        "trials": {kind: getattr(counts, kind) for kind in kinds},
        "best": _trial(outcome.best) if outcome.best else None,
        "top": [_trial(trial) for trial in outcome.top],
        "importance": dict(outcome.importance),
        "evaluator": outcome.evaluator,
        "objective": outcome.objective,
        "seconds": outcome.seconds,
        "dataset": dict(outcome.data),
        "workers": outcome.workers,
        "ended": outcome.ended,
        "notes": [*notes, *outcome.notes],
    }


def _trial(trial: Trial) -> dict[str, Any]:
    scores = trial.result.validation if trial.result else None
    validation = (
        {"loss": scores.mean_loss, "accuracy": scores.mean_accuracy, "per_seed": list(scores.accuracy)}
        if scores
        else None
    )
    return {
        "number": trial.number,
        "score": trial.score,
        "params": dict(trial.values),
        "overrides": list(trial.overrides),
        "validation": validation,
    }
