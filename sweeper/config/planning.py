"""How a search space comes about: a file of conf/space, overrides laid over it, and the checks of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sweeper.config.assembly import assemble, said_of
from sweeper.config.build import build
from sweeper.config.checks import check_values
from sweeper.config.compose import settle, space_file
from sweeper.config.grammar import Override, parse
from sweeper.config.literals import to_text
from sweeper.config.space import DEPTH, WIDTH, Space
from sweeper.errors import InputError

_RIVALS = {"hidden": {DEPTH, WIDTH}, DEPTH: {"hidden"}, WIDTH: {"hidden"}, "steps": {"epochs"}, "epochs": {"steps"}}


def plan(overrides: Sequence[str], space: str | None, config_dir: Path | None, under: Sequence[str]) -> Space:
    """The space of ``plan_space``, which says what the arguments are.

    Raises:
        InputError: what is wrong, and with which key.
    """
    typed = _laid_over(parse(under), parse(overrides))
    name, typed = _named(typed, space)
    made = assemble(_laid_over(_of_file(name, config_dir), typed), config_dir)
    if not made.dimensions:
        hint = "give at least one sweep, such as activation=relu,tanh"
        raise InputError("nothing is left to search", hint=hint, key="space")
    _check_corners(made)
    return made


def _named(typed: list[Override], space: str | None) -> tuple[str, list[Override]]:
    """The name of the space's file, which may be typed as ``space=NAME`` too, and all other overrides."""
    rest = [o for o in typed if o.key != "space"]
    named = {str(o.value) for o in typed if o.key == "space"} | ({space} if space else set())
    if len(named) > 1:
        raise InputError(f"two spaces are named: {', '.join(sorted(named))}", hint="name one", key="space")
    return next(iter(named), "default"), rest


def _of_file(name: str, config_dir: Path | None) -> list[Override]:
    found = []
    for key, value in space_file(name, config_dir).items():
        if not isinstance(value, str | int | float):
            hint = f"write it as on the command line: {key}: relu,tanh"
            raise InputError(f"space {name}: {key} is neither a sweep nor a value", hint=hint, key=key)
        with said_of(f"space {name}"):
            [read] = parse([f"{key}={value if isinstance(value, str) else to_text(value)}"])
        found.append(replace(read, origin=f"space {name}"))
    return found


def _laid_over(file: Sequence[Override], typed: Sequence[Override]) -> list[Override]:
    _check_rivals(file)
    _check_rivals(typed)
    overruled = {rival for o in typed for rival in _RIVALS.get(o.key, ()) if o.value is not None}
    return settle([o for o in file if o.key not in overruled], typed)


def _check_rivals(level: Sequence[Override]) -> None:
    given = {o.key for o in level if o.value is not None}
    for key in ("hidden", "steps"):
        rivals = sorted(_RIVALS[key] & given)
        if key in given and rivals:
            raise InputError(f"both {key} and {rivals[0]} are given", hint="give one of the two", key=rivals[0])


def _check_corners(space: Space) -> None:
    """Check the ends of all ranges and all options: each by itself, and that some of them go together."""
    for corner in space.corners():
        check_values(build(space.plain(corner)))
    space.example()
