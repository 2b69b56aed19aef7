"""``sweeper config`` and ``sweeper diff``: configurations with where each value is from, and what tells two apart."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sweeper.config.build import to_text
from sweeper.config.compose import compose
from sweeper.config.schema import Config
from sweeper.errors import InputError
from sweeper.tracking.describe import flatten

Row = dict[str, Any]

TUTORIAL = "the tutorial's"


def resolved(overrides: Sequence[str], config_dir: Path | None = None) -> list[Row]:
    """Every key of a configuration: ``key``, ``value`` as it is typed, ``source`` (what says so).

    Raises:
        InputError: the overrides are of no use.
    """
    made, bare, usual = _flat(compose(overrides, config_dir)), _flat(compose((), config_dir)), _flat(Config())
    typed = {text.partition("=")[0]: text for text in overrides}
    return [
        {"key": key, "value": value, "source": _source(key, value, typed, bare, usual, config_dir)}
        for key, value in made.items()
    ]


def different(one: str, other: str, runs: Path, config_dir: Path | None = None) -> dict[str, Any]:
    """The keys in which two configurations differ.

    Args:
        one: a run, ``STUDY`` for its winner, ``STUDY:N``, or overrides in one string.
        other: likewise.
        runs: where they are recorded.
        config_dir: a user's own config folder.

    Returns:
        ``a`` and ``b``: what they are called; ``differences``: rows with ``key``, ``a`` and ``b``; ``same``: how many
        keys have one value.

    Raises:
        InputError: there is no such run or study, or the overrides are of no use.
    """
    (first, mine), (second, theirs) = (_meant(called, runs, config_dir) for called in (one, other))
    keys = [*mine, *(key for key in theirs if key not in mine)]
    rows = [{"key": key, "a": mine.get(key), "b": theirs.get(key)} for key in keys if mine.get(key) != theirs.get(key)]
    return {"a": first, "b": second, "differences": rows, "same": len(keys) - len(rows)}


def _meant(called: str, runs: Path, config_dir: Path | None) -> tuple[str, dict[str, str]]:
    if "=" not in called:
        from sweeper.jobs.shared.subjects import subject

        found = subject(called, runs)
        return found.title, _flat(found.config)
    try:
        return called, _flat(compose(shlex.split(called), config_dir))
    except ValueError as error:
        raise InputError(f"{called!r} cannot be read: {error}", hint="put it in one pair of quotes") from error


def _flat(config: Config) -> dict[str, str]:
    """Key to value, both as they are typed."""
    return {key.removesuffix(".name"): to_text(value) for key, value in flatten(config.to_dict())}


def _source(
    key: str, value: str, typed: dict[str, str], bare: dict[str, str], usual: dict[str, str], config_dir: Path | None
) -> str:
    """What says so: the command line, a part that it chose, the user's folder, or the tutorial."""
    group = key.partition(".")[0]
    if key in typed:
        return f"typed: {typed[key]}"
    if value != bare.get(key):
        chosen = typed.get(group) or next((text for name, text in typed.items() if name in {"steps", "epochs"}), "")
        return f"comes with {chosen}" if chosen else "typed"
    if value != usual.get(key):
        return f"{config_dir}/config.yaml" if config_dir else "conf/config.yaml"
    return TUTORIAL
