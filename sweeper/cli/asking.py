"""A question before something is removed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sweeper.cli.render import note
from sweeper.errors import InputError


def agreed(verb: str, lines: Sequence[str], *, yes: bool) -> None:
    """Say what would be done, and go on only where a person agrees.

    Raises:
        InputError: they do not, or there is nobody to ask and ``--yes`` was not given. Nothing was done.
    """
    note(f"This would {verb}:")
    for line in lines:
        note(f"  {line}")
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError("nobody is there to be asked", hint="--yes does it without asking", key="--yes")
    sys.stderr.write(f"{verb.capitalize()} it? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise InputError(f"nothing was {'freed' if verb == 'free' else 'removed'}", hint="y says yes", key="--yes")
