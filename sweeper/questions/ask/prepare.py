"""From a question to the configurations that are run: its conditions, the draws of the search, the repeats."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sweeper.config.build import option_text
from sweeper.config.compose import compose, settle
from sweeper.config.domains import Sweep
from sweeper.config.grammar import parse
from sweeper.config.schema import Config
from sweeper.config.space import Space, Value
from sweeper.errors import InputError
from sweeper.questions.ask.overrides import overrule
from sweeper.questions.ask.question import Question
from sweeper.questions.registry import ANALYSES
from sweeper.study.plan import Point
from sweeper.study.search.source import draws

FRESH = 1000
"""The first repeat's seed is that far beyond the configuration's own, which the search begins with."""


@dataclass(frozen=True)
class Condition:
    """One of the things that are compared.

    Attributes:
        name: as it is shown.
        overrides: the fixed ones and its own.
        config: of these overrides; what is tuned has its usual value.
        space: of its nuisance hyperparameters; None where there are none.
    """

    name: str
    overrides: tuple[str, ...]
    config: Config
    space: Space | None

    def point(self, values: Mapping[str, Value], phase: str, **seeds: int) -> Point:
        """The configuration with these nuisance values, and these keys (seeds, members) set besides."""
        said = {"condition": self.name, "phase": phase, **seeds, **values}
        config = self.space.config(values) if self.space else self.config
        typed = self.space.overrides(values) if self.space else self.overrides
        return Point(said, (*typed, *(f"{key}={value}" for key, value in seeds.items())), _with(config, seeds))


@dataclass(frozen=True)
class Prepared:
    """A question, ready to run.

    Attributes:
        question: with the user's budget and repeats.
        conditions: in the question's order.
        draws: nuisance values, the same ones for every condition; empty without a search.
        overrides: the user's.
        objective: the score that is compared (``objectives.SCORES``); empty for the usual one of the data.
    """

    question: Question
    conditions: tuple[Condition, ...]
    draws: tuple[Mapping[str, Value], ...]
    overrides: tuple[str, ...]
    objective: str = ""

    def study(self, digest: str) -> str:
        """The name of its study on data of this digest: asked again the same way, it goes on."""
        by = [self.objective] if self.objective else []
        asked = json.dumps([asdict(self.question), self.overrides, digest, *by], sort_keys=True, default=list)
        return f"explore-{self.question.name.replace(' ', '-')}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}"

    def asked_with(self, repeats: int) -> Prepared:
        """The same question, asked with another number of repeats."""
        typed = tuple(f"repeats={repeats}" if text.partition("=")[0] == "repeats" else text for text in self.overrides)
        return replace(self, question=replace(self.question, repeats=repeats), overrides=typed)

    def search(self) -> list[Point]:
        """The points of the nuisance search: of draws that all conditions share, so that it is fair.

        Of candidates each has initial weights of its own, as each of a real search has.
        """
        if self.question.candidates:
            only = self.conditions[0]
            return [only.point(values, "search", seed=only.config.seed + n) for n, values in enumerate(self.draws)]
        members = self.question.search_repeats
        return [c.point(values, "search", repeats=members) for c in self.conditions for values in self.draws]

    def repeats(self, chosen: Mapping[str, Mapping[str, Value]]) -> list[Point]:
        """The points that are compared: each condition with its chosen values, on the same fresh seeds.

        A seed is that of everything random: the initial weights, the order of the examples, and dropout.
        """
        return [
            c.point(chosen.get(c.name, {}), "repeat", seed=seed, batch_seed=seed)
            for c in self.conditions
            if c.space is None or c.name in chosen
            for seed in range(c.config.seed + FRESH, c.config.seed + FRESH + self.question.repeats)
        ]


def prepare(
    question: Question,
    overrides: Sequence[str] = (),
    *,
    quick: bool = False,
    config_dir: Path | None = None,
    objective: str = "",
) -> Prepared:
    """The question with a user's overrides, checked down to every configuration.

    An override fixes a key (a nuisance one is then no longer tuned), or gives a compared or tuned key
    another sweep; `repeats` is the question's.

    Raises:
        InputError: a rule is broken; nothing was run.
    """
    typed = parse(overrides)
    asked = overrule(question.hurried() if quick else question, typed)
    swept = {*asked.scientific, *asked.nuisance, *asked.candidates, "repeats"}
    own = [override for override in typed if override.key not in swept]
    fixed = tuple(override.text for override in settle(parse(asked.fixed), own))
    if any(override.key == "validation.folds" and override.value for override in own):
        check_folds(asked)
    conditions = _conditions(asked, fixed, config_dir)
    _check_names(asked, conditions)
    return Prepared(asked, conditions, _draws(asked, conditions), tuple(overrides), objective)


def check_folds(question: Question) -> None:
    """Say what keeps a question from being answered over folds.

    Raises:
        InputError: its analysis cannot be right there.
    """
    why = ANALYSES[question.analysis].no_folds
    if why:
        raise InputError(
            f"question {question.name} is answered on one validation split: {why}",
            hint="leave validation.folds out, or ask with --scientific KEY=SWEEP, which only compares",
            key="validation.folds",
        )


def _with(config: Config, seeds: Mapping[str, int]) -> Config:
    values: dict[str, Any] = dict(seeds)
    return replace(config, **values)


def _conditions(question: Question, fixed: Sequence[str], config_dir: Path | None) -> tuple[Condition, ...]:
    if question.candidates:
        return (_condition("candidates", (), question.candidates, fixed, config_dir),)
    named = list(question.conditions.items()) or _combinations(question, fixed, config_dir)
    return tuple(_condition(name, own, question.nuisance, fixed, config_dir) for name, own in named)


def _condition(
    name: str, own: Sequence[str], tuned: Mapping[str, str], fixed: Sequence[str], config_dir: Path | None
) -> Condition:
    from sweeper.config.planning import plan_space

    sweeps = [f"{key}={value}" for key, value in tuned.items()]
    space = plan_space([*own, *sweeps], space="none", config_dir=config_dir, under=fixed) if sweeps else None
    kept = tuple(override.text for override in settle(parse(fixed), parse(own)))
    return Condition(name, kept, compose(own, config_dir, under=fixed), space)


def _combinations(
    question: Question, fixed: Sequence[str], config_dir: Path | None
) -> list[tuple[str, tuple[str, ...]]]:
    """All combinations of the scientific hyperparameters, each with its name."""
    from sweeper.config.planning import plan_space

    typed = parse([f"{key}={value}" for key, value in question.scientific.items()])
    held = [override.text for override in typed if not isinstance(override.value, Sweep)]
    space = plan_space([o.text for o in typed], space="none", config_dir=config_dir, under=fixed)
    found = []
    for values in space.grid():
        own = tuple(f"{key}={option_text(value)}" for key, value in values.items())
        name = ", ".join(own) if len(values) > 1 else str(next(iter(values.values())))
        found.append((name, (*held, *own)))
    return found


def _check_names(question: Question, conditions: Sequence[Condition]) -> None:
    names = [condition.name for condition in conditions]
    if len(names) < 2 and not question.candidates:
        hint = "a comparison needs two, such as activation=relu,tanh"
        raise InputError(f"question {question.name} has one condition only", hint=hint, key="scientific")
    for name in names:
        if names.count(name) > 1:
            hint = "name each value once"
            raise InputError(f"question {question.name}: {name} is compared with itself", hint=hint, key="scientific")


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
