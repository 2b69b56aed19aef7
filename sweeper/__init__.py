"""sweeper: hyperparameter sweeps on the command line, with honest results.

``sweeper.results()`` gives every recorded run and trial as a pandas DataFrame. What is named here is imported when
it is first used, so that ``import sweeper`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.tracking.results import results

__version__ = "0.1.0"
__all__ = ["__version__", "results"]

_HOMES = {"results": "sweeper.tracking.results"}


def __getattr__(name: str) -> object:
    """Import a public name from its home (PEP 562)."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
