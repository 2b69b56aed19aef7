"""The reference of all keys, options and spaces as Markdown, out of the schema and conf/ themselves."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from sweeper.config.build import SHORT, described, kinds_of, to_text, types_of
from sweeper.config.compose import GROUPS, conf_dir, options
from sweeper.config.schema import ACTIVATIONS, DECAYS, LOSSES, OPTIMIZERS, OUTPUT_ACTIVATIONS, Config

_NAMES = {"activation": ACTIVATIONS, "output_activation": OUTPUT_ACTIVATIONS, "loss": LOSSES}


def reference() -> str:
    """Tables of every key with its type, its default and what it means; then each group's options and keys."""
    sections = [_keys(), *(_part(key) for key in SHORT), _spaces()]
    return "\n\n".join(sections) + "\n"


def _keys() -> str:
    meanings = documented(Config)
    rows = [(key, _type(key, hint), _default(Config, key), meanings[key]) for key, hint in types_of(Config).items()]
    return "## Keys\n\n" + _table(("key", "type", "default", "meaning"), rows)


def _part(key: str) -> str:
    """A part's options (files of its group) and its own keys."""
    title = f"## {key}"
    if key in GROUPS:
        known = [(f"{key}={name}", _first_comment(conf_dir() / key / f"{name}.yaml")) for name in options(key)]
        title += "\n\n" + _table(("option", "what it is"), known)
    columns = ("key", "type", "default", "meaning", "of")
    rows = _own_keys(key)
    many = any(row[-1] for row in rows)
    return title + "\n\n" + _table(columns if many else columns[:-1], rows if many else [row[:-1] for row in rows])


def _own_keys(key: str) -> list[tuple[str, ...]]:
    """One row for each key of the part, with the options that have it; nothing where all have it."""
    found: dict[tuple[str, ...], list[str]] = {}
    groups: Mapping[str, Mapping[str, type]] = {"optimizer": OPTIMIZERS, "lr_decay": DECAYS}
    every = groups.get(key, {})
    for kind in kinds_of(key):
        meanings = documented(kind)
        for name, hint in types_of(kind).items():
            if name != "name":
                row = (f"{key}.{name}", described(hint), _default(kind, name), meanings[name])
                found.setdefault(row, []).extend(option for option, own in every.items() if own is kind)
    return [
        (*row, ", ".join(names) if len(names) < len(every) else "all" * bool(every)) for row, names in found.items()
    ]


def _spaces() -> str:
    rows = [(name, _first_comment(conf_dir() / "space" / f"{name}.yaml")) for name in options("space")]
    return "## Search spaces\n\n" + _table(("space", "what it searches"), rows)


def documented(kind: type) -> dict[str, str]:
    """The text under each field of a dataclass, inherited ones included."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-1]):
        [tree] = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        assert isinstance(tree, ast.ClassDef)
        for above, below in zip(tree.body, tree.body[1:], strict=False):
            if (
                isinstance(above, ast.AnnAssign)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
            ):
                found[ast.unparse(above.target)] = str(below.value.value)
    return found


def _type(key: str, hint: Any) -> str:
    if key in _NAMES:
        return f"{', '.join(_NAMES[key])}{'; or a list of them' * (hint is not str)}"
    return "an option" if key in GROUPS else "a number" if key in SHORT else described(hint)


def _default(kind: type, name: str) -> str:
    [found] = [f for f in fields(kind) if f.name == name]
    value = found.default if found.default is not MISSING else getattr(Config(), name)
    return to_text(getattr(value, SHORT[name]) if name in SHORT else value)


def _first_comment(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join([f"`{row[0]}`", *(cell.replace("|", "\\|") for cell in row[1:])]) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)
