"""A search space: what is searched, in which range, and what is asked only where it has a meaning.

A Space is plain data. It makes a checked Config of a sampler's values in about a tenth of a
millisecond, without Hydra, and goes to JSON and back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import prod
from typing import Any

from sweeper.config.build import build, from_text, kind_of, option_text, to_text, types_of
from sweeper.config.checks import check
from sweeper.config.difference import difference
from sweeper.config.domains import Choice, Domain, Float, Int, Value, from_json, to_json
from sweeper.config.registry import unknown
from sweeper.config.schema import KEYS, SCALED_INITS, Config
from sweeper.errors import InputError

__all__ = ["Choice", "Domain", "Float", "Int", "Space", "Value"]

GRID_LIMIT = 100_000
"""Points of a grid, at most."""
USUAL = {"optimizer": "sgd", "lr_decay": "none", "init": "truncated_normal"}
"""Groups that can be searched, each with the tutorial's option; their parts are asked where the option has them."""
DEPTH, WIDTH = "hidden.depth", "hidden.width"
"""Keys of a space alone: how many hidden layers, and the width of each, asked as hidden.0, hidden.1, ..."""

NO_MATTER = frozenset({"log_every", "validate_min_steps"})
"""Keys in which a configuration may differ from a space, and yet be one of it: they do not change what is trained."""


@dataclass(frozen=True)
class Space:
    """What is searched, and what is fixed around it.

    Attributes:
        dimensions: name to domain, in the order in which they are asked.
        fixed: the overrides that hold for every trial, as typed.
        base: plain values of the fixed configuration that are not the tutorial's.
        nodes: of each searched group, option to the plain values of that part.
        constants: fixed parts of searched groups, which hold where the option has them; fixed depth and width.
    """

    dimensions: Mapping[str, Domain]
    fixed: tuple[str, ...] = ()
    base: Mapping[str, Any] = field(default_factory=dict)
    nodes: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)

    def ask(self, suggest: Callable[[str, Domain], Value]) -> dict[str, Value]:
        """Have each dimension suggested that has a meaning beside those before it, always in the same order.

        Samplers add steps as binary fractions: 0.1 + 6 * 0.1 is 0.7000000000000001. Here it is 0.7 again.
        """
        values: dict[str, Value] = {}
        for name, domain in self.unfold(values):
            values[name] = domain.snapped(suggest(name, domain))
        return values

    def unfold(self, values: Mapping[str, Value]) -> Iterator[tuple[str, Domain]]:
        """Each dimension that has a meaning beside the values so far; the caller puts its value in before the next."""
        for name, domain in self.dimensions.items():
            if self.active(name, values):
                yield name, domain

    def active(self, name: str, values: Mapping[str, Value]) -> bool:
        """Whether a dimension (or a constant) has a meaning beside these values."""
        parent, _, part = name.partition(".")
        if parent in USUAL and part:
            return part in parts_of(parent, self.node(parent, values))
        return parent != "hidden" or not part.isdecimal() or int(part) < self.depth(values)

    def config(self, values: Mapping[str, Value]) -> Config:
        """The configuration of these values.

        Raises:
            InputError: values are missing, unknown or out of range, or do not go together.
        """
        return check(build(self.plain(self._checked(values))))

    def plain(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """Plain values for ``build``, unchecked: the base, with the chosen parts and all values in their places."""
        plain = dict(self.base) | {group: self.node(group, values) for group in self.nodes}
        if _layered(self):
            plain["hidden"] = _widths(self, values)
        for name, value in {**self.constants, **values}.items():
            parent, _, part = name.partition(".")
            if _of_layers(name) or name in self.nodes or not self.active(name, values):
                continue
            meant = from_text(value) if isinstance(value, str) else value
            plain[parent] = {**plain.get(parent, {}), part: meant} if part else meant
        return plain

    def overrides(self, values: Mapping[str, Value]) -> list[str]:
        """The same configuration as it would be typed, one ``KEY=VALUE`` each."""
        held = [text for text in self.fixed if _typed(self, text.partition("=")[0], values)]
        asked = [f"{name}={option_text(value)}" for name, value in values.items() if not _of_layers(name)]
        layers = [f"hidden={to_text(_widths(self, values))}"] if _layered(self) else []
        return [*held, *layers, *asked]

    def corners(self) -> Iterator[dict[str, Value]]:
        """Every option that others depend on, with each end or option of all others at least once."""
        selectors = [name for name in self.dimensions if name in {*self.nodes, DEPTH}]
        chosen = [{name: option} for name in selectors for option in self.dimensions[name].edges] or [{}]
        for one in chosen:
            for turn in range(max(len(domain.edges) for domain in self.dimensions.values())):
                yield _corner(self, one, turn)

    def example(self) -> Config:
        """A configuration of the space: the first of its corners whose values go together.

        Raises:
            InputError: none of them do.
        """
        found = next(self.examples(), None)
        if found is None:
            return self.config(next(self.corners()))  # which says what does not go together
        return found

    def examples(self) -> Iterator[Config]:
        """The configurations of the corners whose values go together."""
        for corner in self.corners():
            with suppress(InputError):
                yield self.config(corner)

    def first(self) -> Config:
        """The configuration of every dimension's first value.

        Raises:
            InputError: they do not go together.
        """
        return self.config(self.ask(lambda _, domain: domain.edges[0]))

    @property
    def size(self) -> int | None:
        """How many points there are; None where a range is continuous."""
        counts = {name: domain.count for name, domain in self.dimensions.items()}
        if None in counts.values():
            return None
        free = [number or 0 for name, number in counts.items() if not _selector(self, name)]
        return prod(free) * prod(_combinations(self, name) for name in self.dimensions if name in {*self.nodes, DEPTH})

    def grid(self) -> list[dict[str, Value]]:
        """Every point.

        Raises:
            InputError: a continuous range, or too many points.
        """
        for name, domain in self.dimensions.items():
            if domain.count is None:
                hint = f"give it values or steps: {name}=0.01,0.1,1 or {name}=range(0.1,1,0.1)"
                raise InputError(f"{name}: a grid over a continuous range has no end", hint=hint, key=name)
        size = self.size or 0
        if size > GRID_LIMIT:
            raise InputError(f"the grid has {size:,} points; the limit is {GRID_LIMIT:,}", hint="fix some keys")
        found: list[dict[str, Value]] = [{}]
        for name, domain in self.dimensions.items():
            found = [more for one in found for more in _extended(self, one, name, domain)]
        return found

    @property
    def digest(self) -> str:
        """SHA-256 over what is searched and fixed, in hexadecimal; how it was typed and logged does not count."""
        counted = self.to_dict() | {"base": {k: v for k, v in self.base.items() if k != "log_every"}}
        del counted["fixed"]
        return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, from which ``from_dict`` makes an equal Space."""
        return {
            "dimensions": {name: to_json(domain) for name, domain in self.dimensions.items()},
            "fixed": list(self.fixed),
            "base": dict(self.base),
            "nodes": {group: dict(options) for group, options in self.nodes.items()},
            "constants": dict(self.constants),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Space:
        """The Space out of what ``to_dict`` made of it."""
        dimensions = {name: from_json(domain) for name, domain in values["dimensions"].items()}
        return cls(dimensions, tuple(values["fixed"]), values["base"], values["nodes"], values["constants"])

    def values(self, config: Config) -> dict[str, Value]:
        """The values of which ``config`` makes this configuration.

        Raises:
            InputError: it is not in the space.
        """
        found = self.ask(lambda name, _: value_in(config, self, name))
        made = self.config(found)
        for key in KEYS:
            if key not in NO_MATTER and getattr(made, key) != getattr(config, key):
                where, other, own = difference(key, config, made)
                raise InputError(f"{where}: {other} is not in the space, where it is {own}", key=where)
        return found

    def node(self, group: str, values: Mapping[str, Value]) -> Mapping[str, Any]:
        """Plain values of the chosen option of a group."""
        if group in self.nodes:
            return self.nodes[group][str(values[group])]
        part: Mapping[str, Any] = self.base.get(group, {"name": USUAL[group]})
        return part

    def depth(self, values: Mapping[str, Value]) -> int:
        """How many hidden layers there are, where that is searched."""
        return int(values.get(DEPTH, self.constants.get(DEPTH, 0)))

    def _checked(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        def given(name: str, domain: Domain) -> Value:
            if name not in values:
                raise InputError(f"{name} has no value", hint="every dimension needs one", key=name)
            if not domain.contains(values[name]):
                raise InputError(f"{name}: {values[name]} is not in the space", hint=_searched(domain), key=name)
            return values[name]

        asked = self.ask(given)
        for name in values:
            if name not in asked:
                raise unknown("dimension here", name, asked)
        return asked


def value_in(config: Config, space: Space, name: str) -> Value:
    """The value that a configuration has in a dimension of a space."""
    parent, _, part = name.partition(".")
    own: Any = getattr(config, parent)
    if name in space.nodes:
        return next((option for option, node in space.nodes[name].items() if node["name"] == own.name), own.name)
    if parent == "hidden" and part:
        own = len(own) if name == DEPTH else own[: int(part) + 1][-1]  # deeper layers are like its last
    elif part:
        own = getattr(own, part)
    return own if isinstance(own, int | float | str) and not isinstance(own, bool) else to_text(own)


def parts_of(group: str, node: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts that the chosen option of a group has and makes use of."""
    idle = {"name"} if group != "init" or node["name"] in SCALED_INITS else {"name", "stddev"}
    return tuple(part for part in types_of(kind_of(group, node["name"])) if part not in idle)


def _layered(space: Space) -> bool:
    return DEPTH in space.dimensions or DEPTH in space.constants


def _widths(space: Space, values: Mapping[str, Value]) -> list[Value]:
    return [values.get(f"hidden.{i}", space.constants.get(WIDTH, 0)) for i in range(space.depth(values))]


def _typed(space: Space, key: str, values: Mapping[str, Value]) -> bool:
    return not _of_layers(key) and (key not in space.constants or space.active(key, values))


def _corner(space: Space, chosen: Mapping[str, Value], turn: int) -> dict[str, Value]:
    def suggest(name: str, domain: Domain) -> Value:
        return chosen[name] if name in chosen else domain.edges[turn % len(domain.edges)]

    return space.ask(suggest)


def _extended(space: Space, values: dict[str, Value], name: str, domain: Domain) -> list[dict[str, Value]]:
    return [{**values, name: point} for point in domain.points] if space.active(name, values) else [values]


def _selector(space: Space, name: str) -> str:
    """The dimension that decides whether this one is asked, itself included; empty where none does."""
    parent = name.partition(".")[0]
    if parent in space.nodes:
        return parent
    return DEPTH if _of_layers(name) and DEPTH in space.dimensions else ""


def _combinations(space: Space, selector: str) -> int:
    """Points over a selector and all dimensions that depend on it."""
    below = [name for name in space.dimensions if _selector(space, name) == selector != name]
    chosen: list[Mapping[str, Value]] = [{selector: option} for option in space.dimensions[selector].points]
    return sum(prod(space.dimensions[n].count or 0 for n in below if space.active(n, one)) for one in chosen)


def _of_layers(name: str) -> bool:
    return name.startswith("hidden.")


def _searched(domain: Domain) -> str:
    """What a domain has, in words."""
    if isinstance(domain, Choice):
        return f"one of {', '.join(map(str, domain.options))}"
    return f"{domain.low:g} to {domain.high:g}" + ("" if domain.step in (None, 1) else f" in steps of {domain.step:g}")
