"""A user's overrides of a question: what they change in it, and what they cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sweeper.config.domains import Sweep
from sweeper.config.grammar import Override, parse
from sweeper.errors import InputError
from sweeper.questions.ask.question import Question, check

_RIVALS = {"steps": "epochs", "epochs": "steps"}
"""Keys of which one takes the other's place."""


def overrule(question: Question, typed: Sequence[Override]) -> Question:
    """The question with the user's sweeps and repeats, and without tuning what the user fixed.

    Raises:
        InputError: a rule of questions is broken, fewer than two conditions are left, or a key is fixed that the
            conditions set themselves.
    """
    changes: dict[str, object] = {part: _part(question, part, typed) for part in ("nuisance", "candidates")}
    changes["scientific"] = scientific = _compared(question, typed)
    _check_several(question, scientific)
    _check_drawn(question, typed)
    _check_free(question, typed)
    for override in typed:
        if override.key == "repeats":
            changes["repeats"] = _whole(override)
    return check(replace(question, **changes))  # type: ignore[arg-type]


def _part(question: Question, part: str, typed: Sequence[Override]) -> dict[str, str]:
    kept: dict[str, str] = dict(getattr(question, part))
    for override in typed:
        if override.key in kept and isinstance(override.value, Sweep):
            kept[override.key] = _value(override)
        elif override.key in kept:
            del kept[override.key]
    return kept


def _compared(question: Question, typed: Sequence[Override]) -> dict[str, str]:
    return dict(question.scientific) | {o.key: _value(o) for o in typed if o.key in question.scientific}


def _value(override: Override) -> str:
    return override.text.partition("=")[2]


def _check_several(question: Question, scientific: Mapping[str, str]) -> None:
    texts = [f"{key}={value}" for key, value in scientific.items()]
    if not texts or any(isinstance(override.value, Sweep) for override in parse(texts)):
        return
    usual = [f"{key}={value}" for key, value in question.scientific.items()]
    hint = (
        f"give several, such as {' '.join(usual)}" if usual != texts else "a comparison needs two, separated by commas"
    )
    raise InputError(
        f"question {question.name}: {' '.join(texts)} leaves one condition only", hint=hint, key=next(iter(scientific))
    )


def _check_drawn(question: Question, typed: Sequence[Override]) -> None:
    fixed = {override.key: override for override in typed if not isinstance(override.value, Sweep)}
    if question.candidates and set(question.candidates) <= set(fixed):
        texts = " and ".join(fixed[key].text for key in question.candidates)
        hint = "leave one of them to be drawn" if len(question.candidates) > 1 else "leave it to be drawn"
        raise InputError(
            f"question {question.name}: {texts} leaves nothing to draw candidates by", hint=hint, key="candidates"
        )


def _check_free(question: Question, typed: Sequence[Override]) -> None:
    """A condition is named for what it sets, so that nothing else may set that: not the user, and no search."""
    own = {name: {override.key for override in parse(texts)} for name, texts in question.conditions.items()}
    for name, keys in own.items():
        for key in sorted(keys & set(question.nuisance)):
            hint = "set it in all conditions, or tune it for all"
            raise InputError(
                f"question {question.name}: {key} is tuned, and condition {name} sets it", hint=hint, key=key
            )
    for override in typed:
        setting = [name for name, keys in own.items() if {override.key, _RIVALS.get(override.key)} & keys]
        if setting:
            hint = "leave it out, or write a question of your own: conf/question has examples"
            said = f"{override.text} cannot be fixed, as conditions differ by {override.key}"
            raise InputError(f"question {question.name}: {said} ({', '.join(setting)})", hint=hint, key=override.key)


def _whole(override: Override) -> int:
    if not isinstance(override.value, int) or isinstance(override.value, bool):
        raise InputError(f"{override.text}: repeats is a whole number", hint="such as repeats=5", key="repeats")
    return override.value
