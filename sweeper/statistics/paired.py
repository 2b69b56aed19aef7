"""Two conditions compared by the seeds that they share: the runs that did not collapse, and how many did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sweeper.errors import InputError
from sweeper.statistics.collapse import Flags, collapsed, unseen
from sweeper.statistics.difference import Difference, paired_difference, paired_differences
from sweeper.statistics.improvement import Improvement, probability_of_improvement
from sweeper.statistics.interim import checked_analyses, common, level_of
from sweeper.statistics.intervals import Interval
from sweeper.statistics.samples import Values, checked_level, sample
from sweeper.statistics.verdict import MARGIN, Verdict, judge, repeats_likely, repeats_needed, with_collapses


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """How A compares with B.

    Attributes:
        a, b: names of the conditions.
        pairs: shared seeds on which neither collapsed.
        mean_a, mean_b: over these seeds.
        difference: mean of A less that of B, in the scores' unit.
        sd: standard deviation of the paired differences, for planning.
        interval: of the difference; its level is already raised for the number of comparisons, and it holds whenever
            repeats are added and it is asked again.
        p_value: two-sided, of no difference, uncorrected.
        p_adjusted: corrected for the number of comparisons (Holm's where they were made together, else Bonferroni's).
        improvement: probability that a run of A beats a run of B, collapses included.
        effect: Hedges' g: the difference in standard deviations, corrected for few pairs; None where there is no scale.
        comparisons: how many were allowed for.
        margin: the smallest difference that matters.
        verdict: on A.
        negligible: better or worse, but surely by less than the margin.
        repeats_needed: if undecided, repeats in all that give an even chance of settling it if difference and spread
            stay; None otherwise, beyond reason, and where runs collapsed.
        repeats_likely: likewise, repeats in all that usually settle it, whatever the difference is.
        runs: shared seeds, collapses included.
        collapsed_a, collapsed_b: how many of them collapsed.
        unseen: the share of runs that may collapse although none of so many did.
        analyses: repeats at each analysis so far; empty where it was planned as the only one.
        luck: standard deviation of what the searches added to the difference; 0 where nothing was searched.
        over_folds: of the difference with other examples to train and validate on; None where there are no folds.
    """

    a: str
    b: str
    pairs: int
    mean_a: float
    mean_b: float
    difference: float
    sd: float
    interval: Interval
    p_value: float
    p_adjusted: float
    improvement: Improvement
    effect: float | None
    comparisons: int
    margin: float
    verdict: Verdict
    negligible: bool
    repeats_needed: int | None
    repeats_likely: int | None
    runs: int
    collapsed_a: int = 0
    collapsed_b: int = 0
    unseen: float = 0.0
    analyses: tuple[int, ...] = ()
    luck: float = 0.0
    over_folds: Interval | None = None


def paired(
    a: Iterable[float] | Values,
    b: Iterable[float] | Values,
    *,
    level: float = 0.95,
    comparisons: int = 1,
    margin: float = MARGIN,
    higher_is_better: bool = True,
    resolution: float = 0.0,
    names: tuple[str, str] = ("A", "B"),
    bad: tuple[Flags, Flags] | None = None,
    analyses: Sequence[int] = (),
    identical: bool = False,
    luck: float = 0.0,
) -> PairVerdict:
    """Compare two conditions by the seeds that they share.

    Where no run collapsed, the verdict goes by the interval of the mean difference. Where some did, half of the error
    is for the runs that did not collapse and half for the share of those that did, and the verdict follows from both
    (``with_collapses``).

    Args:
        a: scores by seed, [R], two or more.
        b: scores of the same seeds in the same order.
        level: at which all `comparisons`, at all analyses, raise no false alarm.
        comparisons: how many are made in the same breath (Bonferroni).
        margin: the smallest difference that matters, in the scores' unit.
        higher_is_better: false for a loss.
        resolution: step between scores that can be told apart: ``1 / N`` for accuracy on N examples. Spread
            below it is rounding, so the standard deviation is taken to be no less than rounding's.
        names: of the conditions.
        bad: which runs of each collapsed, [R]; found here where it is not given.
        analyses: repeats at each analysis so far, the last being all; empty where this one is the only one planned.
        identical: both are one configuration under two names.
        luck: standard deviation of what the searches added to the difference, the same for every seed.

    Source: Bouthillier et al. (2021) for pairing by seed and the probability of improvement; Student (1908) for the
    interval; Hedges (1981) for the effect; Fisher (1935) for the shares.

    Raises:
        InputError: different lengths, fewer than two, values that are not finite.
    """
    first, second = sample(a, least=2, name=names[0]), sample(b, least=2, name=names[1])
    if first.size != second.size:
        raise InputError(
            f"{names[0]} has {first.size} scores and {names[1]} {second.size}: they cannot be paired",
            hint="run both with the same seeds",
        )
    steps = checked_analyses(analyses, first.size) if analyses else ()
    asked = _Asked(names, level, comparisons, margin, higher_is_better, resolution, steps, identical, luck)
    flags = bad or _found(first, second, higher_is_better=higher_is_better)
    return _Pair(first, second, flags, asked).verdict()


def rescaled(pair: PairVerdict, questions: int) -> Interval:
    """A pair's interval once more, at the level at which those of so many questions hold together (Bonferroni)."""
    level = 1 - (1 - pair.interval.level) / questions
    spent = 1 - (1 - level) / 2 ** len(pair.analyses) if pair.analyses else level
    found = Difference(pair.difference, pair.sd, pair.pairs - 1.0, pair.pairs, pair.luck)
    made = found.interval(spent)
    return Interval(made.low, made.high, level, made.method, made.over)


def analyses_of(earlier: Sequence[int], repeats: int) -> tuple[int, ...]:
    """The analyses that a comparison has had with these repeats, the present one included."""
    return (*sorted({each for each in earlier if 2 <= each < repeats}), repeats)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked, as opposed to what was found; fields as the arguments of ``paired``."""

    names: tuple[str, str]
    level: float
    comparisons: int
    margin: float
    higher_is_better: bool
    resolution: float
    analyses: tuple[int, ...]
    identical: bool
    luck: float

    @property
    def all(self) -> float:
        """The level of one comparison over all analyses."""
        return 1 - (1 - checked_level(self.level)) / self.comparisons

    def each(self, analysis: int) -> float:
        """The level of one comparison at one analysis, from 1."""
        if self.comparisons < 1:
            raise InputError(
                f"comparisons: {self.comparisons} is less than 1", hint="count this one", key="comparisons"
            )
        together = level_of(analysis, self.level) if self.analyses else checked_level(self.level)
        return 1 - (1 - together) / self.comparisons


def _found(first: Values, second: Values, *, higher_is_better: bool) -> tuple[Flags, Flags]:
    if not higher_is_better:
        return np.zeros(first.size, dtype=bool), np.zeros(first.size, dtype=bool)
    found = collapsed({"a": list(first), "b": list(second)})
    return found["a"], found["b"]


@dataclass(frozen=True, slots=True)
class _Pair:
    first: Values
    second: Values
    bad: tuple[Flags, Flags]
    asked: _Asked

    def verdict(self) -> PairVerdict:
        asked, n = self.asked, self.first.size
        steps = asked.analyses or (n,)
        interval = common([self.interval(repeats, number) for number, repeats in enumerate(steps, 1)], asked.all)
        sound, found, kept = self.sound(n), self.difference(n), self._kept(n)
        verdict = self.judged(interval, asked.each(len(steps)))
        needed, likely = self.repeats(found, len(steps)) if verdict == "undecided" else (None, None)
        return PairVerdict(
            a=asked.names[0],
            b=asked.names[1],
            pairs=int(sound.sum()),
            mean_a=float(self.first[kept].mean()),
            mean_b=float(self.second[kept].mean()),
            difference=found.value,
            sd=found.sd,
            interval=interval,
            p_value=found.p_value,
            p_adjusted=min(1.0, found.p_value * asked.comparisons),
            improvement=self.improvement(),
            effect=found.effect,
            comparisons=asked.comparisons,
            margin=asked.margin,
            verdict=verdict,
            negligible=verdict in {"better", "worse"} and not self.seen(n) and interval.within(asked.margin),
            repeats_needed=needed,
            repeats_likely=likely,
            runs=n,
            collapsed_a=int(self.bad[0].sum()),
            collapsed_b=int(self.bad[1].sum()),
            unseen=0.0 if asked.identical else unseen(n),
            analyses=asked.analyses,
            luck=asked.luck,
        )

    def sound(self, repeats: int) -> Flags:
        """The seeds on which neither collapsed."""
        return ~(self.bad[0] | self.bad[1])[:repeats]

    def seen(self, repeats: int) -> bool:
        """Whether any run has collapsed so far."""
        return not bool(self.sound(repeats).all())

    def difference(self, repeats: int) -> Difference:
        """On the seeds on which neither collapsed; on all, where these are too few to have a spread."""
        kept = self._kept(repeats)
        asked = self.asked
        first, second = (values[:repeats][kept] for values in (self.first, self.second))
        return paired_difference(first, second, asked.resolution, identical=asked.identical, luck=asked.luck)

    def interval(self, repeats: int, analysis: int) -> Interval:
        level = self.asked.each(analysis)
        return self.difference(repeats).interval(1 - (1 - level) / 2 if self.seen(repeats) else level)

    def judged(self, interval: Interval, level: float) -> Verdict:
        asked = self.asked
        found = judge(interval, margin=asked.margin, higher_is_better=asked.higher_is_better)
        if not self.seen(self.first.size):
            return found
        known = found if int(self.sound(self.first.size).sum()) > 1 else None
        counts = int(self.bad[0].sum()), int(self.bad[1].sum())
        return with_collapses(known, counts, self.first.size, error=(1 - level) / 2)

    def improvement(self) -> Improvement:
        differences = paired_differences(self.first, self.second)
        asked = self.asked
        return probability_of_improvement(
            differences, 0 * differences, asked.level, higher_is_better=asked.higher_is_better
        )

    def repeats(self, found: Difference, analyses: int) -> tuple[int | None, int | None]:
        """Plans by the level of the analysis that would come next; there are none for shares of runs that collapse."""
        asked = self.asked
        if self.seen(self.first.size):
            return None, None
        level = asked.each(analyses + 1)
        least = self.first.size + 1
        needed = repeats_needed(found.sd, found.value, margin=asked.margin, level=level, luck=asked.luck)
        likely = repeats_likely(found.sd, margin=asked.margin, level=level, luck=asked.luck)
        return needed and max(needed, least), likely and max(likely, least)

    def _kept(self, repeats: int) -> Flags:
        kept = self.sound(repeats)
        return kept if kept.sum() > 1 else np.ones(repeats, dtype=bool)
