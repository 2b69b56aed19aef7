"""A document as one HTML file that needs nothing else: no script, no font, no address outside itself."""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files

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
    Section,
    Table,
    TableColumn,
    anchors,
    walk,
)

FEWEST_FOR_CONTENTS = 3
"""Sections from which a list of contents helps."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_TYPED = re.compile(r"`((?:--|sweeper )[^`]+)`")
"""What our own sentences say to type; backticks in names of others stay as they are."""
_LETTER = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]"
_RIGHT_TO_LEFT = re.compile(rf"{_LETTER}(?:[^<>&]*{_LETTER})?")


def to_html(document: Document) -> str:
    """The document as HTML: styles and pictures inside, headings in order, everything escaped."""
    named = anchors(document)
    by_title = {section.title: named[place] for place, (_, section) in reversed(list(enumerate(walk(document))))}
    body = [f"<h1>{_marked(document.title)}</h1>"]
    body += [_block(block, by_title) for block in document.blocks]
    body += _contents(document, named)
    for place, (level, section) in enumerate(walk(document)):
        body += _section(section, level, named[place], by_title)
    return "\n".join([_head(document.title), *body, "</main>", "</body>", "</html>", ""])


def _head(title: str) -> str:
    style = files("sweeper.report").joinpath("page.css").read_text(encoding="utf-8")
    # The policy forbids what the page does not do, so that a reader's browser vouches for it.
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{_text(title)}</title>
<style>
{style.strip()}
</style>
</head>
<body>
<main>"""


def _contents(document: Document, named: Mapping[int, str]) -> Iterator[str]:
    listed = [(place, section) for place, (level, section) in enumerate(walk(document)) if level == 1]
    if len(listed) >= FEWEST_FOR_CONTENTS:
        yield '<nav aria-label="Contents">'
        yield "<h2>Contents</h2>"
        yield "<ol>"
        for place, section in listed:
            yield f'<li><a href="#{named[place]}">{_text(section.title)}</a></li>'
        yield "</ol>"
        yield "</nav>"


def _section(section: Section, level: int, anchor: str, by_title: Mapping[str, str]) -> Iterator[str]:
    heading = f"h{min(level + 1, 6)}"
    yield f'<{heading} id="{anchor}">{_marked(section.title)}</{heading}>'
    for block in section.blocks:
        yield _block(block, by_title)


def _block(block: Block, by_title: Mapping[str, str]) -> str:
    if isinstance(block, Paragraph):
        return f'<p class="leading">{_marked(block.text)}</p>' if block.leading else f"<p>{_marked(block.text)}</p>"
    if isinstance(block, Items):
        return "<ul>\n" + "".join(f"<li>{_marked(item)}</li>\n" for item in block.items) + "</ul>"
    if isinstance(block, Callout):
        return f'<p class="{block.kind}" role="note"><strong>{block.kind.title()}.</strong> {_marked(block.text)}</p>'
    if isinstance(block, Code):
        return f'<pre tabindex="0"><code>{_text(block.text)}</code></pre>'
    if isinstance(block, Facts):
        rows = (
            f"<dt>{_marked(name)}</dt><dd>{_marked(TableColumn('').text(cell))}</dd>\n"
            for name, cell in block.rows.items()
        )
        return "<dl>\n" + "".join(rows) + "</dl>"
    return _figure(block) if isinstance(block, Figure) else _table(block, by_title)


def _figure(figure: Figure) -> str:
    # A PNG begins with its signature, then the header's length and name, then width and height.
    width, height = struct.unpack(">II", figure.png[16:24])
    source = f"data:image/png;base64,{b64encode(figure.png).decode()}"
    size = f'width="{width // 2}" height="{height // 2}"'
    caption = f"<figcaption>{_marked(figure.caption)}</figcaption>\n" if figure.caption else ""
    return f'<figure>\n<img src="{source}" {size} alt="{_text(figure.alt)}">\n{caption}</figure>'


def _table(table: Table, by_title: Mapping[str, str]) -> str:
    heads = "".join(f'<th scope="col" class="{column.align}">{_marked(column.name)}</th>' for column in table.columns)
    rows = ("<tr>" + "".join(_cells(table, row, by_title)) + "</tr>\n" for row in table.rows)
    return (
        f'<div class="table" role="region" aria-label="{_text(table.caption)}" tabindex="0">\n'
        f"<table>\n<caption><span>{_marked(table.caption)}</span></caption>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n</div>"
    )


def _cells(table: Table, row: Sequence[Cell], by_title: Mapping[str, str]) -> Iterator[str]:
    for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        text = _marked(column.text(cell))
        if isinstance(cell, Link) and cell.section in by_title:
            text = f'<a href="#{by_title[cell.section]}">{text}</a>'
        if column.verdicts and cell:
            text = f'<span class="verdict {text}">{text}</span>' if text.isalpha() else text
        tag, scope = ("th", ' scope="row"') if place == 0 else ("td", "")
        yield f'<{tag}{scope} class="{column.align}">{text}</{tag}>'


def _text(text: str) -> str:
    return escape(_CONTROL.sub("�", text))


def _marked(text: str) -> str:
    """The same between tags: what is typed as code, and names from right to left apart from what stands around them."""
    return _RIGHT_TO_LEFT.sub(r"<bdi>\g<0></bdi>", _TYPED.sub(r"<code>\1</code>", _text(text)))
