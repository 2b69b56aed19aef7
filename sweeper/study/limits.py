"""Constraints that are not written as they should be, and what may have been meant."""

from __future__ import annotations

import re
from typing import Any

from sweeper.config.amounts import counted
from sweeper.config.registry import Registry, nearest

_NEARLY = re.compile(r"\s*(?P<measure>[\w.]+)\s*(?P<sign>[<>]?)=*\s*(?P<limit>[\d.,_]*\d\s*[kKmM%]?)\s*")


def meant(text: str, objectives: Registry[Any]) -> tuple[str, str] | None:
    """A constraint, and how it may have been meant: with another sign, ``50k``, a near miss of its measure."""
    found = _NEARLY.fullmatch(text)
    near = nearest(found["measure"], objectives) if found else ""
    if found is None or not near:
        return None
    sign = f"{found['sign']}=" if found["sign"] else ">=" if objectives[near].maximize else "<="
    return text, f"{near}{sign}{counted(found['limit']):.12g}"
