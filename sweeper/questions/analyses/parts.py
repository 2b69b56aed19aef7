"""Parts that answers have in common: the conditions, their comparisons, figures, and where the numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Literal

import numpy as np

from sweeper.config.schema import Config
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import ConditionResult, summarized
from sweeper.report.documents.model import Figure
from sweeper.report.facts import ACCURACY, Estimate, Line, Measure, Provenance, scope
from sweeper.report.figures.comparison import conditions as condition_figure
from sweeper.report.figures.comparison import differences
from sweeper.report.figures.learning import lines
from sweeper.report.figures.style import png
from sweeper.statistics import (
    Interval,
    PairVerdict,
    Ranking,
    Summary,
    analyses_of,
    collapsed,
    compare_all,
    rank,
    search_luck,
    seeds_and_examples_from_means,
    shared_part,
    summary,
    t_interval,
)
from sweeper.statistics.collapse import Flags
from sweeper.statistics.verdict import Verdict

LIBRARIES = ("tensorflow", "keras", "optuna", "numpy")
BOTH = Measure("Accuracy")
"""The measure of a figure that shows training and validation together."""


def compared(results: Results) -> tuple[list[PairVerdict], Ranking | None]:
    """Every pair of conditions by their shared seeds, and who leads; nothing where fewer than two can be compared.

    The intervals hold the luck of each condition's search, and pay for the analyses that there were with fewer repeats.
    """
    scores = {name: results.accuracies(name) for name in results.names}
    if len(scores) < 2:
        return [], None
    pairs = compare_all(
        scores,
        resolution=1 / int(results.data["sizes"]["validation"]),
        analyses=analyses_of(results.earlier, len(results.seeds)),
        alike={name: _config(results, name) for name in scores},
        luck={name: luck(results, name) for name in scores},
    )
    return pairs, rank(scores, pairs)


def luck(results: Results, name: str) -> float:
    """What other searches would have moved a condition's accuracy by, as a standard deviation; 0 without a search."""
    found = [trial.result.validation for trial in results.search.get(name, ()) if trial.result]
    draws = [scores.accuracy for scores in found if scores is not None]
    return search_luck(draws) if draws and results.chosen.get(name) else 0.0


def bad_runs(results: Results) -> dict[str, Flags]:
    """Which of the shared seeds of each condition collapsed, [R]; conditions are judged together."""
    return collapsed({name: results.accuracies(name) for name in results.names})


def good_runs(results: Results, *names: str) -> Flags:
    """The shared seeds on which none of these conditions collapsed; all of them where fewer than two are left."""
    bad = bad_runs(results)
    kept = ~np.any([bad[name] for name in names], axis=0)
    return kept if kept.sum() > 1 else np.ones(len(results.seeds), dtype=bool)


def conditions(results: Results, ranking: Ranking | None = None) -> list[ConditionResult]:
    """The conditions in the question's order, each with its intervals and its verdict against the leader."""
    bad = bad_runs(results)
    return [_condition(results, name, ranking, bad[name]) for name in results.names]


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


def figure_of_conditions(results: Results, found: Sequence[ConditionResult]) -> Figure:
    """Each condition's mean, interval and seeds."""
    drawn = condition_figure([condition.estimate for condition in found])
    said = "; ".join(f"{c.name} {ACCURACY.text(c.value)}" for c in found)
    interval = next((c.interval for c in found if c.interval), None)
    over = f" {scope(interval.over, interval.examples)}" if interval else ""
    caption = (
        f"Validation accuracy on {len(results.seeds)} fresh seeds: each seed, the mean of those that did not collapse, "
        f"and its 95% interval{over}."
    )
    return Figure(f"{_name(results)}-conditions", png(drawn), caption, f"Mean validation accuracy: {said}.")


def figure_of_pairs(results: Results, pairs: Sequence[PairVerdict], ranking: Ranking) -> Figure:
    """The paired differences from the leader to each of the others, with their verdicts."""
    drawn = differences(
        [_ahead(pairs, ranking.leader, name) for name in ranking.order[1:]],
        interval=f"95% interval for {len(pairs)} comparisons together" if len(pairs) > 1 else "95% interval",
    )
    said = "; ".join(f"{pair.a} against {pair.b}: {pair.verdict}" for pair in pairs)
    caption = (
        f"By how much {ranking.leader} is ahead of each of the others, seed by seed, with intervals over seeds on "
        "these validation examples. One that reaches zero shows no difference."
    )
    return Figure(f"{_name(results)}-pairs", png(drawn), caption, f"Verdicts: {said}.")


def between(pairs: Sequence[PairVerdict], a: str, b: str) -> tuple[PairVerdict, int]:
    """The comparison of two conditions, and 1 or -1: what makes its difference that of a less b."""
    pair = next(p for p in pairs if {p.a, p.b} == {a, b})
    return pair, 1 if pair.a == a else -1


def figure_along(results: Results, found: Sequence[ConditionResult], key: str, values: Sequence[float]) -> Figure:
    """Accuracy along a numeric hyperparameter of which each condition has a value."""
    order = np.argsort(values)
    x = [float(values[i]) for i in order]
    train = {c.name: t_interval(_good_train(results, c.name)).clipped() for c in found}
    sides = [
        _line("training", x, [(found[i].train or 0.0, train[found[i].name]) for i in order]),
        _line("validation", x, [(found[i].value, found[i].interval) for i in order]),
    ]
    log = x[0] >= 0 and x[-1] > 20 * min((value for value in x if value), default=x[-1])
    drawn = lines(sides, x_label=key.replace("_", " ").capitalize(), measure=BOTH, log_x=log, at=x)
    said = "; ".join(f"{found[i].name} {ACCURACY.text(found[i].value)}" for i in order)
    caption = (
        f"Accuracy along {key.replace('_', ' ')}: means over seeds that did not collapse. Bands: 95%, over seeds for "
        "training, over seeds and examples for validation."
    )
    return Figure(f"{_name(results)}-along", png(drawn), caption, f"Validation accuracy: {said}.")


def _good_train(results: Results, name: str) -> list[float]:
    return list(np.asarray(results.train_accuracies(name))[good_runs(results, name)])


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


def _condition(results: Results, name: str, ranking: Ranking | None, bad: Flags) -> ConditionResult:
    scores, train = results.accuracies(name), results.train_accuracies(name)
    examples = int(results.data["sizes"]["validation"])
    found = summary(scores, examples, correct=results.correct(name), bad=bad)
    kept = ~bad if not bad.all() else np.ones(len(bad), dtype=bool)
    learned = float(np.mean(np.asarray(train)[kept]))
    return summarized(
        name,
        found,
        scores,
        tuned=dict(results.chosen.get(name, {})),
        train=learned,
        gap=learned - found.mean,
        test=_test_mean(results, name),
        test_interval=_on_test(results, name),
        verdict=_verdict(name, ranking),
    )


def _test_mean(results: Results, name: str) -> float | None:
    found = _test_summary(results, name)
    return found.mean if found else None


def _on_test(results: Results, name: str) -> Interval | None:
    """Over seeds and examples; the validation examples tell how far the seeds are right on the same ones."""
    found = _test_summary(results, name)
    if results.tested is None or found is None:
        return None
    accuracies = np.asarray(list(results.tested.accuracies[name].values()))
    kept = ~collapsed({"": list(accuracies)})[""]
    if kept.sum() < 2:
        return found.interval
    correct = results.correct(name)
    shared = 1.0 if correct is None else max(0.0, min(1.0, shared_part(correct)))
    return seeds_and_examples_from_means(accuracies[kept], results.tested.examples, shared=shared).clipped()


def _test_summary(results: Results, name: str) -> Summary | None:
    if results.tested is None:
        return None
    return summary(list(results.tested.accuracies[name].values()), results.tested.examples)


def _config(results: Results, name: str) -> str:
    """What a condition is, apart from its seeds."""
    config = Config.from_dict(next(iter(results.repeats[name].values())).config)
    return replace(config, seed=0, batch_seed=0, repeats=1).digest


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
