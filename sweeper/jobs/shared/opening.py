"""A look at the test split: opened once for a trained configuration, on the ledger, and kept as a report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.config.schema import Config
from sweeper.data import ledger, load, sealed
from sweeper.jobs.shared.scores import scored_over_both
from sweeper.tracking import RunRef, Tracker

if TYPE_CHECKING:
    from sweeper.data.split import Examples, Labels, Split
    from sweeper.report.facts import Provenance
    from sweeper.report.test.facts import LookFacts
    from sweeper.train.evaluate import Judgement

LEDGER = "test-ledger.jsonl"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a look is at.

    Attributes:
        config: that the models were trained by.
        models: one a member.
        run: its id, for the ledger.
        digest: of the data that it was trained on.
        title: what a person calls it.
        validation: its accuracy there, where that is known.
        notes: what a reader of the report must know.
    """

    config: Config
    models: Sequence[Path]
    run: str
    digest: str
    title: str = ""
    validation: float | None = None
    notes: Sequence[str] = ()

    @property
    def report(self) -> str:
        """The name of its report."""
        return f"test-{self.run[:12]}" + ("-refit" if self.run.endswith(REFIT) else "")


REFIT = "+refit"
"""Behind a run's id on the ledger: it was trained again, on training and validation examples together."""


def look(subject: Subject, *, runs: Path, who: str = "") -> dict[str, Any]:
    """Score a configuration's models on the sealed test split.

    Args:
        subject: what is looked at.
        runs: the folder with the ledger, and for the report.
        who: asks; this process's user if it is not given.

    Returns:
        ``loss``, ``accuracy``, ``interval``, ``level``, ``method``, ``per_seed``, ``examples``; ``classes`` and
        ``confusion``; ``looks``: how often this test split has been opened, this time included; ``when`` and ``who``;
        ``report``, its files; ``opened``, true.
    """
    # Loaded before anything is opened: a look that fails for want of a library would still be a look.
    from sweeper.train.evaluate import evaluate

    config, split = subject.config, load(subject.config.dataset, subject.config.validation, subject.digest)
    seen: list[_Seen] = []

    def score(features: Examples, labels: Labels) -> dict[str, float]:
        judged = [evaluate(model, features, labels, config.loss) for model in subject.models]
        seen.append(_see(judged, features, labels, split))
        return _named(judged, labels)

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
    return _shown(entry) | _published(_facts(subject, entry, seen[0], split), subject, runs) | {"opened": True}


def recorded(subject: Subject, runs: Path) -> dict[str, Any] | None:
    """What an earlier look at the same gave, as ``look`` returned it, but for ``opened``; None where there was none."""
    entry = sealed.recorded(runs / LEDGER, subject.run, subject.config.digest)
    if entry is None:
        return None
    folder = runs / "reports" / subject.report
    try:
        kept = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # the numbers are on the ledger; the report was only their picture
        return _shown(entry) | {"opened": False}
    details = {part: kept[part] for part in ("classes", "confusion", "names") if part in kept}
    return _shown(entry) | details | {"report": _files(folder), "opened": False}


def keep(tracker: Tracker, run: RunRef, looked: dict[str, Any], *, refit: bool = False) -> None:
    """Put what a look gave on the run's record: metrics, which look it was, and the report."""
    part = "test.refit" if refit else "test"
    metrics = {f"final/{part}.{name}": float(looked[name]) for name in ("loss", "accuracy")}
    metrics |= {f"final/{part}.look": float(looked["looks"])}
    report = looked.get("report", {})
    files = [(Path(path), part) for path in report.values() if Path(path).is_file()]
    pictures = [(path, f"{part}/{path.parent.name}") for path in _pictures(report)]
    tracker.update(run, metrics=metrics, artifacts=[*files, *pictures])


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the models made of the examples, without the examples."""

    classes: list[Any]
    confusion: list[list[int]]
    mistakes: bytes
    captions: tuple[str, ...]


def _see(judged: Sequence[Judgement], features: Examples, labels: Labels, split: Split) -> _Seen:
    from sweeper.report.test.facts import class_scores, confusion, most_confident

    predictions = np.stack([each.predictions for each in judged])
    wrong = most_confident(np.stack([each.probabilities for each in judged]), labels, split.classes)
    return _Seen(
        class_scores(predictions, labels, split.classes),
        confusion(predictions, labels, len(split.classes)).tolist(),
        _picture(features[wrong.rows], wrong.captions, split),
        wrong.captions,
    )


def _picture(examples: Examples, captions: Sequence[str], split: Split) -> bytes:
    """Empty where there is nothing to show, or the examples are no pictures."""
    from sweeper.report.examples import pictures
    from sweeper.report.figures import examples as drawn
    from sweeper.report.figures import png

    images = pictures(examples, split.shape)
    if images is None or not len(images):
        return b""
    made = drawn(images, captions, wrong=[True] * len(images), columns=7, title="The most confident mistakes")
    return png(made)


def _named(judged: Sequence[Judgement], labels: Labels) -> dict[str, float]:
    """The scores of all members as one line of the ledger keeps them, with the interval of their mean."""
    from sweeper.statistics.crossed import seeds_and_examples

    interval = seeds_and_examples(np.stack([each.predictions == labels for each in judged]))
    of_loss = {f"loss.{member}": each.loss for member, each in enumerate(judged)}
    of_accuracy = {f"accuracy.{member}": each.accuracy for member, each in enumerate(judged)}
    ends = {"low": interval.low, "high": interval.high, "level": interval.level}
    return {"members": len(judged), **of_loss, **of_accuracy, **ends}


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    """A result on the ledger as documents have it."""
    result = entry["result"]
    members = range(int(result["members"]))
    loss, accuracy = ([result[f"{name}.{member}"] for member in members] for name in ("loss", "accuracy"))
    ends = (result["low"], result["high"]) if "low" in result else None
    shown = scored_over_both(loss, accuracy, entry["examples"], ends)
    return shown | {"looks": entry["look"], "when": entry["when"], "who": entry["who"]}


def _facts(subject: Subject, entry: dict[str, Any], seen: _Seen, split: Split) -> LookFacts:
    from sweeper.report.test.facts import LookFacts
    from sweeper.statistics.intervals import Interval

    shown = _shown(entry)
    return LookFacts(
        title=subject.title or subject.run[:8],
        run=subject.run,
        look=entry["look"],
        when=entry["when"],
        who=entry["who"],
        loss=shown["loss"],
        accuracy=shown["accuracy"],
        interval=Interval(shown["interval"][0], shown["interval"][1], shown["level"], shown["method"]),
        per_seed=shown["per_seed"],
        examples=shown["examples"],
        classes=seen.classes,
        confusion=seen.confusion,
        names=list(split.classes),
        provenance=_provenance(subject, split),
        mistakes=seen.mistakes,
        captions=seen.captions,
        validation=subject.validation,
        notes=subject.notes,
    )


def _provenance(subject: Subject, split: Split) -> Provenance:
    from sweeper.config.command import command
    from sweeper.report.facts import Provenance

    config = subject.config
    steps = config.steps if config.steps is not None else f"{config.epochs} epochs"
    return Provenance(command(config), split.name, split.digest, split.sizes, steps, config.seeds)


def _published(facts: LookFacts, subject: Subject, runs: Path) -> dict[str, Any]:
    from sweeper.report.test.report import publish_look

    published = publish_look(facts, runs / "reports", subject.report)
    kept = facts.to_json()
    return {part: kept[part] for part in ("classes", "confusion", "names")} | {"report": _files(published.folder)}


def _files(folder: Path) -> dict[str, str]:
    return {kind: str(folder / f"report.{ending}") for kind, ending in _ENDINGS.items()}


_ENDINGS = {"html": "html", "markdown": "md", "json": "json"}


def _pictures(report: dict[str, str]) -> list[Path]:
    return sorted(Path(report["html"]).parent.glob("*/*.png")) if report else []
