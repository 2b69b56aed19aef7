"""The default analysis: which condition is best, by how much, and which differences are none."""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.questions.analyses.doubts import doubts
from sweeper.questions.analyses.parts import (
    between,
    compared,
    conditions,
    figure_along,
    figure_of_conditions,
    figure_of_pairs,
    listed,
    numeric,
    points,
    provenance,
    span,
)
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Answer, ConditionResult
from sweeper.report.documents.model import Figure
from sweeper.report.facts import not_excluded, scope
from sweeper.report.folds import said_of
from sweeper.statistics import Collapses, PairVerdict, Ranking, unseen


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
        figures=_figures(results, found, pairs, ranking),
        measure=results.measure,
        warnings=doubts(results),
        notes=[*question.notes, *_of_folds(results)],
        ledger=results.tested.ledger if results.tested else "",
    )


def sentences(
    results: Results, found: Sequence[ConditionResult], pairs: Sequence[PairVerdict], ranking: Ranking | None
) -> list[str]:
    """Who leads, who cannot be told from it, and how far the others are behind."""
    if ranking is None:
        return [f"Only {_right(results, found[0])}. There is nothing to compare it with."]
    teller = _RankingTeller(results, pairs, ranking)
    said = [
        teller.leader(found),
        teller.tied(),
        teller.behind(),
        teller.undecided(),
        teller.folds(),
        teller.collapsed(found),
    ]
    return [sentence for sentence in said if sentence]


def _of_folds(results: Results) -> list[str]:
    folds = int(results.data.get("folds", 0))
    said = (
        f"Each score is the mean over {folds} folds, whose trainings share their seed. Intervals over folds allow for "
        "what the folds' training parts have in common (Nadeau and Bengio 2003)."
    )
    return [said] if folds else []


class _RankingTeller:
    """Says what a ranking comes to, from the leader's side."""

    def __init__(self, results: Results, pairs: Sequence[PairVerdict], ranking: Ranking) -> None:
        self.results, self.pairs, self.ranking, self.measure = results, pairs, ranking, results.measure
        self.said = results.prepared.question.said

    def leader(self, found: Sequence[ConditionResult]) -> str:
        best = next(condition for condition in found if condition.name == self.ranking.leader)
        alone = not self.ranking.tied and not self.ranking.undecided
        tuned = list(self.results.prepared.question.nuisance)
        draws = len(self.results.prepared.draws)
        keys = listed([key.replace("_", " ") for key in tuned]) if tuned else ""
        fair = f"With {keys} tuned for each, as the best of the same {draws} draws, " if tuned else "Here "
        place = "is best: it has" if alone else "has the highest mean:"
        return f"{fair}{self.said(best.name)} {place} {_scored(self.results, best)}."

    def tied(self) -> str:
        tied = self.ranking.tied
        if not tied:
            return ""
        margin = points(self.pairs[0].margin, 1, self.measure)
        return f"Tied with it: {self._names(tied)}, less than {margin} apart over seeds, which is too little to matter."

    def behind(self) -> str:
        behind = self.ranking.behind
        if not behind:
            return ""
        near, far = behind[0], behind[-1]
        pair, sign = between(self.pairs, self.ranking.leader, near)
        joint = f", over seeds on these examples{_allowing(pair)}"
        sign = sign if self.measure.maximize else -sign
        interval = f"95% interval {span(pair.interval, sign=sign, measure=self.measure)}{joint}"
        text = f"Behind it: {self.said(near)} by {self._points(pair)} ({interval})"
        text += ", surely, but too little to matter" if pair.negligible else ""
        if far != near:
            last, _ = between(self.pairs, self.ranking.leader, far)
            text += f", {self.said(far)} by {self._points(last)}"
        return f"{text}."

    def undecided(self) -> str:
        open_ends = self.ranking.undecided
        if not open_ends:
            return ""
        found = [between(self.pairs, self.ranking.leader, name)[0] for name in open_ends]
        return f"Whether {self._names(open_ends)} {_is(open_ends)} as good is undecided; {_settles(found)}."

    def folds(self) -> str:
        """What the folds say of the leader and the next."""
        pair, _ = between(self.pairs, self.ranking.leader, self.ranking.order[1])
        if pair.over_folds is None:
            return ""
        return said_of(self.said(pair.a), self.said(pair.b), pair.over_folds, self.measure, by_seeds=True)

    def collapsed(self, found: Sequence[ConditionResult]) -> str:
        """Runs that collapsed, condition by condition; or what few good runs leave open."""
        seen = [(c, c.collapses) for c in found if c.collapses and c.collapses.seen]
        if not seen:
            runs = len(self.results.seeds)
            train = f"All of this is of runs that train: {not_excluded(runs, unseen(runs))}."
            return train if self.measure.maximize else ""
        each = listed([f"{k.seen} of {k.runs} with {self.said(c.name)} ({_share(k)})" for c, k in seen])
        return f"Runs that collapsed are counted apart, and not averaged into the others: {each}."

    def _points(self, pair: PairVerdict) -> str:
        return points(abs(pair.difference), measure=self.measure)

    def _names(self, names: Sequence[str]) -> str:
        return self.said(listed(names))


def _right(results: Results, condition: ConditionResult) -> str:
    return f"{results.prepared.question.said(condition.name)} could be trained: it has {_scored(results, condition)}"


def _scored(results: Results, condition: ConditionResult) -> str:
    assert condition.interval is not None
    interval, narrow, measure = condition.interval, condition.over_seeds, results.measure
    alone = f"; over seeds alone, on these examples, {measure.ends(narrow.low, narrow.high)}" if narrow else ""
    seeds = f"{len(results.seeds)} seeds"
    ends = measure.ends(interval.low, interval.high)
    said = f"95% interval {ends} {scope(interval.over, interval.examples)}, {seeds}{alone}"
    if measure.share:
        return f"{measure.text(condition.value)} of the validation examples right ({said})"
    return f"a {measure.noun} of {measure.text(condition.value)} ({said})"


def _share(found: Collapses) -> str:
    return f"95% interval {found.share.low:.0%} to {found.share.high:.0%} of runs"


def _allowing(pair: PairVerdict) -> str:
    """What the interval of a pair pays for."""
    for_ = [f"{pair.comparisons} comparisons"] if pair.comparisons > 1 else []
    for_ += ["repeats that may be added"] if pair.analyses else []
    for_ += ["the luck of the search"] if pair.luck else []
    return f", allowing for {listed(for_)}" if for_ else ""


def _settles(pairs: Sequence[PairVerdict]) -> str:
    """What it would take to settle all of these."""
    if any(pair.collapsed_a or pair.collapsed_b for pair in pairs):
        return "how often runs collapse would take hundreds of repeats to compare"
    needed = [pair.repeats_needed for pair in pairs if pair.repeats_needed]
    likely = [pair.repeats_likely for pair in pairs if pair.repeats_likely]
    if len(needed) < len(pairs):
        luck = any(pair.luck for pair in pairs)
        return "no number of repeats would settle it, a larger budget for the search may" if luck else NEVER
    usually = f"{max(likely)} usually settle it" if len(likely) == len(pairs) else "no reasonable number usually does"
    return f"about {max(needed)} repeats give an even chance, {usually}"


NEVER = "no reasonable number of repeats would settle it"


def _figures(
    results: Results, found: Sequence[ConditionResult], pairs: Sequence[PairVerdict], ranking: Ranking | None
) -> list[Figure]:
    drawn = [figure_of_conditions(results, found)]
    if (along := numeric(results)) is not None:
        drawn.insert(0, figure_along(results, found, *along))
    return [*drawn, *([figure_of_pairs(results, pairs, ranking)] if ranking else [])]


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
