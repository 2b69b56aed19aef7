"""What a search may choose from, as the values of keyword arguments of ``tune`` and ``explore``."""

from __future__ import annotations

from collections.abc import Mapping

from sweeper.config.build import to_text
from sweeper.config.weights import as_text


def choice(*options: object) -> str:
    """One of several values: ``activation=choice("relu", "tanh")``, ``hidden=choice([50], [100, 30])``.

    Weights of classes are mappings: ``class_weight=choice("none", {"fraud": 5})``.

    Args:
        *options: the values.

    Returns:
        the search as the command line writes it, such as ``choice(relu,tanh)``.
    """
    return f"choice({','.join(to_text(as_text(one) if isinstance(one, Mapping) else one) for one in options)})"


def interval(low: float, high: float, *, log: bool = False) -> str:
    """Any number from `low` to `high`: ``learning_rate=interval(1e-3, 1, log=True)``.

    Args:
        low: the least.
        high: the most.
        log: whether magnitudes count, so that 0.01 to 0.1 is searched as much as 0.1 to 1.

    Returns:
        the search as the command line writes it, such as ``tag(log,interval(0.001,1))``.
    """
    return _tagged(f"interval({to_text(low)},{to_text(high)})", log=log)


def integers(low: int, high: int, *, log: bool = False) -> str:
    """Any whole number from `low` to `high`, both included: ``batch_size=integers(20, 500, log=True)``.

    Args:
        low: the least.
        high: the most.
        log: whether magnitudes count.

    Returns:
        the search as the command line writes it, such as ``int(interval(20,500))``.
    """
    return _tagged(f"int(interval({to_text(low)},{to_text(high)}))", log=log)


def _tagged(search: str, *, log: bool) -> str:
    return f"tag(log,{search})" if log else search
