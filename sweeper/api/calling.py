"""What every function of the Python interface has in common: where things are recorded, and how errors read."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from numbers import Real
from pathlib import Path
from typing import ParamSpec, TypeVar

from sweeper.config.amounts import duration
from sweeper.errors import InputError, SweeperError
from sweeper.workers.pools import close, keeping

__all__ = ["bytes_of", "close", "command", "folder", "names", "path", "plainly", "seconds"]

Given = ParamSpec("Given")
Result = TypeVar("Result")

_RUNS = "SWEEPER_RUNS"
_OPTION = re.compile(r"ray start[^,;]*|(?<![\w-])--([a-z][a-z-]*)(?: (\d+(?=[: ])|local\b|\w[\w:/.+-]*(?=: )))?")
"""Options as the command line has them, with their value where one follows; not in commands of Ray."""
_NUMBER = re.compile(r"\d[\d.]*(e[+-]?\d+)?")
_OTHERWISE = {"all": "every=True", "list": "sweeper explore --list"}
"""Options that are something else in Python."""


def plainly(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Let the function's errors end at its caller, in one line with the way to mend it, and leave nothing behind.

    What a person can mend is not in the frames between; every other error keeps them all.
    """
    kinds = {one.name: str(one.annotation) for one in signature(function).parameters.values()}

    @wraps(function)
    def called(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        before = os.environ.get(_RUNS)
        try:
            _check(kinds, kwargs)
            with keeping():
                return function(*args, **kwargs)
        except SweeperError as error:
            raise _in_python(error) from None
        finally:  # jobs tell their workers by it, and the next call may be for another folder
            os.environ.pop(_RUNS, None)
            os.environ.update({} if before is None else {_RUNS: before})

    return called


def _check(kinds: Mapping[str, str], given: Mapping[str, object]) -> None:
    """Make sure that arguments which are numbers, texts or switches are given such.

    Raises:
        InputError: one is something else.
    """
    for name, value in given.items():
        arms = kinds.get(name, "").split(" | ")
        if not set(arms) <= set(_PLAIN) or (value is None and "None" in arms):
            continue
        if not any(_PLAIN[arm][0](value) for arm in arms):
            wanted = " or ".join(said for arm in arms if (said := _PLAIN[arm][1]))
            raise InputError(f"{name}: {repr(value)[:60]} is not {wanted}", hint="see help() of the function", key=name)


def _is_whole(value: object) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool)


_PLAIN: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "int": (_is_whole, "a whole number"),
    "float": (lambda value: isinstance(value, Real) and not isinstance(value, bool), "a number"),
    "str": (lambda value: isinstance(value, str), "text"),
    "bool": (lambda value: value in {True, False}, "True or False"),
    "None": (lambda value: value is None, "None"),
}
"""What arguments of each annotation may be, and how that is said."""


def folder(runs: str | os.PathLike[str] | None) -> Path:
    """Where everything is recorded: as given, or ``SWEEPER_RUNS``, or ``runs``."""
    return path(runs or None, "runs") or Path(os.environ.get(_RUNS) or "runs")


def path(given: str | os.PathLike[str] | None, name: str = "config_dir") -> Path | None:
    """A path, where one is given.

    Raises:
        InputError: it is no path.
    """
    if given is None or isinstance(given, str | os.PathLike):
        return None if given is None else Path(given)
    raise InputError(f"{name}: a {type(given).__name__} is no path", hint="give it as text", key=name)


def seconds(given: float | str | None, name: str) -> float | None:
    """A duration as a number of seconds, or as text such as ``"2h"``.

    Raises:
        InputError: it is none, or not more than nothing.
    """
    return None if given is None else duration(str(given), name)


def bytes_of(given: float | str | None) -> int:
    """A limit of memory as a number of bytes, or as text such as ``"4GB"``; 0 for none.

    Raises:
        InputError: it is no size, or too small for TensorFlow.
    """
    if given is None:
        return 0
    from sweeper.cli.options import worker_memory

    return worker_memory(f"{given / 1000}kB" if isinstance(given, int | float) else given)


def names(given: object) -> list[str]:
    """One text, or several: a list of them either way.

    Raises:
        InputError: it is neither.
    """
    if isinstance(given, str):
        return [given]
    if given and not isinstance(given, Iterable):
        raise InputError(f"{repr(given)[:60]} is neither a text nor several", hint="give a text, or a list of them")
    return [str(one) for one in given] if isinstance(given, Iterable) else []


def command(name: str, words: tuple[str, ...] | list[str], options: Mapping[str, object], runs: Path) -> str:
    """The command line that does the same: for the record, and for the reports that say how to do it again."""
    typed = [part for option, value in options.items() for part in _option(option.replace("_", "-"), value)]
    where = [] if runs == Path("runs") else ["--runs", str(runs)]
    return shlex.join(["sweeper", name, *words, *typed, *where])


def _option(name: str, value: object) -> list[str]:
    if value is True:
        return [f"--{name}"]
    if isinstance(value, list | tuple):
        return [part for each in value for part in (f"--{name}", str(each))]
    return [] if value is None or value is False or value == "" else [f"--{name}", str(value)]


def _in_python(error: SweeperError) -> SweeperError:
    """The same error, its options named as arguments, its hint where Python shows it, and without its frames."""
    error.message, error.hint = _arguments(error.message), _arguments(error.hint)
    error.key = error.key.removeprefix("--").replace("-", "_")
    error.args = (f"{error.message} ({error.hint})" if error.hint else error.message,)
    return error.with_traceback(None)


def _arguments(text: str) -> str:
    """``--max-errors`` as ``max_errors=``; not in commands, which are to be typed as they are."""
    if "sweeper " in text:
        return text
    return _OPTION.sub(_argument, text)


def _argument(found: re.Match[str]) -> str:
    name, value = found[1], found[2]
    if name is None:
        return found[0]
    text = value and not _NUMBER.fullmatch(value)
    ending = (
        f"={repr(value) if text else value or ''}" if value or not found.string[found.end() :].startswith(":") else ""
    )
    return _OTHERWISE.get(name, name.replace("-", "_") + ending)
