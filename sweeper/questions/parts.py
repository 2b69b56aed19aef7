"""Parts that answers have in common: the conditions, their comparisons, warnings, and where the numbers come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Literal

import numpy as np

from sweeper.questions.prepare import Condition as Asked
from sweeper.questions.results import Results
from sweeper.report.answer import Condition
from sweeper.report.document import Figure
from sweeper.report.facts import ACCURACY, Estimate, Provenance, short
from sweeper.report.figures import conditions as condition_figure
from sweeper.report.figures import differences, png
from sweeper.report.statistics import PairVerdict, Ranking, compare_all, rank, t_interval
from sweeper.report.statistics.cautions import many_failed
from sweeper.report.statistics.verdict import Verdict

LIBRARIES = ("tensorflow", "keras", "optuna", "numpy")


def compared(results: Results) -> tuple[list[PairVerdict], Ranking]:
    """Every pair of conditions by their shared seeds, and who leads."""
    scores = {name: results.accuracies(name) for name in results.repeats}
    resolution = 1 / int(results.data["sizes"]["validation"])
    pairs = compare_all(scores, resolution=resolution)
    return pairs, rank(scores, pairs)


def conditions(results: Results, ranking: Ranking | None = None) -> list[Condition]:
    """The conditions in the question's order, each with its interval over seeds and its verdict against the leader."""
    return [_condition(results, name, ranking) for name in results.repeats]


def provenance(results: Results) -> Provenance:
    """Where the numbers come from."""
    trials = sum(map(len, results.search.values())) + sum(map(len, results.repeats.values()))
    return Provenance(
        command=results.command,
        dataset=str(results.data["name"]),
        digest=str(results.data["digest"]),
        sizes=dict(results.data["sizes"]),
        steps=_steps(results),
        seeds=results.seeds,
        trials=trials,
        seconds=round(results.seconds, 1),
        versions={name: version(name) for name in LIBRARIES},
    )


def warnings(results: Results) -> list[str]:
    """What a reader must know: failures, values on the edge of their range, few draws, conditions that are missing."""
    return [*_missing(results), *_failures(results), *_edges(results), *_few(results)]


def figure_of_conditions(results: Results, found: Sequence[Condition], name: str) -> Figure:
    """Each condition's mean, interval and seeds."""
    drawn = condition_figure([condition.estimate for condition in found])
    told = "; ".join(f"{c.name} {ACCURACY.text(c.value)}" for c in found)
    seeds = len(results.seeds)
    caption = f"Validation accuracy over {seeds} fresh seeds: each seed (points), the mean, and its 95 % t-interval."
    return Figure(f"{name}-conditions", png(drawn), caption, f"Mean validation accuracy: {told}.")


def figure_of_pairs(pairs: Sequence[PairVerdict], name: str) -> Figure:
    """The paired differences with their verdicts."""
    drawn = differences(
        [Estimate(f"{p.a} − {p.b}", p.difference, p.interval.low, p.interval.high, (), p.verdict) for p in pairs],
        interval="interval, widened for all comparisons",
    )
    told = "; ".join(f"{p.a} against {p.b}: {p.verdict}" for p in pairs)
    caption = (
        f"Paired differences by seed, with intervals that hold together at 95 % for {len(pairs)} "
        f"{'comparison' if len(pairs) == 1 else 'comparisons'}. One that reaches zero is no difference shown."
    )
    return Figure(f"{name}-pairs", png(drawn), caption, f"Verdicts: {told}.")


def points(value: float, digits: int = 2) -> str:
    """A difference of accuracies in percentage points."""
    return f"{100 * value:.{digits}f} percentage points"


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _condition(results: Results, name: str, ranking: Ranking | None) -> Condition:
    scores, train = results.accuracies(name), results.train_accuracies(name)
    test = results.test.get(name, ())
    return Condition(
        name=name,
        value=float(np.mean(scores)),
        interval=t_interval(scores),
        points=tuple(scores),
        tuned=dict(results.chosen.get(name, {})),
        train=float(np.mean(train)),
        gap=float(np.mean(train) - np.mean(scores)),
        test=float(np.mean(test)) if test else None,
        test_interval=t_interval(test) if len(test) > 1 else None,
        verdict=_verdict(name, ranking),
    )


def _verdict(name: str, ranking: Ranking | None) -> Verdict | Literal["", "best"]:
    if ranking is None:
        return ""
    if name == ranking.leader:
        return "best"
    if name in ranking.tied:
        return "tie"
    return "undecided" if name in ranking.undecided else "worse"


def _steps(results: Results) -> int | str:
    stories = [story for seeds in results.repeats.values() for story in seeds.values()]
    steps = {story.trial.result.steps for story in stories if story.trial.result}
    return next(iter(steps)) if len(steps) == 1 else f"{min(steps)} to {max(steps)}" if steps else ""


def _missing(results: Results) -> list[str]:
    asked = [condition.name for condition in results.prepared.conditions]
    gone = [name for name in asked if name not in results.repeats]
    lost = results.prepared.question.repeats - len(results.seeds)
    said = [f"no repeat of {listed(gone)} finished: it is not compared"] if gone else []
    return said + ([f"{lost} of the seeds did not finish in every condition and are left out"] if lost > 0 else [])


def _failures(results: Results) -> list[str]:
    trials = [trial for trials in results.search.values() for trial in trials]
    told: list[Mapping[str, object]] = [{k: v for k, v in t.values.items() if k != "phase"} for t in trials]
    caution = many_failed(told, [trial.state == "failed" for trial in trials]) if trials else None
    return [f"{caution.message}; {caution.hint}"] if caution else []


def _edges(results: Results) -> list[str]:
    return [said for condition in results.prepared.conditions for said in _edge(results, condition)]


def _edge(results: Results, condition: Asked) -> list[str]:
    chosen = results.chosen.get(condition.name, {})
    at_end = condition.space.edges(chosen) if condition.space else []
    return [
        f"{condition.name}: the best {key} found, {short(chosen[key])}, is on the edge of its range; the condition may "
        "do better beyond it"
        for key in at_end
    ]


def _few(results: Results) -> list[str]:
    each, tuned = len(results.prepared.draws), len(results.prepared.question.nuisance)
    if not tuned or each >= 5 * tuned:
        return []
    keys = listed(list(results.prepared.question.nuisance))
    return [f"{keys} was searched with only {each} draws for each condition; more budget makes the comparison fairer"]
