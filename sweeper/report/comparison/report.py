"""A comparison in words, as an answer that is published like those of questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sweeper.report.answer.answer import Answer, ConditionResult, summarized
from sweeper.report.comparison.comparison import Comparison, Pair, model_verdict
from sweeper.report.documents.model import Cell, Figure, Table, TableColumn
from sweeper.report.facts import Estimate, Measure, Provenance, not_excluded, scope
from sweeper.report.figures.comparison import conditions, differences
from sweeper.report.figures.style import png
from sweeper.report.folds import said_of
from sweeper.statistics import ByExample, Interval, McNemar, PairVerdict
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
        measure=found.measure,
        figures=_figures(found, shown),
        tables=_models(found),
        warnings=warnings,
        notes=notes,
    )


def sentences(found: Comparison) -> list[str]:
    """What was found, and what it would take to find more."""
    over_folds = [_of_folds(pair) for pair in found.pairs if pair.over_folds]
    if found.ranking is None:
        return [*(_one_seed(pair) for pair in found.pairs), *over_folds, takes(found)]
    said = _by_seed(found.pairs[0], len(found.seeds)) if len(found.pairs) == 1 else found.ranking.sentence
    return [said, *over_folds] + ([takes(found)] if any(pair.verdict == "undecided" for pair in found.pairs) else [])


def verdicts_by(found: Comparison) -> str:
    """Which intervals carry the verdicts, and what those beside them cover; empty where nothing can be compared."""
    by = {pair.verdict_by for pair in found.pairs}
    if "seeds" in by:
        beside = ["those over examples, too," if any(pair.over_both for pair in found.pairs) else ""]
        beside += ["by folds" if any(pair.over_folds for pair in found.pairs) else ""]
        others = " and ".join(filter(None, beside))
        return "by the intervals over seeds alone" + (f"; {others} decide nothing, however narrow" if others else "")
    if "folds" in by:
        return "by the intervals over folds"
    return "none by one seed: intervals over examples are of these models alone" if found.seeds else ""


def takes(found: Comparison) -> str:
    """What it would take to decide what is undecided."""
    if found.ranking is None:
        has = "share no seed" if not found.seeds else "share one seed, and another may bring another result"
        return f"They {has}: --repeats {SOME} runs each of them on {SOME} fresh seeds."
    needed, likely = found.repeats_needed, found.repeats_likely
    if needed is None:
        return "No reasonable number of repeats would settle what is undecided."
    usually = ", and no reasonable number usually does"
    if likely is not None:
        usually = f", and {likely} usually do" if likely > needed else ""
    return (
        f"To settle every pair, about {needed} repeats in all have an even chance if differences stay as they are: "
        f"--repeats {needed}{usually}. Each analysis costs: later ones have wider intervals."
    )


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _by_seed(pair: Pair, seeds: int) -> str:
    verdict = pair.by_seed
    assert verdict is not None
    words = {"better": "is better than", "worse": "is worse than", "tie": "is tied with"}
    said = words.get(pair.verdict, "cannot yet be told from")
    interval = verdict.interval
    kept = "" if verdict.pairs == verdict.runs else f", {verdict.pairs} of them without a collapse"
    measure = pair.measure
    both = f"; over examples, too, {_ends(pair.over_both, measure)}, which decides nothing" if pair.over_both else ""
    by = f"{_points(verdict.difference, measure)} of {_of(measure)}"
    return (
        f"{pair.a} {said} {pair.b}: {by} ({_ends(interval, measure)} over {seeds} shared "
        f"seeds alone{kept}{both}); a run of it beats one of the other with a probability of "
        f"{verdict.improvement.probability:.0%}.{_collapses(verdict)}"
    )


def _of_folds(pair: Pair) -> str:
    assert pair.over_folds is not None
    return said_of(pair.a, pair.b, pair.over_folds, pair.measure, by_seeds=pair.by_seed is not None)


def _of(measure: Measure) -> str:
    """The measure, where everything is of validation anyway."""
    return measure.noun.removeprefix("validation ")


def _ends(interval: Interval, measure: Measure) -> str:
    low, high = (measure.apart(end, sign="+").replace("−", "-") for end in (interval.low, interval.high))
    return f"{low} to {high}"


def _collapses(verdict: PairVerdict) -> str:
    """What is known of runs that collapse, seen or not."""
    if verdict.collapsed_a or verdict.collapsed_b:
        return (
            f" {verdict.collapsed_a} of {verdict.runs} runs of {verdict.a} collapsed, and {verdict.collapsed_b} of "
            f"{verdict.b}; the difference is of the others."
        )
    return f" That is of runs that train: {not_excluded(verdict.runs, verdict.unseen)}." if verdict.unseen else ""


def _one_seed(pair: Pair) -> str:
    if not pair.models:
        return f"{pair.a} and {pair.b}: it was not recorded which examples they have right, or they share no seed."
    found, measure = pair.models[0].found, pair.measure
    word = {"better": "the better", "worse": "the worse"}.get(model_verdict(found, measure), "no better")
    by = f"{_points(found.difference, measure)} ({_ends(found.interval, measure)})"
    said = f"Of these two models {pair.a} is {word} one than {pair.b}, by {by}"
    if isinstance(found, ByExample):
        return f"{said} of {_of(measure)}, over these examples (paired t, p {found.p_value:.2g})."
    return (
        f"{said}: it alone is right on {found.only_a:,} examples, the other alone on {found.only_b:,} (McNemar's mid-p "
        f"{found.p_mid:.2g})."
    )


def _conditions(found: Comparison) -> list[ConditionResult]:
    made = []
    for side, summed in zip(found.sides, found.summaries, strict=True):
        scores = tuple(side.scores[seed] for seed in found.seeds) or tuple(side.scores.values())
        made.append(summarized(side.name, summed, scores, verdict=_verdict(side.name, found)))
    return made


def _verdict(name: str, found: Comparison) -> Verdict | Literal["leads", "best"]:
    ranking = found.ranking
    if ranking is None:
        return "undecided"
    if name == ranking.leader:
        return "leads" if ranking.tied or ranking.undecided else "best"
    return "tie" if name in ranking.tied else "undecided" if name in ranking.undecided else "worse"


def _figures(found: Comparison, shown: Sequence[ConditionResult]) -> list[Figure]:
    measure = found.measure
    stated = "; ".join(f"{one.name} {measure.text(one.value)}" for one in shown)
    first = found.summaries[0].interval
    over = f", and its 95% interval {scope(first.over, first.examples)}" if first else ""
    caption = f"{measure.name} of each seed (points), the mean{over}."
    name = _of(measure)
    drawn = conditions([one.estimate for one in shown], measure=measure)
    each = Figure("each", png(drawn), caption, f"{name[:1].upper()}{name[1:]}: {stated}.")
    pairs = [
        Estimate(f"{p.a} − {p.b}", p.difference, p.interval.low, p.interval.high, (), p.verdict)
        for p in found.pairs
        if p.interval and p.difference is not None
    ]
    if not pairs:
        return [each]
    over = (
        "seeds, on these examples, widened for all comparisons and analyses"
        if found.ranking
        else "examples, of these models alone"
    )
    drawn = differences(pairs, measure=measure, interval=f"interval over {over}")
    verdicts = "; ".join(f"{p.a} against {p.b}: {p.verdict}" for p in found.pairs)
    caption = f"Differences with their intervals over {over}. One that reaches zero is no difference shown."
    return [Figure("pairs", png(drawn), caption, f"Verdicts: {verdicts}."), each]


def _models(found: Comparison) -> list[Table]:
    if not found.measure.share:
        return _errors(found)
    columns = (
        TableColumn("A"),
        TableColumn("B"),
        TableColumn("Seed", "d", "right"),
        TableColumn("A alone right", ",d", "right"),
        TableColumn("B alone right", ",d", "right"),
        TableColumn("A less B, in points", "+.2f", "right"),
        TableColumn("Mid-p", ".2g", "right"),
    )
    rows: list[list[Cell]] = [
        [p.a, p.b, m.seed[0], m.found.only_a, m.found.only_b, 100 * m.found.difference, m.found.p_mid]
        for p in found.pairs
        for m in p.models
        if isinstance(m.found, McNemar)
    ]
    return (
        [Table("The trained models by example (McNemar); it speaks of these models alone", columns, rows)]
        if rows
        else []
    )


def _errors(found: Comparison) -> list[Table]:
    """The models of a regression, by example."""
    measure = found.measure
    columns = (
        TableColumn("A"),
        TableColumn("B"),
        TableColumn("Seed", "d", "right"),
        TableColumn("A less B", align="right"),
        TableColumn("95% interval", align="right"),
        TableColumn("p", ".2g", "right"),
    )
    rows: list[list[Cell]] = [
        [
            p.a,
            p.b,
            m.seed[0],
            measure.apart(m.found.difference, sign="+"),
            _ends(m.found.interval, measure),
            m.found.p_value,
        ]
        for p in found.pairs
        for m in p.models
        if isinstance(m.found, ByExample)
    ]
    title = f"The trained models by example ({_of(measure)}, paired t); it speaks of these models alone"
    return [Table(title, columns, rows)] if rows else []


def _points(value: float, measure: Measure) -> str:
    return f"{measure.apart(value, sign='+')}{measure.step}".replace("−", "-")
