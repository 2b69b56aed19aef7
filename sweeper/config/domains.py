"""What one dimension of a search space may be: a range of numbers, or a choice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal

from sweeper.config.build import shown, to_text
from sweeper.config.registry import unknown
from sweeper.errors import InputError

Value = int | float | str
"""What a sampler gives for a dimension; a list, or true and false, is text such as ``"[100,30]"``."""
ROUNDING = 1e-6
"""How far a value may be from a point of a grid to be that point, in steps."""
NEAR = 0.02
"""A value is at the edge of its range within this share of it."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep expression as it was parsed: Hydra's grammar, without Hydra's classes."""

    kind: Literal["choice", "range", "interval", "glob"]
    items: tuple[object, ...] = ()
    bounds: tuple[float, float, float] = (0, 0, 1)
    tags: frozenset[str] = field(default_factory=frozenset)
    shuffle: bool = False


@dataclass(frozen=True, slots=True)
class Float:
    """Numbers from `low` to `high`, both included; every `step` from `low`, where there is one."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def count(self) -> int | None:
        """How many values there are; None for a continuous range."""
        return None if self.step is None else round((self.high - self.low) / self.step) + 1

    @property
    def points(self) -> Sequence[Value]:
        """All values, rising; the two ends of a continuous range."""
        if self.step is None:
            return self.edges
        low, step = Decimal(str(self.low)), Decimal(str(self.step))
        return [float(low + i * step) for i in range(self.count or 0)]

    @property
    def edges(self) -> Sequence[Value]:
        """The two ends."""
        return (self.low, self.high)

    def contains(self, value: Value) -> bool:
        """Whether a value lies in the range, and on its grid where there is one."""
        if not (_is_number(value) and self._on_grid(float(value))):
            return False
        return self.low <= float(self.snapped(value)) <= self.high

    def snapped(self, value: Value) -> Value:
        """The point of the grid that a value is but for a rounding error; any other value as it is."""
        if self.step is None or not _is_number(value) or not self._on_grid(float(value)):
            return value
        return float(Decimal(str(self.low)) + self._steps(float(value)) * Decimal(str(self.step)))

    def _steps(self, value: float) -> int:
        return round((value - self.low) / (self.step or 1.0))

    def _on_grid(self, value: float) -> bool:
        if self.step is None or not math.isfinite(value):
            return self.step is None
        return abs((value - self.low) / self.step - self._steps(value)) < ROUNDING

    def nearest(self, value: Value) -> Value:
        """The point of the range that is nearest to a value; its low end where that is no number."""
        if not _is_number(value):
            return self.low
        inside = min(max(float(value), self.low), self.high)
        return inside if self.step is None else self.snapped(self.low + self._steps(inside) * self.step)

    def near_edge(self, value: Value) -> bool:
        """Whether a value lies at an end of the range (on the range's own scale)."""
        return _near(float(value), self.low, self.high, log=self.log)


@dataclass(frozen=True, slots=True)
class Int:
    """Whole numbers from `low` to `high`, both included; every `step` from `low`."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    @property
    def count(self) -> int:
        """How many values there are."""
        return (self.high - self.low) // self.step + 1

    @property
    def points(self) -> Sequence[Value]:
        """All values, rising."""
        return range(self.low, self.high + 1, self.step)

    @property
    def edges(self) -> Sequence[Value]:
        """The two ends."""
        return (self.low, self.high)

    def contains(self, value: Value) -> bool:
        """Whether a value is a whole number in the range, and on its grid."""
        if not (_is_number(value) and float(value).is_integer()):
            return False
        return self.low <= float(value) <= self.high and (int(value) - self.low) % self.step == 0

    def snapped(self, value: Value) -> Value:
        """The value as it is: whole numbers have no rounding errors."""
        return value

    def nearest(self, value: Value) -> Value:
        """The point of the range that is nearest to a value; its low end where that is no number."""
        if not _is_number(value):
            return self.low
        return self.points[round((min(max(float(value), self.low), self.high) - self.low) / self.step)]

    def near_edge(self, value: Value) -> bool:
        """Whether a value lies at an end of the range (on the range's own scale)."""
        return _near(float(value), self.low, self.high, log=self.log)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values, in no order."""

    options: tuple[Value, ...]

    @property
    def count(self) -> int:
        """How many options there are."""
        return len(self.options)

    @property
    def points(self) -> Sequence[Value]:
        """The options."""
        return self.options

    @property
    def edges(self) -> Sequence[Value]:
        """The options: a choice has no ends."""
        return self.options

    def contains(self, value: Value) -> bool:
        """Whether a value is among the options."""
        return value in self.options

    def snapped(self, value: Value) -> Value:
        """The value as it is."""
        return value

    def nearest(self, value: Value) -> Value:
        """The value where it is an option; else the first option."""
        return value if value in self.options else self.options[0]

    def near_edge(self, value: Value) -> bool:  # noqa: ARG002 - the same question to every domain
        """Never: a choice has no ends."""
        return False


Domain = Float | Int | Choice
_KINDS: Mapping[str, Callable[..., Domain]] = {"float": Float, "int": Int, "choice": Choice}


def domain(key: str, sweep: Sweep, *, whole: bool) -> Domain:
    """The domain of a sweep over `key`; `whole` where the key takes whole numbers only.

    Raises:
        InputError: an empty or reversed sweep, a glob, doubled options, a log scale from zero or below.
    """
    if sweep.kind == "glob":
        raise InputError(f"{key}: glob is not supported", hint=f"name the options: {key}=a,b", key=key)
    if sweep.shuffle:
        raise InputError(
            f"{key}: shuffle has no meaning in a search", hint="leave it out: the sampler decides the order", key=key
        )
    for tag in sorted(sweep.tags - {"log"}):
        raise unknown("tag", tag, ["log"], where=key, key=key)
    if sweep.kind == "choice":
        return _choice(key, sweep)
    low, high, step = sweep.bounds
    if not all(map(math.isfinite, sweep.bounds)):
        raise InputError(f"{key}: the ends of a range must be finite numbers", hint="such as 0.01 and 1", key=key)
    made = _interval(key, low, high, whole=whole) if sweep.kind == "interval" else _range(key, low, high, step)
    return _logged(key, made) if "log" in sweep.tags else made


def to_json(domain_: Domain) -> dict[str, Any]:
    """A domain as plain JSON values."""
    return {"kind": type(domain_).__name__.lower()} | asdict(domain_)


def from_json(values: Mapping[str, Any]) -> Domain:
    """The domain out of what ``to_json`` made of it."""
    kind = _KINDS[values["kind"]]
    rest = {name: tuple(value) if name == "options" else value for name, value in values.items() if name != "kind"}
    return kind(**rest)


def _choice(key: str, sweep: Sweep) -> Choice:
    if not sweep.items:
        raise InputError(f"{key}: the sweep is empty", hint="give it at least two options", key=key)
    if sweep.tags:
        raise InputError(f"{key}: a choice has no scale", hint="leave out tag(log, ...)", key=key)
    options = [_option(key, item) for item in sweep.items]
    for index, option in enumerate(options):
        if option in options[:index]:
            raise InputError(f"{key}: {option} is given twice", hint="give each option once", key=key)
    return Choice(tuple(options))


def _option(key: str, item: object) -> Value:
    if item is None or isinstance(item, dict) or item == "":
        raise InputError(f"{key}: {shown(item)} cannot be an option of a search", hint="leave it out", key=key)
    if isinstance(item, float) and not math.isfinite(item):
        raise InputError(f"{key}: {item} is not a finite number", hint="leave it out", key=key)
    return item if isinstance(item, int | float | str) and not isinstance(item, bool) else to_text(item)


def _interval(key: str, low: float, high: float, *, whole: bool) -> Domain:
    if low > high:
        raise InputError(
            f"{key}: the interval from {low:g} to {high:g} is reversed",
            hint="smaller end first",
            key=key,
            instead=(f"interval({low:g},{high:g})", f"interval({high:g},{low:g})"),
        )
    if isinstance(low, int) and isinstance(high, int):
        return Int(low, high)
    if not whole:
        return Float(low, high)
    if not (low.is_integer() and high.is_integer()):
        raise InputError(f"{key}: the ends of the interval must be whole", hint="int(interval(16,256))", key=key)
    return Int(int(low), int(high))


def _range(key: str, start: float, stop: float, step: float) -> Domain:
    first, last, by = (Decimal(str(number)) for number in (start, stop, step))
    if by <= 0:
        raise InputError(f"{key}: the step of a range must be above 0", hint="smaller end first", key=key)
    count = math.ceil((last - first) / by)
    if count < 1:
        said = "empty" if start == stop else "reversed"
        raise InputError(
            f"{key}: the range from {start:g} to before {stop:g} is {said}", hint="smaller end first", key=key
        )
    end = first + (count - 1) * by
    if all(isinstance(number, int) for number in (start, stop, step)):
        return Int(int(first), int(end), step=int(by))
    return Float(float(first), float(end), step=float(by))


def _logged(key: str, made: Domain) -> Domain:
    if isinstance(made, Choice) or made.step not in {None, 1}:
        raise InputError(f"{key}: a log scale has no steps", hint="tag(log,interval(0.01,1))", key=key)
    if made.low <= 0:
        raise InputError(f"{key}: a log scale cannot begin at {made.low:g}", hint="begin above 0", key=key)
    return Int(made.low, made.high, log=True) if isinstance(made, Int) else Float(made.low, made.high, log=True)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _near(value: float, low: float, high: float, *, log: bool) -> bool:
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return min(value - low, high - value) <= NEAR * (high - low)
