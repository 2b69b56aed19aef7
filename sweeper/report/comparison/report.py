"""A comparison in words, as an answer that is published like those of questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sweeper.report.answer.answer import Answer, Condition
from sweeper.report.comparison.comparison import Comparison, Pair, model_verdict
from sweeper.report.documents.model import Cell, Column, Figure, Table
from sweeper.report.facts import ACCURACY, Estimate, Provenance
from sweeper.report.figures import conditions, differences, png
from sweeper.statistics import t_interval
from sweeper.statistics.verdict import Verdict

SOME = 5
"""Repeats to begin with where there is nothing yet to plan by."""


def comparison_answer(
    found: Comparison, name: str, provenance: Provenance, *, warnings: Sequence[str] = (), notes: Sequence[str] = ()
) -> Answer:
    """The comparison as an answer.

    Args:
        found: what was compared.
        name: of the report.
        provenance: where the numbers come from.
        warnings: what a reader must know.
        notes: how to read it.
    """
    shown = _conditions(found)
    return Answer(
        name=name,
        title=f"{listed([side.name for side in found.sides])}, compared",
        asked="",
        sentences=sentences(found),
        provenance=provenance,
        conditions=shown,
        pairs=[pair.by_seed for pair in found.pairs if pair.by_seed],
        figures=_figures(found, shown),
        tables=_models(found),
        warnings=warnings,
        notes=notes,
    )


def sentences(found: Comparison) -> list[str]:
    """What was found, and what it would take to find more."""
    if found.ranking is None:
        return [*(_one_seed(pair) for pair in found.pairs), takes(found)]
    said = _by_seed(found.pairs[0], len(found.seeds)) if len(found.pairs) == 1 else found.ranking.sentence
    return [said] + ([takes(found)] if any(pair.verdict == "undecided" for pair in found.pairs) else [])


def takes(found: Comparison) -> str:
    """What it would take to decide what is undecided."""
    if found.ranking is None:
        has = "share no seed" if not found.seeds else "share one seed, and another may bring another result"
        return f"They {has}: --repeats {SOME} runs each of them on {SOME} fresh seeds."
    needed = found.repeats_needed
    if needed is None:
        return "No reasonable number of repeats would settle what is undecided."
    return f"To settle every pair takes about {needed} repeats, if differences stay as they are: --repeats {needed}."


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _by_seed(pair: Pair, seeds: int) -> str:
    verdict = pair.by_seed
    assert verdict is not None
    words = {"better": "is better than", "worse": "is worse than", "tie": "is tied with"}
    said = words.get(pair.verdict, "cannot yet be told from")
    interval = verdict.interval
    return (
        f"{pair.a} {said} {pair.b}: {_points(verdict.difference)} of accuracy "
        f"({100 * interval.low:+.2f} to {100 * interval.high:+.2f}) over {seeds} shared seeds; a run of it beats one "
        f"of the other with a probability of {verdict.improvement.probability:.0%}."
    )


def _one_seed(pair: Pair) -> str:
    if not pair.models:
        return f"{pair.a} and {pair.b}: it was not recorded which examples they have right, or they share no seed."
    found = pair.models[0].found
    word = {"better": "the better", "worse": "the worse"}.get(model_verdict(found), "no better")
    return (
        f"Of these two models {pair.a} is {word} one than {pair.b}, by {_points(found.difference)} "
        f"({100 * found.interval.low:+.2f} to {100 * found.interval.high:+.2f}): it alone is right on {found.only_a:,} "
        f"examples, the other alone on {found.only_b:,} (McNemar's mid-p {found.p_mid:.2g})."
    )


def _conditions(found: Comparison) -> list[Condition]:
    made = []
    for side in found.sides:
        scores = [side.accuracy[seed] for seed in found.seeds] or list(side.accuracy.values())
        interval = t_interval(scores) if len(scores) > 1 else None
        value = sum(scores) / len(scores)
        made.append(Condition(side.name, value, interval, tuple(scores), verdict=_verdict(side.name, found)))
    return made


def _verdict(name: str, found: Comparison) -> Verdict | Literal["leads", "best"]:
    ranking = found.ranking
    if ranking is None:
        return "undecided"
    if name == ranking.leader:
        return "leads" if ranking.tied or ranking.undecided else "best"
    return "tie" if name in ranking.tied else "undecided" if name in ranking.undecided else "worse"


def _figures(found: Comparison, shown: Sequence[Condition]) -> list[Figure]:
    told = "; ".join(f"{one.name} {ACCURACY.text(one.value)}" for one in shown)
    caption = f"Validation accuracy of each seed (points), the mean, and its interval, over {len(found.seeds)} seeds."
    each = Figure("each", png(conditions([one.estimate for one in shown])), caption, f"Accuracy: {told}.")
    pairs = [
        Estimate(f"{p.a} − {p.b}", p.difference, p.interval.low, p.interval.high, (), p.verdict)
        for p in found.pairs
        if p.interval and p.difference is not None
    ]
    if not pairs:
        return [each]
    over = "seeds, widened for all comparisons" if found.ranking else "examples, of these models alone"
    drawn = differences(pairs, interval=f"interval over {over}")
    verdicts = "; ".join(f"{p.a} against {p.b}: {p.verdict}" for p in found.pairs)
    caption = f"Differences with their intervals over {over}. One that reaches zero is no difference shown."
    return [Figure("pairs", png(drawn), caption, f"Verdicts: {verdicts}."), each]


def _models(found: Comparison) -> list[Table]:
    columns = (
        Column("A"),
        Column("B"),
        Column("Seed", "d", "right"),
        Column("A alone right", ",d", "right"),
        Column("B alone right", ",d", "right"),
        Column("A less B, in points", "+.2f", "right"),
        Column("Mid-p", ".2g", "right"),
    )
    rows: list[list[Cell]] = [
        [p.a, p.b, m.seed[0], m.found.only_a, m.found.only_b, 100 * m.found.difference, m.found.p_mid]
        for p in found.pairs
        for m in p.models
    ]
    return (
        [Table("The trained models by example (McNemar); it speaks of these models alone", columns, rows)]
        if rows
        else []
    )


def _points(value: float) -> str:
    return f"{100 * value:+.2f} percentage points"
