"""What a study's trials say beside their best: warnings, and the best score to expect of so many trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sweeper.config.edges import edges
from sweeper.jobs.scores import measure_of
from sweeper.statistics import (
    Caution,
    TuningCurve,
    best_on_edge,
    many_failed,
    spread_hides_leaders,
    too_few_trials,
    tuning_curve,
    validation_too_small,
)
from sweeper.study.attempt import reason
from sweeper.study.objectives import OBJECTIVES
from sweeper.study.search.samplers import SAMPLERS
from sweeper.study.study_record import StudyRecord
from sweeper.trial import Trial, TrialStatus

if TYPE_CHECKING:
    from sweeper.jobs.confirm.confirmation import Confirmation

LEADERS = 5
"""Trials that are compared with one another."""


def evidence(record: StudyRecord, confirmed: Confirmation | None) -> dict[str, Any]:
    """``cautions`` and ``tuning_curve`` (None with fewer than two finished trials) as plain JSON values."""
    curve = expected(record)
    return {
        "cautions": [asdict(caution) for caution in cautions(record, confirmed)],
        "tuning_curve": asdict(curve) if curve else None,
    }


def of_objectives(record: StudyRecord) -> dict[str, Any]:
    """``objectives``, ``constraints``, ``infeasible`` and ``front`` (None with one objective) as plain JSON values."""
    points, by_number = record.points(), {trial.number: trial for trial in record.trials}
    front = None
    if len(record.objectives) > 1:
        front = [
            {
                "number": number,
                **dict(zip(record.objectives, points[number], strict=True)),
                "params": dict(by_number[number].values),
                "overrides": list(by_number[number].overrides),
            }
            for number in sorted(record.front(), key=lambda number: points[number], reverse=True)
        ]
    return {
        "objectives": list(record.objectives),
        "constraints": [str(one) for one in record.constraints],
        "infeasible": sum(not record.feasible(trial) for trial in record.trials),
        "front": front,
    }


def cautions(record: StudyRecord, confirmed: Confirmation | None) -> list[Caution]:
    """The warnings that matter for a study, none where all is well."""
    found = [
        _edge(record, confirmed),
        # A confirmation has said itself who may be as good, and what would tell.
        None
        if confirmed
        else spread_hides_leaders(_by_seed(record, confirmed), percent=measure_of(record.objective).percent),
        validation_too_small(_shares(record), _examples(record)) if _examples(record) else None,
        _failed(record),
        _few(record),
    ]
    return [caution for caution in found if caution is not None]


def expected(record: StudyRecord) -> TuningCurve | None:
    """The tuning curve of a study; None with fewer than two finished trials, or for a list of points."""
    scores = [trial.score for trial in record.trials if trial.state == "finished" and trial.score is not None]
    if len(scores) < 2 or record.space is None:
        return None
    known: dict[str, Any] = {
        "sampler": record.facts.get("sampler", ""),
        "pruned": sum(trial.state == "pruned" for trial in record.trials),
        "chosen": record.given,
    }
    failed = sum(trial.state == "failed" for trial in record.trials)
    objective = OBJECTIVES[record.objective]
    failures = [objective.worst(scores)] * failed
    return tuning_curve([*scores, *failures], limits=objective.limits, higher_is_better=objective.maximize, **known)


def _failed(record: StudyRecord) -> Caution | None:
    values, failures = [trial.values for trial in record.trials], [t.failure for t in record.trials if t.failure]
    said = reason(failures) if failures else ""
    return many_failed(values, [trial.state == "failed" for trial in record.trials], said)


def _edge(record: StudyRecord, confirmed: Confirmation | None) -> Caution | None:
    """The caution that the named trial (on fresh seeds, or else by its score) lies at the edge of the space."""
    leaders, space = record.leaders(), record.space
    if not leaders or space is None:
        return None
    named = next((one for one in leaders if confirmed and one.number == confirmed.winner), leaders[0])
    called = f"trial {named.number}, which is named," if confirmed else "the best trial"
    return best_on_edge(named.values, edges(space, named.values), called=called)


def _by_seed(record: StudyRecord, confirmed: Confirmation | None) -> Mapping[str, list[float]]:
    """Scores by seed of those leaders that have several: on fresh seeds, or else as they were trained."""
    if confirmed is not None:
        found = {
            str(one.number): list(one.points) for one in confirmed.trials if not one.standing.startswith("dropped")
        }
    else:
        leaders = [(str(trial.number), trial.result) for trial in record.leaders(LEADERS)]
        found = {
            number: list(OBJECTIVES[record.objective].members(result.validation))
            for number, result in leaders
            if result and result.validation
        }
    return {name: scores for name, scores in found.items() if len(scores) > 1}


def _shares(record: StudyRecord) -> dict[str, float]:
    """The share of examples that each leader has right; none where another score chose them."""
    if not OBJECTIVES[record.objective].share:
        return {}
    return {str(trial.number): trial.score for trial in record.leaders(LEADERS) if trial.score is not None}


def _few(record: StudyRecord) -> Caution | None:
    """The caution that too few trials were drawn; a grid is all that there is, and a list was chosen."""
    if record.space is None or _exhaustive(record):
        return None
    drawn = _independent(record) and not record.given
    return too_few_trials(sum(map(_trained, record.trials)), drawn=drawn)


def _independent(record: StudyRecord) -> bool:
    """Whether its trials are draws that do not depend on each other."""
    sampler = str(record.facts.get("sampler", ""))
    return sampler in SAMPLERS and SAMPLERS[sampler].independent


def _trained(trial: Trial) -> bool:
    """Whether a trial says something of its values; one that was set aside for its size says nothing."""
    trained = trial.same_as is None and trial.result is not None and trial.result.steps > 0
    return trained and trial.state != TrialStatus.FAILED


def _examples(record: StudyRecord) -> int:
    return int(record.facts.get("sizes", {}).get("validation", 0))


def _exhaustive(record: StudyRecord) -> bool:
    name = str(record.facts.get("sampler", ""))
    return name in SAMPLERS and SAMPLERS[name].exhaustive
