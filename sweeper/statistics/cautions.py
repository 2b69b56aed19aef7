"""Warnings that matter, each a pure function of numbers that says nothing where all is well.

Source of all of them: the Deep Learning Tuning Playbook (Godbole et al. 2023), "Extracting insight
from experiment results".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sweeper.statistics.failures import Params, shared_by_failures
from sweeper.statistics.intervals import score_interval, two_sided_z, wilson

MANY_FAILED = 0.1
"""From this share of failed trials on, the search space is questioned."""


@dataclass(frozen=True, slots=True)
class Caution:
    """One warning.

    Attributes:
        kind: ``edge``, ``spread``, ``validation-size``, ``failures`` or ``few-trials``.
        message: one line: what is the matter, with the numbers.
        hint: one line: what to do about it.
        facts: the numbers again, for programs.
    """

    kind: str
    message: str
    hint: str
    facts: Mapping[str, float | str | None] = field(default_factory=dict)


def best_on_edge(
    best: Mapping[str, object], edges: Collection[str], *, called: str = "the best trial"
) -> Caution | None:
    """The trial that is named lies on the edge of the space: better values may lie beyond.

    Args:
        best: its hyperparameters.
        edges: names of those that lie on an end of their range.
        called: what to call it.
    """
    named = [name for name in best if name in edges]
    if not named:
        return None
    values = ", ".join(f"{name}={_text(best[name])}" for name in named)
    return Caution(
        "edge",
        f"{called} lies on the edge of the space: {values}",
        "widen the range on that side and go on",
        {name: _text(best[name]) for name in named},
    )


def spread_hides_leaders(leaders: Mapping[str, Sequence[float]], *, percent: bool = True) -> Caution | None:
    """The leaders differ by less than one configuration's repeats do among themselves.

    Args:
        leaders: scores by seed, two or more each.
        percent: whether scores are shares of 1, to be shown in percentage points.
    """
    if len(leaders) < 2:
        return None
    means = [float(np.mean(scores)) for scores in leaders.values()]
    spread = float(np.mean([np.var(scores, ddof=1) for scores in leaders.values()])) ** 0.5
    gap = max(means) - min(means)
    if spread <= gap:
        return None
    return Caution(
        "spread",
        f"the {len(leaders)} leaders lie within {_points(gap, percent=percent)}, "
        f"and repeats of one of them vary by {_points(spread, percent=percent)} (standard deviation)",
        "confirm them with more repeats before naming a winner",
        {"gap": gap, "spread": spread},
    )


def validation_too_small(accuracies: Mapping[str, float], examples: int, level: float = 0.95) -> Caution | None:
    """The validation split has too few examples to tell the leader from some of the others.

    Args:
        accuracies: of the leaders, 0 to 1.
        examples: in the validation split.
        level: of Wilson's interval around the leader's accuracy.
    """
    ranked = sorted(accuracies.values(), reverse=True)
    if len(ranked) < 2:
        return None
    reach = ranked[0] - wilson(ranked[0] * examples, examples, level).low
    close = [value for value in ranked[1:] if ranked[0] - value < reach]
    if not close:
        return None
    gap = ranked[0] - close[0]
    needed = _examples_to_see(gap, ranked[0], level)
    wish = f"; telling {_points(gap)} apart takes about {needed:,} examples" if needed else ""
    return Caution(
        "validation-size",
        f"on {examples:,} validation examples the best accuracy is known to within {_points(reach)}, "
        f"and {len(close)} of the other leaders {'is' if len(close) == 1 else 'are'} closer than that{wish}",
        "compare them on the same examples with repeats, or hold back more examples",
        {"reach": reach, "gap": gap, "close": len(close), "examples_needed": needed},
    )


def many_failed(params: Sequence[Params], failed: Sequence[bool], reason: str = "") -> Caution | None:
    """Many trials failed: how many, and the values that they share.

    Args:
        params: hyperparameters of each trial.
        failed: which of them failed, in the same order.
        reason: the error that most of them share, for the reader.
    """
    count = sum(failed)
    if count == 0 or count / len(failed) < MANY_FAILED:
        return None
    shared = shared_by_failures(params, failed)
    values = "; ".join(f"{s.key}={s.value} failed {s.failed} of {s.trials} times" for s in shared[:3])
    said = f", {reason}; {values}" if reason and values else f", {reason}" if reason else f": {values}"
    none = "" if reason or values else ", and they share no value"
    return Caution(
        "failures",
        f"{count} of {len(failed)} trials failed{none or said}",
        f"take {shared[0].key}={shared[0].value} out of the space" if shared else "read the errors of some of them",
        {"failed": count, "trials": len(failed)} | {f"lift {s.key}={s.value}": s.lift for s in shared[:3]},
    )


def too_few_trials(finished: int, *, top: float = 0.1, level: float = 0.95, drawn: bool = True) -> Caution | None:
    """Too few trials for the best of them to be a good one of its space.

    n random trials hold one of the best share `top` of the space with probability ``1 - (1 - top)^n``;
    source: Bergstra and Bengio (2012).

    Args:
        finished: trials that were trained and ended with a score.
        top: the share of the space that counts as good.
        level: the probability wanted.
        drawn: they were drawn at random; of a sampler that learns the same is said of as many random ones.
    """
    needed = math.ceil(math.log(1 - level) / math.log(1 - top))
    if finished >= needed or not finished:  # of none there is nothing to say
        return None
    chance = 1 - (1 - top) ** finished
    has = "would have" if not drawn else "has" if finished == 1 else "have"
    these = "this one is" if finished == 1 else f"these {finished} are"
    learnt = "" if drawn else f"; {these} of a sampler that learns"
    return Caution(
        "few-trials",
        f"{finished} random trial{'s' * (finished != 1)} {has} a {100 * chance:.0f}% chance of holding one of the best "
        f"{100 * top:g}% of the space{learnt}",
        f"{needed} trials have {100 * level:g}%",
        {"finished": finished, "needed": needed, "chance": chance},
    )


def _examples_to_see(gap: float, accuracy: float, level: float) -> int | None:
    """Examples at which Wilson's interval around the accuracy reaches no farther down than the gap."""
    if gap <= 0:
        return None
    z = two_sided_z(level)
    below, enough = 1, 2
    while accuracy - score_interval(accuracy, enough, z)[0] > gap:
        below, enough = enough, 2 * enough
    while enough - below > 1:
        middle = (below + enough) // 2
        seen = accuracy - score_interval(accuracy, middle, z)[0] <= gap
        below, enough = (below, middle) if seen else (middle, enough)
    return enough


def _points(value: float, *, percent: bool = True) -> str:
    return f"{100 * value:.2g} percentage points" if percent else f"{value:.3g}"


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
