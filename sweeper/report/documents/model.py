"""A small model of a document: what a report says, apart from how it is written down.

``html.to_html`` and ``markdown.to_markdown`` write it; ``publish`` puts both beside each other in a folder.
All text is plain: whatever stands in it is shown as it stands, and is never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads to a section of the same document, by the section's title."""

    text: str
    section: str


Cell = str | int | float | bool | Link | None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain sentences; a leading one is set larger."""

    text: str
    leading: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list without order."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Callout:
    """Something that must not be overlooked."""

    kind: Literal["note", "warning"]
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Text to copy, such as a command."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values: provenance, settings."""

    rows: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of a table.

    Attributes:
        name: its heading.
        format: Python's format specification for its numbers: ``".2%"``, ``",d"``, ``"+.4f"``.
        align: numbers go right.
        verdicts: its words are verdicts, coloured as in the figures.
    """

    name: str
    format: str = ""
    align: Literal["left", "right"] = "left"
    verdicts: bool = False

    def text(self, cell: Cell) -> str:
        """A cell as it is read; an en dash for one that is missing or not a number."""
        if cell is None or (isinstance(cell, float) and cell != cell):  # noqa: PLR0124  # only NaN differs from itself
            return "–"
        if isinstance(cell, Link):
            return cell.text
        if self.format and isinstance(cell, int | float) and not isinstance(cell, bool):
            return format(cell, self.format).replace("-", "−")
        return str(cell)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, with a caption that says what they are."""

    caption: str
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture.

    Attributes:
        name: of its file, without the ending; one of its own within the document.
        png: the file's content.
        caption: how to read it.
        alt: what it shows, for those who do not see it.
    """

    name: str
    png: bytes
    caption: str
    alt: str


Block = Paragraph | Items | Callout | Code | Facts | Table | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; sections within are one level down."""

    title: str
    blocks: Sequence[Block] = ()
    sections: Sequence[Section] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document: its title, what stands first, and its sections."""

    title: str
    blocks: Sequence[Block] = ()
    sections: Sequence[Section] = field(default_factory=tuple)


def walk(document: Document) -> Iterator[tuple[int, Section]]:
    """All sections in reading order, each with its level from 1."""
    return _walk(document.sections, 1)


def figures(document: Document) -> dict[str, Figure]:
    """All figures by name.

    Raises:
        ValueError: two of one name.
    """
    found: dict[str, Figure] = {}
    for blocks in (document.blocks, *(section.blocks for _, section in walk(document))):
        for block in blocks:
            if isinstance(block, Figure):
                if block.name in found:
                    raise ValueError(f"two figures are named {block.name!r}")
                found[block.name] = block
    return found


def anchors(document: Document) -> dict[int, str]:
    """For each section, by its place in reading order, an anchor that no other has."""
    taken: set[str] = set()
    made = {}
    for place, (_, section) in enumerate(walk(document)):
        stem = slug(section.title) or "section"
        anchor, copy = stem, 2
        while anchor in taken:
            anchor, copy = f"{stem}-{copy}", copy + 1
        taken.add(anchor)
        made[place] = anchor
    return made


def slug(title: str) -> str:
    """Lower-case words joined by dashes."""
    return re.sub(r"[\W_]+", "-", title.lower()).strip("-")


def _walk(sections: Sequence[Section], level: int) -> Iterator[tuple[int, Section]]:
    for section in sections:
        yield level, section
        yield from _walk(section.sections, level + 1)
