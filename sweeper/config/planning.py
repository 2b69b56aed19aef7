"""How a search space comes about: a file of conf/space, overrides laid over it, domains from sweeps, and the checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

from sweeper.config.build import (
    build,
    changed,
    convert,
    dotted_keys,
    key_type,
    minimal,
    no_such_part,
    option_text,
    to_text,
)
from sweeper.config.checks import LARGEST, check_values
from sweeper.config.compose import options, settle, space_file, values
from sweeper.config.domains import Choice, Domain, Sweep, domain
from sweeper.config.grammar import Override, parse
from sweeper.config.misread import no_such_key, not_searched
from sweeper.config.registry import unknown
from sweeper.config.schema import Config, Dataset, Validation
from sweeper.config.space import DEPTH, USUAL, WIDTH, Space, parts_of
from sweeper.errors import InputError

_RIVALS = {"hidden": {DEPTH, WIDTH}, DEPTH: {"hidden"}, WIDTH: {"hidden"}, "steps": {"epochs"}, "epochs": {"steps"}}

DEEPEST = 100
"""Hidden layers, at most: each is a dimension."""

_SAME_DATA = "trials must be trained and scored on the same data"
_SEED = "the luckiest seed is not a better configuration; repeats=5 averages over seeds"
_NOT_SEARCHED = {
    **dict.fromkeys(("dataset", *(f"dataset.{f.name}" for f in fields(Dataset) if f.name != "train_size")), _SAME_DATA),
    **dict.fromkeys(("validation", *(f"validation.{f.name}" for f in fields(Validation))), _SAME_DATA),
    **dict.fromkeys(("seed", "batch_seed"), _SEED),
    "repeats": "trials are compared at the same number of repeats",
    **dict.fromkeys(("log_every", "validate_every", "validate_min_steps"), "it does not change a result"),
    "metrics": "it does not change a result; --objective says by which of them trials are compared",
}

ONCE_SEARCHED = "metrics"
"""A key that could be searched once: a study of then goes on."""


def plan_space(
    overrides: Sequence[str],
    *,
    space: str | None = None,
    config_dir: Path | None = None,
    under: Sequence[str] = (),
    earlier: bool = False,
) -> Space:
    """The space that a file of conf/space and the overrides describe together, checked.

    Args:
        overrides: ``KEY=VALUE`` fixes a key; ``KEY=SWEEP`` searches it, instead of the file's sweep.
        space: the file's name; ``default`` where None, and ``none`` for nothing but the overrides.
        config_dir: a user's own folder.
        under: more overrides, beneath the others and above the file.
        earlier: it may be the space of a study that was begun when more keys could be searched.

    Raises:
        InputError: what is wrong, and with which key; also where nothing is left to search.
    """
    typed = _laid_over(parse(under), parse(overrides))
    name, typed = _named(typed, space)
    laid = _laid_over(_of_file(name, config_dir), typed)
    _check_searched(laid, allowed=ONCE_SEARCHED if earlier else "")
    made = _assemble(laid, config_dir)
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
        with _said_of(f"space {name}"):
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


def _assemble(laid: Sequence[Override], config_dir: Path | None) -> Space:
    """The Space of overrides, of which none overrules another; its dimensions may be none.

    Raises:
        InputError: what is wrong, and with which key.
    """
    searched, fixed = _split(laid)
    around = [o for o in fixed if not _is_part(o.key) and o.key not in {DEPTH, WIDTH}]
    raw = values(around, config_dir)
    nodes = {group: _nodes(group, searched.get(group), around, raw, config_dir) for group in USUAL}
    idle = {o.key for o in laid if _is_part(o.key) and not _has_meaning(o, nodes)}
    searched = {key: made for key, made in searched.items() if key not in idle}
    parts = [o for o in fixed if _is_part(o.key) and o.key not in idle]
    constants = {o.key: o.value for o in parts if _group(o.key) in searched}
    whole = [*around, *(o for o in parts if _group(o.key) not in searched)]
    base = _base(whole, searched, config_dir)
    constants |= _layers(searched, fixed, base)
    if DEPTH in searched or DEPTH in constants:
        base.pop("hidden", None)
    return Space(
        dimensions=_dimensions(searched, constants),
        fixed=tuple(o.text for o in fixed if o.key not in idle),
        base=base,
        nodes={group: options for group, options in nodes.items() if group in searched},
        constants=constants,
    )


@contextmanager
def _said_of(origin: str) -> Iterator[None]:
    """Errors say which file they are in."""
    try:
        yield
    except InputError as error:
        if not origin:
            raise
        told = f"{origin}: {error.message}"
        raise InputError(told, hint=error.hint, key=error.key, instead=error.instead) from error


def _split(laid: Sequence[Override]) -> tuple[dict[str, Domain], list[Override]]:
    """Searched keys with their domains, and what is fixed; a sweep over a single value is fixed."""
    searched: dict[str, Domain] = {}
    fixed: list[Override] = []
    for o in laid:
        made = _domain(o) if isinstance(o.value, Sweep) else None
        if made is None:
            fixed.append(o)
        elif made.edges[0] == made.edges[-1]:
            fixed += parse([f"{o.key}={option_text(made.edges[0])}"])
        else:
            searched[o.key] = made
    return searched, fixed


def _check_searched(laid: Sequence[Override], allowed: str) -> None:
    """Raise InputError for a sweep of a key that cannot be searched."""
    for o in laid:
        if isinstance(o.value, Sweep) and o.key in _NOT_SEARCHED and o.key != allowed:
            with _said_of(o.origin):
                raise not_searched(o, _NOT_SEARCHED[o.key])


def _domain(o: Override) -> Domain:
    assert isinstance(o.value, Sweep)
    with _said_of(o.origin):
        if o.key not in {*dotted_keys(), DEPTH, WIDTH}:
            raise no_such_key(o.key, (DEPTH, WIDTH))
        kind = int if o.key in {DEPTH, WIDTH} else key_type(o.key)
        return domain(o.key, o.value, whole=bool({int, tuple[int, ...]} & {kind, *get_args(kind)}))


def _group(key: str) -> str:
    return key.partition(".")[0]


def _is_part(key: str) -> bool:
    return "." in key and _group(key) in USUAL


def _nodes(
    group: str, choice: Domain | None, around: list[Override], base: Mapping[str, Any], config_dir: Path | None
) -> dict[str, dict[str, Any]]:
    """Option to the plain values of a group's part; only the fixed one where the group is not searched."""
    if choice is None:
        fixed = changed(getattr(build({group: base.get(group, {})}), group))
        return {str(fixed["name"]): fixed}
    if not isinstance(choice, Choice):
        raise InputError(f"{group} is a choice of names", hint=f"{group}={USUAL[group]},...", key=group)
    return {str(option): _node(group, str(option), around, base, config_dir) for option in choice.options}


def _node(
    group: str, option: str, around: list[Override], base: Mapping[str, Any], config_dir: Path | None
) -> dict[str, Any]:
    known = options(group, config_dir)
    if option not in known:
        raise unknown("option", option, known, where=group, key=group)
    if config_dir is None:
        return {"name": option}  # the shipped files give the schema's own values, and a test holds them to it
    made = values([*around, Override(group, option, f"{group}={option}")], config_dir)
    if any(value != base.get(key) for key, value in made.items() if key != group):
        raise InputError(
            f"{group}={option} sets keys beside {group}, so it cannot be searched",
            hint=f"fix it: {group}={option}",
            key=group,
        )
    return changed(getattr(build({group: made.get(group, {})}), group))


def _has_meaning(o: Override, nodes: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> bool:
    """Whether any option in question has the part. In the file one that has not is idle; typed, it is an error."""
    group, _, part = o.key.partition(".")
    if any(part in parts_of(group, node) for node in nodes[group].values()):
        return True
    if o.origin and o.key in dotted_keys():
        return False
    parts = [name for node in nodes[group].values() for name in parts_of(group, node)]
    with _said_of(o.origin):
        raise no_such_part(o.key, dict.fromkeys(parts), f"{group}={' or '.join(nodes[group])}")


def _base(whole: list[Override], searched: Mapping[str, Domain], config_dir: Path | None) -> dict[str, Any]:
    """What is fixed and not the tutorial's, of the right types; without the keys that are searched."""
    made = values(whole, config_dir)
    for key, rival in (("steps", "epochs"), ("epochs", "steps")):
        if key in searched:
            made[rival] = None
    return minimal(build({key: value for key, value in made.items() if key not in searched}))


def _layers(searched: Mapping[str, Domain], fixed: list[Override], base: Mapping[str, Any]) -> dict[str, int]:
    """The fixed depth and width of a space that searches the other; both, where both are fixed."""
    given = {o.key: convert(o.key, o.value, int) for o in fixed if o.key in {DEPTH, WIDTH}}
    if WIDTH not in searched and WIDTH not in given:
        if DEPTH in searched or DEPTH in given:
            raise InputError(f"{DEPTH} needs {WIDTH}", hint=f"{WIDTH}='int(interval(16,256))'", key=DEPTH)
        return {}
    if DEPTH not in searched:
        given.setdefault(DEPTH, len(base.get("hidden", Config.hidden)))
    for key, low, high in ((DEPTH, 0, DEEPEST), (WIDTH, 1, LARGEST)):
        for value in [*([given[key]] if key in given else []), *(searched[key].edges if key in searched else [])]:
            if not low <= convert(key, value, int) <= high:
                raise InputError(f"{key}: {value} is not from {low} to {high}", hint="a whole number", key=key)
    return given


def _dimensions(searched: Mapping[str, Domain], constants: Mapping[str, Any]) -> dict[str, Domain]:
    """In the order of asking: first what others depend on; the width once for each layer that there may be."""
    first = [key for key in searched if key in USUAL or key == DEPTH]
    made = {key: searched[key] for key in first}
    deepest = max(map(int, searched[DEPTH].edges)) if DEPTH in searched else constants.get(DEPTH, 0)
    for key in searched:
        if key == WIDTH:
            made |= {f"hidden.{i}": searched[WIDTH] for i in range(deepest)}
        elif key not in made:
            made[key] = searched[key]
    return made
