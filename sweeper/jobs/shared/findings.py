"""What an examination has found, and what it has mended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sweeper.errors import SweeperError


@dataclass
class Findings:
    """What is wrong, and what was mended.

    Attributes:
        fix: whether to mend.
        problems: what a person has to see to, one line each.
        mended: what was put in order.
        unseen: what belongs to processes of other machines that may still run.
    """

    fix: bool
    problems: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    unseen: list[dict[str, Any]] = field(default_factory=list)

    def found(self, what: str, mend: Callable[[], object]) -> None:
        """Something that can be mended here: done at once, or a problem until it is asked for."""
        if not self.fix:
            self.problems.append(f"{what}; --fix mends it")
            return
        try:
            mend()
        except (SweeperError, OSError) as error:
            why = error.message if isinstance(error, SweeperError) else f"{error.strerror}: {error.filename}"
            self.problems.append(f"{what}; it cannot be mended: {why}")
        else:
            self.mended.append(what)


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"
