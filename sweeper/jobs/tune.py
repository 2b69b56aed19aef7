"""``sweeper tune``: a search, from its overrides to its best trials."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from sweeper.data import places
from sweeper.data.columns import Column, columns_file
from sweeper.errors import InputError, SweeperError
from sweeper.jobs.scores import plain
from sweeper.jobs.shared.bound_search import bound_plan
from sweeper.jobs.shared.search import Search, enqueued, random_search
from sweeper.study.plan import Note, Observer, Outcome, Plan, ignore
from sweeper.study.session import Session, recording, workers
from sweeper.system.files import temporary_folder
from sweeper.system.signals import listen
from sweeper.tracking import Tracker
from sweeper.trial import Trial

__all__ = ["Search", "tune"]

if TYPE_CHECKING:
    from sweeper.jobs.confirm.confirmation import Confirmation
    from sweeper.study.opening import PreparedStudy
    from sweeper.study.study_record import StudyRecord


SETTLED = 5.0
"""Seconds after which a driver has begun and its workers are busy."""


def tune(
    overrides: Sequence[str] = (),
    search: Search | None = None,
    *,
    space: str | None = None,
    config_dir: Path | None = None,
    runs: Path = Path("runs"),
    observe: Observer = ignore,
) -> dict[str, Any]:
    """Search on the validation split; a study that was begun goes on.

    Args:
        overrides: ``KEY=VALUE`` fixes a key, ``KEY=SWEEP`` searches it.
        search: how to search.
        space: the name of a file in conf/space.
        config_dir: a user's own config folder.
        runs: where everything is recorded.
        observe: is given notes, and each event of the driver.

    Returns:
        ``study``, ``trials`` (requested, finished, pruned, failed, repeated), ``best`` (number, params, validation,
        overrides; None if no trial finished), ``top``, ``fixed`` (overrides that all trials share), ``importance``,
        ``evaluator``, ``importance_note`` (what it is, or why there is none), ``variance``, ``variance_evaluator``,
        ``variance_note``, ``seconds``, ``dataset``, ``workers``, ``objective``, ``run_id``, ``ended``, ``notes``;
        ``confirmed``: the leaders on fresh seeds (None if not asked); ``cautions``, and the ``tuning_curve``;
        ``objectives``, ``constraints``, ``infeasible``: trials that miss them, and ``front``: with several
        objectives, the trials that no other beats in all; ``baseline``: a random search.

    Raises:
        InputError: what was asked cannot be done; nothing was written.
        InterruptedRunError: Ctrl-C; what is finished is kept, and the same again goes on.
        SweeperError: no trial finished and some failed, or the study cannot be written.
    """
    search = search or Search()
    from sweeper.config.planning import ONCE_SEARCHED, plan_space
    from sweeper.study.study_record import exists

    _check(search, runs)
    begun = _begun_before(search, runs)
    searched = plan_space(overrides, space=space, config_dir=config_dir, earlier=begun)
    for text in search.enqueue:
        enqueued(text, searched, config_dir)  # or it is said before workers start what is wrong with it
    started = partial(workers, runs, search.workers, at_once=not begun, cluster=search.cluster)
    with started(threads=search.threads, deadline=search.deadline, memory=search.memory) as pool:
        plan, notes = bound_plan(search, searched, runs, config_dir, pool)
        if ONCE_SEARCHED in searched.dimensions and not exists(runs, plan.study, plan.storage):
            plan_space(overrides, space=space, config_dir=config_dir)  # which says that it cannot be searched
        prepared = _prepared(plan, runs)
        if prepared.is_complete():
            observe(Note(f"the study {plan.study} is complete: it has the {plan.trials} trials asked for (--trials)"))
        else:
            pool.start()
        for line in notes:
            observe(Note(line))
        observe(Note(f"study {plan.study}", loud=False))
        with recording(runs, observe) as tracker, listen():  # to what comes between two sweeps, too
            return _searched(search, prepared, Session(runs, pool, tracker, observe), notes)


def _searched(search: Search, prepared: PreparedStudy, session: Session, notes: Sequence[str]) -> dict[str, Any]:
    """Run the search, and what goes with it; its document."""
    from sweeper.study.driver import tune as drive

    plan, runs = prepared.plan, session.runs
    places.note_file(plan.data)
    with _preparing(plan.trials):
        outcome = drive(prepared, session)
        _check_any(outcome, plan, runs)
        confirmed = _confirm(search, plan, outcome, session)

    # What only the end needs is loaded here: the first trial does not wait for it.
    from sweeper.jobs.shared.evidence import evidence, of_objectives
    from sweeper.jobs.shared.study_page import describe
    from sweeper.study.study_record import load_study

    record = load_study(runs, plan.study, plan.storage)
    _draw(record, outcome, session.tracker, plan.columns, confirmed.winner if confirmed else None)
    describe(record, confirmed, runs, session.tracker)
    base = _baseline(search, plan, session)
    more = {"confirmed": _plain(confirmed), "baseline": base} | of_objectives(record)
    return _document(outcome, notes) | {"fixed": list(plan.fixed)} | evidence(record, confirmed) | more


@contextmanager
def _preparing(trials: int) -> Iterator[None]:
    """Load what the end of so many trials waits for otherwise, in a thread of its own once the workers are busy."""

    def load() -> None:
        from sweeper.report.figures.style import warm_up
        from sweeper.study.importance import ENOUGH_FOR_VARIANCE, load_forest
        from sweeper.system.mapped import let_go_of_code

        for module in ("sweeper.jobs.shared.study_page", "sweeper.jobs.shared.evidence"):
            importlib.import_module(module)
        if trials >= ENOUGH_FOR_VARIANCE:
            load_forest()
        warm_up()
        let_go_of_code()

    timer = Timer(SETTLED, load)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    timer.join()


def _check(search: Search, runs: Path) -> None:
    """Say what is wrong with the options before anything is loaded."""
    from sweeper.study.objectives import constraint
    from sweeper.study.search.samplers import SAMPLERS
    from sweeper.study.storage.location import check_name
    from sweeper.study.study_record import exists, load_study

    if search.study:
        check_name(search.study)
    for text in search.constraints:
        constraint(text)
    if search.repeats and not search.confirm:
        raise InputError(
            f"--repeats {search.repeats}: nothing is confirmed on fresh seeds",
            hint=f"--confirm 3 --repeats {search.repeats} confirms the best three; for each trial: repeats=5",
            key="--repeats",
        )
    known = SAMPLERS[search.sampler].adaptive and search.warm_start
    if known and not exists(runs, search.warm_start, search.storage):
        load_study(runs, search.warm_start, search.storage)  # which says that there is none, and what was meant


def _begun_before(search: Search, runs: Path) -> bool:
    """Whether there may be a study to go on with, to which nothing may be left to do: then no worker starts early."""
    return any((runs / "studies").glob(f"{search.study or 'tune-'}*"))


def _prepared(plan: Plan, runs: Path) -> PreparedStudy:
    """The study of a plan, checked before anything is written."""
    from sweeper.study.opening import PreparedStudy

    prepared = PreparedStudy(plan, runs)
    prepared.check()
    return prepared


def _check_any(outcome: Outcome, plan: Plan, runs: Path) -> None:
    """A sweep of which nothing but failures came has failed. Raises SweeperError with their reason."""
    if outcome.counts.finished or not outcome.counts.failed:
        return
    from sweeper.study.attempt import reason
    from sweeper.study.study_record import load_study

    failures = [trial.failure for trial in load_study(runs, plan.study, plan.storage).trials if trial.failure]
    raise SweeperError(
        f"no trial finished: {outcome.counts.failed} failed, {reason(failures)}",
        hint=f"sweeper results {plan.study} shows each; change the space or the fixed keys, in a study of another name",
    )


def _confirm(search: Search, plan: Plan, outcome: Outcome, session: Session) -> Confirmation | None:
    """The leaders on fresh seeds, where that was asked for and there is time left."""
    if not search.confirm or plan.more or outcome.ended == "timeout":
        return None
    from sweeper.jobs.confirm.confirm import confirm

    left = None if plan.timeout is None else max(1.0, plan.timeout - outcome.seconds)
    share, repeats = search.confirm_share, search.repeats
    found = confirm(plan, search.confirm, session, share=share, timeout=left, repeats=repeats)
    if found is not None:
        best = next(one for one in found.trials if one.number == found.winner)
        metrics = {"confirmed_score": best.value, "confirmed_trial": float(found.winner)}
        session.tracker.update(outcome.run, metrics=metrics, tags={"confirmed": found.sentence})
    return found


def _baseline(search: Search, plan: Plan, session: Session) -> dict[str, Any] | None:
    """As many random trials of the same space without pruning, whose tuning curve has a band that can be trusted."""
    if not search.baseline:
        return None
    from sweeper.jobs.shared.evidence import expected
    from sweeper.study.driver import tune as drive
    from sweeper.study.study_record import load_study

    drawn = random_search(plan)
    session.note(f"random search beside it: study {drawn.study}", loud=False)
    outcome = drive(drawn, session)
    curve = expected(load_study(session.runs, drawn.study, drawn.storage))
    best = _trial(outcome.best) if outcome.best else None
    return {"study": drawn.study, "best": best, "tuning_curve": asdict(curve) if curve else None}


def _plain(confirmed: Confirmation | None) -> dict[str, Any] | None:
    return None if confirmed is None else confirmed.to_json()


def _draw(
    record: StudyRecord, outcome: Outcome, tracker: Tracker, columns: Sequence[Column], chosen: int | None
) -> None:
    """How a table was read, the history and the importances onto the study's own record."""
    from sweeper.jobs.shared.study_page import study_figures

    with temporary_folder() as folder:
        paths = study_figures(record, outcome, folder, chosen)
        files = [*columns_file(columns, folder), *((path, "figures") for path in paths)]
        tracker.update(outcome.run, artifacts=files)
        tracker.flush()


def _document(outcome: Outcome, notes: Sequence[str]) -> dict[str, Any]:
    from sweeper.study.importance import MEANING, VARIANCE_MEANING

    counts = outcome.counts
    kinds = ("requested", "finished", "pruned", "failed", "repeated")
    return {
        "study": outcome.study,
        "run_id": outcome.run if isinstance(outcome.run, str) else outcome.run.result(),
        "trials": {kind: getattr(counts, kind) for kind in kinds},
        "best": _trial(outcome.best) if outcome.best else None,
        "top": [_trial(trial) for trial in outcome.top],
        "importance": dict(outcome.importance),
        "evaluator": outcome.evaluator,
        "importance_note": outcome.no_importance or (MEANING if outcome.importance else ""),
        "variance": dict(outcome.variance),
        "variance_evaluator": outcome.variance_evaluator,
        "variance_note": VARIANCE_MEANING if outcome.variance else "",
        "objective": outcome.objective,
        "seconds": outcome.seconds,
        "dataset": dict(outcome.data),
        "workers": outcome.workers,
        "ended": outcome.ended,
        "notes": [*notes, *outcome.notes],
    }


def _trial(trial: Trial) -> dict[str, Any]:
    scores = trial.result.validation if trial.result else None
    return {
        "number": trial.number,
        "score": trial.score,
        "params": dict(trial.values),
        "overrides": list(trial.overrides),
        "validation": plain(scores) if scores else None,
    }
