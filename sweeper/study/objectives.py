"""What trials are judged by: one objective or several, and constraints; all of it read off their results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sweeper.errors import InputError
from sweeper.trial import TrialResult

SCORES = ("validation.accuracy", "validation.loss")
"""What a search can be for, first of all."""

COSTS = ("parameters", "seconds")
"""What else can be made small beside a score."""

MEASURES = (*SCORES, *COSTS)

_CONSTRAINT = re.compile(r"\s*(?P<measure>[a-z.]+)\s*(?P<sign><=|>=)\s*(?P<limit>\S+)\s*")


def maximized(measure: str) -> bool:
    """Whether more of it is better."""
    return measure == "validation.accuracy"


def measured(measure: str, result: TrialResult | None, members: int = 1) -> float | None:
    """Its value for a trial; None where that is not known.

    Seconds are the trial's share of the training of its group, by the members that it has there.

    Args:
        measure: one of ``MEASURES``.
        result: of the trial.
        members: of the trial.
    """
    if result is None:
        return None
    if measure == "parameters":
        return float(result.parameters) if result.parameters else None
    if measure == "seconds":
        seconds = result.seconds.get("train")
        return None if seconds is None else seconds * members / max(result.group, members)
    if result.validation is None:
        return None
    return result.validation.mean_accuracy if measure == "validation.accuracy" else result.validation.mean_loss


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a trial must keep to be of use, such as ``parameters<=50000``.

    Attributes:
        sign: ``<=`` or ``>=``.
    """

    measure: str
    sign: str
    limit: float

    def violation(self, value: float) -> float:
        """By how much a value misses it, as a share of the limit; 0 or less where it keeps it."""
        over = value - self.limit if self.sign == "<=" else self.limit - value
        return over / (abs(self.limit) or 1.0)

    def __str__(self) -> str:
        return f"{self.measure}{self.sign}{self.limit:.12g}"


def constraint(text: str) -> Constraint:
    """A constraint as it is typed.

    Raises:
        InputError: it is none.
    """
    hint = f"such as 'parameters<=50000'; one of {', '.join(MEASURES)}, with <= or >="
    found = _CONSTRAINT.fullmatch(text)
    if found is None or found["measure"] not in MEASURES:
        raise InputError(f"{text!r} is not a constraint", hint=hint, key="constraint")
    try:
        limit = float(found["limit"])
    except ValueError as error:
        raise InputError(f"{text!r}: {found['limit']} is not a number", hint=hint, key="constraint") from error
    return Constraint(found["measure"], found["sign"], limit)


def violations(constraints: Sequence[Constraint], result: TrialResult | None, members: int = 1) -> Mapping[str, float]:
    """By how much each constraint is missed that can be said to be kept or not; see ``Constraint.violation``."""
    values = {str(one): (one, measured(one.measure, result, members)) for one in constraints}
    return {name: one.violation(value) for name, (one, value) in values.items() if value is not None}


def check_objectives(objective: str, more: Sequence[str], sampler: str) -> None:
    """Make sure that these can be searched for together.

    Raises:
        InputError: they cannot.
    """
    if objective not in SCORES:
        raise InputError(
            f"the first objective is {objective}", hint=f"begin with one of {', '.join(SCORES)}", key="objective"
        )
    for name in more:
        if name not in MEASURES:
            raise InputError(f"there is no objective {name!r}", hint=f"one of {', '.join(MEASURES)}", key="objective")
    if len({objective, *more}) <= len(more):
        raise InputError("an objective is given twice", hint="give each once", key="objective")
    if more and sampler == "cmaes":
        raise InputError("the sampler cmaes is for one objective", hint="use tpe, or one objective", key="sampler")


def front(points: Mapping[int, Sequence[float]], maximize: Sequence[bool]) -> list[int]:
    """The trials that no other matches or beats in every objective and beats in one: the Pareto front, by number.

    Args:
        points: of each trial, its value of each objective.
        maximize: of each objective, whether more is better.
    """
    signed = {
        number: [value if up else -value for value, up in zip(values, maximize, strict=True)]
        for number, values in points.items()
    }
    return [
        number
        for number, mine in signed.items()
        if not any(_dominates(other, mine) for each, other in signed.items() if each != number)
    ]


def _dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)
