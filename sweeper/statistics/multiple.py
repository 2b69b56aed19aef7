"""Several conditions at once: corrected for the number of comparisons, and ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from sweeper.errors import InputError
from sweeper.statistics.collapse import collapsed
from sweeper.statistics.paired import PairVerdict, paired
from sweeper.statistics.samples import sample
from sweeper.statistics.verdict import MARGIN

Results = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Who leads, who is tied with the leader, who may yet be, and who is behind.

    Attributes:
        order: all conditions, best mean first.
        leader: the first of them.
        tied: those whose difference to the leader is a tie, best first; the leader is not among them.
        undecided: those that more repeats would tell apart from the leader, or not.
        behind: those that the leader is better than.
        groups: conditions peeled off from the top: each group is its best and all not shown to be worse than it.
        smallest: the smallest of the leader and those tied with it; None where no sizes were given.
        sentence: all of this in one line.
    """

    order: tuple[str, ...]
    leader: str
    tied: tuple[str, ...]
    undecided: tuple[str, ...]
    behind: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    smallest: str | None
    sentence: str


def compare_all(
    results: Results,
    baseline: str | None = None,
    *,
    level: float = 0.95,
    margin: float = MARGIN,
    higher_is_better: bool = True,
    resolution: float = 0.0,
    analyses: Sequence[int] = (),
    alike: Mapping[str, object] | None = None,
    luck: Mapping[str, float] | None = None,
) -> list[PairVerdict]:
    """Compare every pair of conditions, or each with a baseline; all with the same seeds in the same order.

    At most a share ``1 - level`` of experiments raises any false alarm, among all pairs together: intervals
    are Bonferroni's, and so are the verdicts; p-values are Holm's (1979), which are never larger. Spread is
    estimated for each pair on its own, because a broken condition varies more than a sound one.

    Args:
        results: scores by name of condition, each [R].
        baseline: compare each other condition with this one only (fewer comparisons, so narrower intervals).
        level: of all comparisons together.
        margin: the smallest difference that matters.
        higher_is_better: false for a loss.
        resolution: as in ``paired``.
        analyses: as in ``paired``.
        alike: what each condition is, such as its configuration's digest: two of the same are identical.
        luck: of each condition, the standard deviation of what its search added to its score.

    Raises:
        InputError: fewer than two conditions, an unknown baseline, or scores that cannot be paired.
    """
    pairs, bad = _pairs(results, baseline), collapsed(results)
    verdicts = [
        paired(
            results[a],
            results[b],
            level=level,
            comparisons=len(pairs),
            margin=margin,
            higher_is_better=higher_is_better,
            resolution=resolution,
            names=(a, b),
            bad=(bad[a], bad[b]) if higher_is_better else None,
            analyses=analyses,
            identical=alike is not None and alike[a] == alike[b],
            luck=_together(luck, a, b),
        )
        for a, b in pairs
    ]
    adjusted = holm([verdict.p_value for verdict in verdicts])
    return [replace(verdict, p_adjusted=p) for verdict, p in zip(verdicts, adjusted, strict=True)]


def rank(
    results: Results,
    verdicts: Sequence[PairVerdict] | None = None,
    *,
    sizes: Mapping[str, float] | None = None,
    level: float = 0.95,
    margin: float = MARGIN,
    higher_is_better: bool = True,
    resolution: float = 0.0,
) -> Ranking:
    """Name the leader, those tied with it, and the smallest of them.

    All pairs are compared, so that choosing the leader by the same numbers does no harm (Hsu 1996).

    Args:
        results: scores by name of condition, each [R].
        verdicts: of all pairs, as ``compare_all`` gave them; made here otherwise, by the arguments below.
        sizes: of each condition, such as trainable parameters: of those tied, the smallest is named.
        level: of all comparisons together.
        margin: the smallest difference that matters.
        higher_is_better: false for a loss.
        resolution: as in ``paired``.
    """
    found = verdicts or compare_all(
        results, level=level, margin=margin, higher_is_better=higher_is_better, resolution=resolution
    )
    between = {frozenset((v.a, v.b)): v for v in found}
    means = {name: float(np.mean(scores)) for name, scores in results.items()}
    order = tuple(sorted(results, key=lambda name: means[name], reverse=higher_is_better))
    against = {name: _state(name, order[0], between) for name in order[1:]}
    tied, undecided, behind = (
        tuple(name for name, state in against.items() if state == wanted) for wanted in ("tie", "undecided", "worse")
    )
    smallest = min((order[0], *tied), key=lambda name: sizes[name]) if sizes else None
    sentence = _sentence(order[0], tied, undecided, smallest, _most_repeats(order[0], undecided, between))
    return Ranking(order, order[0], tied, undecided, behind, _groups(order, between), smallest, sentence)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values adjusted so that all together keep the rate of false alarms; source: Holm (1979)."""
    values = sample(p_values, name="p-values")
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, stepped)
    return tuple(float(p) for p in adjusted)


def _together(luck: Mapping[str, float] | None, a: str, b: str) -> float:
    return (luck[a] ** 2 + luck[b] ** 2) ** 0.5 if luck else 0.0


def _pairs(results: Results, baseline: str | None) -> list[tuple[str, str]]:
    if len(results) < 2:
        raise InputError("one condition cannot be compared", hint="give two or more")
    if baseline is None:
        return list(combinations(results, 2))
    if baseline not in results:
        raise InputError(f"there is no condition {baseline!r} to compare with", hint=f"there are {', '.join(results)}")
    return [(name, baseline) for name in results if name != baseline]


def _state(name: str, other: str, between: Mapping[frozenset[str], PairVerdict]) -> str:
    """The verdict on `name` against `other`, whichever way round they were compared."""
    verdict = between[frozenset((name, other))]
    swapped = {"better": "worse", "worse": "better"}
    return verdict.verdict if verdict.a == name else swapped.get(verdict.verdict, verdict.verdict)


def _groups(order: Sequence[str], between: Mapping[frozenset[str], PairVerdict]) -> tuple[tuple[str, ...], ...]:
    left, groups = list(order), []
    while left:
        head = left[0]
        group = (head, *(name for name in left[1:] if _state(name, head, between) != "worse"))
        groups.append(group)
        left = [name for name in left if name not in group]
    return tuple(groups)


def _most_repeats(leader: str, undecided: Sequence[str], between: Mapping[frozenset[str], PairVerdict]) -> int | None:
    needed = [between[frozenset((leader, name))].repeats_needed for name in undecided]
    known = [repeats for repeats in needed if repeats is not None]
    return max(known) if known and len(known) == len(needed) else None


def _sentence(
    leader: str, tied: Sequence[str], undecided: Sequence[str], smallest: str | None, repeats: int | None
) -> str:
    if tied:
        count = {2: "two", 3: "three", 4: "four", 5: "five"}.get(len(tied) + 1, str(len(tied) + 1))
        text = f"{_listed((leader, *tied))}: these {count} are tied" + (
            f"; the smallest is {smallest}" if smallest else ""
        )
    else:
        text = f"{leader} leads" if undecided else f"{leader} is the best"
    if undecided:
        wish = f"about {repeats} repeats give an even chance" if repeats else "no reasonable number of repeats would"
        text += f"; {_listed(undecided)} cannot be told from {leader} yet ({wish})"
    return text + "."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
