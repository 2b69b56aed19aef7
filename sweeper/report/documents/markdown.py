"""A document as Markdown (GitHub's tables), with its pictures as files beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sweeper.report.documents.model import (
    Block,
    Callout,
    Cell,
    Code,
    Document,
    Facts,
    Figure,
    Items,
    Link,
    Paragraph,
    Table,
    TableColumn,
    anchors,
    figures,
    walk,
)
from sweeper.system.files import write_whole

PICTURES = "figures"
"""The folder beside the Markdown file that its pictures are in."""

# An underscore within a word and a bracket that begins no link are what they are in GitHub's Markdown.
_MARKUP = re.compile(r"([\\`*<>|~]|(?<!\w)_|_(?!\w)|\](?=[(\[:]))")
_LINE_START = re.compile(r"^(#|[-+](?=\s)|\d+(?=[.)]\s))")


def to_markdown(document: Document, folder: Path) -> str:
    """The document as Markdown; writes its figures to ``figures/NAME.png`` in `folder`."""
    for name, figure in figures(document).items():
        write_whole(folder / PICTURES / f"{name}.png", figure.png)
    return markdown_text(document)


def markdown_text(document: Document) -> str:
    """The Markdown alone; the figures are to be put beside it."""
    named = anchors(document)
    links = {section.title: named[place] for place, (_, section) in reversed(list(enumerate(walk(document))))}
    parts = [f"# {_text(document.title)}", *(_block(block, links) for block in document.blocks)]
    for level, section in walk(document):
        parts.append(f"{'#' * min(level + 1, 6)} {_text(section.title)}")
        parts += [_block(block, links) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, links: dict[str, str]) -> str:
    if isinstance(block, Table):
        return "\n".join([f"{_text(block.caption)}:", "", *_rows(block, links)])
    if isinstance(block, Facts):
        rows = [(name, TableColumn("").text(cell)) for name, cell in block.rows.items()]
        return "\n".join(_rows(Table("", (TableColumn("What"), TableColumn("Value")), rows), links))
    if isinstance(block, Figure):
        picture = f"![{_text(block.alt)}]({PICTURES}/{block.name}.png)"
        return f"{picture}\n\n*{_text(block.caption)}*" if block.caption else picture
    return _prose(block)


def _prose(block: Paragraph | Items | Callout | Code) -> str:
    if isinstance(block, Paragraph):
        return _text(block.text)
    if isinstance(block, Items):
        return "\n".join(f"- {_text(item)}" for item in block.items)
    if isinstance(block, Callout):
        return f"> **{block.kind.title()}.** {_text(block.text)}"
    return _fenced(block.text)


def _rows(table: Table, links: dict[str, str]) -> Iterator[str]:
    yield _row([_text(column.name) for column in table.columns])
    yield _row(["---:" if column.align == "right" else "---" for column in table.columns])
    for row in table.rows:
        yield _row([_cell(column, cell, links) for column, cell in zip(table.columns, row, strict=True)])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(column: TableColumn, cell: Cell, links: dict[str, str]) -> str:
    text = _text(column.text(cell))
    return f"[{text}](#{links[cell.section]})" if isinstance(cell, Link) and cell.section in links else text


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _text(text: str) -> str:
    one_line = " ".join(text.split())
    return _LINE_START.sub(_escaped_start, _MARKUP.sub(r"\\\1", one_line).replace("&", "&amp;"))


def _escaped_start(found: re.Match[str]) -> str:
    # Before a number it is the dot or parenthesis that must be escaped, which follows.
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"
