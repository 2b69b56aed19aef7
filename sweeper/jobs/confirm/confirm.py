"""The leaders of a search run again on fresh seeds, and raced.

A search names the best by a score that was the best of many, which flatters it. Here each of the first few runs
again on seeds that had no part in choosing it, the same seeds for all; who cannot be the best any more drops out.
"""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.jobs.confirm.affordable import affordable
from sweeper.jobs.confirm.confirmation import (
    PLANNED,
    Confirmation,
    candidates,
    confirmation,
    fresh,
    race_of,
    scores_of,
    study_name,
)
from sweeper.statistics.racing import FIRST_LOOK
from sweeper.study.plan import Plan, Point
from sweeper.study.session import Session
from sweeper.study.study_record import load_study


def confirm(
    plan: Plan, count: int, session: Session, *, share: float = 0.0, timeout: float | None = None
) -> Confirmation | None:
    """Run the leaders of a study on fresh seeds until it is settled who is the best, or the planned seeds are done.

    Args:
        plan: that the study was made by.
        count: how many leaders; the same configuration counts once.
        session: with the workers, the tracker, and who is given the events.
        share: of the search's time that it may take (``affordable``); 0 for as long as it takes.
        timeout: seconds that it may take.

    Returns:
        None where no trial of the study has finished.

    Raises:
        InterruptedRunError: Ctrl-C; the same again goes on.
    """
    from sweeper.study.driver import tune

    runs = session.runs
    record = load_study(runs, plan.study)
    found = candidates(record, count)
    if not found:
        return None
    leaders, planned = affordable(record, found, share) if share else (len(found), PLANNED)
    found = found[:leaders]
    study, seeds = study_name(record.study, found, planned), fresh(found, planned)
    session.note(f"confirming the best {len(found)} on fresh seeds: study {study}", loud=False)
    alive, points = found, list[Point]()
    for round_, done in ((seeds[:FIRST_LOOK], FIRST_LOOK), (seeds[FIRST_LOOK:], len(seeds))):
        if not round_:
            break
        points += [one.point(seed) for seed in round_ for one in alive]
        again = _repeats(plan, study, points, timeout)
        ended = tune(again, session).ended
        # What was run later must not change who went on: the points of a study that goes on are the same again.
        scores = scores_of(load_study(runs, study), record, found)
        state = race_of({number: values[:done] for number, values in scores.items()}, record, planned)
        alive = [one for one in found if str(one.trial.number) in state.alive] if state else []
        # One that is left goes on alone, for its interval; several that are tied are as good as they are.
        if state is None or ended == "timeout" or (state.settled and len(alive) > 1):
            break
    return confirmation(runs, record)


def _repeats(plan: Plan, study: str, points: Sequence[Point], timeout: float | None) -> Plan:
    return Plan(
        study,
        len(points),
        plan.data,
        points=points,
        objective=plan.objective,
        timeout=timeout,
        max_errors=plan.max_errors,
        storage=plan.storage,
        command=plan.command,
    )
