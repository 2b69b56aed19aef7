"""A question: what is compared, what is tuned for each condition, what is fixed.

The terms are those of the Deep Learning Tuning Playbook (Godbole et al. 2023): scientific
hyperparameters are compared; nuisance hyperparameters are tuned for each condition, so that the
comparison is fair; fixed ones stay.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sweeper.config.registry import meant, nearest
from sweeper.config.scalars import check_scalars
from sweeper.errors import InputError
from sweeper.questions.registry import ANALYSES


@dataclass(frozen=True)
class Question:
    """A question, as its file says it.

    Attributes:
        name: the file's name without its ending.
        title: the question in one line.
        asks: what the tutorial (or the user) asks, in full.
        scientific: key to sweep expression; the conditions are all combinations.
        conditions: or name to overrides, one condition each.
        candidates: key to sweep expression: candidates drawn at random, none compared (``test_tuning``).
        nuisance: key to sweep expression, tuned for each condition.
        fixed: overrides.
        budget: trials of the nuisance search (or candidates), over all conditions together.
        search_repeats: initial weights that each draw of the search is tried from; their mean decides, so that no
            value is chosen that trains well only now and then.
        repeats: fresh seeds that each condition's winner is run with.
        analysis: what is made of the results.
        label: how a condition is called in a sentence, ``{}`` being its name; empty for the name alone.
        quick: what `--quick` changes: any of the above.
        notes: said with the answer.
    """

    name: str
    title: str
    asks: str = ""
    scientific: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    candidates: Mapping[str, str] = field(default_factory=dict)
    nuisance: Mapping[str, str] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    budget: int = 0
    search_repeats: int = 5
    repeats: int = 5
    analysis: str = "compare"
    label: str = ""
    quick: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def hurried(self) -> Question:
        """The question as `--quick` asks it.

        Raises:
            InputError: it does not say how.
        """
        if not self.quick:
            hint = "give it quick:, or overrides such as dataset=mnist_5k steps=600"
            raise InputError(f"question {self.name} has no quick form", hint=hint, key="quick")
        return replace(self, quick={}, **typed(self.quick, self.name))

    def said(self, condition: str) -> str:
        """A condition as a sentence calls it."""
        return self.label.replace("{}", condition) if self.label else condition


KEYS = tuple(f.name for f in fields(Question) if f.name != "name")


def questions(config_dir: Path | None = None) -> dict[str, Path]:
    """The questions that there are: name to file, the user's own before the shipped ones."""
    from sweeper.config.compose import conf_dir

    folders = [conf_dir() / "question", *([config_dir / "question"] if config_dir else [])]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def load(name: str, config_dir: Path | None = None) -> Question:
    """The question of that name, or in that YAML file.

    Raises:
        InputError: there is none, or the file is not a question.
    """
    if name.endswith((".yaml", ".yml")):
        return read(Path(name))
    known = questions(config_dir)
    if name not in known:
        near = _near(name, known)
        raise InputError(
            f"no question is called {name!r}" + (f"; did you mean {near}?" if near else ""),
            hint="sweeper explore --list names them all",
            key="question",
            instead=("all", "--all") if name == "all" else (name, near) if near else None,
        )
    return read(known[name])


def _near(name: str, known: Iterable[str]) -> str:
    """The question that is meant: by its name, by its key's, or by a sentence that holds it."""
    names = list(known)
    key = meant(name, (one.replace("-", "_") for one in names)).replace("_", "-")
    return (
        key or next((word for word in re.split(r"[^\w-]+", name.lower()) if word in names), "") or nearest(name, names)
    )


def read(path: Path) -> Question:
    """A question out of its file.

    Raises:
        InputError: the file cannot be read, is no YAML mapping, or breaks a rule.
    """
    import yaml

    try:
        check_scalars(path)
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"no such file: {path}", hint="give a question's name or its YAML file", key=str(path)
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        raise InputError(f"{path} cannot be read as YAML: {why}", hint="see conf/question", key=str(path)) from None
    if not isinstance(values, dict):
        raise InputError(
            f"{path} is not a question: it must be a mapping", hint=f"keys: {', '.join(KEYS)}", key=str(path)
        )
    return check(Question(path.stem, **{"title": path.stem} | typed(values, str(path))))


def typed(values: Mapping[Any, Any], where: str) -> dict[str, Any]:
    """The values of a question file, each of its type.

    Raises:
        InputError: an unknown key or a value of another type.
    """
    for key in values:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, 1)
            hint = f"did you mean {near[0]}?" if near else f"keys: {', '.join(KEYS)}"
            raise InputError(f"{where}: no such key in a question: {key}", hint=hint, key=str(key))
    return {key: _typed(key, value, where) for key, value in values.items()}


def check(question: Question) -> Question:
    """The question, if it keeps the rules.

    Raises:
        InputError: what it breaks, and where.
    """
    for wrong, message, hint, key in _rules(question):
        if wrong:
            raise InputError(f"question {question.name}: {message}", hint=hint, key=key)
    return question


def _rules(q: Question) -> list[tuple[bool, str, str, str]]:
    both = sorted(set(q.scientific) & set(q.nuisance))
    ways = [name for name in ("scientific", "conditions", "candidates") if getattr(q, name)]
    one_way = "give one of scientific, conditions and candidates"
    analyses, searches = ", ".join(ANALYSES), bool(q.nuisance or q.candidates)
    named = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]*", q.name)
    return [
        (len(ways) > 1, f"it has both {' and '.join(ways)}", one_way, ways[-1] if ways else ""),
        (not ways, "it compares nothing", one_way, "scientific"),
        (bool(both), f"{', '.join(both)} is both scientific and nuisance", "compare it or tune it", "nuisance"),
        (len(q.conditions) == 1, "it has one condition only", "a comparison needs two", "conditions"),
        (q.repeats < 2, f"repeats is {q.repeats}", "a comparison needs at least 2 repeats", "repeats"),
        (q.search_repeats < 1, f"search_repeats is {q.search_repeats}", "at least 1", "search_repeats"),
        (q.analysis not in ANALYSES, f"no analysis is called {q.analysis!r}", f"one of {analyses}", "analysis"),
        (searches and q.budget < 1, f"budget is {q.budget}", "give the trials to search with", "budget"),
        (not named, "its name cannot name a folder", "letters, digits, dots, underscores and hyphens", ""),
    ]


def _typed(key: str, value: object, where: str) -> object:
    want = _KINDS.get(key, dict)
    if not isinstance(value, want) or isinstance(value, bool):
        raise InputError(f"{where}: {key} must be a {_WORDS[want]}", hint="see conf/question", key=key)
    if isinstance(value, list):
        return tuple(_text(item) for item in value)
    if key == "conditions" and isinstance(value, dict):
        return {str(name): _overrides(item, f"{where}: conditions: {name}") for name, item in value.items()}
    if key == "quick" and isinstance(value, dict):
        typed(value, f"{where}: quick")
        return value
    return {str(name): _sweep(item) for name, item in value.items()} if isinstance(value, dict) else value


_KINDS: dict[str, type] = {
    **dict.fromkeys(("budget", "repeats", "search_repeats"), int),
    **dict.fromkeys(("title", "asks", "analysis", "label"), str),
    **dict.fromkeys(("fixed", "notes"), list),
}
_WORDS: dict[type, str] = {int: "whole number", str: "text", list: "list", dict: "mapping"}


def _overrides(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InputError(f"{where} must be a list of KEY=VALUE", hint="[] for none", key="conditions")
    return tuple(_text(item) for item in value)


def _sweep(value: object) -> str:
    """A sweep as text; a list in YAML is the choice between its items."""
    return f"choice({','.join(_text(item) for item in value)})" if isinstance(value, list) else _text(value)


def _text(value: object) -> str:
    """As it would be typed on the command line."""
    if isinstance(value, list):
        return f"[{','.join(_text(item) for item in value)}]"
    return {"None": "null", "True": "true", "False": "false"}.get(str(value), str(value))
