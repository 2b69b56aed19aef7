"""Parts that answers have in common: the conditions, their comparisons, figures, and where the numbers come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Literal

import numpy as np

from sweeper.config.schema import Config
from sweeper.questions.analyses.over_folds import interval_of, with_folds
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import ConditionResult, summarized
from sweeper.report.comparison.comparison import rules_of
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
    summary_of_scores,
    t_interval,
)
from sweeper.statistics.collapse import Flags
from sweeper.statistics.verdict import Verdict

LIBRARIES = ("tensorflow", "keras", "optuna", "numpy")


def compared(results: Results) -> tuple[list[PairVerdict], Ranking | None]:
    """Every pair of conditions by their shared seeds, and who leads; nothing where fewer than two can be compared.

    The intervals hold the luck of each condition's search, and pay for the analyses that there were with fewer repeats.
    """
    scores = {name: results.validated(name) for name in results.names}
    if len(scores) < 2:
        return [], None
    rules = rules_of(results.measure, scores, results.examples)
    pairs = compare_all(
        scores,
        **rules,
        analyses=analyses_of(results.earlier, len(results.seeds)),
        alike={name: _config(results, name) for name in scores},
        luck={name: luck(results, name) for name in scores},
    )
    ranking = rank(scores, pairs, **rules)
    return with_folds(results, pairs, [good_runs(results, pair.a, pair.b) for pair in pairs]), ranking


def luck(results: Results, name: str) -> float:
    """What other searches would have moved a condition's score by, as a standard deviation; 0 without a search."""
    found = [trial.result.validation for trial in results.search.get(name, ()) if trial.result]
    known = [scores.known.get(results.measure.key, ()) for scores in found if scores is not None]
    sign = 1 if results.measure.maximize else -1
    draws = [[sign * value for value in values] for values in known if values]
    return search_luck(draws) if draws and results.chosen.get(name) else 0.0


def bad_runs(results: Results) -> dict[str, Flags]:
    """Which of the shared seeds of each condition collapsed, [R]; conditions are judged together."""
    if not results.measure.maximize:
        return {name: np.zeros(len(results.seeds), dtype=bool) for name in results.names}
    return collapsed({name: results.validated(name) for name in results.names})


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
    measure = results.measure
    drawn = condition_figure([condition.estimate for condition in found], measure=measure)
    said = "; ".join(f"{c.name} {measure.text(c.value)}" for c in found)
    interval = next((c.interval for c in found if c.interval), None)
    over = f" {scope(interval.over, interval.examples)}" if interval else ""
    caption = (
        f"{measure.name} on {len(results.seeds)} fresh seeds: each seed, the mean of those that did not collapse, "
        f"and its 95% interval{over}."
    )
    return Figure(f"{_name(results)}-conditions", png(drawn), caption, f"Mean {measure.noun}: {said}.")


def figure_of_pairs(results: Results, pairs: Sequence[PairVerdict], ranking: Ranking) -> Figure:
    """The paired differences from the leader to each of the others, with their verdicts."""
    drawn = differences(
        [_ahead(pairs, ranking.leader, name) for name in ranking.order[1:]],
        measure=results.measure,
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
    measure = results.measure
    sides = [_line("validation", x, [(found[i].value, found[i].interval) for i in order])]
    if all(c.train is not None for c in found):
        train = {c.name: _clipped(t_interval(_good_train(results, c.name)), measure) for c in found}
        sides.insert(0, _line("training", x, [(found[i].train or 0.0, train[found[i].name]) for i in order]))
    log = x[0] >= 0 and x[-1] > 20 * min((value for value in x if value), default=x[-1])
    drawn = lines(sides, x_label=key.replace("_", " ").capitalize(), measure=measure.of_both, log_x=log, at=x)
    said = "; ".join(f"{found[i].name} {measure.text(found[i].value)}" for i in order)
    over = next((c.interval.over for c in found if c.interval), "seeds")
    caption = (
        f"{measure.of_both.name} along {key.replace('_', ' ')}: means over seeds that did not collapse. Bands: 95%, "
        f"over seeds for training, over {over} for validation."
    )
    return Figure(f"{_name(results)}-along", png(drawn), caption, f"{measure.name}: {said}.")


def _good_train(results: Results, name: str) -> list[float]:
    return list(np.asarray(results.trained(name))[good_runs(results, name)])


def numeric(results: Results) -> tuple[str, list[float]] | None:
    """The one scientific hyperparameter and the conditions' values, where all of them are numbers."""
    keys = list(results.prepared.question.scientific)
    if len(keys) != 1 or len(results.names) < 3:
        return None
    try:
        return keys[0], [float(name) for name in results.names]
    except ValueError:
        return None


def points(value: float, digits: int = 2, measure: Measure = ACCURACY) -> str:
    """A difference of scores with its unit; of accuracies in percentage points."""
    return f"{measure.apart(value, digits)}{measure.step}"


def span(interval: Interval, *, sign: int = 1, measure: Measure = ACCURACY) -> str:
    """An interval of a difference, without its unit."""
    low, high = sorted((sign * interval.low, sign * interval.high))
    return f"{measure.apart(low)} to {measure.apart(high)}"


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
    scores, train, table = results.validated(name), results.trained(name), results.parts(name)
    if results.measure.share:
        found = summary(scores, results.examples, correct=table, bad=bad)
    else:
        found = summary_of_scores(scores, table=table, bad=bad)
    kept = ~bad if not bad.all() else np.ones(len(bad), dtype=bool)
    found = replace(found, interval=interval_of(results, name, kept) or found.interval)
    learned = None if train is None else float(np.mean(np.asarray(train)[kept]))
    return summarized(
        name,
        found,
        scores,
        tuned=dict(results.chosen.get(name, {})),
        train=learned,
        gap=None if learned is None else learned - found.mean,
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
    scores = np.asarray(list(results.tested.scores[name].values()))
    kept = ~collapsed({"": list(scores)})[""] if results.measure.share else np.zeros(len(scores), dtype=bool)
    if kept.sum() < 2:
        return found.interval
    correct = results.parts(name)
    shared = 1.0 if correct is None else max(0.0, min(1.0, shared_part(correct)))
    both = seeds_and_examples_from_means(scores[kept], results.tested.examples, shared=shared)
    return _clipped(both, results.measure)


def _test_summary(results: Results, name: str) -> Summary | None:
    if results.tested is None:
        return None
    scores = list(results.tested.scores[name].values())
    return summary(scores, results.tested.examples) if results.measure.share else summary_of_scores(scores)


def _config(results: Results, name: str) -> str:
    """What a condition is, apart from its seeds."""
    config = Config.from_dict(next(iter(results.repeats[name].values())).config)
    return replace(config, seed=0, batch_seed=0, repeats=1).digest


def _clipped(interval: Interval, measure: Measure) -> Interval:
    return replace(interval, low=measure.clipped(interval.low), high=measure.clipped(interval.high))


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
