"""What a reader must know before believing an answer: failures, values at the edge of their range, few draws."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sweeper.config.edges import edges
from sweeper.questions.analyses.parts import bad_runs, listed
from sweeper.questions.ask.prepare import Condition
from sweeper.questions.experiment_results import Results
from sweeper.report.facts import short
from sweeper.statistics.cautions import many_failed

ENOUGH = 10
"""Draws for each tuned hyperparameter and condition, below which the search is called thin."""

OF_HIDDEN_LAYERS = ("activation", "dropout")
"""Keys that say something of hidden layers alone."""


def doubts(results: Results) -> list[str]:
    """All of them, each in one line; of candidates, of which none is compared, only the failures."""
    if results.prepared.question.candidates:
        return _failures(results)
    return [
        *_idle(results),
        *_missing(results),
        *_lost(results),
        *_collapsed(results),
        *_failures(results),
        *_edges(results),
        *_few(results),
    ]


def _idle(results: Results) -> list[str]:
    """Keys that are asked about although they do nothing in a network without hidden layers."""
    if any(condition.config.hidden for condition in results.prepared.conditions):
        return []
    keys = [key for key in results.prepared.question.scientific if key in OF_HIDDEN_LAYERS]
    return [f"these networks have no hidden layers, and {key} has no effect there" for key in keys]


def _missing(results: Results) -> list[str]:
    asked = results.prepared.question.repeats
    said = []
    for condition in results.prepared.conditions:
        if condition.name not in results.names:
            done, why = len(results.repeats[condition.name]), _why(results, condition.name)
            said.append(f"{condition.name} is not compared: {done} of its {asked} repeats finished{why}")
    return said


def _why(results: Results, name: str) -> str:
    failures = [trial.failure for trial in results.failed if trial.values.get("condition") == name and trial.failure]
    return f" ({failures[0].kind.replace('_', ' ')}: {failures[0].message})" if failures else ""


def _lost(results: Results) -> list[str]:
    lost = results.prepared.question.repeats - len(results.seeds)
    return [f"{lost} of the seeds did not finish in every condition and are left out"] if lost else []


def _collapsed(results: Results) -> list[str]:
    said = []
    for name, bad in bad_runs(results).items():
        scores, measure = np.asarray(results.validated(name)), results.measure
        if bad.any() and not bad.all():
            lost, good = scores[bad], scores[~bad]
            said.append(
                f"{name}: {len(lost)} of {len(scores)} seeds collapsed (down to {measure.text(lost.min())}; the "
                f"median of all is {measure.text(float(np.median(scores)))}); its mean and intervals are of the other "
                f"{len(good)}"
            )
    return said


def _failures(results: Results) -> list[str]:
    trials = [trial for trials in results.search.values() for trial in trials]
    stated: list[Mapping[str, object]] = [
        {key: value for key, value in trial.values.items() if key not in {"phase", "repeats", "seed"}}
        for trial in trials
    ]
    caution = many_failed(stated, [trial.state == "failed" for trial in trials]) if trials else None
    return [f"in the search, {caution.message}; {caution.hint}"] if caution else []


def _edges(results: Results) -> list[str]:
    return [said for condition in results.prepared.conditions for said in _edge(results, condition)]


def _edge(results: Results, condition: Condition) -> list[str]:
    chosen = results.chosen.get(condition.name, {})
    at_end = edges(condition.space, chosen) if condition.space else []
    return [
        f"{condition.name}: the best {key} found, {short(chosen[key])}, is at the edge of its range; the condition may "
        "do better beyond it"
        for key in at_end
    ]


def _few(results: Results) -> list[str]:
    each, tuned = len(results.prepared.draws), len(results.prepared.question.nuisance)
    if not tuned or each >= ENOUGH * tuned:
        return []
    keys = listed(list(results.prepared.question.nuisance))
    said = (
        f"{keys} was searched with only {each} draws for each condition: what other draws would have found is allowed "
        "for by an estimate that so few hardly support; more budget makes the comparison fairer"
    )
    return [said]
