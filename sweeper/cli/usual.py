"""Values that options and keys usually have, in the place of those that they cannot have."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sweeper.errors import SweeperError

USUAL = {"--trials": "50", "-n": "50", "--workers": "2", "--timeout": "2h", "--deadline": "10m", "--memory": "4GB",
             "--port": "5000", "--repeats": "5", "--threads": "1", "--limit": "10", "--seed": "0", "--runs": "DIR",
             "--sampler": "tpe", "--pruner": "ahead", "--objective": "validation.loss", "--study": "NAME",
             "--format": "csv", "--output": "FILE.csv", "--sort": "validation.accuracy", "--confirm": "3",
             "--with": "dataset=digits", "--storage": "sqlite:///sweep.db", "--space": "small", "--cluster": "local",
             "--enqueue": "learning_rate=0.1", "--scientific": "activation=relu,tanh", "--warm-start": "STUDY",
             "--nuisance": "learning_rate=tag(log,interval(1e-3,1))", "--host": "127.0.0.1", "--config-dir": "DIR",
             "--from-trial": "STUDY:0", "--label": "2", "--budget": "20",
             "--constraint": "parameters<=50000"}  # fmt: skip
"""A value of each option that needs one."""

_UNKNOWN, _LISTED = re.compile(r"(?:.*: )?(?P<word>\S+): no such \w[\w ]*$"), "there are: "


def with_usual(error: SweeperError, arguments: Sequence[str]) -> list[str] | None:
    """What was typed, with a value that a key or option cannot have as it usually is; None if it is about another.

    An option that can have none here is left out.
    """
    words = list(arguments)
    key = "--constraint" if error.key == "constraint" else error.key
    place = (
        next((place for place, word in enumerate(words) if word.partition("=")[0] == key), -1) if key in USUAL else -1
    )
    if place >= 0:
        rest = place + (2 if words[place] == key else 1)
        value = [] if error.hint.startswith("leave it out") else [key, USUAL[key]]
        return [*words[:place], *value, *words[rest:]]
    typed = next((word for word in words if word.startswith(f"{key}=")), "")
    usual = _usual(key, typed, words) if key and typed and error.message.startswith(f"{key}: ") else ""
    if usual:
        return [f"{key}={usual}" if word == typed else word for word in words]
    unknown = _UNKNOWN.match(error.message) if error.hint.startswith(_LISTED) else None
    return replaced(words, unknown["word"], error.hint[len(_LISTED) :].split(",")[0]) if unknown else None


def _usual(key: str, typed: str, words: Sequence[str]) -> str:
    """The value that a key usually has; in a search, as a search where one was typed."""
    from sweeper.config.typed_space import usual_text

    value, usual = typed.partition("=")[2], usual_text(key) or _UNUSUAL.get(key, "")
    if words[0] == "tune" and not usual.startswith("["):
        if re.fullmatch(r"\[[^\[\]]+,[^\[\]]+\]", value):
            return value[1:-1]
        if "interval" in value or "range" in value:
            return _SEARCHED.get(key, usual)
    return usual


_UNUSUAL = {"epochs": "10"}
_SEARCHED = {
    "learning_rate": "tag(log,interval(0.001,1))",
    "dropout": "interval(0,0.5)",
    "l2": "tag(log,interval(1e-6,0.01))",
}


def replaced(words: list[str], typed: str, meant: str) -> list[str] | None:
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
