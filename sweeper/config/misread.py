"""Overrides that mean something else than they say: the errors that name what was meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import get_origin

from sweeper.config.build import dotted_keys, key_type, types_of
from sweeper.config.datasets import DATASETS
from sweeper.config.grammar import Override
from sweeper.config.registry import unknown
from sweeper.config.schema import DECAYS, KEYS, OPTIMIZERS
from sweeper.errors import InputError

NOT_GROUPS = {"space": "sweeper tune searches a space", "question": "sweeper explore asks a question", "hydra": ""}
"""Folders of conf/ that no key stands for, and what to do instead."""


def a_search(override: Override) -> InputError:
    """A sweep where one value is needed: a list without brackets, a decimal comma, or the work of another command."""
    key, _, typed = override.text.partition("=")
    message = f"{key}: one value is needed here, and {override.text} is a search"
    if key == "hidden":
        return InputError(f"{message}; for a list of widths, write [{typed}]", key=key, instead=(typed, f"[{typed}]"))
    if _is_list(key):
        return InputError(f"{message}; a list is written [{typed}]", key=key, instead=(typed, f"[{typed}]"))
    if re.fullmatch(r"\d+,\d+", typed) and key in dotted_keys() and key_type(key) is float:
        point = typed.replace(",", ".")
        return InputError(f"{message}; did you mean {point}?", key=key, instead=(typed, point))
    hint = "to search, use: sweeper tune; for a list, write [a,b]"
    return InputError(message, hint=hint, key=key, instead=("run", "tune"))


def not_searched(override: Override, why: str) -> InputError:
    """A sweep of a key that cannot be searched; of one that takes a list, the list that may have been meant."""
    key, _, typed = override.text.partition("=")
    if _is_list(key) and "(" not in typed:
        message = f"{key} cannot be searched: {why}; a list is written [{typed}]"
        return InputError(message, key=key, instead=(typed, f"[{typed}]"))
    return InputError(f"{key} cannot be searched", hint=why, key=key)


def _is_list(key: str) -> bool:
    """Whether a key takes a list and nothing else."""
    return key in dotted_keys() and get_origin(key_type(key)) is tuple and key != "hidden"


def a_file(path: str, kind: str) -> InputError:
    """A file where its kind should be named."""
    more = " dataset.target=COLUMN" if DATASETS[kind].is_table else ""
    meant = f"dataset={kind} dataset.path={path}{more}"
    return InputError(f"dataset: {path} is a file", hint=meant, key="dataset", instead=(f"dataset={path}", meant))


def no_such_key(key: str, more: Sequence[str] = ()) -> InputError:
    """The error for an unknown key; `more` are known here beside those of a configuration."""
    if key in NOT_GROUPS:
        return InputError(f"{key} is not a key of a configuration", hint=NOT_GROUPS[key], key=key)
    error = unknown("key", key, (*dotted_keys(), *more), listed=(*KEYS, *more))
    if error.instead is not None and "." not in key:  # a part is of use beside the option that has it alone
        group, _, part = error.instead[1].partition(".")
        option = _option_with(group, part) if part else ""
        error.instead = (key, f"{group}={option} {error.instead[1]}") if option else error.instead
    return error


def _option_with(group: str, part: str) -> str:
    """The first option of a group that has a part which the usual one has not."""
    groups: Mapping[str, Mapping[str, type]] = {"optimizer": OPTIMIZERS, "lr_decay": DECAYS}
    kinds = groups.get(group, {})
    having = [name for name, kind in kinds.items() if part in types_of(kind)]
    return having[0] if len(having) < len(kinds) and having else ""
