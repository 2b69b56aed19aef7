"""What the functions of the Python interface give: frozen objects over the documents of the jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.html import ends, image, number, paragraph, table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Picture:
    """A figure as PNG, which a notebook shows.

    Attributes:
        png: the file's content.
        alt: what it shows.
    """

    png: bytes = field(repr=False)
    alt: str = ""

    def save(self, path: str | Path) -> Path:
        """Write it as a file, whole or not at all; its path."""
        from sweeper.system.files import write_whole

        return write_whole(Path(path), self.png)

    def _repr_png_(self) -> bytes:
        return self.png


@dataclass(frozen=True)
class SplitScores:
    """How well models do on the examples of one split.

    Attributes:
        loss: the mean over examples and seeds.
        accuracy: 0 to 1; None where there is none, as of numbers.
        interval: of the accuracy, or of the RMSE of numbers, at 95 %; None where it is not known.
        per_seed: likewise, of each seed's model.
        metrics: every single number that is known, by name.
    """

    loss: float
    accuracy: float | None
    interval: tuple[float, float] | None = None
    per_seed: tuple[float, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict, repr=False, hash=False)

    @property
    def main(self) -> str:
        """The name of the score that a person looks at first: ``accuracy``; of numbers ``rmse``."""
        return "rmse" if self.accuracy is None else "accuracy"

    @classmethod
    def read(cls, part: Mapping[str, Any] | None) -> SplitScores | None:
        """From a part of a document; None where there is none."""
        if part is None:
            return None
        ends = part.get("interval")
        return cls(
            part["loss"],
            part.get("accuracy"),
            (ends[0], ends[1]) if ends else None,
            tuple(part.get("per_seed", ())),
            {name: value for name, value in part.items() if isinstance(value, int | float) and value is not True},
        )


def splits_frame(parts: Mapping[str, SplitScores | None]) -> pd.DataFrame:
    """One row for each split that has scores: its loss, its accuracy, and the interval's ends.

    Of numbers ``rmse``, ``mae`` and ``r2`` stand for the accuracy, and the interval is of the RMSE.
    """
    import pandas as pd

    names = _shown(parts)
    rows = {
        name: (part.loss, *map(part.metrics.get, names), *(part.interval or (None, None)))
        for name, part in parts.items()
        if part
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["loss", *names, "low", "high"])


def splits_table(parts: Mapping[str, SplitScores | None]) -> str:
    """The same as HTML."""
    names = _shown(parts)
    rows = [
        (name, number(part.loss), *(number(part.metrics.get(one)) for one in names), ends(part.interval))
        for name, part in parts.items()
        if part
    ]
    of = f" of {names[0]}" if len(names) > 1 else ""
    return table(("", "loss", *names, f"95% interval{of}"), rows)


def in_unit(dataset: Mapping[str, Any]) -> Iterator[str]:
    """What the errors of a regression are held against: the spread of its target."""
    if target := dataset.get("target"):
        yield paragraph(
            f"errors are in the unit of {target['name']}, whose standard deviation is {number(target['spread'])}; "
            "the loss is of the standardised target"
        )


def _shown(parts: Mapping[str, SplitScores | None]) -> tuple[str, ...]:
    """The scores that stand beside the loss, the first of which has the interval."""
    first = next((part for part in parts.values() if part), None)
    return (first.main, "mae", "r2") if first and first.main == "rmse" else ("accuracy",)


@dataclass(frozen=True, eq=False)
class CallResult(ABC):
    """What one call gave. A notebook shows it as tables and a figure.

    Attributes:
        document: everything that is known of it, as the command's ``--json`` gives it.
        runs: the folder where it is recorded.
        notes: lines that a person should have read.
    """

    document: Mapping[str, Any] = field(repr=False)
    runs: Path = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Everything that is known of it as plain values: what the command's ``--json`` gives."""
        return deepcopy(dict(self.document))

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Its numbers as a DataFrame."""

    def figure(self) -> Picture | None:
        """Its most telling figure; None where there is nothing to draw."""
        return self._figure

    @cached_property
    def _figure(self) -> Picture | None:
        return self.draw()

    @abstractmethod
    def draw(self) -> Picture | None:
        """Draw or find the figure."""

    @abstractmethod
    def blocks(self) -> Iterator[str]:
        """What a notebook shows above the figure, as pieces of HTML."""

    def _repr_html_(self) -> str:
        picture = self.figure()
        drawn = [image(picture.png, picture.alt)] if picture else []
        return "\n".join([*self.blocks(), *drawn])

    def _repr_png_(self) -> bytes | None:
        picture = self.figure()
        return picture.png if picture else None


def published_picture(report: Mapping[str, str], names: Sequence[str] = (), alt: str = "") -> Picture | None:
    """A figure of a report on disk: the first of these names, or else the first there is; None for none."""
    from sweeper.report.documents.markdown import PICTURES

    folder = Path(report["html"]).parent / PICTURES if report else None
    if folder is None or not folder.is_dir():
        return None
    named = [folder / f"{name}.png" for name in names]
    found = next((path for path in (*named, *sorted(folder.glob("*.png"))) if path.is_file()), None)
    return Picture(found.read_bytes(), alt) if found else None
