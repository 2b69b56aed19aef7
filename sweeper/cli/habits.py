"""Habits from other tools: options that sweeper has under another name, or does not need, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence

CALLED = {
    "version": "v V",
    "list": "questions all-questions",
    "trials": "n-trials ntrials max-trials num-trials budget count t",
    "study": "resume name study-name",
    "workers": "jobs n-jobs njobs j parallel processes num-workers",
    "objective": "metric monitor",
    "runs": "dir out out-dir output-dir logdir mlruns",
    "pruner": "scheduler early-stopping",
    "sampler": "algorithm algo search-alg",
    "timeout": "time time-limit max-time",
    "with": "shared common",
    "debug": "verbose v traceback",
    "yes": "y force f",
    "watch": "follow f live tail",
    "limit": "top n head rows",
    "fix": "repair mend",
    "free": "clean cleanup gc",
}
"""Options by what they are called elsewhere."""

WHOLE = {
    "csv": ("--format", "csv"),
    "parquet": ("--format", "parquet"),
    "share": ("--host", "0.0.0.0"),  # noqa: S104 - what the person asks for, and is warned of
    "public": ("--host", "0.0.0.0"),  # noqa: S104
    "no-pruner": ("--pruner", "none"),
    "no-pruning": ("--pruner", "none"),
    "no-confirm": ("--confirm", "0"),
    "validation-loss": ("--objective", "validation.loss"),
}
"""Switches of other tools that are an option with its value here."""

NEEDLESS = {
    "multirun": ("values alone make a search", False),
    "m": ("values alone make a search", False),
    "gpu": ("it trains where it runs", False),
    "cuda": ("it trains where it runs", False),
    "device": ("it trains where it runs", True),
    "direction": ("an objective knows its direction", True),
    "maximize": ("an objective knows its direction", False),
    "minimize": ("an objective knows its direction", False),
    "best": ("the best come first", False),
    "train": ("it trains", False),
    "yes": ("it asks nothing", False),
    "y": ("it asks nothing", False),
    "open": ("the answer names the file to open", False),
    "progress": ("it is shown", False),
    "continue": ("the same command goes on", False),
}
"""Options of other tools that there is no need for: why, and whether they have a value."""

_BLANKS = re.compile(r"\s*(?P<key>[A-Za-z][\w.]*)\s*=+\s*(?P<value>\S.*?)\s*")
_SWITCHED = {"true", "yes", "on"}
_WIDTHS = re.compile(r"[\[({]*\d+(?:(?:\s*[;:xX/,-]\s*|\s+)\d+)+[\])}]*")
"""Widths with one sign or blanks between two of them; a minus behind a comma is a number's own."""
_LIST = re.compile(r"\[\d+(?:,\s*\d+)*\]|\d+(?:,\d+)+")


def written(word: str) -> str:
    """An override as it has to be written: without blanks around its sign, one sign alone, widths as a list."""
    found = _BLANKS.fullmatch(word)
    if found is None:
        return word
    key, value = found["key"], found["value"]
    if key == "hidden" and _WIDTHS.fullmatch(value) and not _LIST.fullmatch(value):
        value = f"[{','.join(re.findall(r'[0-9]+', value))}]"
    return f"{key}={value}"


def widths(words: Sequence[str]) -> list[str]:
    """The whole numbers that words begin with."""
    found = []
    for word in words:
        if not word.isdigit():
            break
        found.append(word)
    return found


def follows_switch(word: str, typed: Sequence[str], switches: Sequence[str]) -> bool:
    """Whether a word is the value of a switch, which takes none."""
    before = [typed[i - 1] for i, each in enumerate(typed) if i and each == word]
    return word.lower() in _SWITCHED and any(each in switches for each in before)
