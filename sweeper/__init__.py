"""sweeper: hyperparameter sweeps on the command line, with honest results.

``sweeper.run(["activation=tanh"])`` and ``sweeper.tune(["activation=relu,tanh"], sweeper.Search(trials=20))`` do what
the commands do and give what ``--json`` shows, and so do ``compare`` and ``reproduce``; ``sweeper.results()`` gives
every recorded run and trial as a pandas DataFrame. What is named here is imported when it is first used, so that
``import sweeper`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.jobs.compare import compare
    from sweeper.jobs.reproduce import reproduce
    from sweeper.jobs.run import run
    from sweeper.jobs.tune import Search, tune
    from sweeper.tracking.run_rows import results
    from sweeper.version import __version__

__all__ = ["Search", "__version__", "compare", "reproduce", "results", "run", "tune"]

_HOMES = {
    "__version__": "sweeper.version",
    "Search": "sweeper.jobs.tune",
    "compare": "sweeper.jobs.compare",
    "reproduce": "sweeper.jobs.reproduce",
    "results": "sweeper.tracking.run_rows",
    "run": "sweeper.jobs.run",
    "tune": "sweeper.jobs.tune",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home (PEP 562)."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
