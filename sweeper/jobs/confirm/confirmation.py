"""What the leaders of a search are worth on fresh seeds: which of them is the best, if any can be told to be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from sweeper.config.history import reopen
from sweeper.config.schema import Config
from sweeper.jobs.measures import measure_of
from sweeper.questions.ask.prepare import FRESH
from sweeper.report.comparison.report import listed
from sweeper.report.study.facts import Confirmed
from sweeper.statistics import MARGIN, Interval, Race, Ranking, interval_of_best, race, rank, t_interval
from sweeper.study.objectives import OBJECTIVES, measured
from sweeper.study.plan import Point
from sweeper.study.study_record import StudyRecord, exists, load_study
from sweeper.trial import Trial, TrialStatus

Scores = Mapping[int, Sequence[float]]

PLANNED = 5
"""Fresh seeds at which a race ends."""

LOSS_MARGIN = 0.05
"""The smallest difference that matters of what is no share of the examples, such as losses: a share of the leader's."""

MOST = 10
"""Leaders that can be confirmed."""


@dataclass(frozen=True)
class Confirmation:
    """What became of the leaders.

    Attributes:
        study: of their repeats.
        winner: number of the trial that is named: the best or, of those tied with it, the smallest.
        tied: numbers of the trials that cannot be told from the best, itself included; empty if none can.
        undecided: numbers of those that more seeds would tell apart.
        repeats: fresh seeds that all who are left have finished.
        sentence: all of this in words.
        trials: best first.
    """

    study: str
    winner: int
    tied: tuple[int, ...]
    undecided: tuple[int, ...]
    repeats: int
    sentence: str
    trials: tuple[Confirmed, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A leader, and its configuration."""

    trial: Trial
    config: Config

    def point(self, seed: int) -> Point:
        """The same with one member, everything random in it by this seed."""
        own = [text for text in self.trial.overrides if text.partition("=")[0] not in {"seed", "batch_seed", "repeats"}]
        config = replace(self.config, seed=seed, batch_seed=seed, repeats=1)
        values = {"trial": self.trial.number, "seed": seed}
        return Point(values, (*own, f"seed={seed}", f"batch_seed={seed}"), config)


def confirmation(runs: Path, record: StudyRecord) -> Confirmation | None:
    """What is known of the leaders of a study on fresh seeds; None where those who lead it now were not confirmed."""
    for count in range(min(MOST, len(record.leaders(MOST))), 0, -1):
        found = candidates(record, count)
        study = study_name(record.study, found)
        if len(found) == count and exists(runs, study):
            return _confirmation(load_study(runs, study), record, found)
    return None


def candidates(record: StudyRecord, count: int) -> list[Candidate]:
    """The first leaders of a study, each configuration once."""
    found: dict[str, Candidate] = {}
    for trial in record.leaders():
        if len(found) == min(count, MOST):
            break
        config = reopen(trial.config, trial.schema, what=f"the trial {record.study}:{trial.number}")
        found.setdefault(replace(config, seed=0, batch_seed=0, repeats=1).digest, Candidate(trial, config))
    return list(found.values())


def study_name(study: str, found: Sequence[Candidate]) -> str:
    """Of the repeats of these leaders: with others it is another one."""
    asked = json.dumps([one.point(0).config.digest for one in found])
    return f"{study[:80]}-confirm-{hashlib.sha256(asked.encode()).hexdigest()[:6]}"


def fresh(found: Sequence[Candidate]) -> list[int]:
    """Seeds that had no part in choosing any of them."""
    used = {seed for one in found for seed in (*one.config.seeds, one.config.batch_seed)}
    seeds = [seed for seed in range(FRESH, FRESH + PLANNED + len(used)) if seed not in used]
    return seeds[:PLANNED]


def scores_of(again: StudyRecord, record: StudyRecord, found: Sequence[Candidate]) -> dict[int, list[float]]:
    """Of each candidate all of whose repeats finished, its score by seed."""
    scores: dict[int, dict[int, float]] = {one.trial.number: {} for one in found}
    for trial in again.trials:
        value = measured(record.objective, trial.result) if trial.state == TrialStatus.FINISHED else None
        number, seed = int(trial.values["trial"]), int(trial.values["seed"])
        if value is None:
            scores.pop(number, None)  # it failed on a seed that others went through
        elif number in scores:
            scores[number][seed] = value
    seeds = fresh(found)
    in_order = {
        number: [by_seed[s] for s in takewhile(by_seed.__contains__, seeds)] for number, by_seed in scores.items()
    }
    return {number: values for number, values in in_order.items() if values}


def race_of(scores: Scores, record: StudyRecord) -> Race | None:
    """Where the race of these stands; None where nobody has a score."""
    if not scores:
        return None
    named = {str(number): values for number, values in scores.items()}
    return race(named, planned=PLANNED, **_rules(scores, record))


def _rules(scores: Scores, record: StudyRecord) -> dict[str, Any]:
    """What matters between scores of this study: their margin, direction and resolution."""
    objective = OBJECTIVES[record.objective]
    if objective.share:
        examples = int(record.facts.get("sizes", {}).get("validation", 0))
        resolution = 1 / examples if examples else 0.0
        return {"margin": MARGIN, "higher_is_better": objective.maximize, "resolution": resolution}
    best = max((sum(values) / len(values) for values in scores.values()), key=objective.rank)
    return {"margin": LOSS_MARGIN * abs(best), "higher_is_better": objective.maximize}


def _confirmation(again: StudyRecord, record: StudyRecord, found: Sequence[Candidate]) -> Confirmation | None:
    scores = scores_of(again, record, found)
    state = race_of(scores, record)
    if state is None:
        return None
    sizes = {str(one.trial.number): one.trial.result.parameters for one in found if one.trial.result}
    ranking = _ranking(scores, state, sizes, record)
    tied = (ranking.leader, *ranking.tied) if ranking and ranking.tied else ()
    winner = ranking.smallest or ranking.leader if ranking else state.leader
    trials = []
    for one in found:
        points = scores.get(one.trial.number, ())
        interval = _interval(one, points, state, len(scores), record)
        trials.append(_confirmed(one, points, interval, _standing(str(one.trial.number), bool(points), state, ranking)))
    trials.sort(key=lambda one: _place(one, state))
    return Confirmation(
        study=again.study,
        winner=int(winner),
        tied=tuple(map(int, tied)),
        undecided=tuple(map(int, ranking.undecided)) if ranking else (),
        repeats=state.repeats,
        sentence=_sentence(trials, ranking, record),
        trials=tuple(trials),
    )


def _ranking(scores: Scores, state: Race, sizes: Mapping[str, int], record: StudyRecord) -> Ranking | None:
    """Of those who are left; None where it is one, or too little is known."""
    if len(state.alive) < 2 or state.repeats < 2:
        return None
    left = {name: scores[int(name)][: state.repeats] for name in state.alive}
    known = {name: float(sizes[name]) for name in state.alive if sizes.get(name)}
    return rank(left, sizes=known if len(known) == len(left) else None, **_rules(scores, record))


def _interval(
    one: Candidate, points: Sequence[float], state: Race, candidates: int, record: StudyRecord
) -> Interval | None:
    """Over seeds; the leader's allows for its having been chosen among the candidates by these very seeds."""
    if len(points) < 2:
        return None
    if str(one.trial.number) != state.leader:
        return t_interval(points)
    return interval_of_best(points, candidates, higher_is_better=OBJECTIVES[record.objective].maximize)


def _confirmed(one: Candidate, points: Sequence[float], interval: Interval | None, standing: str) -> Confirmed:
    trial = one.trial
    assert trial.score is not None  # it is a leader
    return Confirmed(
        number=trial.number,
        original=trial.score,
        value=sum(points) / len(points) if points else float("nan"),
        interval=interval,
        points=tuple(points),
        standing=standing,
        parameters=trial.result.parameters if trial.result else 0,
        params=dict(trial.values),
    )


def _standing(name: str, scored: bool, state: Race, ranking: Ranking | None) -> str:
    if not scored:
        return "failed on a fresh seed"
    dropped = next((one for one in state.dropped if one.name == name), None)
    if dropped:
        return f"dropped after {dropped.repeats} seeds"
    if ranking is None:
        return "best"
    if name == ranking.leader:
        return "best" if not (ranking.tied or ranking.undecided) else "highest mean"
    return "tied with the best" if name in ranking.tied else "undecided" if name in ranking.undecided else "behind"


def _place(one: Confirmed, state: Race) -> tuple[int, int]:
    order = [*state.alive, *(dropped.name for dropped in reversed(state.dropped))]
    name = str(one.number)
    return (order.index(name) if name in order else len(order), one.number)


def _sentence(trials: Sequence[Confirmed], ranking: Ranking | None, record: StudyRecord) -> str:
    measure = measure_of(record.objective)
    best = trials[0]
    interval = best.interval
    ends = (
        f" ({interval.level:.0%} interval {measure.text(interval.low)} to {measure.text(interval.high)})"
        if interval
        else ""
    )
    score = f"{measure.text(best.value)}{ends} over {len(best.points)} fresh seeds"
    chosen = f"it was chosen by {measure.text(best.original)}"
    if ranking is None or not (ranking.tied or ranking.undecided):
        return f"Trial {best.number} is the best: {score}; {chosen}."
    return f"{_named(ranking, best)}. Trial {best.number} has {score}; {chosen}."


def _named(ranking: Ranking, best: Confirmed) -> str:
    """Who is tied with the best, who cannot be told from it yet, and which of them is the smallest."""
    parts = []
    if ranking.tied:
        small = f"; the smallest is trial {ranking.smallest}" if ranking.smallest else ""
        names = listed([str(best.number), *ranking.tied])
        parts.append(f"Trials {names}: these {_count(1 + len(ranking.tied))} are tied{small}")
    if ranking.undecided:
        trials = "Trial" if len(ranking.undecided) == 1 else "Trials"
        told = f"{listed(ranking.undecided)} cannot be told from trial {best.number} by {len(best.points)} seeds"
        parts.append(f"{trials} {told}")
    return ". ".join(parts)


def _count(number: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five"}.get(number, str(number))
