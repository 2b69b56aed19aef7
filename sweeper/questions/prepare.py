"""From a question to the configurations that are run: its conditions, the draws of the search, the repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweeper.config.compose import compose
from sweeper.config.domains import Sweep
from sweeper.config.grammar import Override, parse
from sweeper.config.space import Space, Value, plan_space
from sweeper.errors import InputError
from sweeper.questions.question import Question, check
from sweeper.study.draws import draws
from sweeper.study.plan import Point

FRESH = 1000
"""Seed of the first repeat; the search runs with the configuration's own."""


@dataclass(frozen=True)
class Condition:
    """One of the things that are compared.

    Attributes:
        name: as it is shown.
        overrides: the fixed ones and its own.
        space: of its nuisance hyperparameters; None where there are none.
    """

    name: str
    overrides: tuple[str, ...]
    space: Space | None

    def point(self, values: Mapping[str, Value], phase: str, seed: int | None = None) -> Point:
        """The configuration with these nuisance values, and with a seed of its own for everything random."""
        seeds = () if seed is None else (f"seed={seed}", f"batch_seed={seed}")
        typed = (*self.overrides, *seeds)
        told = {"condition": self.name, "phase": phase, **({} if seed is None else {"seed": seed}), **values}
        if self.space is None:
            return Point(told, typed, compose(typed))
        config = self.space.config(values)
        if seed is not None:
            config = replace(config, seed=seed, batch_seed=seed)
        return Point(told, (*self.space.overrides(values), *seeds), config)


@dataclass(frozen=True)
class Prepared:
    """A question, ready to run.

    Attributes:
        question: with the user's budget and repeats.
        conditions: in the question's order.
        draws: nuisance values, the same ones for every condition; empty without a search.
        overrides: the user's.
    """

    question: Question
    conditions: tuple[Condition, ...]
    draws: tuple[Mapping[str, Value], ...]
    overrides: tuple[str, ...]

    def search(self) -> list[Point]:
        """The points of the nuisance search; of draws that all conditions share, so that it is fair."""
        return [condition.point(values, "search") for values in self.draws for condition in self.conditions]

    def repeats(self, chosen: Mapping[str, Mapping[str, Value]]) -> list[Point]:
        """The points that are compared: each condition with its chosen values, on the same fresh seeds."""
        seeds = range(FRESH, FRESH + self.question.repeats)
        return [c.point(chosen.get(c.name, {}), "repeat", seed) for seed in seeds for c in self.conditions]


def prepare(
    question: Question, overrides: Sequence[str] = (), *, quick: bool = False, config_dir: Path | None = None
) -> Prepared:
    """The question with a user's overrides, checked down to every configuration.

    An override fixes a key (a nuisance one is then no longer tuned), or gives a compared or tuned key
    another sweep; `repeats` is the question's.

    Raises:
        InputError: a rule is broken; nothing was run.
    """
    typed = parse(overrides)
    asked = _overruled(question.hurried() if quick else question, typed)
    swept = {*asked.scientific, *asked.nuisance, *asked.candidates, "repeats"}
    fixed = (*asked.fixed, *(o.text for o in typed if o.key not in swept))
    if asked.candidates:
        space = _space(asked.candidates, fixed, (), config_dir)
        found: tuple[Condition, ...] = (Condition("candidates", fixed, space),)
    else:
        found = tuple(
            Condition(name, (*fixed, *own), _space(asked.nuisance, fixed, own, config_dir) if asked.nuisance else None)
            for name, own in _conditions(asked, fixed, config_dir)
        )
    if len(found) < 2 and not asked.candidates:
        hint = "a comparison needs two, such as activation=relu,tanh"
        raise InputError(f"question {asked.name} has one condition only", hint=hint, key="scientific")
    made = Prepared(asked, found, _draws(asked, found), tuple(overrides))
    for condition in found:
        condition.point(made.draws[0] if made.draws else {}, "repeat", FRESH)
    return made


def _overruled(question: Question, typed: Sequence[Override]) -> Question:
    """The question with the user's sweeps, and without what the user fixed."""
    changes: dict[str, object] = {}
    for part in ("scientific", "nuisance", "candidates"):
        kept = dict(getattr(question, part))
        for override in typed:
            if override.key in kept:
                kept[override.key] = override.text.partition("=")[2]
                if part != "scientific" and not isinstance(override.value, Sweep):
                    del kept[override.key]
        changes[part] = kept
    for override in typed:
        if override.key == "repeats":
            changes["repeats"] = _whole(override)
    return check(replace(question, **changes))  # type: ignore[arg-type]


def _whole(override: Override) -> int:
    if not isinstance(override.value, int) or isinstance(override.value, bool):
        raise InputError(f"{override.text}: repeats is a whole number", hint="such as repeats=5", key="repeats")
    return override.value


def _conditions(question: Question, fixed: Sequence[str], config_dir: Path | None) -> list[tuple[str, tuple[str, ...]]]:
    if question.conditions:
        return [(name, tuple(own)) for name, own in question.conditions.items()]
    sweeps = [f"{key}={value}" for key, value in question.scientific.items()]
    space = plan_space(sweeps, space="none", config_dir=config_dir, under=fixed)
    found = []
    for values in space.grid():
        own = tuple(text for text in space.overrides(values) if text not in space.fixed)
        short = ", ".join(own) if len(values) > 1 else str(next(iter(values.values())))
        found.append((short, own))
    return found


def _space(sweeps: Mapping[str, str], fixed: Sequence[str], own: Sequence[str], config_dir: Path | None) -> Space:
    """The nuisance space beside a condition's own overrides."""
    texts = [*own, *(f"{key}={value}" for key, value in sweeps.items())]
    return plan_space(texts, space="none", config_dir=config_dir, under=fixed)


def _draws(question: Question, conditions: Sequence[Condition]) -> tuple[Mapping[str, Value], ...]:
    space = conditions[0].space
    if space is None:
        return ()
    each = question.budget // len(conditions)
    if each < 1:
        raise InputError(
            f"question {question.name}: a budget of {question.budget} trials cannot cover {len(conditions)} conditions",
            hint=f"give at least {len(conditions)}, better {8 * len(conditions)}",
            key="budget",
        )
    return tuple(draws(space, each))
