"""What was typed wrong, and the command to type instead."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import typer

from sweeper.cli.commandline import command, instead, suggested, suggesting
from sweeper.cli.expected import needed, takes
from sweeper.cli.named import contenders_of, numbered, studies
from sweeper.cli.no_option import no_option
from sweeper.cli.usual import USUAL, replaced, with_usual
from sweeper.cli.words import BELOW, COMMANDS, ENDINGS, is_key, overrides_of
from sweeper.config.registry import nearest
from sweeper.errors import InputError, SweeperError

Parser = Callable[[], Any]
"""Makes the parser of command lines."""

_MOST = 8
"""Mistakes of one command line that are put right together."""


def usage_error(error: typer.TyperException, arguments: Sequence[str], parser: Parser | None = None) -> SweeperError:
    """An error in the arguments as one line, with the command that was meant where that is clear.

    Args:
        error: as the parser raised it.
        arguments: all that was typed.
        parser: makes what reads commands; with it the command that was meant is read, too.
    """
    return _whole(_answered(error, list(arguments)), parser)


def with_command(error: SweeperError, arguments: Sequence[str], parser: Parser | None = None) -> SweeperError:
    """The same error; where it knows what to type instead of a word, with the whole command as its hint."""
    return _whole(_with_command(error, arguments), parser)


def _whole(error: SweeperError, parser: Parser | None) -> SweeperError:
    """The same error; what is wrong besides with the command that it says to type is put right, too."""
    for _ in range(_MOST):
        meant = suggested(error)
        again = _wrong(meant, parser()) if meant and parser else None
        if not again or not (better := suggested(again)):
            break
        error = suggesting(error, better)
    return error


def _wrong(words: list[str], parser: Any) -> SweeperError | None:
    """What is wrong with a command, as far as its words tell."""
    if {"--help", "-h", "--version"} & set(words):
        return None
    words = [word for word in words if word != "--debug"]
    with contextlib.ExitStack() as stack:
        name, rest, context = "sweeper", words, None
        try:
            while True:
                context = stack.enter_context(parser.make_context(name, list(rest), parent=context, obj=words))
                if not hasattr(parser, "commands"):
                    break
                name, parser, rest = parser.resolve_command(context, [*context._protected_args, *context.args])  # noqa: SLF001
            if parser.name == "compare":
                contenders_of(context.params["names"], cast("typer.Context", context))
            elif parser.name != "explore":  # the names of questions stand among its keys
                overrides_of(context.params.get("overrides"), cast("typer.Context", context))
        except typer.TyperException as error:
            return _answered(error, words)
        except SweeperError as error:
            return _with_command(error, words)
    return None


def _answered(error: typer.TyperException, words: list[str]) -> InputError:
    # The parser's own classes of errors are private; their names have not changed for years.
    answer = _ANSWERS.get(type(error).__name__, _plain)
    try:
        return answer(error, words)
    except (AttributeError, IndexError, ValueError):  # an error of a form that is not known here
        return _plain(error, words)


def _with_command(error: SweeperError, arguments: Sequence[str]) -> SweeperError:
    named = _latest(error, list(arguments)) if error.instead is None else None
    given = [word for word in arguments if word != f"{error.key}="]  # without a value, it is what is wanted
    meant = replaced(given, *error.instead) if error.instead else named or with_usual(error, arguments)
    if meant is None or meant == list(arguments):
        return error
    such = f"type: {command(meant)}" if error.instead or named else f"such as: {command(meant)}"
    hint = f"{error.hint}; {such}" if error.hint and not error.instead else such
    again = SweeperError(error.message, hint=hint, key=error.key)
    again.exit_code = error.exit_code
    return again


def _latest(error: SweeperError, words: list[str]) -> list[str] | None:
    """What was typed, with the study that is meant by the best, or the last; None where nothing of that was typed."""
    known = studies(words)
    place = next((i for i, word in enumerate(words) if word in {"best", "last", "latest"}), 0)
    if not (known and place and error.key in {"run", "study", "name", words[place]}):
        return None
    return [*words[:place], known[0], *words[place + 1 :]]


def _plain(error: typer.TyperException, _: list[str]) -> InputError:
    """The parser's own message, on one line, with the command's help as the hint."""
    message = " ".join(error.format_message().split()).rstrip(".")
    context, param = getattr(error, "ctx", None), getattr(error, "param", None)
    hint = f"see {context.command_path} --help" if context else ""
    return InputError(message, hint=hint, key=param.opts[0] if param else "")


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
    usual = USUAL.get(option, param.default if param.default not in {None, 0} else low or 1)
    mended = [*words[:place], option, str(usual), *words[place + (1 if joined else 2) :]]
    return instead(f"{option} {value}: {wanted} is needed", mended, option, such="such as")


def _no_value(error: Any, words: list[str]) -> InputError:
    """An option without its value, or a switch with one."""
    option = error.option_name
    if "does not take a value" in error.message:
        mended = [option if word.startswith(f"{option}=") else word for word in words]
        return instead(f"{option} is a switch, and takes no value", mended, option)
    return instead(f"{option} needs a value", [*words, USUAL.get(option, "VALUE")], option)


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
    return instead(
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
    if (takes("RUN|STUDY", context) or context.info_name == "diff") and (named := numbered(words)) != words:
        return instead(f"{message}: a trial is named STUDY:N", named, extra[0])
    mended = [f"--{word}" if word in extra and f"--{word}" in known else word for word in words]
    if mended == words:
        for one in extra:
            mended.reverse()
            mended.remove(one)
            mended.reverse()
    if "=" in extra[0]:
        message += ": it takes no config keys"
    return instead(message, mended, extra[0])


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
        return instead(f"{message}: it is said once", [*words[:place], *words[place + 1 :]], name)
    if name == "help":
        return instead(message, [*words[:place], *words[place + 1 :], "--help"], name)
    if context.parent is None and "=" in name and is_key(name.partition("=")[0]):
        called = f"run {name}"
    if near := called or nearest(name, known):
        meant = [*words[:place], *near.split(" "), *words[place + 1 :]]
        return instead(f"{message}; did you mean {near}?", meant, name)
    return InputError(message, hint=f"there are: {', '.join(known)}", key=name)


_ANSWERS: dict[str, Callable[[Any, list[str]], InputError]] = {
    "NoSuchOption": no_option,
    "BadParameter": _bad_value,
    "BadOptionUsage": _no_value,
    "MissingParameter": _missing,
    "UsageError": _usage,
}
