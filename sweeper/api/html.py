"""Pieces of HTML for a notebook: they take its fonts and colours, and all text in them is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; numbers to the right."""
    heads = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def paragraph(text: str, *, strong: bool = False, small: bool = False) -> str:
    """A paragraph; nothing for no text."""
    inner = (
        f"<strong>{escape(text)}</strong>" if strong else f"<small>{escape(text)}</small>" if small else escape(text)
    )
    return f"<p>{inner}</p>" if text else ""


def image(png: bytes, alt: str) -> str:
    """A picture with its content inside."""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return f'<img src="{source}" alt="{escape(alt)}" style="max-width: 760px; width: 100%">'


def number(value: float | None, digits: int = 4) -> str:
    """A number with so many digits behind the point; nothing for none."""
    return "" if value is None else f"{value:.{digits}f}"


def ends(interval: Sequence[float] | None, digits: int = 4) -> str:
    """An interval in words."""
    return f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}" if interval else ""


def named_ends(interval: Mapping[str, float] | None) -> str:
    """An interval of a document, with its ``low`` and its ``high``, in words."""
    return ends((interval["low"], interval["high"])) if interval else ""


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    right = ' style="text-align: right"' if text[:1].isdigit() or text[:1] in {"-", "+", "−"} else ""
    return f"<td{right}>{escape(text)}</td>"
