"""Words on the command line that should have been ``KEY=VALUE``, and what each was meant to be."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.cli.habits import NEEDLESS
from sweeper.cli.named import Mend, named_value, studies
from sweeper.cli.written import written
from sweeper.errors import InputError

if TYPE_CHECKING:
    from typer import Context

COMMANDS = {
    "train": "run", "fit": "run", "start": "run", "exec": "run", "execute": "run",
    "search": "tune", "sweep": "tune", "optimize": "tune", "optimise": "tune", "hpo": "tune", "hyperopt": "tune",
    "list": "results", "ls": "results", "show": "results", "runs": "results", "trials": "results",
    "studies": "results", "table": "results", "best": "results", "log": "results", "history": "results",
    "eval": "test", "evaluate": "test", "score": "test", "validate": "test",
    "cmp": "compare", "versus": "compare", "vs": "compare",
    "plot": "report", "document": "report", "summary": "report", "summarize": "report",
    "repeat": "reproduce", "rerun": "reproduce", "replay": "reproduce", "retrain": "reproduce",
    "ask": "explore", "question": "explore", "questions": "explore --list",
    "datasets": "data list", "dataset": "data list", "download": "data fetch", "fetch": "data fetch",
    "mlflow": "ui", "dashboard": "ui", "serve": "ui", "board": "ui", "web": "ui", "tensorboard": "ui",
    "check": "doctor", "info": "doctor", "env": "doctor", "fix": "doctor --fix", "repair": "doctor --fix",
    "restore": "doctor --restore", "undelete": "doctor --restore",
    "delete": "rm", "remove": "rm", "del": "rm", "drop": "rm", "mv": "rename", "move": "rename", "ren": "rename",
    "watch": "status --watch", "ps": "status", "jobs": "status", "top": "status", "state": "status",
    "resume": "tune --study", "continue": "tune --study",
    "clean": "doctor --free", "gc": "doctor --free", "prune": "doctor --free",
    "version": "--version", "v": "--version", "V": "--version",
}  # fmt: skip
"""Commands by what they are called elsewhere."""

BELOW = {
    "ls": "list", "download": "fetch", "get": "fetch", "check": "verify", "view": "show", "head": "show",
    "add": "show", "import": "show", "load": "show", "describe": "show", "info": "show", "plot": "show",
}  # fmt: skip
"""The same below ``sweeper data``."""

ENDINGS = {"stop", "kill", "cancel", "abort", "pause", "quit", "exit"}
"""Commands that end something elsewhere."""

_SWITCHED = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""Values of switches, which take none: whether they are on."""


def overrides_of(words: Sequence[str] | None, context: Context) -> list[str]:
    """The words as overrides, each of them ``KEY=VALUE``.

    Args:
        words: where overrides belong.
        context: of the command that was typed; it knows the whole command line, and the command's options.

    Raises:
        InputError: one is something else; the hint is the command that was meant.
    """
    given, typed = list(words or ()), list(context.obj or ())
    options = _options(context.command)
    _check_order(given, typed, context)
    for place, word in enumerate(given):
        mend = _mended(given, place, options, context.info_name or "")
        if mend is not None:
            message, meant = mend
            raise InputError(
                message, hint=f"type: {_command(typed, given, meant)}" if meant is not None else "", key=word
            )
    return given


def _check_order(given: Sequence[str], typed: Sequence[str], context: Context) -> None:
    """Say of a command in the place of an override, a call for help, or a switch's value, what to type."""
    commands = context.parent.command.commands if context.parent else {}  # type: ignore[attr-defined]
    switches = [option for param in context.command.params if getattr(param, "is_flag", False) for option in param.opts]
    for word in given:
        rest = list(typed)
        rest.remove(word)
        if word == "help":
            raise InputError("help is an option", hint=f"type: {shlex.join(['sweeper', *rest, '--help'])}", key=word)
        if word in commands and word != context.info_name and not is_key(word):
            meant = shlex.join(["sweeper", word, *rest[1:]])
            raise InputError(f"{word} is a command of its own", hint=f"type: {meant}", key=word)
        key, equals, value = word.partition("=")
        if equals and context.info_name == "run" and not is_key(key) and key in _options(commands["tune"]):
            meant = shlex.join(["sweeper", "tune", *rest[1:], f"--{key}", value])
            raise InputError(f"{key} is no key, but an option of a search", hint=f"type: {meant}", key=word)
        if _follows_switch(word, typed, switches):
            meant = shlex.join(["sweeper", *rest])
            raise InputError(f"{word}: a switch takes no value", hint=f"type: {meant}", key=word)


def _options(command: Any) -> list[str]:
    return [option.removeprefix("--") for param in command.params for option in param.opts]


def is_key(word: str) -> bool:
    """Whether a word is a config key, or what one is called elsewhere."""
    return bool(_key(word))


def as_override(name: str, value: str) -> str:
    """The override of a key, by whatever it is called."""
    return f"{_key(name)}={value}"


def _mended(words: list[str], place: int, options: Sequence[str], command: str) -> Mend | None:
    """What is wrong with one of the words; None where it is as it should be."""
    word = words[place]
    key, equals, value = word.partition("=")
    before, after = words[:place], words[place + 1 :]
    if equals and key not in {"", "space"} and not _key(key) and key.replace("_", "-") in options:
        switch, option = _SWITCHED.get(value.lower()), f"--{key.replace('_', '-')}"
        meant = [option, value] if switch is None else [option] * switch
        return f"{key} is an option, not a key", [*before, *meant, *after]
    if equals and not _key(key) and key in NEEDLESS:
        return f"there is no key {key}, and no need of one: {NEEDLESS[key][0]}", [*before, *after]
    if equals and (mend := _miswritten(word, before, after, command)):
        return mend
    if equals or word[:1] in {"+", "~"}:  # what the grammar says of these is better
        return None
    for guess in (_pair, named_value, _number, _file, _yaml, _study, _shown):
        if found := guess(word, before, after, command):
            return found
    return f"{word or 'an empty argument'} is not KEY=VALUE, such as activation=tanh", None


def _follows_switch(word: str, typed: Sequence[str], switches: Sequence[str]) -> bool:
    """Whether a word is the value of a switch, which takes none."""
    before = [typed[i - 1] for i, each in enumerate(typed) if i and each == word]
    return _SWITCHED.get(word.lower(), False) and any(each in switches for each in before)


def _miswritten(word: str, before: list[str], after: list[str], command: str) -> Mend | None:
    """Overrides with blanks, commas or signs too many, or without a key."""
    key, _, value = word.partition("=")
    if (meant := written(word, command)) != [word] and _key(meant[0].partition("=")[0]):
        return f"{word} is written otherwise", [*before, *meant, *after]
    if not key:
        return named_value(value, before, after, command)
    if _unfinished(value):
        return _in_pieces(before, word, after) if after else None
    if (not value or value.endswith(",")) and after and "=" not in after[0]:
        return f"there is a blank in {word} {after[0]}", [*before, word + after[0], *after[1:]]
    return (f"{word} ends in a comma", [*before, word.rstrip(","), *after]) if value.endswith(",") else None


def _pair(word: str, before: list[str], after: list[str], _: str) -> Mend | None:
    """``learning_rate 0.1``, ``activation = tanh``, ``activation:tanh``."""
    key, colon, value = word.partition(":")
    if colon and value and is_key(key):
        return f"{word} is not KEY=VALUE", [*before, f"{_key(key)}={value}", *after]
    if not is_key(word) or not after:
        return None
    if after[0].startswith("="):
        rest = after[0][1:] + (after[1] if after[0] == "=" and len(after) > 1 else "")
        left = after[2:] if after[0] == "=" else after[1:]
        return f"there are blanks around the = of {word}", [*before, f"{_key(word)}={rest}", *left]
    if "=" not in after[0]:
        return f"{word} is a key, and its value comes after =", [*before, f"{_key(word)}={after[0]}", *after[1:]]
    return None


def _number(word: str, before: list[str], after: list[str], command: str) -> Mend | None:
    """``tune 50``, ``run 1000``."""
    if not word.isdigit():
        return None
    if before and (widths := re.fullmatch(r"hidden=(\d+)", before[-1])):
        return f"{before[-1]} {word}: several widths are a list", [*before[:-1], f"hidden=[{widths[1]},{word}]", *after]
    meant = ["--trials", word] if command == "tune" else [f"steps={word}"]
    return f"{word} is a number without its name", [*before, *meant, *after]


def _file(word: str, before: list[str], after: list[str], _: str) -> Mend | None:
    """``run my.csv``."""
    from sweeper.config.datasets import DATASETS, FILES

    kind = Path(word).suffix.lstrip(".").lower()
    if kind not in FILES:
        return None
    target = ["dataset.target=COLUMN"] if "target" in DATASETS[kind].needs else []
    return f"{word} is a file: say what it is for", [
        *before,
        f"dataset={kind}",
        f"dataset.path={DATASETS[kind].path_to(word)}",
        *target,
        *after,
    ]


def _yaml(word: str, before: list[str], after: list[str], command: str) -> Mend | None:
    """``tune my.yaml``."""
    path = Path(word)
    if path.suffix not in {".yaml", ".yml"}:
        return None
    if command != "tune":
        message = f"{word} is a file: keys are typed, or are in a folder for --config-dir"
        raise InputError(message, hint="type: sweeper init", key=word)
    own = [] if path.parent.parent.name in {"", "conf"} else ["--config-dir", str(path.parent.parent)]
    return f"{word} is a file of a space, which has a name", [*before, *own, "--space", path.stem, *after]


def _shown(word: str, before: list[str], after: list[str], command: str) -> Mend | None:
    """``config show``, ``config learning_rate``."""
    if command != "config":
        return None
    return f"{word} is not KEY=VALUE: sweeper config shows all keys", [*before, *(w for w in after if "=" in w)]


def _study(word: str, before: list[str], after: list[str], command: str) -> Mend | None:
    """``tune first``, where there is such a study."""
    if word not in studies(()):
        return None
    if command == "tune":
        return f"{word} is a study: --study goes on with it", [*before, "--study", word, *after]
    return f"{word} is a study, not KEY=VALUE: sweeper reproduce {word} trains its best again", None


def _unfinished(value: str) -> bool:
    return value.count("[") > value.count("]") or value.count("(") > value.count(")")


def _in_pieces(before: list[str], word: str, after: list[str]) -> Mend | None:
    """``hidden=[100, 30]`` without quotes: the shell made two words of it."""
    whole = word
    for taken, piece in enumerate(after, 1):
        whole += piece
        if not _unfinished(whole.partition("=")[2]):
            return f"there is a blank in {' '.join([word, *after[:taken]])}", [*before, whole, *after[taken:]]
    return None


def _key(word: str) -> str:
    """The config key that is meant, or else empty: by its name, or by what it is called elsewhere."""
    from sweeper.config.build import dotted_keys
    from sweeper.config.registry import meant

    bare = word.lstrip("-").replace("-", "_")
    return bare if bare in dotted_keys() else meant(bare, dotted_keys())


def _command(typed: Sequence[str], words: list[str], meant: list[str]) -> str:
    """The command line with the words that were meant, where the first of those that were typed is."""
    rest = list(typed)
    place = next((i for i in range(len(rest)) if rest[i : i + 1] == words[:1]), len(rest))
    for word in words:
        if word in rest:
            rest.remove(word)
    return shlex.join(["sweeper", *rest[:place], *meant, *rest[place:]])
