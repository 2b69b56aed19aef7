"""The analyses that make answers to questions: one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sweeper.config.registry import Registry


@dataclass(frozen=True, slots=True)
class Analysis:
    """What makes an answer of an experiment's results.

    Attributes:
        name: in a question's file.
        function: ``MODULE:FUNCTION`` below ``sweeper.questions.analyses``, loaded when there are results to analyse.
        no_folds: why it cannot be right over folds; empty where it can.
    """

    name: str
    function: str
    no_folds: str = ""

    def load(self) -> Callable[..., Any]:
        """The function: takes the ``Results``, gives the ``Answer``."""
        module, _, name = self.function.partition(":")
        found: Callable[..., Any] = getattr(import_module(f"sweeper.questions.analyses.{module}"), name)
        return found


_NO_GAPS = "intervals of a gap need the training score of each fold, of which only the mean is kept"

ANALYSES = Registry(
    "analysis",
    [
        Analysis("compare", "conditions:compare"),
        Analysis("gap", "gap:gaps", _NO_GAPS),
        Analysis("batch_size", "batch_size:batch_size", "it counts the seconds of one training, and folds take turns"),
        Analysis("generalization", "generalization:generalization", _NO_GAPS),
        Analysis(
            "output_nonlinearity",
            "output_nonlinearity:output_nonlinearity",
            "it counts runs that lose a class, and a class that one fold's network loses another's may have",
        ),
        Analysis(
            "test_tuning",
            "selection:selection",
            "it needs fresh examples, and those of one fold have trained the networks of the others",
        ),
    ],
)
