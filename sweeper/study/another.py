"""What a study was begun with that is not asked now, and the commands for both ways on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweeper.config.space import Space
from sweeper.config.typed_space import differences
from sweeper.data import OWN, SEALED
from sweeper.errors import InputError
from sweeper.study.plan import Plan
from sweeper.system.command_line import with_option, with_overrides

SHOWN = 4
"""Keys in which two spaces differ that a message names."""

SEALED_BY = "dataset.test_path"
"""The key that names a test part's file."""

_OPTIONS = ("sampler", "pruner", "seed", "objective")
"""What is said by an option of the same name."""


def check_sealed(then: Mapping[str, Any], now: Mapping[str, Any], what: str, hint: str) -> None:
    """Make sure that the rows which are sealed now are those that were then, where that was written down.

    A column that is left out is no part of the data's digest, but of what seals a row: with it or without it, other
    rows are sealed, and some of them were trained on. Nor is a test part of the data's own.

    Raises:
        InputError: others are.
    """
    if not _differ(then, now):
        return
    if now.get("seal") == OWN:
        raise InputError(
            f"the test part is another than when {what}", hint=f"put the first one back, {hint}", key=SEALED_BY
        )
    raise InputError(
        f"other rows of the table are sealed than when {what}: a column that is left out came, changed or went",
        hint=f"give dataset.path the file as it was, {hint}",
        key="dataset.path",
    )


def check_trained(then: Mapping[str, Any], now: Mapping[str, Any], what: str, hint: str) -> None:
    """The same where nothing is opened: then a test part of the data's own may be another.

    Raises:
        InputError: others are sealed, so that others were trained on.
    """
    if trained_on_others(then, now):
        check_sealed(then, now, what, hint)


def trained_on_others(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether other rows are sealed now than then, so that others were trained on, where that was written down."""
    return now.get("seal") != OWN and _differ(then, now)


def _differ(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    old, new = then.get(SEALED, ""), now.get(SEALED, "")
    return bool(old and new and old != new)


def differs(plan: Plan, what: str, old: str, new: str, key: str) -> InputError:
    """The error for one part that a study is bound to and that is another now."""
    return InputError(
        f"the study {plan.study!r} was begun with another {what}: {old or 'none'}, not {new or 'none'}",
        hint=_ways(plan, with_option(plan.command, f"--{key}", old) if key in _OPTIONS and old else "", ""),
        key=key,
    )


def both_search(kept: dict[str, Any], asked: dict[str, Any], key: str) -> bool:
    """Whether it is the space that differs, and there is one on both sides."""
    return key == "space" and bool(kept.get(key)) and bool(asked[key])


def another_space(plan: Plan, kept: dict[str, Any]) -> InputError:
    """Which keys differ, and the commands that go on with the first space, or begin another study warm."""
    assert plan.space is not None
    apart = differences(Space.from_dict(kept["space"]), plan.space)
    said = [
        f"{key} is {old or 'not searched'} there and {new or 'not searched'} here" for key, (old, new) in apart.items()
    ]
    more = f", and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
    back = with_overrides(plan.command, {key: old for key, (old, _) in apart.items()})
    warm = with_option(_renamed(plan), "--warm-start", plan.study)
    return InputError(
        f"the study {plan.study!r} was begun with another search space: {'; '.join(said[:SHOWN])}{more}",
        hint=_ways(plan, back, f"; it may know the trials of this one: {warm}" if warm else ""),
        key="space",
    )


def _ways(plan: Plan, back: str, warm: str) -> str:
    """The two ways out, as commands where the command is known."""
    on = f"to go on with it: {back}" if back else "go on with what it was begun with"
    another = _renamed(plan)
    return f"{on}; or begin another study" + (warm or (f": {another}" if another else " with --study NAME"))


def _renamed(plan: Plan) -> str:
    """The command for a study of another name."""
    return with_option(plan.command, "--study", f"{plan.study[:95]}-2")
