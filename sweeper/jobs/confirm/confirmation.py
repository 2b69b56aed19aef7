"""What the leaders of a search are worth on fresh seeds: which of them is the best, if any can be told to be."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from sweeper.config.history import reopen
from sweeper.config.schema import Config
from sweeper.jobs.confirm.seeds import PLANNED, Asked, asked_of, level_of, telling
from sweeper.jobs.confirm.words import sentence, standing_of
from sweeper.jobs.scores import measure_of
from sweeper.questions.ask.prepare import FRESH
from sweeper.report.study.facts import Confirmed
from sweeper.statistics import (
    Collapses,
    Interval,
    Race,
    Ranking,
    collapsed,
    interval_of_best,
    race,
    rank,
    summary,
)
from sweeper.study.objectives import OBJECTIVES, measured
from sweeper.study.plan import Point
from sweeper.study.study_record import StudyRecord, exists, load_study
from sweeper.system.bits import unpack
from sweeper.trial import Trial, TrialStatus

Scores = Mapping[int, Sequence[float]]

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
        telling: fresh seeds in all that would tell what is undecided; None where nothing is, or it is beyond reason.
    """

    study: str
    winner: int
    tied: tuple[int, ...]
    undecided: tuple[int, ...]
    repeats: int
    sentence: str
    trials: tuple[Confirmed, ...]
    telling: int | None = None

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
    """The name of the study with the repeats of these leaders: with others it is another one."""
    asked = json.dumps([one.point(0).config.digest for one in found])
    return f"{study[:80]}-confirm-{hashlib.sha256(asked.encode()).hexdigest()[:6]}"


def fresh(found: Sequence[Candidate], count: int = PLANNED) -> list[int]:
    """Seeds that had no part in choosing any of them."""
    used = {seed for one in found for seed in (*one.config.seeds, one.config.batch_seed)}
    seeds = [seed for seed in range(FRESH, FRESH + count + len(used)) if seed not in used]
    return seeds[:count]


def scores_of(again: StudyRecord, record: StudyRecord, found: Sequence[Candidate]) -> dict[int, list[float]]:
    """The score by seed of each candidate all of whose repeats finished."""
    scores: dict[int, dict[int, float]] = {one.trial.number: {} for one in found}
    for trial in again.trials:
        value = measured(record.objective, trial.result) if trial.state == TrialStatus.FINISHED else None
        number, seed = int(trial.values["trial"]), int(trial.values["seed"])
        if value is None:
            scores.pop(number, None)  # it failed on a seed that others went through
        elif number in scores:
            scores[number][seed] = value
    seeds = fresh(found, asked_of(again)[-1])
    in_order = {
        number: [by_seed[s] for s in takewhile(by_seed.__contains__, seeds)] for number, by_seed in scores.items()
    }
    return {number: values for number, values in in_order.items() if values}


def race_of(scores: Scores, record: StudyRecord, asked: Asked = (PLANNED,)) -> Race | None:
    """Where the race of these stands; None where nobody has a score."""
    if not scores:
        return None
    named = {str(number): values for number, values in scores.items()}
    return race(named, planned=asked[-1], **_rules(scores, record, asked))


def _rules(scores: Scores, record: StudyRecord, asked: Asked) -> dict[str, Any]:
    """What matters between scores of this study: their margin, direction and resolution."""
    objective = OBJECTIVES[record.objective]
    level: dict[str, Any] = {"level": level_of(asked)}
    examples = int(record.facts.get("sizes", {}).get("validation", 0))
    means = [sum(values) / len(values) for values in scores.values()]
    rules = level | {"margin": objective.matters(means), "higher_is_better": objective.maximize}
    return rules | ({"resolution": 1 / examples if examples else 0.0} if objective.share else {})


def _confirmation(again: StudyRecord, record: StudyRecord, found: Sequence[Candidate]) -> Confirmation | None:
    scores, hits, asked = scores_of(again, record, found), _hits(again, found), asked_of(again)
    state = race_of(scores, record, asked)
    if state is None:
        return None
    sizes = {str(one.trial.number): one.trial.result.parameters for one in found if one.trial.result}
    ranking, more = _ranking(scores, state, sizes, record, asked)
    tied = (ranking.leader, *ranking.tied) if ranking and ranking.tied else ()
    winner = ranking.smallest or ranking.leader if ranking else state.leader
    trials = []
    for one in found:
        points = scores.get(one.trial.number, ())
        leads = str(one.trial.number) == state.leader
        summed = _summed(points, hits.get(one.trial.number), record, among=len(scores) if leads else 1)
        trials.append(_confirmed(one, points, summed, standing_of(str(one.trial.number), bool(points), state, ranking)))
    trials.sort(key=lambda one: _place(one, state))
    return Confirmation(
        study=again.study,
        winner=int(winner),
        tied=tuple(map(int, tied)),
        undecided=tuple(map(int, ranking.undecided)) if ranking else (),
        repeats=state.repeats,
        sentence=sentence(trials, ranking, measure_of(record.objective), winner=int(winner), telling=more),
        trials=tuple(trials),
        telling=more,
    )


def _ranking(
    scores: Scores, state: Race, sizes: Mapping[str, int], record: StudyRecord, asked: Asked
) -> tuple[Ranking | None, int | None]:
    """The ranking of those who are left, and the seeds that would tell more; None where one is, or too little known."""
    if len(state.alive) < 2 or state.repeats < 2:
        return None, None
    left = {name: scores[int(name)][: state.repeats] for name in state.alive}
    known = {name: float(sizes[name]) for name in state.alive if sizes.get(name)}
    rules = _rules(scores, record, asked)
    found = rank(left, sizes=known if len(known) == len(left) else None, **rules)
    if not found.undecided:
        return found, None
    return found, telling(left, found, asked, margin=rules["margin"], resolution=rules.get("resolution", 0.0))


def _hits(again: StudyRecord, found: Sequence[Candidate]) -> dict[int, list[str]]:
    """Which validation examples each candidate has right, packed, by fresh seed in order."""
    by_seed: dict[int, dict[int, str]] = {}
    for trial in again.trials:
        if trial.result and trial.result.correct:
            by_seed.setdefault(int(trial.values["trial"]), {})[int(trial.values["seed"])] = trial.result.correct[0]
    seeds = fresh(found, asked_of(again)[-1])
    return {number: [bits[seed] for seed in seeds if seed in bits] for number, bits in by_seed.items()}


def _summed(
    points: Sequence[float], bits: Sequence[str] | None, record: StudyRecord, *, among: int
) -> tuple[float, Interval | None, Interval | None, Collapses | None]:
    """Mean, interval, the narrower interval over seeds alone, and collapses.

    The interval of an accuracy is over seeds and examples, and allows for the search, which chose among all of its
    trials by these same examples. The narrower one allows for `among` candidates, whose best was named by these seeds.
    """
    if len(points) < 2:
        return (points[0] if points else math.nan), None, None, None
    objective, examples = OBJECTIVES[record.objective], int(record.facts.get("sizes", {}).get("validation", 0))
    if not objective.share or examples < 2:
        narrow = interval_of_best(points, among, higher_is_better=objective.maximize)
        return fmean(points), narrow, None, None
    right = np.stack([unpack(each, examples) for each in bits]) if bits and len(bits) == len(points) else None
    searched = sum(trial.state == "finished" for trial in record.trials)
    found = summary(points, examples, correct=right, candidates=searched, chosen_on="validation")
    good = np.asarray(points)[~collapsed({"": points})[""]]
    alone = interval_of_best(good, among, examples=examples) if len(good) > 1 else None
    return found.mean, found.interval, alone, found.collapses


def _confirmed(
    one: Candidate,
    points: Sequence[float],
    summed: tuple[float, Interval | None, Interval | None, Collapses | None],
    standing: str,
) -> Confirmed:
    trial = one.trial
    assert trial.score is not None  # it is a leader
    value, interval, over_seeds, collapses = summed
    return Confirmed(
        number=trial.number,
        original=trial.score,
        value=value,
        interval=interval,
        points=tuple(points),
        standing=standing,
        parameters=trial.result.parameters if trial.result else 0,
        params=dict(trial.values),
        over_seeds=over_seeds,
        collapses=collapses,
    )


def _place(one: Confirmed, state: Race) -> tuple[int, int]:
    order = [*state.alive, *(dropped.name for dropped in reversed(state.dropped))]
    name = str(one.number)
    return (order.index(name) if name in order else len(order), one.number)
