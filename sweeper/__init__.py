"""sweeper: hyperparameter sweeps with honest results, on the command line and in Python.

>>> import sweeper
>>> run = sweeper.run(dataset="digits", hidden=[100, 30], steps=1000)
>>> study = sweeper.tune(dataset="digits", activation="relu,tanh", trials=20)
>>> answer = sweeper.explore("activation", quick=True)
>>> pair = sweeper.compare({"activation": "relu"}, {"activation": "tanh"}, repeats=5)
>>> sweeper.test(study)
>>> sweeper.load_model(study.best)
>>> sweeper.results()
>>> sweeper.close()

Workers stay for the next call, so that it begins at once; they end with Python, or by ``close``.

Each does what the command of its name does, by the same code, and gives a frozen object that a notebook shows; its
``to_dict`` is what ``--json`` gives, its ``to_frame`` a pandas DataFrame. Errors are ``InputError`` (nothing was done)
and other kinds of ``SweeperError``. All of it is loaded when it is first used: ``import sweeper`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweeper.api.call_result import Picture, SplitScores
    from sweeper.api.calling import close
    from sweeper.api.compare import CompareResult, compare
    from sweeper.api.explore import ExploreAnswer, ExploreResult, explore
    from sweeper.api.models import export, load_model, predict
    from sweeper.api.reproduce import ReproduceResult, reproduce
    from sweeper.api.results import results
    from sweeper.api.run import RunResult, run
    from sweeper.api.spaces import choice, integers, interval
    from sweeper.api.test import TestResult, test
    from sweeper.api.tune import tune
    from sweeper.api.tuned import TunedTrial, TuneResult
    from sweeper.errors import InputError, InterruptedRunError, SweeperError
    from sweeper.version import __version__

__all__ = [
    "CompareResult",
    "ExploreAnswer",
    "ExploreResult",
    "InputError",
    "InterruptedRunError",
    "Picture",
    "ReproduceResult",
    "RunResult",
    "SplitScores",
    "SweeperError",
    "TestResult",
    "TuneResult",
    "TunedTrial",
    "__version__",
    "choice",
    "close",
    "compare",
    "explore",
    "export",
    "integers",
    "interval",
    "load_model",
    "predict",
    "reproduce",
    "results",
    "run",
    "test",
    "tune",
]

_HOMES = {
    "sweeper.api.calling": ("close",),
    "sweeper.api.compare": ("CompareResult", "compare"),
    "sweeper.api.explore": ("ExploreAnswer", "ExploreResult", "explore"),
    "sweeper.api.models": ("export", "load_model", "predict"),
    "sweeper.api.call_result": ("Picture", "SplitScores"),
    "sweeper.api.reproduce": ("ReproduceResult", "reproduce"),
    "sweeper.api.results": ("results",),
    "sweeper.api.run": ("RunResult", "run"),
    "sweeper.api.spaces": ("choice", "integers", "interval"),
    "sweeper.api.test": ("TestResult", "test"),
    "sweeper.api.tune": ("tune",),
    "sweeper.api.tuned": ("TunedTrial", "TuneResult"),
    "sweeper.errors": ("InputError", "InterruptedRunError", "SweeperError"),
    "sweeper.version": ("__version__",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name from its home (PEP 562)."""
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
