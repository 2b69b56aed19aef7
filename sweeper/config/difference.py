"""Where two configurations differ."""

from __future__ import annotations

from collections.abc import Mapping

from sweeper.config.build import shown
from sweeper.config.schema import Config


def difference(key: str, one: Config, other: Config) -> tuple[str, str, str]:
    """What two configurations have that differ in a key, for a message.

    Returns:
        the key, or of a group of which both have the same option the part that differs; and both values.
    """
    mine, theirs = (each.to_dict().get(key, getattr(each, key)) for each in (one, other))
    if not (isinstance(mine, Mapping) and isinstance(theirs, Mapping)):
        return key, shown(mine), shown(theirs)
    part = next((part for part in ("name", *mine) if mine.get(part) != theirs.get(part)), "name")
    return key if part == "name" else f"{key}.{part}", shown(mine.get(part)), shown(theirs.get(part))
