"""Overrides in, a checked Config out.

Hydra reads the groups of conf/ (and of a user's own folder, which comes first) and, in ``grammar``,
the overrides; no other file knows Hydra. What a key may be is checked by ``build`` and ``checks``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sweeper.config.build import SHORT, build, shown, to_text
from sweeper.config.checks import check
from sweeper.config.datasets import DATASETS
from sweeper.config.domains import Sweep
from sweeper.config.grammar import Override, parse
from sweeper.config.misread import NOT_GROUPS, a_file, a_search, no_such_key
from sweeper.config.registry import unknown
from sweeper.config.scalars import check_scalars, default_options
from sweeper.config.schema import KEYS, Config
from sweeper.errors import InputError

GROUPS = ("optimizer", "lr_decay", "init", "dataset")
"""Keys whose value is the name of a file in a group."""


def compose(overrides: Sequence[str], config_dir: Path | None = None, *, under: Sequence[str] = ()) -> Config:
    """The configuration that the overrides ask for, resolved and checked.

    Args:
        overrides: ``KEY=VALUE`` each; the last one for a key holds.
        config_dir: a user's own folder, with groups, presets and perhaps a config.yaml of its own.
        under: more overrides, beneath: of `steps` and `epochs`, too, the upper one holds.

    Raises:
        InputError: what is wrong, and with which key.
    """
    typed = settle(parse(under), parse(overrides))
    for override in typed:
        if isinstance(override.value, Sweep):
            raise a_search(override)
    return check(build(values(typed, config_dir)))


def settle(lower: Sequence[Override], upper: Sequence[Override]) -> list[Override]:
    """Both, without those that others overrule: the last for a key, `upper` before `lower`.

    Raises:
        InputError: `steps` and `epochs` on one level.
    """
    kept = {override.key: override for override in (*lower, *upper)}
    for level in (lower, upper):
        given = {override.key: override.value for override in level}
        if given.get("steps") is not None and given.get("epochs") is not None:
            hint = "give one of the two"
            raise InputError("both steps and epochs are given", hint=hint, key="epochs", instead=("steps=", ""))
        for key, rival in (("steps", "epochs"), ("epochs", "steps")):
            if level is upper and given.get(key) is not None and rival not in given:
                kept.pop(rival, None)
    return list(kept.values())


def values(overrides: Sequence[Override], config_dir: Path | None = None) -> dict[str, Any]:
    """Plain values, group files and overrides merged, interpolations resolved; types are not checked.

    Raises:
        InputError: an unknown group option or key, or a file that cannot be read.
    """
    choices = {o.key: str(o.value) for o in overrides if _is_choice(o, config_dir)}
    merged = _read("config", tuple(choices.items()), config_dir)
    for override in overrides:
        if override.key not in choices:
            _put(merged, override)
    given = {override.key for override in overrides if override.value is not None}
    _one_length(merged, given)
    made = _resolved(merged)
    return made | {key: {SHORT[key]: made[key]} for key in SHORT if not isinstance(made.get(key, {}), dict)}


def options(group: str, config_dir: Path | None = None) -> tuple[str, ...]:
    """The names that a group has, the user's own among them."""
    found = {path.stem: None for folder in _folders(config_dir) for path in sorted((folder / group).glob("*.yaml"))}
    return tuple(found)


def space_file(name: str, config_dir: Path | None = None) -> dict[str, object]:
    """A search space's file: key to sweep expression.

    Raises:
        InputError: there is none of that name, or it is no mapping.
    """
    known = options("space", config_dir)
    if name not in known:
        error = unknown("search space", name, known, key="space")
        if Path(name).stem in known and error.instead is None:
            error.instead = (name, Path(name).stem)  # a space is called by its name, not its file
        raise error
    node = _read(f"space/{name}", (), config_dir)
    node = node.get("space", node)
    if not isinstance(node, dict):
        raise InputError(f"space {name} is not a mapping of keys", hint="see conf/space/default.yaml", key="space")
    return {str(key): value for key, value in _resolved(node).items()}


def conf_dir() -> Path:
    """The folder of the shipped configuration: inside the package, or in the repository of an editable install."""
    package = Path(str(files("sweeper")))
    inside = package / "conf"
    return inside if inside.is_dir() else package.parent / "conf"


def _folders(config_dir: Path | None) -> tuple[Path, ...]:
    if config_dir is None:
        return (conf_dir(),)
    if not config_dir.is_dir():
        raise InputError(
            f"--config-dir: {config_dir} is not a folder", hint="create it, or mend the path", key="config_dir"
        )
    if not _yaml_files(config_dir):
        raise InputError(f"--config-dir: there is no .yaml file in {config_dir}", hint="see conf/", key="config_dir")
    return (config_dir, conf_dir())


def _yaml_files(folder: Path) -> list[Path]:
    """Configs and groups; not deeper, for the folder may be any, a home say."""
    return [path for pattern in ("*.yaml", "*/*.yaml") for path in sorted(folder.glob(pattern)) if path.is_file()]


def _is_choice(override: Override, config_dir: Path | None) -> bool:
    """Whether the override names a file of a group."""
    key = override.key
    if {".", "/"} & set(key) or key in NOT_GROUPS or not (key in GROUPS or config_dir):
        return False
    known = options(key, config_dir)
    if isinstance(override.value, str) and override.value in known:
        return True
    if key == "dataset" and (kind := Path(str(override.value)).suffix.lstrip(".")) in DATASETS:
        raise a_file(str(override.value), kind)
    if key in GROUPS or (known and key not in KEYS):
        raise unknown("option", shown(override.value), known, where=key, key=key)
    return False


def _read(name: str, choices: tuple[tuple[str, str], ...], config_dir: Path | None) -> dict[str, Any]:
    """A config with these options of its groups, unresolved; a folder that has not changed is read once."""
    state = tuple((path, path.stat().st_mtime_ns) for path in _yaml_files(config_dir)) if config_dir else ()
    return deepcopy(_cached(name, choices, config_dir, state))


@lru_cache(maxsize=256)
def _cached(
    name: str, choices: tuple[tuple[str, str], ...], config_dir: Path | None, state: tuple[tuple[Path, int], ...]
) -> dict[str, Any]:
    if not (choices and state):
        return _composed(name, choices, config_dir)
    # The user's config.yaml need not name each group in its defaults; one that it does not name is added.
    named = _composed(name, (), config_dir, ask="hydra.runtime.choices")
    return _composed(name, tuple((key if key in named else f"+{key}", option) for key, option in choices), config_dir)


def _composed(
    name: str, choices: tuple[tuple[str, str], ...], config_dir: Path | None, *, ask: str = ""
) -> dict[str, Any]:
    """What Hydra makes of a config and its groups, unresolved; the part `ask` of it, where given."""
    import hydra
    from omegaconf import OmegaConf

    texts = [f"{group}={to_text(option)}" for group, option in choices]
    _check_files(name, choices, config_dir)
    try:
        with _initialized(_folders(config_dir)):
            made = hydra.compose(name, texts, return_hydra_config=bool(ask))
            plain = OmegaConf.to_container(OmegaConf.select(made, ask) if ask else made)
    except InputError:
        raise
    except Exception as error:  # Hydra, OmegaConf and PyYAML have no common ancestor for what a file can do wrong
        where = f"the configuration in {config_dir}" if config_dir else "the configuration"
        raise InputError(f"{where} cannot be read: {_told(error)}", hint="see conf/", key="config_dir") from error
    return {str(key): value for key, value in plain.items()} if isinstance(plain, dict) else {}


def _check_files(name: str, choices: Sequence[tuple[str, str]], config_dir: Path | None) -> None:
    """The user's own files that take part: the config, the chosen options, and those that it names by default."""
    if config_dir is None:
        return
    primary = config_dir / f"{name}.yaml"
    parts = dict(default_options(primary)) | {group.lstrip("+"): option for group, option in choices}
    for path in (primary, *(config_dir / group / f"{option}.yaml" for group, option in parts.items())):
        check_scalars(path)


@contextmanager
def _initialized(folders: Sequence[Path]) -> Iterator[None]:
    """Hydra over the folders; whatever Hydra the caller's own program had is there again afterwards."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    before = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(folders[0].resolve()), job_name="sweeper", version_base="1.3"):
            _look_in(GlobalHydra.instance().config_loader(), folders[1:])
            yield
    finally:
        GlobalHydra.instance().hydra = before


def _look_in(loader: Any, folders: Sequence[Path]) -> None:
    """More folders to search; Hydra's own option for that finds groups there, but no primary config."""
    for folder in folders:
        loader.get_search_path().prepend("sweeper", f"file://{folder.resolve()}", anchor="schema")
    loader.repository.initialize_sources(loader.get_search_path())


def _told(error: BaseException) -> str:
    text = str(error) or str(error.__cause__ or type(error).__name__)
    line = " ".join(text.split("full_key:")[0].split())
    return line if len(line) <= 300 else line[:297] + "..."


def _put(merged: dict[str, Any], override: Override) -> None:
    parent, _, part = override.key.partition(".")
    if parent not in KEYS or (part and parent not in SHORT):
        raise no_such_key(override.key)
    if part == "name":
        raise InputError(
            f"{override.key} cannot be set by itself", hint=f"use {parent}={to_text(override.value)}", key=override.key
        )
    if not part:
        merged[parent] = override.value
        return
    node = merged.get(parent, {})
    merged[parent] = (node if isinstance(node, dict) else {SHORT[parent]: node}) | {part: override.value}


def _one_length(merged: dict[str, Any], given: set[str]) -> None:
    """`epochs=3` alone takes the place of the steps below it, and the other way round."""
    if "epochs" in given and "steps" not in given:
        merged["steps"] = None
    elif "steps" in given and "epochs" not in given:
        merged["epochs"] = None
    elif merged.get("epochs") is not None and "steps" not in merged:
        merged["steps"] = None


def _resolved(plain: dict[str, Any]) -> dict[str, Any]:
    if "${" not in str(plain):
        return plain
    from omegaconf import OmegaConf

    try:
        made = OmegaConf.to_container(OmegaConf.create(plain), resolve=True)
    except Exception as error:  # a resolver may raise anything
        raise InputError(f"an interpolation cannot be resolved: {_told(error)}", hint="check the ${...}") from error
    assert isinstance(made, dict)
    return {str(key): value for key, value in made.items()}
