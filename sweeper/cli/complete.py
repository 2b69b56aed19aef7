"""What may come next on a command line, for the completion of shells: run by itself, and quick, as at every Tab.

The commands, keys and names that there are come from a file in the user's cache, made anew when the code is newer;
studies and runs are looked up as they are. Nothing heavier than SQLite is imported.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

Table = dict[str, Any]

RECENT = 20
"""Single runs that are offered."""

_PATHS = {"--runs", "--config-dir", "--output", "-o", "--path", "--folder"}
_STUDIES = {"--study", "--warm-start", "--baseline", "--from-trial"}
_OVERRIDES = {"--with", "--scientific", "--nuisance", "--enqueue"}
_NAMED = {"report": "study", "results": "study", "status": "study", "ui": "study"}
_MEANT = {"test", "reproduce", "compare", "rm", "rename", "diff", "predict", "export"}
"""Commands whose words are studies, and those whose words may be runs, too."""
_KEYS = {"run", "tune", "config", "explore", "compare", "diff", "data show"}


def main(arguments: Sequence[str]) -> None:
    """Write what may stand for the last word, one a line; given the shell and the words, the last one unfinished."""
    shell, *words = arguments
    current = words[-1] if len(words) > 1 else ""
    found = sorted({each for each in candidates(words[1:-1], current) if each.startswith(current)})
    # Bash takes the = of a word for its end, and replaces what is behind it.
    cut = current.rfind("=") + 1 if shell == "bash" else 0
    sys.stdout.write("".join(f"{each[cut:]}\n" for each in found))


def candidates(before: Sequence[str], current: str) -> Iterable[str]:
    """Everything that may come next, whatever the last word begins with."""
    table: Table = load()
    command, rest = _command(before, table)
    if command not in table["commands"]:
        return [*_below(command, table), *(["--help", "--version"] if not command else [])]
    options: dict[str, list[str]] = table["commands"][command]
    last = rest[-1] if rest else ""
    if last in options and options[last] is not None:
        return _of_option(last, options[last], current, rest, table)
    option, equals, value = current.partition("=")
    if equals and option in options:
        return [f"{option}={each}" for each in _of_option(option, options[option], value, rest, table)]
    if current.startswith("-"):
        return options
    return _words(command, current, rest, table)


def load() -> Table:
    """The table of commands, keys and names; from the cache where that is as new as the code."""
    home = Path(__file__).parents[1]
    code = [*home.glob("cli/commands/*.py"), home / "cli/app.py", home / "cli/options.py", *home.glob("config/*.py")]
    conf = home / "conf" if (home / "conf").is_dir() else home.parent / "conf"
    stamp = [str(home), max(path.stat().st_mtime_ns for path in [*code, *conf.glob("*"), Path(__file__)])]
    file = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sweeper" / "completion.json"
    try:
        kept: Table = json.loads(file.read_text(encoding="utf-8"))
        if kept["stamp"] == stamp:
            return kept
    except (OSError, ValueError, KeyError):
        pass
    from sweeper.cli.completion_table import table

    made: Table = table() | {"stamp": stamp}
    _keep(file, made)
    return made


def _keep(file: Path, made: Table) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(made), encoding="utf-8")
        draft.replace(file)
    except OSError:  # it is made again at the next Tab
        return


def _command(before: Sequence[str], table: Table) -> tuple[str, list[str]]:
    """The command that was typed, with one below it where there is, and the words behind it."""
    words = list(before)
    name = words.pop(0) if words else ""
    if name and name not in table["commands"] and words:
        name = f"{name} {words.pop(0)}"
    return name, words


def _below(prefix: str, table: Table) -> list[str]:
    depth = len(prefix.split())
    whole = [name.split() for name in table["commands"]]
    return [name[depth] for name in whole if name[:depth] == prefix.split() and len(name) > depth]


def _of_option(
    option: str, choices: Sequence[str] | None, current: str, rest: Sequence[str], table: Table
) -> list[str]:
    if option in _PATHS:
        return _paths(current)
    if option in _STUDIES:
        return studies(_runs(rest))
    if option in _OVERRIDES:
        return _overrides(current, table)
    return list(choices or table["options"].get(option, ()))


def _words(command: str, current: str, rest: Sequence[str], table: Table) -> list[str]:
    found = _overrides(current, table) if command in _KEYS else []
    if "=" in current:
        return found
    runs = _runs(rest)
    if command in _NAMED or command in _MEANT:
        found = [*found, *studies(runs), *(recent(runs) if command in _MEANT else [])]
    if command == "explore":
        found = [*found, *table["questions"]]
    if command.startswith("data "):
        found = [*found, *table["values"]["dataset"]]
    return found or _paths(current)


def _overrides(current: str, table: Table) -> list[str]:
    """Keys, each with its =, or the values of the key that is typed; of several, of the last one."""
    key, equals, value = current.partition("=")
    if not equals:
        return [f"{name}=" for name in table["keys"]]
    done = value[: value.rfind(",") + 1]
    return [f"{key}={done}{each}" for each in table["values"].get(key, ())]


def studies(runs: Path) -> list[str]:
    """The names of the studies in a runs folder."""
    return [path.stem for ending in ("db", "url") for path in (runs / "studies").glob(f"*.{ending}")]


def recent(runs: Path) -> list[str]:
    """The ids of the last single runs, as far as a folder's own database has them."""
    if not (runs / "mlflow.db").is_file():
        return []
    asked = (
        "SELECT substr(run_uuid, 1, 8) FROM runs JOIN tags USING (run_uuid) WHERE key = 'kind' AND value = 'run' "
        "AND lifecycle_stage = 'active' ORDER BY start_time DESC LIMIT ?"
    )
    try:
        with closing(sqlite3.connect(f"{(runs / 'mlflow.db').absolute().as_uri()}?mode=ro", uri=True)) as database:
            return [row[0] for row in database.execute(asked, (RECENT,))]
    except sqlite3.Error:
        return []


def _runs(rest: Sequence[str]) -> Path:
    given = [rest[i + 1] for i, word in enumerate(rest[:-1]) if word == "--runs"]
    return Path(given[-1] if given else os.environ.get("SWEEPER_RUNS") or "runs")


def _paths(current: str) -> list[str]:
    folder, _, begun = current.rpartition("/")
    try:
        entries = list(os.scandir(folder + "/" if current.startswith("/") or folder else "."))
    except OSError:
        return []
    shown = [entry for entry in entries if begun.startswith(".") or not entry.name.startswith(".")]
    return [f"{folder}/{e.name}" * bool(folder) + e.name * (not folder) + "/" * e.is_dir() for e in shown]


if __name__ == "__main__":
    main(sys.argv[1:])
