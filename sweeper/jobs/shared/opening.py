"""An opening of the test split: once for a trained configuration, on the ledger, and kept as a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.config.metrics import METRICS
from sweeper.data import SEALED, ledger, load, sealed
from sweeper.jobs.scores import scored_over_both
from sweeper.jobs.shared.opening_numbers import named_numbers, picture_of_numbers, published_numbers
from sweeper.jobs.shared.opening_report import Subject, kept, published, seen
from sweeper.study.another import check_sealed
from sweeper.tracking import RunRef, Tracker
from sweeper.tracking.describe import OPENING
from sweeper.trial import Scores

if TYPE_CHECKING:
    from sweeper.data.split import Features, Labels, Numbers, Split
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
        ``loss``, ``accuracy`` (of numbers ``rmse``, ``mae``, ``r2``), ``more``, ``interval``, ``level``, ``method``,
        ``per_seed``, ``examples``; ``classes`` and ``confusion``; ``openings``: how often this test split has been
        opened, this time included; ``when`` and ``who``; ``report``, its files; ``opened``, true; ``hash`` of the
        ledger's line.

    Raises:
        InputError: the data are others than it was trained on, or other rows of them are sealed; nothing was opened.
    """
    # Loaded before anything is opened: an opening that fails for want of a library would count all the same.
    from sweeper.train.evaluate import estimate, evaluate

    config, split = subject.config, load(subject.config.dataset, subject.config.validation, subject.digest)
    check_sealed({SEALED: subject.sealed}, split.facts, "it was trained", "or train it again with the file of today")
    pictures: list[bytes] = []
    captions: list[str] = []

    def score(features: Features, labels: Labels | Numbers) -> dict[str, Any]:
        if split.target is not None:
            numbers = labels.astype(np.float64)
            told = [estimate(model, features, numbers, config.loss, split.target) for model in subject.models]
            pictures.append(picture_of_numbers(told, numbers, split.target))
            return named_numbers(told, numbers, split.target)
        labels = labels.astype(np.int64)
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
    report = _published(subject, entry, split, runs, pictures[0], captions)
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
        report = _published(subject, entry, split, runs)
    return shown(entry) | report | {"opened": False}


def is_recorded(subject: Subject, opening: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    """Whether a run with these tags has the numbers of an opening."""
    return tags.get(RECORDED + subject.part) == str(opening["hash"])


def record_opening(tracker: Tracker, run: RunRef, subject: Subject, opening: Mapping[str, Any]) -> None:
    """Put what an opening gave on the run's record: metrics, which opening it was, and the report."""
    part, report = subject.part, opening.get("report", {})
    known = {name: opening[name] for name in ("loss", "accuracy") if name in opening} | opening.get("more", {})
    metrics = {f"{part}.{name}": float(value) for name, value in known.items() if value is not None}
    files = [(Path(path), part) for path in report.values() if Path(path).is_file()]
    pictures = [(path, f"{part}/{path.parent.name}") for path in _pictures(report)]
    tags = {RECORDED + part: str(opening["hash"]), f"{part}{OPENING}": str(opening["openings"])}
    tracker.update(run, metrics=metrics, tags=tags, artifacts=[*files, *pictures])


def shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A result on the ledger as documents have it."""
    result = entry["result"]
    members = range(int(result["members"]))
    known = {
        name: tuple(result[f"{name}.{member}"] for member in members)
        for name in ("loss", "accuracy", *METRICS)
        if f"{name}.0" in result and result[f"{name}.0"] is not None
    }
    found = Scores(known.pop("loss"), known.pop("accuracy", ()), known)
    # One from before collapses were counted is over all members.
    ends = (result["low"], result["high"]) if "low" in result else None
    ends = ends if "collapsed" in result or not found.accuracy or not _mixed(found.accuracy) else None
    scores = scored_over_both(found, entry["examples"], ends, _ground(result))
    facts = {"openings": entry["look"], "when": entry["when"], "who": entry["who"], "hash": entry["hash"]}
    return scores | facts


def _published(
    subject: Subject,
    entry: Mapping[str, Any],
    split: Split,
    runs: Path,
    picture: bytes | None = None,
    captions: Sequence[str] = (),
) -> dict[str, Any]:
    if split.target is not None:
        return published_numbers(subject, entry, shown(entry), split, runs, picture=picture)
    return published(subject, entry, shown(entry), split, runs, mistakes=picture, captions=captions)


def _named(judged: Sequence[Judgement], labels: Labels) -> dict[str, Any]:
    """The scores of all members as one line of the ledger keeps them, with the interval of their mean."""
    from sweeper.statistics.summary import summary

    right = np.stack([each.predictions == labels for each in judged])
    found = summary(right.mean(axis=1), len(labels), correct=right)
    interval = found.interval
    assert interval is not None  # of a share there is always one
    of_loss = {f"loss.{member}": each.loss for member, each in enumerate(judged)}
    of_accuracy = {f"accuracy.{member}": each.accuracy for member, each in enumerate(judged)}
    ends = {"low": interval.low, "high": interval.high, "level": interval.level}
    ends["collapsed"] = found.collapses.seen
    of_more = {f"{name}.{m}": value for m, each in enumerate(judged) for name, value in each.more.items()}
    return {"members": len(judged), **of_loss, **of_accuracy, **of_more, **ends}


def _ground(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a score has to be held against: the largest class, or the spread of the numbers."""
    if "spread" in result:
        return {"spread": result["spread"], "target": result["target"]}
    classes = result.get("classes", ())
    if not classes:
        return {}
    largest = max(classes, key=lambda one: int(one["examples"]))
    return {"largest": largest["name"], "share": largest["examples"] / sum(one["examples"] for one in classes)}


def _mixed(accuracy: Sequence[float]) -> bool:
    from sweeper.statistics.collapse import collapsed

    return bool(collapsed({"": accuracy})[""].any())


def _pictures(report: Mapping[str, str]) -> list[Path]:
    return sorted(Path(report["html"]).parent.glob("*/*.png")) if report else []
