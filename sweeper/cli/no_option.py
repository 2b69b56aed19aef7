"""Options that a command has not: keys, arguments, near misses, habits of other tools, options of other commands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeper.cli.commandline import instead
from sweeper.cli.expected import is_argument, options, switches, takes, takes_overrides
from sweeper.cli.habits import CALLED, NEEDLESS, WHOLE
from sweeper.cli.words import as_override, is_key
from sweeper.config.registry import nearest
from sweeper.errors import InputError

_NUMBER = {"trial", "number", "trial-number", "trial-id"}
"""Options of a trial's number, which stands behind the study's name here."""


@dataclass(frozen=True)
class _Typed:
    """An option as it was typed.

    Attributes:
        context: of the command.
        words: all that was typed; the option is at `place`.
        given: its value, where it has one.
        joined: by a sign of equality.
    """

    context: Any
    words: list[str]
    place: int
    option: str
    given: list[str]
    joined: bool

    @property
    def name(self) -> str:
        return self.option.lstrip("-")

    @property
    def message(self) -> str:
        return f"{self.context.command_path} has no option {self.option}"

    @property
    def before(self) -> list[str]:
        return self.words[: self.place]

    @property
    def behind(self) -> list[str]:
        """What stands behind the option, as if it had no value."""
        return self.words[self.place + 1 :]

    @property
    def rest(self) -> list[str]:
        """What stands behind the option and its value."""
        return self.behind if self.joined or not self.given else self.behind[1:]


def no_option(error: Any, words: list[str]) -> InputError:
    """What to type for an option that there is none of.

    Args:
        error: as the parser raised it.
        words: all that was typed.
    """
    one = _typed(error, words)
    for guess in (
        _before_command,
        _file,
        _of_a_trial,
        _switch_by_value,
        _option,
        _key,
        _argument,
        _of_a_search,
        _needless,
    ):
        if found := guess(one):
            return found
    return InputError(one.message, hint=f"{one.context.command_path} --help lists them", key=one.option)


def _typed(error: Any, words: list[str]) -> _Typed:
    option = error.option_name
    place = next(i for i, word in enumerate(words) if word == option or word.startswith((f"{option}=", option)))
    name, equals, value = words[place].partition("=")
    after = words[place + 1 : place + 2]
    given = [value] if equals else [word for word in after if not re.match(r"--?[A-Za-z]", word)]
    return _Typed(error.ctx, words, place, name, given, bool(equals))


def _before_command(one: _Typed) -> InputError | None:
    """``sweeper --runs elsewhere run``: the option, and its value, behind the command that it is of."""
    if one.context.parent is not None or not one.rest:
        return None
    first = next((i for i, word in enumerate(one.words) if word in one.context.command.commands), len(one.words))
    mended = [*one.before, *one.words[first:], *one.words[one.place : first]]
    return instead(f"{one.message} before a command", mended, one.option)


def _file(one: _Typed) -> InputError | None:
    """``--config my.yaml``: keys are in a folder, by their groups."""
    if one.name not in {"config", "config-file", "yaml"} or not one.given:
        return None
    message = f"{one.message}: keys are typed, or are in a folder for --config-dir"
    return InputError(message, hint="type: sweeper init", key=one.option)


def _of_a_trial(one: _Typed) -> InputError | None:
    """``--trial 17``: the number belongs to a study's name."""
    if one.name not in _NUMBER or not one.given or not one.given[0].isdigit() or not takes("STUDY", one.context):
        return None
    words = [*one.before, *one.rest]
    study = next((i for i, word in enumerate(words) if i and not word.startswith("-")), 0)
    mended = [*words[:study], f"{words[study]}:{one.given[0]}", *words[study + 1 :]] if study else words
    return instead(f"{one.message}: a trial is named STUDY:N", mended, one.option)


def _switch_by_value(one: _Typed) -> InputError | None:
    """``--format onnx`` where there is an ``--onnx``."""
    switch = f"--{one.given[0]}" if one.given else ""
    if switch not in switches(one.context) or is_key(one.name) or one.name in CALLED["debug"].split():
        return None
    return instead(f"{one.message}; did you mean {switch}?", [*one.before, switch, *one.rest], one.option)


def _option(one: _Typed) -> InputError | None:
    """Another spelling of one that the command has, or what it is called elsewhere."""
    known = options(one.context)
    option = _meant(one, known)
    if option and is_key(one.name) and takes_overrides(one.context):
        option = ""
    if option:
        said, mended = option, [*one.before, option, *one.given, *one.rest]
    elif habit := _habit(one.name, known):
        words, has_value = habit
        said, mended = " ".join(words), [*one.before, *words, *(one.rest if has_value else one.behind)]
    else:
        return None
    switch = said == one.option
    message = f"{one.option} is a switch, and takes no value" if switch else f"{one.message}; did you mean {said}?"
    return instead(message, mended, one.option)


def _meant(one: _Typed, known: set[str]) -> str:
    """The option that is meant, or else empty."""
    name, long = one.name, {option.lstrip("-"): option for option in known}
    called = next((known for known, others in CALLED.items() if name in others.split() and known in long), "")
    if called == "study" and name == "continue" and not one.given:
        called = ""  # without a study's name there is nothing to go on with
    if name in NEEDLESS or name in WHOLE:
        return long.get(called, "")
    begun = [option for option in long if len(name) > 2 and option.startswith(name)]
    near = begun[0] if len(begun) == 1 else "" if _is_of_search(one) else nearest(name, long)
    return long.get(called or near, "")


def _habit(name: str, known: set[str]) -> tuple[tuple[str, ...], bool] | None:
    """What a switch of other tools is here: an option with its value, or one that every command has."""
    if name in CALLED["debug"].split() or name == "debug":
        return ("--debug",), False
    return WHOLE[name] if name in WHOLE and WHOLE[name][0][0] in known else None


def _key(one: _Typed) -> InputError | None:
    """``--lr 0.1``: a config key that was typed as an option."""
    if not takes_overrides(one.context) or not is_key(one.name):
        return None
    several, rest = _widths([*one.given, *one.rest]), one.rest
    override = as_override(one.name, one.given[0] if one.given else "VALUE")
    if len(several) > 1 and override.startswith("hidden"):
        override, rest = as_override(one.name, f"[{','.join(several)}]"), one.rest[len(several) - 1 :]
    message = f"{one.option} is no option: config keys are typed KEY=VALUE"
    return instead(message, [*one.before, override, *rest], one.option)


def _argument(one: _Typed) -> InputError | None:
    """``--study first`` where the study is named without an option."""
    if not one.given or not is_argument(one.name, one.context):
        return None
    return instead(f"{one.message}: it is named without one", [*one.before, *one.given, *one.rest], one.option)


def _of_a_search(one: _Typed) -> InputError | None:
    """``sweeper run --trials 50``: an option that ``tune`` has."""
    if not _is_of_search(one):
        return None
    mended = ["tune", *one.before[1:], one.option, *one.given, *one.rest]
    return instead(f"{one.message}, which is of a search", mended, one.option)


def _is_of_search(one: _Typed) -> bool:
    if one.context.info_name != "run":
        return False
    parent = one.context.parent
    return any(one.option in (*param.opts, *param.secondary_opts) for param in parent.command.commands["tune"].params)


def _needless(one: _Typed) -> InputError | None:
    """An option of other tools that there is no need for: the same without it."""
    if one.name not in NEEDLESS:
        return None
    why, has_value = NEEDLESS[one.name]
    first = "tune" if one.name in {"m", "multirun"} else one.before[0]
    rest = one.rest if has_value or (one.given and one.given[0].isdigit()) else one.behind
    return instead(f"{one.message}, and needs none: {why}", [first, *one.before[1:], *rest], one.name)


def _widths(words: Sequence[str]) -> list[str]:
    """The whole numbers that words begin with."""
    found = []
    for word in words:
        if not word.isdigit():
            break
        found.append(word)
    return found
