"""The table that completion goes by, made from the commands, the schema and conf/ themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer


def table() -> dict[str, Any]:
    """``commands`` (path to options, each with its choices; None for a switch), ``keys``, ``values``, ``questions``."""
    from sweeper.cli.app import app
    from sweeper.config.build import dotted_keys
    from sweeper.config.compose import options
    from sweeper.config.datasets import DATASETS
    from sweeper.config.schema import ACTIVATIONS, LOSSES, OUTPUT_ACTIVATIONS
    from sweeper.questions.ask.question import questions

    groups = {group: list(options(group)) for group in ("optimizer", "lr_decay", "init")}
    named = {"activation": ACTIVATIONS, "output_activation": OUTPUT_ACTIVATIONS, "loss": LOSSES, "dataset": DATASETS}
    return {
        "commands": dict(_commands(typer.main.get_command(app), "")),
        "options": {"--space": list(options("space")), "--format": ["table", "csv", "json", "parquet"]},
        "keys": list(dotted_keys()),
        "values": groups | {key: list(names) for key, names in named.items()},
        "questions": list(questions()),
    }


def _commands(command: Any, path: str) -> Iterator[tuple[str, dict[str, list[str] | None]]]:
    below = getattr(command, "commands", {})
    for name, child in below.items():
        yield from _commands(child, f"{path} {name}".strip())
    if not below:
        yield path, dict(_options(command))


def _options(command: Any) -> Iterator[tuple[str, list[str] | None]]:
    for param in command.params:
        if param.param_type_name == "option":
            choices = str(param.metavar or "").split("|")
            for name in (*param.opts, *param.secondary_opts):
                yield name, None if param.is_flag else choices if len(choices) > 1 else []
    yield "--help", None
