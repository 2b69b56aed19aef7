"""What a command takes, as typer has it: its arguments, its options, and whether it takes keys."""

from __future__ import annotations

import re
from typing import Any


def is_argument(name: str, context: Any) -> bool:
    """Whether an argument of the command is called so, or stands for such a thing."""
    params = [param for param in context.command.params if param.param_type_name == "argument"]
    return any(param.name == name or name.upper() in re.split(r"\W+", str(param.metavar)) for param in params)


def takes(what: str, context: Any) -> bool:
    """Whether an argument of the command is such a thing, as its usage names it."""
    return any(what in str(param.metavar) for param in context.command.params if param.param_type_name == "argument")


def switches(context: Any) -> set[str]:
    """All spellings of the command's options that take no value."""
    return {one for param in context.command.params if getattr(param, "is_flag", False) for one in param.opts}


def options(context: Any) -> set[str]:
    """All spellings of the command's options."""
    params = [param for param in context.command.get_params(context) if param.param_type_name == "option"]
    return {one for param in params for one in (*param.opts, *param.secondary_opts)}


def takes_overrides(context: Any) -> bool:
    """Whether it takes ``KEY=VALUE``."""
    return takes("KEY=", context)


def needed(context: Any, param: Any) -> tuple[list[str], list[str]]:
    """What the command needs, as its usage names it: before an argument, and from it on."""
    params = [one for one in context.command.params if one.param_type_name == "argument" and one.required]
    named = [one.metavar or one.name.upper() for one in params]
    return named[: params.index(param)], named[params.index(param) :]
