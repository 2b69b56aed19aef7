"""The report of an opening of the test split: made when it is opened, or later of what the ledger has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sweeper.config.build import command
from sweeper.config.schema import Config
from sweeper.report.examples import pictures
from sweeper.report.facts import Provenance
from sweeper.report.figures.pictures import examples as drawn
from sweeper.report.figures.style import png
from sweeper.report.test.facts import ClassScore, OpeningFacts, class_scores, confusion, most_confident
from sweeper.report.test.report import publish_opening
from sweeper.statistics.intervals import Interval

if TYPE_CHECKING:
    from sweeper.data.split import Examples, Features, Labels, Split
    from sweeper.train.evaluate import Judgement

DETAILS = ("classes", "confusion", "names")
"""Parts of a report that documents show, too."""

WITHOUT_PICTURES = (
    "This report was made from the ledger after the test split had been opened: the most confident mistakes are not in "
    "it, since showing them would take another opening."
)


WITHOUT_PICTURE = (
    "This report was made from the ledger after the test split had been opened: the picture of predicted against true "
    "numbers is not in it, since drawing it would take another opening."
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the test split is opened for.

    Attributes:
        config: that the models were trained by.
        models: one a member.
        run: its id, for the ledger.
        digest: of the data that it was trained on.
        title: what a person calls it.
        validation: its accuracy (of numbers the RMSE) there, where that is known.
        notes: what a reader of the report must know.
        sealed: which rows were sealed when it was trained; empty for any.
    """

    config: Config
    models: Sequence[Path]
    run: str
    digest: str
    title: str = ""
    validation: float | None = None
    notes: Sequence[str] = ()
    sealed: str = ""

    @property
    def refit(self) -> bool:
        """Whether it was trained again, on training and validation examples together."""
        return self.run.endswith(REFIT)

    @property
    def report(self) -> str:
        """The name of its report."""
        return f"test-{self.run[:12]}" + ("-refit" if self.refit else "")

    @property
    def part(self) -> str:
        """What its numbers are called on the run's record."""
        return "test.refit" if self.refit else "test"


REFIT = "+refit"
"""Behind a run's id on the ledger: it was trained again, on training and validation examples together."""


class MistakePictures(NamedTuple):
    """The most confident mistakes: a picture of them (PNG; empty where examples are no pictures), and its captions."""

    picture: bytes
    captions: tuple[str, ...]


def seen(
    judged: Sequence[Judgement], features: Features, labels: Labels, split: Split
) -> tuple[dict[str, Any], MistakePictures]:
    """What the models made of the examples: for the ledger ``classes`` and ``confusion``, and the mistakes."""
    predictions = np.stack([each.predictions for each in judged])
    wrong = most_confident(np.stack([each.probabilities for each in judged]), labels, split.classes)
    classes = [asdict(one) for one in class_scores(predictions, labels, split.classes)]
    counts = confusion(predictions, labels, len(split.classes)).tolist()
    picture = _picture(features[wrong.rows], wrong.captions, split)
    return {"classes": classes, "confusion": counts}, MistakePictures(picture, wrong.captions)


def published(
    subject: Subject,
    entry: Mapping[str, Any],
    scores: Mapping[str, Any],
    split: Split,
    runs: Path,
    *,
    mistakes: bytes | None = None,
    captions: Sequence[str] = (),
) -> dict[str, Any]:
    """Write the report.

    Args:
        subject: what the test split was opened for.
        entry: the ledger's result.
        scores: the same as documents have it.
        split: of the data.
        runs: with the folder of reports.
        mistakes: a picture of the most confident ones; None where it is lost.
        captions: of its parts.

    Returns:
        ``classes``, ``confusion``, ``names`` and ``report``, its files.
    """
    result = entry["result"]
    facts = OpeningFacts(
        title=subject.title or subject.run[:8],
        run=subject.run,
        opening=entry["look"],
        when=entry["when"],
        who=entry["who"],
        loss=scores["loss"],
        accuracy=scores["accuracy"],
        interval=_interval(scores),
        collapses=scores["collapses"],
        per_seed=scores["per_seed"],
        examples=scores["examples"],
        classes=[_class(one) for one in result.get("classes", ())],
        confusion=result.get("confusion", ()),
        more=scores["more"],
        largest=scores.get("largest", ""),
        share=scores.get("share", 0.0),
        names=list(split.classes),
        provenance=provenance_of(subject, split),
        mistakes=mistakes or b"",
        captions=captions,
        validation=subject.validation,
        notes=(*subject.notes, *([WITHOUT_PICTURES] if mistakes is None else [])),
    )
    folder = publish_opening(facts, runs / "reports", subject.report).folder
    return _details(facts.to_json()) | {"report": files_of(folder)}


def _interval(scores: Mapping[str, Any]) -> Interval:
    low, high = scores["interval"]
    return Interval(low, high, scores["level"], scores["method"], scores["over"], scores["examples"])


def kept(subject: Subject, runs: Path) -> dict[str, Any] | None:
    """What ``published`` returned when the report was written; None where it is not there, or damaged."""
    folder = runs / "reports" / subject.report
    try:
        found = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return _details(found) | {"report": files_of(folder)}


def _details(values: Mapping[str, Any]) -> dict[str, Any]:
    return {part: values[part] for part in DETAILS if values.get(part)}


def _class(kept: Mapping[str, Any]) -> ClassScore:
    return ClassScore(**{**kept, "interval": Interval(**kept["interval"])})


def _picture(examples: Examples, captions: Sequence[str], split: Split) -> bytes:
    images = pictures(examples, split.shape)
    if images is None or not len(images):
        return b""
    made = drawn(images, captions, wrong=[True] * len(images), columns=7, title="The most confident mistakes")
    return png(made)


def provenance_of(subject: Subject, split: Split) -> Provenance:
    """Where the numbers of an opening come from."""
    config = subject.config
    steps = config.steps if config.steps is not None else f"{config.epochs} epochs"
    return Provenance(command(config), split.name, split.digest, split.sizes, steps, config.seeds)


def files_of(folder: Path) -> dict[str, str]:
    """The files of a report."""
    return {kind: str(folder / f"report.{ending}") for kind, ending in _ENDINGS.items()}


_ENDINGS = {"html": "html", "markdown": "md", "json": "json"}
