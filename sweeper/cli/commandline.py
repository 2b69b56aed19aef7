"""The command that was meant, as a hint says it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from sweeper.errors import InputError, SweeperError

_TYPE = "type: "


def command(arguments: Sequence[str]) -> str:
    """The command line of arguments, quoted for every shell."""
    return shlex.join(["sweeper", *arguments])


def instead(message: str, mended: Sequence[str], key: str = "", *, such: str = "type:") -> InputError:
    """An error whose hint is the command that was meant."""
    return InputError(message, hint=f"{such} {command(mended)}", key=key)


def suggested(error: SweeperError) -> list[str] | None:
    """The arguments of the command that an error's hint says to type; None where it says none."""
    _, begins, typed = error.hint.rpartition(_TYPE)
    if not begins or not typed.startswith("sweeper "):
        return None
    try:
        return shlex.split(typed)[1:]
    except ValueError:  # words as they were typed may hold half a quote
        return None


def suggesting(error: SweeperError, arguments: Sequence[str]) -> SweeperError:
    """The same error with another command to type."""
    before = error.hint.rpartition(_TYPE)[0]
    again = SweeperError(error.message, hint=f"{before}{_TYPE}{command(arguments)}", key=error.key)
    again.exit_code = error.exit_code
    return again
