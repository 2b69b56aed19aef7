"""Two conditions compared: by shared seeds where they have them, as separate samples where not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sweeper.errors import InputError
from sweeper.statistics.difference import (
    Difference,
    paired_difference,
    paired_differences,
    separate_difference,
)
from sweeper.statistics.improvement import (
    Improvement,
    probability_of_improvement,
    probability_of_improvement_unpaired,
)
from sweeper.statistics.intervals import Interval
from sweeper.statistics.samples import Values, checked_level, sample
from sweeper.statistics.signflip import sign_flip_interval, sign_flip_p_value
from sweeper.statistics.verdict import MARGIN, Verdict, judge, repeats_needed, repeats_to_settle

Method = Literal["t", "sign-flip"]


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """How A compares with B.

    Attributes:
        a, b: names of the conditions.
        pairs: shared seeds; for separate samples the runs of the smaller one.
        mean_a, mean_b: over seeds.
        difference: mean of A less that of B, in the scores' unit.
        sd: standard deviation of the paired differences, for planning.
        interval: of the difference; its level is already raised for the number of comparisons.
        p_value: two-sided, of no difference, uncorrected.
        p_adjusted: corrected for the number of comparisons (Holm's where they were made together, else Bonferroni's).
        improvement: probability that a run of A beats a run of B.
        effect: Hedges' g: the difference in standard deviations, corrected for few pairs; None where there is no scale.
        comparisons: how many were allowed for.
        margin: the smallest difference that matters.
        verdict: on A.
        negligible: better or worse, but surely by less than the margin.
        repeats_needed: if undecided, repeats in all that would settle it if difference and spread stay; None otherwise.
        repeats_sure: if undecided, repeats in all that settle it whatever the difference is; None if beyond reason.
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
    repeats_sure: int | None


def paired(
    a: Iterable[float] | Values,
    b: Iterable[float] | Values,
    *,
    level: float = 0.95,
    comparisons: int = 1,
    margin: float = MARGIN,
    higher_is_better: bool = True,
    resolution: float = 0.0,
    method: Method = "t",
    names: tuple[str, str] = ("A", "B"),
) -> PairVerdict:
    """Compare two conditions by the seeds that they share.

    Args:
        a: scores by seed, [R], two or more.
        b: scores of the same seeds in the same order.
        level: at which all `comparisons` together raise no false alarm.
        comparisons: how many are made in the same breath (Bonferroni).
        margin: the smallest difference that matters, in the scores' unit.
        higher_is_better: false for a loss.
        resolution: step between scores that can be told apart: ``1 / N`` for accuracy on N examples. Spread
            below it is rounding, so the standard deviation is taken to be no less than rounding's.
        method: paired t, or sign flips (exact without a normal distribution; from 6 repeats for 95 %).
        names: of the conditions.

    Source: Bouthillier et al. (2021) for pairing by seed and the probability of improvement; Student (1908)
    or Hartigan (1969) for the interval; Hedges (1981) for the effect.

    Raises:
        InputError: different lengths, fewer than two, values that are not finite, too few for sign flips.
    """
    first, second = sample(a, least=2, name=names[0]), sample(b, least=2, name=names[1])
    if first.size != second.size:
        raise InputError(
            f"{names[0]} has {first.size} scores and {names[1]} {second.size}: they cannot be paired",
            hint="run both with the same seeds",
        )
    found = paired_difference(first, second, resolution)
    asked = _Asked(names, level, comparisons, margin, higher_is_better)
    differences = paired_differences(first, second)
    test = (found.interval(asked.each), found.p_value)
    if method == "sign-flip":
        test = (sign_flip_interval(differences, asked.each), sign_flip_p_value(differences))
    improvement = probability_of_improvement(differences, 0 * differences, level, higher_is_better=higher_is_better)
    return _verdict(asked, (float(first.mean()), float(second.mean())), found, improvement, test)


def unpaired(
    a: Iterable[float] | Values,
    b: Iterable[float] | Values,
    *,
    level: float = 0.95,
    comparisons: int = 1,
    margin: float = MARGIN,
    higher_is_better: bool = True,
    resolution: float = 0.0,
    names: tuple[str, str] = ("A", "B"),
) -> PairVerdict:
    """Compare two conditions that share no seeds; arguments as in ``paired``.

    Source: Welch (1947) for the interval, Agarwal et al. (2021) for the probability of improvement.

    Raises:
        InputError: fewer than two values in either, or values that are not finite.
    """
    first, second = sample(a, least=2, name=names[0]), sample(b, least=2, name=names[1])
    found = separate_difference(first, second, resolution)
    asked = _Asked(names, level, comparisons, margin, higher_is_better)
    improvement = probability_of_improvement_unpaired(first, second, level, higher_is_better=higher_is_better)
    means = (float(first.mean()), float(second.mean()))
    return _verdict(asked, means, found, improvement, (found.interval(asked.each), found.p_value))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked, as opposed to what was found."""

    names: tuple[str, str]
    level: float
    comparisons: int
    margin: float
    higher_is_better: bool

    @property
    def each(self) -> float:
        """The level of each of several comparisons whose joint level is given (Bonferroni)."""
        if self.comparisons < 1:
            raise InputError(
                f"comparisons: {self.comparisons} is less than 1", hint="count this one", key="comparisons"
            )
        return 1 - (1 - checked_level(self.level)) / self.comparisons


def _verdict(
    asked: _Asked,
    means: tuple[float, float],
    found: Difference,
    improvement: Improvement,
    test: tuple[Interval, float],
) -> PairVerdict:
    interval, p_value = test
    verdict = judge(interval, margin=asked.margin, higher_is_better=asked.higher_is_better)
    needed, sure = _repeats(found, asked) if verdict == "undecided" else (None, None)
    return PairVerdict(
        a=asked.names[0],
        b=asked.names[1],
        pairs=found.pairs,
        mean_a=means[0],
        mean_b=means[1],
        difference=found.value,
        sd=found.sd,
        interval=interval,
        p_value=p_value,
        p_adjusted=min(1.0, p_value * asked.comparisons),
        improvement=improvement,
        effect=found.effect,
        comparisons=asked.comparisons,
        margin=asked.margin,
        verdict=verdict,
        negligible=verdict in {"better", "worse"} and interval.within(asked.margin),
        repeats_needed=needed,
        repeats_sure=sure,
    )


def _repeats(found: Difference, asked: _Asked) -> tuple[int | None, int | None]:
    plan = {"margin": asked.margin, "level": asked.level}
    needed = repeats_needed(found.sd, found.value, comparisons=asked.comparisons, **plan)
    sure = repeats_to_settle(found.sd, comparisons=asked.comparisons, **plan)
    # Sign flips may want more than Student's t, by which both are planned.
    return needed and max(needed, found.pairs + 1), sure and max(sure, found.pairs + 1)
