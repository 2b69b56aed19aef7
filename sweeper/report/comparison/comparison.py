"""Runs, trials or configurations compared: by the seeds that they share and, as models, by example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from typing import Any, Literal

import numpy as np

from sweeper.report.facts import ACCURACY, Measure
from sweeper.report.hits import Parts
from sweeper.statistics import (
    ByExample,
    Interval,
    McNemar,
    PairVerdict,
    Ranking,
    Summary,
    Verdict,
    analyses_of,
    by_example,
    collapsed,
    compare_all,
    difference_of_tables,
    difference_over_seeds_and_examples,
    fold_interval,
    judge,
    mcnemar,
    rank,
    summary,
    summary_of_scores,
)

Seed = tuple[int, int]
"""The seeds of a training: of the initial weights, and of the batches."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of those that are compared.

    Attributes:
        name: as it is shown.
        scores: by the measure, on the validation split, by seed.
        parts: what each validation example adds to them (which were right, of accuracy), by seed, [N]; seeds of which
            that is not known are missing.
        parameters: trainable ones; 0 where that is not known.
        config: what it is, such as its configuration's digest; empty where that is not known.
        chosen_on: the split, where the same one chose it among others: its own interval flatters it.
        folds: the score of each fold, the mean over seeds; empty where there are none.
        overlap: validation examples of a fold for each training example.
    """

    name: str
    scores: Mapping[Seed, float]
    parts: Mapping[Seed, Parts] = field(default_factory=dict)
    parameters: int = 0
    config: str = ""
    chosen_on: str = ""
    folds: tuple[float, ...] = ()
    overlap: float = 0.0


@dataclass(frozen=True, slots=True)
class Models:
    """Two trained models of one seed, on the same examples."""

    seed: Seed
    found: McNemar | ByExample


@dataclass(frozen=True, slots=True)
class Pair:
    """A against B.

    Attributes:
        verdict: on the configuration of A, by the seeds that they share, on these examples; undecided with fewer than
            two.
        by_seed: the comparison that it is by; None with fewer than two shared seeds.
        interval: of the difference: over seeds or, with one seed, over examples, which says nothing of another seed.
        models: of each shared seed, the two models by example; empty where it was not recorded what they had right.
        over_both: of the difference with new seeds on new examples, of the runs that did not collapse; None with fewer
            than two.
        over_folds: of the difference with other examples to train and validate on, by the folds; None without any.
        measure: of the difference.
    """

    a: str
    b: str
    difference: float | None
    interval: Interval | None
    verdict: Verdict
    by_seed: PairVerdict | None = None
    models: Sequence[Models] = ()
    over_both: Interval | None = None
    over_folds: Interval | None = None
    measure: Measure = ACCURACY

    @property
    def verdict_by(self) -> Literal["seeds", "folds", ""]:
        """What the interval that carries the verdict is over; empty where one seed lets nothing be said of others."""
        if self.by_seed is not None:
            return "seeds"
        return "folds" if self.over_folds is not None else ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        improvement = self.by_seed.improvement if self.by_seed else None
        return {
            "a": self.a,
            "b": self.b,
            "difference": self.difference,
            "interval": asdict(self.interval) if self.interval else None,
            "comparisons": self.by_seed.comparisons if self.by_seed else 1,
            "verdict": self.verdict,
            "verdict_by": self.verdict_by or None,
            "probability_of_improvement": improvement.probability if improvement else None,
            "probability_interval": asdict(improvement.interval) if improvement else None,
            "seeds": self.by_seed.runs if self.by_seed else len(self.models),
            "p_adjusted": self.by_seed.p_adjusted if self.by_seed else None,
            "effect": self.by_seed.effect if self.by_seed else None,
            "negligible": self.by_seed.negligible if self.by_seed else None,
            "repeats_needed": self.by_seed.repeats_needed if self.by_seed else None,
            "repeats_likely": self.by_seed.repeats_likely if self.by_seed else None,
            "over_seeds_and_examples": asdict(self.over_both) if self.over_both else None,
            "over_folds": asdict(self.over_folds) if self.over_folds else None,
            "collapsed_a": self.by_seed.collapsed_a if self.by_seed else None,
            "collapsed_b": self.by_seed.collapsed_b if self.by_seed else None,
            "unseen_collapses": self.by_seed.unseen if self.by_seed else None,
            "analyses": list(self.by_seed.analyses) if self.by_seed else [],
            "models": [_model(one, self.measure) for one in self.models],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that was compared.

    Attributes:
        sides: in the order in which they were named.
        seeds: that all of them share.
        pairs: each with each.
        ranking: None with fewer than two shared seeds.
        summaries: of each side, over the seeds that all share, or over its own where they share none.
        measure: by which.
    """

    sides: Sequence[Side]
    seeds: tuple[Seed, ...]
    pairs: Sequence[Pair]
    ranking: Ranking | None
    summaries: Sequence[Summary] = ()
    measure: Measure = ACCURACY

    @property
    def repeats_needed(self) -> int | None:
        """Repeats in all that give an even chance of settling what is undecided; None if none would."""
        return self._most([pair.by_seed.repeats_needed for pair in self._open if pair.by_seed])

    @property
    def repeats_likely(self) -> int | None:
        """Repeats in all that usually settle it; None if none would."""
        return self._most([pair.by_seed.repeats_likely for pair in self._open if pair.by_seed])

    @property
    def _open(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.verdict == "undecided"]

    @staticmethod
    def _most(repeats: Sequence[int | None]) -> int | None:
        known = [each for each in repeats if each is not None]
        return max(known) if known and len(known) == len(repeats) else None


def compared(
    sides: Sequence[Side], examples: int, analyses: Sequence[int] = (), measure: Measure = ACCURACY
) -> Comparison:
    """Compare every two of them.

    Args:
        sides: two or more, of different names.
        examples: in the validation split, N.
        analyses: repeats at each analysis of this comparison so far, the last being all that are shared; empty where
            nothing tells that there were earlier ones.
        measure: of their scores.
    """
    seeds = tuple(sorted(set.intersection(*(set(side.scores) for side in sides))))
    found: dict[frozenset[str], PairVerdict] = {}
    ranking = None
    if len(seeds) > 1:
        scores = {side.name: [side.scores[seed] for seed in seeds] for side in sides}
        alike = {side.name: side.config or object() for side in sides}
        steps = analyses_of(analyses, len(seeds))
        rules = rules_of(measure, scores, examples)
        verdicts = compare_all(scores, analyses=steps, alike=alike, **rules)
        sizes = {side.name: side.parameters for side in sides}
        ranking = rank(scores, verdicts, sizes=sizes if all(sizes.values()) else None, **rules)
        found = {frozenset((verdict.a, verdict.b)): verdict for verdict in verdicts}
    bad = _collapsed(sides, seeds, measure)
    pairs = [
        _pair(a, b, seeds, found.get(frozenset((a.name, b.name))), bad, measure) for a, b in combinations(sides, 2)
    ]
    pairs = [_with_folds(pair, *both, len(pairs)) for pair, both in zip(pairs, combinations(sides, 2), strict=True)]
    summaries = [_summary(side, seeds, examples, bad[side.name], measure) for side in sides]
    return Comparison(sides, seeds, pairs, ranking, summaries, measure)


def rules_of(measure: Measure, scores: Mapping[str, Sequence[float]], examples: int) -> dict[str, Any]:
    """What matters between scores by a measure: their direction, the margin, and what can be told apart."""
    means = [float(np.mean(each)) for each in scores.values()]
    return {
        "margin": measure.matters(means),
        "higher_is_better": measure.maximize,
        "resolution": 1 / examples if measure.share and examples else 0.0,
    }


def model_verdict(found: McNemar | ByExample, measure: Measure = ACCURACY) -> Verdict:
    """On model A against model B, by its interval over examples; it speaks of these two models alone."""
    return judge(found.interval, margin=measure.margin, higher_is_better=measure.maximize)


def _own(side: Side, seeds: Sequence[Seed]) -> Sequence[Seed]:
    return seeds or list(side.scores)


def _collapsed(sides: Sequence[Side], seeds: Sequence[Seed], measure: Measure) -> dict[str, dict[Seed, bool]]:
    """Which of its seeds collapsed, by side; what is compared is judged together."""
    if not measure.maximize:
        return {side.name: dict.fromkeys(_own(side, seeds), False) for side in sides}
    found = collapsed({side.name: [side.scores[seed] for seed in _own(side, seeds)] for side in sides})
    return {side.name: dict(zip(_own(side, seeds), map(bool, found[side.name]), strict=True)) for side in sides}


def _summary(side: Side, seeds: Sequence[Seed], examples: int, bad: Mapping[Seed, bool], measure: Measure) -> Summary:
    own = _own(side, seeds)
    known = all(seed in side.parts for seed in own)
    table = np.stack([side.parts[seed] for seed in own]) if known else None
    scores, flags = [side.scores[seed] for seed in own], np.array([bad[seed] for seed in own])
    if not measure.share:
        found = summary_of_scores(scores, table=table, bad=flags, chosen_on=side.chosen_on)
    else:
        found = summary(scores, examples, correct=table, bad=flags, chosen_on=side.chosen_on)
    return replace(found, interval=_over_folds(side, measure)) if side.folds else found


def _over_folds(side: Side, measure: Measure) -> Interval:
    found = fold_interval(side.folds, side.overlap)
    low, high = measure.clipped(found.low), measure.clipped(found.high)
    return replace(found, low=low, high=high, chosen_on=side.chosen_on)


def _pair(
    a: Side,
    b: Side,
    seeds: Sequence[Seed],
    verdict: PairVerdict | None,
    bad: Mapping[str, Mapping[Seed, bool]],
    measure: Measure,
) -> Pair:
    known = [seed for seed in seeds if seed in a.parts and seed in b.parts]
    told = mcnemar if measure.share else by_example
    models = [Models(seed, told(a.parts[seed], b.parts[seed])) for seed in known]
    if verdict is None:
        difference = a.scores[seeds[0]] - b.scores[seeds[0]] if seeds else None
        interval = models[0].found.interval if models else None
        return Pair(a.name, b.name, difference, interval, "undecided", models=models, measure=measure)
    both = None
    good = [seed for seed in known if not (bad[a.name][seed] or bad[b.name][seed])]
    if len(good) > 1:
        first, second = (np.stack([side.parts[seed] for seed in good]) for side in (a, b))
        over_both = difference_over_seeds_and_examples if measure.share else difference_of_tables
        both = over_both(first, second, verdict.interval.level)
    said = verdict.verdict
    return Pair(a.name, b.name, verdict.difference, verdict.interval, said, verdict, models, both, measure=measure)


def _with_folds(pair: Pair, a: Side, b: Side, comparisons: int) -> Pair:
    """Add what the folds say; with one seed, which says nothing of others, the verdict is theirs."""
    if not a.folds or len(a.folds) != len(b.folds):
        return pair
    found = fold_interval(np.subtract(a.folds, b.folds), a.overlap, comparisons=comparisons)
    if pair.by_seed is not None:
        return replace(pair, over_folds=found)
    measure = pair.measure
    margin = measure.matters([float(np.mean(side.folds)) for side in (a, b)])
    verdict = judge(found, margin=margin, higher_is_better=measure.maximize)
    return replace(pair, over_folds=found, interval=found, verdict=verdict)


def _model(one: Models, measure: Measure) -> dict[str, Any]:
    values = asdict(one.found)
    seed, batch_seed = one.seed
    return {"seed": seed, "batch_seed": batch_seed, **values, "verdict": model_verdict(one.found, measure)}
