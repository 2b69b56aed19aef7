"""What was typed wrong, and the command to type instead."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from sweeper.cli.expected import is_argument, needed, options, takes_overrides
from sweeper.cli.habits import CALLED, NEEDLESS, WHOLE, widths
from sweeper.cli.words import BELOW, COMMANDS, ENDINGS, as_override, is_key, studies
from sweeper.config.registry import nearest
from sweeper.errors import InputError, SweeperError

_EXAMPLES = {"--trials": "50", "-n": "50", "--workers": "2", "--timeout": "2h", "--deadline": "10m", "--memory": "4GB",
             "--port": "5000", "--repeats": "5", "--threads": "1", "--limit": "10", "--seed": "0", "--runs": "DIR",
             "--sampler": "tpe", "--pruner": "asha", "--objective": "validation.loss", "--study": "NAME",
             "--format": "csv", "--output": "FILE.csv", "--sort": "validation.accuracy", "--confirm": "3",
             "--with": "dataset=digits", "--storage": "sqlite:///sweep.db",
             "--constraint": "parameters<=50000"}  # fmt: skip
"""A value of each option that needs one."""


def usage_error(error: typer.TyperException, arguments: Sequence[str]) -> InputError:
    """An error in the arguments as one line, with the command that was meant where that is clear.

    Args:
        error: as the parser raised it.
        arguments: all that was typed.
    """
    # The parser's own classes of errors are private; their names have not changed for years.
    answer = _ANSWERS.get(type(error).__name__, _plain)
    try:
        return answer(error, list(arguments))
    except (AttributeError, IndexError, ValueError):  # an error of a form that is not known here
        return _plain(error, list(arguments))


def with_command(error: SweeperError, arguments: Sequence[str]) -> SweeperError:
    """The same error; where it knows what to type instead of a word, with the whole command as its hint."""
    named = _latest(error, list(arguments)) if error.instead is None else None
    meant = _replaced(list(arguments), *error.instead) if error.instead else named or _with_usual(error, arguments)
    if meant is None:
        return error
    such = f"type: {command(meant)}" if error.instead or named else f"such as: {command(meant)}"
    hint = f"{error.hint}; {such}" if error.hint and not error.instead else such
    again = SweeperError(error.message, hint=hint, key=error.key)
    again.exit_code = error.exit_code
    return again


def command(arguments: Sequence[str]) -> str:
    """The command line of arguments, quoted for every shell."""
    return shlex.join(["sweeper", *arguments])


def _latest(error: SweeperError, words: list[str]) -> list[str] | None:
    """What was typed, with the study that is meant by the best, or the last; None where nothing of that was typed."""
    known = studies(words)
    place = next((i for i, word in enumerate(words) if word in {"best", "last", "latest"}), 0)
    if not (known and place and error.key in {"run", "study", "name", words[place]}):
        return None
    return [*words[:place], known[0], *words[place + 1 :]]


def _with_usual(error: SweeperError, arguments: Sequence[str]) -> list[str] | None:
    """What was typed, with a value that a key or option cannot have as it usually is; None if it is about another."""
    from sweeper.config.typed_space import usual_text

    key = error.key
    if key in _EXAMPLES and key in arguments[:-1]:
        place = list(arguments).index(key)
        return [*arguments[: place + 1], _EXAMPLES[key], *arguments[place + 2 :]]
    typed = next((word for word in arguments if word.startswith(f"{key}=")), "")
    usual = usual_text(key) if key and typed and error.message.startswith(f"{key}: ") else ""
    return [f"{key}={usual}" if word == typed else word for word in arguments] if usual else None


def _replaced(words: list[str], typed: str, meant: str) -> list[str] | None:
    """What was typed, with one word put right, the likeliest place first; None where it is nowhere."""
    several = " " in meant and "=" in meant and " " not in typed
    whole = meant.split(" ") if several else [meant]
    if not meant:  # to be left out
        return [word for word in words if not word.startswith(typed)] if typed in "".join(words) else None
    places: list[tuple[Callable[[str], bool], Callable[[str], list[str]]]] = [
        (lambda word: word == typed, lambda _: whole),
        (lambda word: word.startswith(f"{typed}="), lambda word: [*whole[:-1], whole[-1] + word[len(typed) :]]),
        (lambda word: word.endswith(f"={typed}"), lambda word: [word.removesuffix(typed) + meant]),
        (lambda word: _inside(typed).search(word) is not None, lambda word: [_inside(typed).sub(meant, word, count=1)]),
    ]
    for is_it, mend in places:
        for place, word in enumerate(words):
            if is_it(word):
                return [*words[:place], *mend(word), *words[place + 1 :]]
    return None


def _inside(typed: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(typed)}(?![\w.-])")


def _plain(error: typer.TyperException, _: list[str]) -> InputError:
    """The parser's own message, on one line, with the command's help as the hint."""
    message = " ".join(error.format_message().split()).rstrip(".")
    context, param = getattr(error, "ctx", None), getattr(error, "param", None)
    hint = f"see {context.command_path} --help" if context else ""
    return InputError(message, hint=hint, key=param.opts[0] if param else "")


def _no_option(error: Any, words: list[str]) -> InputError:
    """An option that there is none of: a config key, an argument, a near miss, or one of another command."""
    context, option = error.ctx, error.option_name
    place = next(i for i, word in enumerate(words) if word == option or word.startswith((f"{option}=", option)))
    typed, equals, value = words[place].partition("=")
    name = typed.lstrip("-")
    known = options(context)
    message = f"{context.command_path} has no option {typed}"
    after = words[place + 1 : place + 2]
    given = [value] if equals else [word for word in after if not word.startswith("-")]
    rest = words[place + 1 :] if equals or not given else words[place + 2 :]
    before = words[:place]
    if context.parent is None and rest:
        return _instead(f"{message} before a command", _behind(context, words, place), typed)
    option = _meant_option(name, known)
    if option and is_key(name) and takes_overrides(context):
        option = ""
    if option or (habit := _habit(name, known)):
        meant = [option, *given, *rest] if option else [*habit, *words[place + 1 :]]
        said = option or " ".join(habit)
        what = f"{typed} is a switch, and takes no value" if said == typed else f"{message}; did you mean {said}?"
        return _instead(what, [*before, *meant], typed)
    if takes_overrides(context) and is_key(name):
        override, rest = _override_of(name, given, rest)
        return _instead(f"{typed} is no option: config keys are typed KEY=VALUE", [*before, override, *rest], typed)
    if given and is_argument(name, context):
        return _instead(f"{message}: it is named without one", [*before, *given, *rest], typed)
    if name in NEEDLESS:
        return _needless(name, message, before, rest if NEEDLESS[name][1] else words[place + 1 :])
    return InputError(message, hint=f"{context.command_path} --help lists them", key=typed)


def _habit(name: str, known: set[str]) -> tuple[str, ...]:
    """What a switch of other tools is here: an option with its value, or one that every command has."""
    if name in CALLED["debug"].split() or name == "debug":
        return ("--debug",)
    return WHOLE[name] if name in WHOLE and WHOLE[name][0] in known else ()


def _needless(name: str, message: str, before: list[str], rest: list[str]) -> InputError:
    """An option of other tools that there is no need for: the same without it."""
    first = "tune" if name in {"m", "multirun"} else before[0]
    return _instead(f"{message}, and needs none: {NEEDLESS[name][0]}", [first, *before[1:], *rest], name)


def _override_of(name: str, given: list[str], rest: list[str]) -> tuple[str, list[str]]:
    """A key that was typed as an option, as an override; and the words behind it."""
    several = widths([*given, *rest])
    if len(several) > 1 and as_override(name, "").startswith("hidden"):
        return as_override(name, f"[{','.join(several)}]"), rest[len(several) - 1 :]
    return as_override(name, given[0] if given else "VALUE"), rest


def _behind(context: Any, words: list[str], place: int) -> list[str]:
    """The words with an option, and its value, behind the command that it is of."""
    first = next((i for i, word in enumerate(words) if word in context.command.commands), len(words))
    return [*words[:place], *words[first:], *words[place:first]]


def _meant_option(name: str, known: set[str]) -> str:
    long = {one.lstrip("-"): one for one in known}
    called = next((one for one, others in CALLED.items() if name in others.split() and one in long), "")
    if name in NEEDLESS or name in WHOLE:
        return long.get(called, "")
    begun = [one for one in long if len(name) > 2 and one.startswith(name)]
    return long.get(called or (begun[0] if len(begun) == 1 else nearest(name, long)), "")


def _bad_value(error: Any, words: list[str]) -> InputError:
    """A value that an option does not take: said in words, with one that it does."""
    param = error.param
    option = next((one for one in param.opts if any(w == one or w.startswith(f"{one}=") for w in words)), param.opts[0])
    place = next(i for i, word in enumerate(words) if word == option or word.startswith(f"{option}="))
    joined = words[place] != option
    value = words[place].partition("=")[2] if joined else words[place + 1]
    kind = "a whole number" if param.type_descriptor.annotation in {int, list[int]} else "a number"
    low, high = param.min, param.max
    ends = [f"from {low}" if low is not None else "", f"to {high}" if high is not None else ""]
    wanted = " ".join([kind, *filter(None, ends)])
    usual = _EXAMPLES.get(option, param.default if param.default not in {None, 0} else low or 1)
    mended = [*words[:place], option, str(usual), *words[place + (1 if joined else 2) :]]
    return _instead(f"{option} {value}: {wanted} is needed", mended, option, such="such as")


def _no_value(error: Any, words: list[str]) -> InputError:
    """An option without its value, or a switch with one."""
    option = error.option_name
    if "does not take a value" in error.message:
        mended = [option if word.startswith(f"{option}=") else word for word in words]
        return _instead(f"{option} is a switch, and takes no value", mended, option)
    return _instead(f"{option} needs a value", [*words, _EXAMPLES.get(option, "VALUE")], option)


def _missing(error: Any, words: list[str]) -> InputError:
    """An argument that was left out; of a study or a run, with the names of those that there are."""
    context, param = error.ctx, error.param
    shown = param.metavar or param.name.upper()
    message = f"{context.command_path} needs {shown}"
    named = studies(words) if "STUDY" in shown.upper() or shown.startswith("A B") else []
    if not named:
        made = "; none is recorded yet: sweeper tune makes a study" if "STUDY" in shown.upper() else ""
        return InputError(message + made, hint=f"type: {_completed(context, param, words)}", key=param.name)
    behind = needed(context, param)[1][1:]
    some = named[:2] if shown.startswith("A B") else named[:1]
    said = f": there are {', '.join(named[:5])}{', ...' if len(named) > 5 else ''}"
    return _instead(
        message + said, [*words, *(some if len(some) == 2 or not shown.startswith("A B") else [*some, "B"]), *behind]
    )


def _completed(context: Any, param: Any, words: list[str]) -> str:
    """What was typed, with all that is needed from an argument on; a file that stands first comes behind."""
    given, lacking = needed(context, param)
    if given and Path(words[-1]).suffix and Path(words[-1]).is_file():
        return " ".join([command(words[:-1]), given[-1], shlex.quote(words[-1])])
    return " ".join([command(words), *lacking])


def _usage(error: Any, words: list[str]) -> InputError:
    """Words that are too many, or no command."""
    context = error.ctx
    found = re.fullmatch(r"Got unexpected extra argument\(s\) \((.*)\)", error.message, re.DOTALL)
    if found:
        return _too_many(context, found[1].split(" "), words)
    if error.message.startswith("Missing command"):
        names = ", ".join(context.command.commands)
        return InputError(
            f"{context.command_path} needs one of {names}",
            hint=f"type: {context.command_path} {next(iter(context.command.commands))}",
        )
    name = re.match(r"No such command '(.*?)'", error.message, re.DOTALL)
    return _no_command(context, name[1], words) if name else _plain(error, words)


def _too_many(context: Any, extra: list[str], words: list[str]) -> InputError:
    known = {one for param in context.command.get_params(context) for one in param.opts}
    message = f"{context.command_path} makes nothing of {' '.join(extra)}"
    mended = [f"--{word}" if word in extra and f"--{word}" in known else word for word in words]
    if mended == words:
        for one in extra:
            mended.reverse()
            mended.remove(one)
            mended.reverse()
    if "=" in extra[0]:
        message += ": it takes no config keys"
    return _instead(message, mended, extra[0])


def _no_command(context: Any, name: str, words: list[str]) -> InputError:
    """A command that is called otherwise here, or was misspelt."""
    known = [one for one, made in context.command.commands.items() if not made.hidden]
    message = f"{context.command_path} has no command {name}"
    place = words.index(name)
    called = (COMMANDS if context.parent is None else BELOW).get(name.lower().lstrip("-"), "")
    if context.parent is None and name in ENDINGS:
        hint = "Ctrl-C where it runs ends it, and the same command goes on; type: sweeper status"
        return InputError(f"{message}: nothing is ended from outside", hint=hint, key=name)
    if name == "sweeper" and len(words) > place + 1:
        return _instead(f"{message}: it is said once", [*words[:place], *words[place + 1 :]], name)
    if name == "help":
        return _instead(message, [*words[:place], *words[place + 1 :], "--help"], name)
    if context.parent is None and "=" in name and is_key(name.partition("=")[0]):
        called = f"run {name}"
    if near := called or nearest(name, known):
        meant = [*words[:place], *near.split(" "), *words[place + 1 :]]
        return _instead(f"{message}; did you mean {near}?", meant, name)
    return InputError(message, hint=f"there are: {', '.join(known)}", key=name)


def _instead(message: str, mended: Sequence[str], key: str = "", *, such: str = "type:") -> InputError:
    return InputError(message, hint=f"{such} {command(mended)}", key=key)


_ANSWERS: dict[str, Callable[[Any, list[str]], InputError]] = {
    "NoSuchOption": _no_option,
    "BadParameter": _bad_value,
    "BadOptionUsage": _no_value,
    "MissingParameter": _missing,
    "UsageError": _usage,
}
