"""Every error that sweeper shows to a person: what happened, where, and how to mend it."""

from __future__ import annotations


class SweeperError(Exception):
    """The work failed for a reason that a person can act on.

    Args:
        message: one line: what is wrong, and where.
        hint: one line: how to mend it.
        key: the config key, option or file that is at fault, where there is one.
        instead: a word as it was typed, and what to type in its place, where that is known.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", key: str = "", instead: tuple[str, str] | None = None) -> None:
        """Keep the parts apart, so that text and JSON can show each in its place."""
        super().__init__(one_line(message))
        self.message = one_line(message)
        self.hint = one_line(hint)
        self.key = key
        self.instead = instead


def one_line(text: str) -> str:
    """The text with its line breaks and other unprintable characters escaped: what was typed may hold any."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class InputError(SweeperError):
    """What the user gave cannot be used; nothing was done or written."""

    exit_code = 2


class InterruptedRunError(SweeperError):
    """The work was stopped by its user; what is finished is kept, and the same command goes on."""

    exit_code = 3
