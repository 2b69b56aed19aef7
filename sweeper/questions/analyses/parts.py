"""Parts that answers have in common: the conditions, their comparisons, figures, and where the numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Literal

import numpy as np

from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Condition
from sweeper.report.documents.model import Figure
from sweeper.report.facts import ACCURACY, Estimate, Line, Measure, Provenance
from sweeper.report.figures import conditions as condition_figure
from sweeper.report.figures import differences, lines, png
from sweeper.statistics import Interval, PairVerdict, Ranking, compare_all, rank, t_interval
from sweeper.statistics.crossed import seeds_and_examples_from_means, shared_part
from sweeper.statistics.verdict import Verdict

LIBRARIES = ("tensorflow", "keras", "optuna", "numpy")
BOTH = Measure("Accuracy")
"""Of training and validation in one figure."""


def compared(results: Results) -> tuple[list[PairVerdict], Ranking | None]:
    """Every pair of conditions by their shared seeds, and who leads; nothing where fewer than two can be compared."""
    scores = {name: results.accuracies(name) for name in results.names}
    if len(scores) < 2:
        return [], None
    resolution = 1 / int(results.data["sizes"]["validation"])
    pairs = compare_all(scores, resolution=resolution)
    return pairs, rank(scores, pairs)


def conditions(results: Results, ranking: Ranking | None = None) -> list[Condition]:
    """The conditions in the question's order, each with its interval over seeds and its verdict against the leader."""
    return [_condition(results, name, ranking) for name in results.names]


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


def figure_of_conditions(results: Results, found: Sequence[Condition]) -> Figure:
    """Each condition's mean, interval and seeds."""
    drawn = condition_figure([condition.estimate for condition in found])
    told = "; ".join(f"{c.name} {ACCURACY.text(c.value)}" for c in found)
    caption = f"Validation accuracy over {len(results.seeds)} fresh seeds: each seed, the mean, and its 95% t-interval."
    return Figure(f"{_name(results)}-conditions", png(drawn), caption, f"Mean validation accuracy: {told}.")


def figure_of_pairs(results: Results, pairs: Sequence[PairVerdict], ranking: Ranking) -> Figure:
    """The paired differences from the leader to each of the others, with their verdicts."""
    drawn = differences(
        [_ahead(pairs, ranking.leader, name) for name in ranking.order[1:]],
        interval=f"95% interval for {len(pairs)} comparisons together" if len(pairs) > 1 else "95% interval",
    )
    told = "; ".join(f"{pair.a} against {pair.b}: {pair.verdict}" for pair in pairs)
    caption = (
        f"By how much {ranking.leader} is ahead of each of the others, seed by seed. An interval that reaches zero "
        "shows no difference."
    )
    return Figure(f"{_name(results)}-pairs", png(drawn), caption, f"Verdicts: {told}.")


def between(pairs: Sequence[PairVerdict], a: str, b: str) -> tuple[PairVerdict, int]:
    """The comparison of two conditions, and 1 or -1: what makes its difference that of a less b."""
    pair = next(p for p in pairs if {p.a, p.b} == {a, b})
    return pair, 1 if pair.a == a else -1


def figure_along(results: Results, found: Sequence[Condition], key: str, values: Sequence[float]) -> Figure:
    """Accuracy along a numeric hyperparameter of which each condition has a value."""
    order = np.argsort(values)
    x = [float(values[i]) for i in order]
    train = {c.name: _clipped(t_interval(results.train_accuracies(c.name))) for c in found}
    sides = [
        _line("training", x, [(found[i].train or 0.0, train[found[i].name]) for i in order]),
        _line("validation", x, [(found[i].value, found[i].interval) for i in order]),
    ]
    log = x[0] >= 0 and x[-1] > 20 * min((value for value in x if value), default=x[-1])
    drawn = lines(sides, x_label=key.replace("_", " ").capitalize(), measure=BOTH, log_x=log, at=x)
    told = "; ".join(f"{found[i].name} {ACCURACY.text(found[i].value)}" for i in order)
    caption = f"Accuracy along {key.replace('_', ' ')}: means over seeds, with their 95% t-intervals as bands."
    return Figure(f"{_name(results)}-along", png(drawn), caption, f"Validation accuracy: {told}.")


def numeric(results: Results) -> tuple[str, list[float]] | None:
    """The one scientific hyperparameter and the conditions' values, where all of them are numbers."""
    keys = list(results.prepared.question.scientific)
    if len(keys) != 1 or len(results.names) < 3:
        return None
    try:
        return keys[0], [float(name) for name in results.names]
    except ValueError:
        return None


def points(value: float, digits: int = 2) -> str:
    """A difference of accuracies in percentage points."""
    return f"{100 * value:.{digits}f} percentage points".replace("-", "−")


def span(interval: Interval, *, sign: int = 1) -> str:
    """An interval of a difference, in percentage points."""
    low, high = sorted((100 * sign * interval.low, 100 * sign * interval.high))
    return f"{low:.2f} to {high:.2f}".replace("-", "−")


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _name(results: Results) -> str:
    return results.prepared.question.name


def _ahead(pairs: Sequence[PairVerdict], leader: str, other: str) -> Estimate:
    pair, sign = between(pairs, leader, other)
    low, high = sorted((sign * pair.interval.low, sign * pair.interval.high))
    word = {"worse": "better"}.get(pair.verdict, pair.verdict)
    return Estimate(f"{leader} − {other}", sign * pair.difference, low, high, (), word)  # type: ignore[arg-type]


def _line(name: str, x: Sequence[float], values: Sequence[tuple[float, Interval | None]]) -> Line:
    middle = [value for value, _ in values]
    low, high = ([getattr(i, end) if i else v for v, i in values] for end in ("low", "high"))
    return Line(name, x, middle, low, high)


def _condition(results: Results, name: str, ranking: Ranking | None) -> Condition:
    scores, train = results.accuracies(name), results.train_accuracies(name)
    return Condition(
        name=name,
        value=float(np.mean(scores)),
        interval=_clipped(t_interval(scores)),
        points=tuple(scores),
        tuned=dict(results.chosen.get(name, {})),
        train=float(np.mean(train)),
        gap=float(np.mean(train) - np.mean(scores)),
        test=float(np.mean(list(results.tested.accuracies[name].values()))) if results.tested else None,
        test_interval=_on_test(results, name),
        verdict=_verdict(name, ranking),
    )


def _on_test(results: Results, name: str) -> Interval | None:
    """Over seeds and examples; the validation examples tell how far the seeds are right on the same ones."""
    if results.tested is None:
        return None
    accuracies = list(results.tested.accuracies[name].values())
    correct = results.correct(name)
    shared = 1.0 if correct is None else max(0.0, shared_part(correct))
    return _clipped(seeds_and_examples_from_means(accuracies, results.tested.examples, shared=shared))


def _clipped(interval: Interval) -> Interval:
    """Student's interval knows nothing of 0 and 1."""
    return replace(interval, low=max(0.0, interval.low), high=min(1.0, interval.high))


def _verdict(name: str, ranking: Ranking | None) -> Verdict | Literal["", "leads", "best"]:
    if ranking is None:
        return ""
    if name == ranking.leader:
        return "leads" if ranking.tied or ranking.undecided else "best"
    if name in ranking.tied:
        return "tie"
    return "undecided" if name in ranking.undecided else "worse"


def _steps(results: Results) -> int | str:
    repeats = [trial for seeds in results.repeats.values() for trial in seeds.values()]
    tried = [trial for trials in results.search.values() for trial in trials]
    trials = repeats or tried
    steps = {trial.result.steps for trial in trials if trial.result and trial.state == "finished"}
    return next(iter(steps)) if len(steps) == 1 else f"{min(steps):,} to {max(steps):,}" if steps else ""
