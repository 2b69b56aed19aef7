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
    """

    name: str
    function: str

    def load(self) -> Callable[..., Any]:
        """The function: takes the ``Results``, gives the ``Answer``."""
        module, _, name = self.function.partition(":")
        found: Callable[..., Any] = getattr(import_module(f"sweeper.questions.analyses.{module}"), name)
        return found


ANALYSES = Registry(
    "analysis",
    [
        Analysis("compare", "conditions:compare"),
        Analysis("gap", "gap:gaps"),
        Analysis("batch_size", "batch_size:batch_size"),
        Analysis("generalization", "generalization:generalization"),
        Analysis("output_nonlinearity", "output_nonlinearity:output_nonlinearity"),
        Analysis("test_tuning", "selection:selection"),
    ],
)
