"""What a sweep came to, as a terminal shows it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from sweeper.cli.layout import fits
from sweeper.cli.render import bold, cell, dim, facts, own_overrides, seconds, table, warn
from sweeper.cli.scores import ends, measured, score, score_names, scores_of, target_of
from sweeper.study.objectives import DEFAULT, DEFAULT_OF_NUMBERS, OBJECTIVES

COLUMNS = 5
"""Hyperparameters that have columns of their own, at most."""


def shown(document: dict[str, Any], runs: str) -> str:
    """The leaders, what mattered, and the commands that go on from here."""
    leaders = _front(document) if document["front"] else _leaders(document)
    blocks = [_by_validation(document), leaders, _confirmed(document["confirmed"]), facts(_about(document))]
    blocks.append(_importance(document))
    blocks.append("\n".join(warn(f"! {one['message']}: {one['hint']}") for one in document["cautions"]))
    if document["best"]:
        blocks.append("\n".join(f"{what}:\n  {bold(command)}" for what, command in _commands(document, runs)))
    return "\n\n".join(block for block in blocks if block)


def _leaders(document: dict[str, Any]) -> str:
    """The best trials; hyperparameters in columns while there are few."""
    top = document["top"]
    if not top:
        ended = sum(document["trials"][kind] for kind in ("finished", "pruned", "failed"))
        why = ": none keeps " + ", ".join(document["constraints"]) if 0 < ended == document["infeasible"] else ""
        return f"No trial has finished{why}."
    names = list(dict.fromkeys(name for trial in top for name in trial["params"]))
    in_columns = _ranking(document, names)
    return in_columns if len(names) <= COLUMNS and fits(in_columns) else _ranking(document, ())


def _ranking(document: dict[str, Any], names: Sequence[str]) -> str:
    """The best trials with a column for each of some hyperparameters; with one for all of them, where none is named."""
    top = document["top"]
    scores = score_names(OBJECTIVES[document["objective"]].metric, top[0]["validation"])
    named = _winner(document)["number"] if document["best"] else None
    rows = [
        (
            "*" if t["number"] == named else "",
            str(t["number"]),
            *scores_of(t["validation"], scores),
            *(_values(t, names) if names else [own_overrides(t["overrides"], document["fixed"])]),
        )
        for t in top
    ]
    return table(("", "trial", *scores, *(names or ["hyperparameters"])), rows)


def _front(document: dict[str, Any]) -> str:
    """The trials that no other beats in all objectives."""
    measures = document["objectives"]
    rows = [
        (
            str(one["number"]),
            *(_measure(name, one[name]) for name in measures),
            own_overrides(one["overrides"], document["fixed"]),
        )
        for one in document["front"]
    ]
    return table(("trial", *measures, "hyperparameters"), rows)


def _measure(name: str, value: float) -> str:
    return format(value, OBJECTIVES[name].digits)


def _values(trial: dict[str, Any], names: Sequence[str]) -> list[str]:
    return [cell(trial["params"].get(name)) for name in names]


def _by_validation(document: dict[str, Any]) -> str:
    """Who is named where nobody was confirmed, and what its score is worth."""
    best = document["best"]
    if document["confirmed"] or document["front"] or not best:
        return ""
    score = measured(document["objective"], best["score"])
    more = "--confirm 3 runs the leaders again on fresh seeds"
    return bold(f"Best: trial {best['number']}, {score} on validation, by which it was chosen; {more}.")


def _confirmed(confirmed: dict[str, Any] | None) -> str:
    """The leaders on fresh seeds, beside the score that each was chosen by."""
    if confirmed is None:
        return ""
    rows = [
        (
            str(one["number"]),
            score(one["original"]),
            score(one["value"]) if one["points"] else "",
            ends([one["interval"]["low"], one["interval"]["high"]]) if one["interval"] else "",
            one["parameters"] or None,
            one["standing"],
        )
        for one in confirmed["trials"]
    ]
    columns = ("trial", "when chosen", "fresh seeds", "95% interval", "parameters", "standing")
    return f"{bold(confirmed['sentence'])}\n\n{table(columns, rows)}"


def _about(document: dict[str, Any]) -> list[tuple[str, str]]:
    from sweeper.report.folds import divided

    counts = document["trials"]
    kinds = ", ".join(f"{counts[kind]} {kind}" for kind in ("finished", "pruned", "failed") if counts[kind])
    done = counts["finished"] + counts["pruned"]
    repeated = counts["repeated"]
    return [
        ("study", document["study"]),
        (
            "trials",
            f"{done} of {counts['requested']}: {kinds}" if done <= counts["requested"] else _more(counts, kinds),
        ),
        (
            "repeated",
            f"{repeated} of them took the result of an earlier one of the same configuration" if repeated else "",
        ),
        ("kept", _kept(document)),
        ("random", _random(document["baseline"])),
        ("data", divided(document["dataset"])),
        *target_of(document["dataset"]),
        ("time", f"{seconds(document['seconds'])} with {document['workers']} workers"),
        ("stopped", "time is up; the same command goes on" if document["ended"] == "timeout" else ""),
    ]


def _more(counts: dict[str, int], kinds: str) -> str:
    return f"{kinds}: more than the {counts['requested']} asked for, and nothing was left to run"


def _kept(document: dict[str, Any]) -> str:
    """The constraints, and how many trials miss them."""
    said = ", ".join(document["constraints"])
    return said and f"{said}; {document['infeasible']} trials do not"


def _random(baseline: dict[str, Any] | None) -> str:
    """What as many random trials found."""
    if not baseline or not baseline["best"]:
        return ""
    return f"{score(baseline['best']['score'])} is the best of the random search {baseline['study']}"


def _importance(document: dict[str, Any]) -> str:
    """What mattered by both measures, and what each means; or why nothing is said of it."""
    shares, of_variance = document["importance"], document["variance"]
    if not shares:
        return dim(document["importance_note"])
    names = ("hyperparameter", "importance", *(["variance"] if of_variance else []), "")
    rows = []
    for name, share in shares.items():
        beside = [f"{of_variance[name]:.2f}" if name in of_variance else ""] if of_variance else []
        rows.append((name, f"{share:.2f}", *beside, "#" * round(30 * share)))
    notes = [f"importance by {document['evaluator']}: {document['importance_note']}"]
    notes += [f"variance by {document['variance_evaluator']}: {document['variance_note']}"] if of_variance else []
    return "\n".join([table(names, rows), *map(dim, notes)])


def _commands(document: dict[str, Any], runs: str) -> list[tuple[str, str]]:
    flags = [] if runs == "runs" else ["--runs", runs]
    best = ["run", *_winner(document)["overrides"], *flags]
    return [
        (f"run the best again{_stops_otherwise(document)}", shlex.join(["sweeper", *best])),
        ("read the report", shlex.join(["sweeper", "report", document["study"], *flags])),
        ("see all trials", shlex.join(["sweeper", "results", document["study"], *flags])),
        ("test it once, when nothing is left to choose", shlex.join(["sweeper", "test", document["study"], *flags])),
        ("open the UI", shlex.join(["sweeper", "ui", *flags])),
    ]


def _stops_otherwise(document: dict[str, Any]) -> str:
    """That a run of it would end elsewhere: a run knows no objective but the usual one."""
    by = document["objective"]
    stops = any(text.startswith("stop_after=") and text != "stop_after=0" for text in _winner(document)["overrides"])
    if not stops or by in {DEFAULT, DEFAULT_OF_NUMBERS}:
        return ""
    usual = DEFAULT if "accuracy" in document["best"]["validation"] else DEFAULT_OF_NUMBERS
    return f" (it stops early by {usual}; reproduce does as the search did, by {by})"


def _winner(document: dict[str, Any]) -> dict[str, Any]:
    """The trial that is named: by fresh seeds, or else by its score."""
    best: dict[str, Any] = document["best"]
    number = (document["confirmed"] or {}).get("winner", best["number"])
    return next((trial for trial in document["top"] if trial["number"] == number), best)
