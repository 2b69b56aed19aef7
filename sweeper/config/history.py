"""Configurations that earlier versions recorded: read as what they meant, or refused with the reason.

Within a major version every recorded configuration can be read. A key may be added (its default is what was done
before it was there), renamed, or given another meaning; each such change raises ``SCHEMA`` and has a function here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sweeper.config.build import build
from sweeper.config.checks import check
from sweeper.config.schema import Config
from sweeper.errors import InputError

SCHEMA = 1
"""The number of the records that this version writes; those from before records had a number are 0."""

Change = Callable[[dict[str, Any]], dict[str, Any]]


def _same(values: dict[str, Any]) -> dict[str, Any]:
    return values


CHANGES: dict[int, Change] = {0: _same}
"""What makes a configuration of a schema one of the next, by schema."""


def reopen(values: Mapping[str, Any], schema: int, *, what: str, version: str = "") -> Config:
    """A recorded configuration, as this version knows it.

    Args:
        values: plain, as they were recorded.
        schema: that they were recorded in.
        what: it is that was recorded, for messages: ``the run 5081e4a2``.
        version: of sweeper that recorded it, where that is known.

    Raises:
        InputError: it cannot be read, and why.
    """
    if schema > SCHEMA:
        raise newer(what, schema, version)
    plain = dict(values)
    for number in range(schema, SCHEMA):
        plain = CHANGES[number](plain)
    try:
        return check(build(plain))
    except InputError as error:
        raise InputError(
            f"{what} has a configuration that this version does not know: {error.message}",
            hint=_hint(version),
            key=error.key,
        ) from error


def newer(what: str, schema: int, version: str = "") -> InputError:
    """The error for a record of a schema that is still to come; arguments as of ``reopen``."""
    why = f"its records are of schema {schema}, and this version reads up to {SCHEMA}"
    return InputError(f"{what} was recorded by a newer version: {why}", hint=_hint(version))


def _hint(version: str) -> str:
    return f"open it with sweeper {version}" if version else "open it with the version that recorded it"
