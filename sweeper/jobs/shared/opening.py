"""An opening of the test split: once for a trained configuration, on the ledger, and kept as a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.data import ledger, load, sealed
from sweeper.jobs.shared.opening_report import Subject, kept, published, seen
from sweeper.jobs.shared.scores import scored_over_both
from sweeper.tracking import RunRef, Tracker
from sweeper.tracking.describe import OPENING

if TYPE_CHECKING:
    from sweeper.data.split import Examples, Labels
    from sweeper.train.evaluate import Judgement

LEDGER = "test-ledger.jsonl"

RECORDED = "ledger."
"""Before ``test`` or ``test.refit``: a tag of a run that has the numbers of an opening, with the ledger's hash."""


def open_test_split(subject: Subject, *, runs: Path, who: str = "") -> dict[str, Any]:
    """Score a configuration's models on the sealed test split.

    Args:
        subject: what is scored.
        runs: the folder with the ledger, and for the report.
        who: asks; this process's user if it is not given.

    Returns:
        ``loss``, ``accuracy``, ``interval``, ``level``, ``method``, ``per_seed``, ``examples``; ``classes`` and
        ``confusion``; ``openings``: how often this test split has been opened, this time included; ``when`` and
        ``who``; ``report``, its files; ``opened``, true; ``hash`` of the ledger's line.
    """
    # Loaded before anything is opened: an opening that fails for want of a library would count all the same.
    from sweeper.train.evaluate import evaluate

    config, split = subject.config, load(subject.config.dataset, subject.config.validation, subject.digest)
    pictures: list[bytes] = []
    captions: list[str] = []

    def score(features: Examples, labels: Labels) -> dict[str, Any]:
        judged = [evaluate(model, features, labels, config.loss) for model in subject.models]
        details, drawn = seen(judged, features, labels, split)
        pictures.append(drawn.picture)
        captions.extend(drawn.captions)
        return _named(judged, labels) | details

    entry = sealed.evaluate(
        config.dataset,
        config.validation,
        ledger=runs / LEDGER,
        who=who or ledger.who(),
        run=subject.run,
        config_digest=config.digest,
        score=score,
        data_digest=subject.digest,
    )
    report = published(subject, entry, shown(entry), split, runs, mistakes=pictures[0], captions=captions)
    return shown(entry) | report | {"opened": True}


def recorded_opening(subject: Subject, runs: Path) -> dict[str, Any] | None:
    """What an earlier opening for the same gave, as ``open_test_split`` returned it, but for ``opened``.

    A report that is not there, because the process ended before it was written or somebody deleted it, is made again
    of what the ledger has: all but the pictures of mistakes, for which the split would have to be opened again.

    Returns:
        None where the ledger has no such opening.
    """
    entry = sealed.recorded(runs / LEDGER, subject.run, subject.config.digest)
    if entry is None:
        return None
    report = kept(subject, runs)
    if report is None:
        split = load(subject.config.dataset, subject.config.validation, subject.digest)
        report = published(subject, entry, shown(entry), split, runs)
    return shown(entry) | report | {"opened": False}


def is_recorded(subject: Subject, opening: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    """Whether a run with these tags has the numbers of an opening."""
    return tags.get(RECORDED + subject.part) == str(opening["hash"])


def record_opening(tracker: Tracker, run: RunRef, subject: Subject, opening: Mapping[str, Any]) -> None:
    """Put what an opening gave on the run's record: metrics, which opening it was, and the report."""
    part, report = subject.part, opening.get("report", {})
    metrics = {f"{part}.{name}": float(opening[name]) for name in ("loss", "accuracy")}
    files = [(Path(path), part) for path in report.values() if Path(path).is_file()]
    pictures = [(path, f"{part}/{path.parent.name}") for path in _pictures(report)]
    tags = {RECORDED + part: str(opening["hash"]), f"{part}{OPENING}": str(opening["openings"])}
    tracker.update(run, metrics=metrics, tags=tags, artifacts=[*files, *pictures])


def shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A result on the ledger as documents have it."""
    result = entry["result"]
    members = range(int(result["members"]))
    loss, accuracy = ([result[f"{name}.{member}"] for member in members] for name in ("loss", "accuracy"))
    # One from before collapses were counted is over all members.
    ends = (result["low"], result["high"]) if "low" in result else None
    ends = ends if "collapsed" in result or not _mixed(accuracy) else None
    scores = scored_over_both(loss, accuracy, entry["examples"], ends)
    facts = {"openings": entry["look"], "when": entry["when"], "who": entry["who"], "hash": entry["hash"]}
    return scores | facts


def _named(judged: Sequence[Judgement], labels: Labels) -> dict[str, Any]:
    """The scores of all members as one line of the ledger keeps them, with the interval of their mean."""
    from sweeper.statistics.summary import summary

    right = np.stack([each.predictions == labels for each in judged])
    found = summary(right.mean(axis=1), len(labels), correct=right)
    interval = found.interval
    of_loss = {f"loss.{member}": each.loss for member, each in enumerate(judged)}
    of_accuracy = {f"accuracy.{member}": each.accuracy for member, each in enumerate(judged)}
    ends = {"low": interval.low, "high": interval.high, "level": interval.level}
    ends["collapsed"] = found.collapses.seen
    return {"members": len(judged), **of_loss, **of_accuracy, **ends}


def _mixed(accuracy: Sequence[float]) -> bool:
    from sweeper.statistics.collapse import collapsed

    return bool(collapsed({"": accuracy})[""].any())


def _pictures(report: Mapping[str, str]) -> list[Path]:
    return sorted(Path(report["html"]).parent.glob("*/*.png")) if report else []
