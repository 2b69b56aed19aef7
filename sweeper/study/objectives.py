"""What trials are compared by: one objective or several, and constraints; all of it read off their results."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sweeper.config.metrics import CLASSIFICATION, METRICS, REGRESSION, Task
from sweeper.config.registry import Registry
from sweeper.errors import InputError
from sweeper.study.limits import meant

if TYPE_CHECKING:
    from sweeper.trial import Scores, Trial, TrialResult

_CONSTRAINT = re.compile(r"\s*(?P<measure>[a-z0-9_.]+)\s*(?P<sign><=|>=)\s*(?P<limit>\S+)\s*")


@dataclass(frozen=True, slots=True)
class Objective:
    """One thing that trials are compared by.

    Attributes:
        name: on the command line, and in what a study is bound to.
        direction: whether more or less of it is better.
        measure: its value for a result of a trial with so many members; None where that is not known.
        by_member: its value for each member, [R], of the scores of a validation; None for what is no score. Trials are
            ranked by a score, and pruned by it while they train; all else can only be made small or great beside one.
        label: begins an axis label or a table heading.
        unit: of its numbers.
        share: it is a share of the validation examples, 0 to 1: shown as a percentage, and known to one example.
        percent: it is shown as a percentage without being such a share.
        limits: the least and the greatest that it can be.
        digits: its format in tables.
        margin: the smallest difference that matters; 0 for a twentieth of the best.
        task: that it says something of; empty for any.
    """

    name: str
    direction: Literal["maximize", "minimize"]
    measure: Callable[[TrialResult, int], float | None]
    by_member: Callable[[Scores], tuple[float, ...]] | None = None
    label: str = ""
    unit: str = ""
    share: bool = False
    limits: tuple[float, float] = (0.0, math.inf)
    digits: str = ".4f"
    margin: float = 0.0
    percent: bool = False
    task: Task | Literal[""] = ""

    @property
    def maximize(self) -> bool:
        """Whether more of it is better."""
        return self.direction == "maximize"

    def score(self, scores: Scores) -> float:
        """Its value for the scores of a validation: the mean over members."""
        assert self.by_member is not None
        return _mean(self.by_member(scores))

    def members(self, scores: Scores) -> tuple[float, ...]:
        """Its value for each member, [R], of the scores of a validation."""
        assert self.by_member is not None
        return self.by_member(scores)

    def rank(self, value: float) -> float:
        """A number that is the greater, the better the value."""
        return value if self.maximize else -value

    def worst(self, values: Sequence[float]) -> float:
        """What a trial is taken to have that has no value: the limit at the bad end, or the worst of these values."""
        limit = self.limits[0] if self.maximize else self.limits[1]
        return limit if math.isfinite(limit) else min(values, key=self.rank)

    def matters(self, values: Sequence[float]) -> float:
        """The smallest difference between such values that matters."""
        return self.margin or RELATIVE * abs(float(max(values, key=self.rank)))

    @property
    def metric(self) -> str:
        """The further metric that it is (``config.metrics``); empty for loss, accuracy and what is no score."""
        name = self.name.rpartition(".")[2]
        return name if self.by_member is not None and name in METRICS else ""


RELATIVE = 0.05
"""The smallest difference that matters of what has no margin of its own, such as losses: a share of the best."""


def measured(name: str, result: TrialResult | None, members: int = 1) -> float | None:
    """The value of an objective for a trial; None where that is not known.

    Args:
        name: of a row of ``OBJECTIVES``.
        result: of the trial.
        members: of the trial.
    """
    return None if result is None else OBJECTIVES[name].measure(result, members)


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
        """How far a value misses it, as a share of the limit; 0 or less where it keeps it."""
        over = value - self.limit if self.sign == "<=" else self.limit - value
        return over / (abs(self.limit) or 1.0)

    def __str__(self) -> str:
        return f"{self.measure}{self.sign}{self.limit:.12g}"


def constraint(text: str) -> Constraint:
    """A constraint as it is typed.

    Raises:
        InputError: it is none.
    """
    hint = f"such as 'parameters<=50000'; one of {', '.join(OBJECTIVES.names)}, with <= or >="
    found = _CONSTRAINT.fullmatch(text)
    if found is None or found["measure"] not in OBJECTIVES:
        raise InputError(f"{text!r} is not a constraint", hint=hint, key="constraint", instead=meant(text, OBJECTIVES))
    try:
        limit = float(found["limit"])
    except ValueError as error:
        message = f"{text!r}: {found['limit']} is not a number"
        raise InputError(message, hint=hint, key="constraint", instead=meant(text, OBJECTIVES)) from error
    return Constraint(found["measure"], found["sign"], limit)


def violations(constraints: Sequence[Constraint], result: TrialResult | None, members: int = 1) -> Mapping[str, float]:
    """How far each constraint is missed that can be said to be kept or not; see ``Constraint.violation``."""
    values = {str(one): (one, measured(one.measure, result, members)) for one in constraints}
    return {name: one.violation(value) for name, (one, value) in values.items() if value is not None}


def feasible(missed: Mapping[str, float]) -> bool:
    """Whether all constraints are kept, by the ``violations``."""
    return all(violation <= 0 for violation in missed.values())


def default_of(task: Task) -> str:
    """What a search is for where nothing is said."""
    return DEFAULT if task == CLASSIFICATION else DEFAULT_OF_NUMBERS


def check_task(names: Iterable[str], task: Task) -> None:
    """Make sure that data of a task have these objectives.

    Raises:
        InputError: one of them is of the other task.
    """
    for name in names:
        if OBJECTIVES[name].task not in {"", task}:
            known = ", ".join(row.name for row in OBJECTIVES.values() if row.task in {"", task})
            what = "numbers to predict" if task == REGRESSION else "classes"
            raise InputError(f"there is no {name} of {what}", hint=f"use one of {known}", key="objective")


def check_score(name: str, task: Task) -> None:
    """Make sure that data of a task can be compared by an objective.

    Raises:
        InputError: there is none of that name, it is no score, or it is of the other task.
    """
    OBJECTIVES[name]
    if name not in SCORES:
        raise InputError(f"{name} is no score", hint=f"compare by one of {', '.join(SCORES)}", key="objective")
    check_task([name], task)


def metrics_asked(names: Iterable[str]) -> tuple[str, ...]:
    """The further metrics that workers have to compute for these objectives at every validation."""
    return tuple(metric for name in names if (metric := OBJECTIVES[name].metric))


def better(one: Trial, other: Trial | None, objective: str) -> bool:
    """Whether a trial has a better score than another; of equals, the earlier is the better."""
    if other is None or other.score is None or one.score is None:
        return one.score is not None
    return rank(one, objective) > rank(other, objective)


def rank(trial: Trial, objective: str) -> tuple[float, int]:
    """Sorts trials that have a score: the better, the higher."""
    assert trial.score is not None
    return OBJECTIVES[objective].rank(trial.score), -trial.number


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


def _score(
    name: str, direction: Literal["maximize", "minimize"], by_member: Callable[[Scores], tuple[float, ...]], **more: Any
) -> Objective:
    """The row of a score: its measure is the mean over members of the last validation."""

    def measure(result: TrialResult, _: int) -> float | None:
        values = () if result.validation is None else by_member(result.validation)
        return _mean(values) if values else None

    return Objective(name, direction, measure, by_member, **more)


def _metric(name: str, **more: Any) -> Objective:
    """The row of a further metric."""
    row = METRICS[name]
    direction: Literal["maximize", "minimize"] = "maximize" if row.maximize else "minimize"
    return _score(f"validation.{name}", direction, lambda scores: scores.more.get(name, ()), task=row.task, **more)


def _parameters(result: TrialResult, _: int) -> float | None:
    return float(result.parameters) if result.parameters else None


def _seconds(result: TrialResult, members: int) -> float | None:
    """The trial's share of the training of its group, by the members that it has there."""
    seconds = result.seconds.get("train")
    return None if seconds is None else seconds * members / max(result.group, members)


POINTS = 0.005
"""The smallest difference that matters between shares of 1."""

OBJECTIVES = Registry(
    "objective",
    [
        _score(
            "validation.accuracy",
            "maximize",
            lambda scores: scores.accuracy,
            label="Validation accuracy",
            share=True,
            percent=True,
            limits=(0.0, 1.0),
            margin=POINTS,
            task=CLASSIFICATION,
        ),
        _score("validation.loss", "minimize", lambda scores: scores.loss, label="Validation loss"),
        _metric(
            "balanced_accuracy", label="Validation balanced accuracy", percent=True, limits=(0.0, 1.0), margin=POINTS
        ),
        _metric("f1_macro", label="Validation F1, macro", limits=(0.0, 1.0), margin=POINTS),
        _metric("auc", label="Validation AUC", limits=(0.0, 1.0), margin=POINTS),
        _metric("log_loss", label="Validation log loss"),
        _metric("calibration", label="Validation calibration error", limits=(0.0, 1.0), margin=POINTS),
        _metric("rmse", label="Validation RMSE"),
        _metric("mae", label="Validation MAE"),
        _metric("r2", label="Validation R²", limits=(-math.inf, 1.0), margin=POINTS),
        Objective("parameters", "minimize", _parameters, label="Parameters", digits=",.0f"),
        Objective("seconds", "minimize", _seconds, label="Training time", unit="s"),
    ],
)

SCORES = tuple(row.name for row in OBJECTIVES.values() if row.by_member is not None)
"""What a search can be for, first of all."""

DEFAULT = SCORES[0]
"""What a search is for where nothing is said, and there are classes."""

DEFAULT_OF_NUMBERS = "validation.rmse"
"""Likewise, where numbers are to be predicted."""


def _mean(values: Sequence[float]) -> float:
    """``statistics.fmean``, whose module takes more to import than the whole of this one."""
    return math.fsum(values) / len(values)
