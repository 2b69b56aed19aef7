"""The leaders of a search run again on fresh seeds, and raced.

A search names the best by a score that was the best of many, which flatters it. Here each of the first few runs
again on seeds that had no part in choosing it, the same seeds for all; who cannot be the best any more drops out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sweeper.jobs.confirm.affordable import affordable
from sweeper.jobs.confirm.confirmation import (
    Candidate,
    Confirmation,
    candidates,
    confirmation,
    fresh,
    race_of,
    scores_of,
    study_name,
)
from sweeper.jobs.confirm.seeds import PLANNED, asking, rounds
from sweeper.study.plan import Plan, Point
from sweeper.study.session import Session
from sweeper.study.study_record import StudyRecord, exists, load_study


def confirm(
    plan: Plan, count: int, session: Session, *, share: float = 0.0, timeout: float | None = None, repeats: int = 0
) -> Confirmation | None:
    """Run the leaders of a study on fresh seeds until it is settled who is the best, or the planned seeds are done.

    Asked again with more seeds, it goes on with what was trained; who had dropped out may come back.

    Args:
        plan: that the study was made by.
        count: how many leaders; the same configuration counts once.
        session: with the workers, the tracker, and who is given the events.
        share: of the search's time that it may take (``affordable``); 0 for as long as it takes.
        timeout: seconds that it may take.
        repeats: fresh seeds at which it ends; where 0 as before, or what `share` allows, or `PLANNED`.

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
    within = share and not repeats  # who asks for seeds gets them
    leaders, planned = affordable(record, found, share) if within else (len(found), repeats or PLANNED)
    found = found[:leaders]
    study = study_name(record.study, found)
    before = load_study(runs, study) if exists(runs, study) else None
    asked = asking(before, planned)
    seeds = fresh(found, asked[-1])
    session.note(f"confirming the best {len(found)} on fresh seeds: study {study}", loud=False)
    alive, points = found, _begun(before, found, seeds)
    for done in rounds(asked[-1]):
        have = [point.values for point in points]
        wanted = [one.point(seed) for seed in seeds[:done] for one in alive]
        points += [point for point in wanted if point.values not in have]
        again = replace(_repeats(plan, study, points, timeout), planned=asked)
        ended = tune(again, session).ended
        # What was run later must not change who went on: the points of a study that goes on are the same again.
        scores = scores_of(load_study(runs, study), record, found)
        state = race_of({number: values[:done] for number, values in scores.items()}, record, asked)
        alive = [one for one in found if str(one.trial.number) in state.alive] if state else []
        # One that is left goes on alone, for its interval; several that are tied are as good as they are.
        enough = state is not None and state.settled and (len(alive) > 1 or done >= PLANNED)
        if state is None or ended == "timeout" or enough:
            break
    return confirmation(runs, record)


def _begun(before: StudyRecord | None, found: Sequence[Candidate], seeds: Sequence[int]) -> list[Point]:
    """The points of a confirmation that goes on, in their order."""
    known = {point.config.digest: point for one in found for point in map(one.point, seeds)}
    return [known[digest] for digest in before.facts.get("points", ())] if before else []


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
