"""Names of studies, trials and contenders among words that were typed, and what was meant by them."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.errors import InputError

if TYPE_CHECKING:
    from typer import Context

Mend = tuple[str, list[str] | None]
"""What is wrong, and the words that were meant; None where nobody knows."""

_BETWEEN = {"vs", "vs.", "versus", "against", "and", "or", "with", "to"}
"""Words between two things that are compared."""
_BESIDE = re.compile(r".*-(confirm-[0-9a-f]{6}|random)|compare-[0-9a-f]{8}")
"""Studies that belong to another one, or to a comparison, which keeps no models."""
_SEARCH = re.compile(r"(?P<key>[A-Za-z_][\w.]*)=(?P<values>[^\[\](){},]+(?:,[^\[\](){},]+)+)")


def studies(typed: Sequence[str]) -> list[str]:
    """The names of the studies in the runs folder that a command line means; none is opened.

    The newest first, and those last that belong to something else, as confirmations do.
    """
    found = [path for ending in ("db", "url") for path in (runs_folder(typed) / "studies").glob(f"*.{ending}")]
    names = dict.fromkeys(path.stem for path in sorted(found, key=lambda path: -path.stat().st_mtime))
    return sorted(names, key=lambda name: _BESIDE.fullmatch(name) is not None)


def runs_folder(typed: Sequence[str]) -> Path:
    """The runs folder that a command line means."""
    for place, word in enumerate(typed):
        if word == "--runs" and place + 1 < len(typed):
            return Path(typed[place + 1])
        if word.startswith("--runs="):
            return Path(word.partition("=")[2])
    return Path(os.environ.get("SWEEPER_RUNS") or "runs")


def numbered(words: Sequence[str]) -> list[str]:
    """The words, with numbers behind a study's name as its trials: ``first 1 2`` is ``first:1 first:2``."""
    found, study, joined = list[str](), "", False
    for word in words:
        if word.isdigit() and study:
            found = [*(found[:-1] if not joined else found), f"{study}:{word}"]
            joined = True
        else:
            # The first word is the command, and what begins with a sign is an option.
            study = word if found and re.fullmatch(r"[A-Za-z][\w.-]*", word) and not found[-1].startswith("-") else ""
            found, joined = [*found, word], False
    return found


def named_value(word: str, before: list[str], after: list[str], _: str) -> Mend | None:
    """``tanh``, ``digits``, ``adam``."""
    from sweeper.config.datasets import DATASETS
    from sweeper.config.schema import ACTIVATIONS, DECAYS, INITS, LOSSES, OPTIMIZERS

    kinds = {"activation": ACTIVATIONS, "dataset": DATASETS, "optimizer": OPTIMIZERS, "loss": LOSSES, "init": INITS}
    for key, names in (kinds | {"lr_decay": DECAYS}).items():
        if before and before[-1].startswith(f"{key}=") and word.lower() in names:
            return f"there is a blank in {before[-1]} {word}", [*before[:-1], f"{before[-1]},{word.lower()}", *after]
        if word.lower() in names:
            return f"{word} is a value: say of which key", [*before, f"{key}={word.lower()}", *after]
    return None


def contenders_of(names: Sequence[str], context: Context) -> list[str]:
    """What is to be compared: names of what is recorded, or overrides.

    Raises:
        InputError: one is a value without its key, such as ``tanh``, or there is one alone.
    """
    given, typed = list(names), list(context.obj or ())
    known = studies(typed)
    meant, why = _meant(given, known)
    if meant != given:
        wrong = next((word for word in given if word not in meant), given[-1])
        raise InputError(f"{wrong}{why}", hint=f"type: {_with(typed, given, meant)}", key=wrong)
    if len(given) == 1:
        other = next((name for name in known if name != given[0]), "OTHER")
        usual = "activation=relu" if given[0] == "activation=tanh" else "activation=tanh"
        pair = ["activation=relu", usual] if given[0] not in known and "=" not in given[0] else [given[0]]
        example = _with(typed, given, [*pair, usual if "=" in given[0] else other][:2])
        raise InputError(f"{given[0]} alone cannot be compared: name another", hint=f"such as: {example}", key="names")
    return given


def _meant(given: list[str], known: Sequence[str]) -> tuple[list[str], str]:
    """The contenders that were meant, and what is wrong with those that were typed."""
    if len(left := [word for word in given if word.lower() not in _BETWEEN or word in known]) < len(given):
        return left, " is no contender: they stand one after the other"
    counted = [word for study in known for word in ([study] if study in given else [])]
    if counted and (trials := numbered(["compare", *given])[1:]) != given:
        return trials, ": a trial is named STUDY:N"
    mended, why = list[str](), ""
    for word in given:
        found = None if "=" in word or word in known else named_value(word, [], [], "compare")
        if found:
            mended, why = [*mended, *(found[1] or [word])], " is a value: say of which key"
        elif search := _SEARCH.fullmatch(word):
            mended += [f"{search['key']}={value.strip()}" for value in search["values"].split(",")]
            why = " is a search: contenders are typed one by one"
        elif "," in word and "=" not in word:
            mended, why = [*mended, *word.split(",")], ": contenders are typed one by one, with blanks"
        else:
            mended.append(word)
    return mended, why


def _with(typed: Sequence[str], given: Sequence[str], meant: Sequence[str]) -> str:
    """The command line with other contenders, where the first of them stands."""
    rest = list(typed)
    place = rest.index(given[0])
    for word in given:
        rest.remove(word)
    return shlex.join(["sweeper", *rest[:place], *meant, *rest[place:]])
