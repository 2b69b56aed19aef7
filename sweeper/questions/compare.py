"""The default analysis: which condition is best, by how much, and which differences are none."""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.questions.parts import (
    compared,
    conditions,
    figure_of_conditions,
    figure_of_pairs,
    listed,
    points,
    provenance,
    warnings,
)
from sweeper.questions.results import Results
from sweeper.report.answer import Answer, Condition
from sweeper.report.facts import ACCURACY
from sweeper.report.statistics import PairVerdict, Ranking


def compare(results: Results) -> Answer:
    """Answer a question by comparing its conditions with one another."""
    question = results.prepared.question
    pairs, ranking = compared(results)
    found = conditions(results, ranking)
    return Answer(
        name=question.name,
        title=question.title,
        asked=question.asks,
        sentences=sentences(results, found, pairs, ranking),
        provenance=provenance(results),
        conditions=found,
        pairs=pairs,
        figures=[figure_of_conditions(results, found, question.name), figure_of_pairs(pairs, question.name)],
        warnings=warnings(results),
        notes=question.notes,
        ledger=results.ledger,
    )


def sentences(
    results: Results, found: Sequence[Condition], pairs: Sequence[PairVerdict], ranking: Ranking
) -> list[str]:
    """Who leads, who cannot be told from it, and how far the last is behind."""
    said = [_leader(results, found, ranking)]
    if ranking.tied:
        said.append(
            f"{listed(ranking.tied)} {_is(ranking.tied)} tied with it: any difference is surely below "
            f"{points(pairs[0].margin, 1)}, too small to matter here."
        )
    if ranking.behind:
        said.append(_behind(ranking, pairs))
    if ranking.undecided:
        said.append(_undecided(ranking, pairs))
    return said


def between(pairs: Sequence[PairVerdict], a: str, b: str) -> tuple[float, float, float]:
    """Difference a less b and the ends of its interval, whichever way round the pair was compared."""
    pair = next(p for p in pairs if {p.a, p.b} == {a, b})
    if pair.a == a:
        return pair.difference, pair.interval.low, pair.interval.high
    return -pair.difference, -pair.interval.high, -pair.interval.low


def _leader(results: Results, found: Sequence[Condition], ranking: Ranking) -> str:
    best = next(condition for condition in found if condition.name == ranking.leader)
    assert best.interval is not None
    alone = not ranking.tied and not ranking.undecided
    return (
        f"{best.name} {'is best' if alone else 'has the highest mean'}: {ACCURACY.text(best.value)} of the validation "
        f"examples right (95 % interval {ACCURACY.text(best.interval.low)} to {ACCURACY.text(best.interval.high)}, "
        f"{len(results.seeds)} seeds)."
    )


def _behind(ranking: Ranking, pairs: Sequence[PairVerdict]) -> str:
    near, far = ranking.behind[0], ranking.behind[-1]
    gap, low, high = between(pairs, ranking.leader, near)
    text = f"{near} is behind it by {points(gap)} ({100 * low:.2f} to {100 * high:.2f})"
    if far != near:
        text += f", {far} by {points(between(pairs, ranking.leader, far)[0])}"
    return text + "."


def _undecided(ranking: Ranking, pairs: Sequence[PairVerdict]) -> str:
    needed = [p.repeats_needed for p in pairs if ranking.leader in {p.a, p.b} and {p.a, p.b} & set(ranking.undecided)]
    known = [repeats for repeats in needed if repeats]
    wish = f"about {max(known)} repeats would settle it" if known else "no reasonable number of repeats would settle it"
    return f"Whether {listed(ranking.undecided)} {_is(ranking.undecided)} as good is undecided; {wish}."


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
