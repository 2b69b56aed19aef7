"""Where files of one's own lie: as they were typed, and as the runs folder has noted them since.

A path that was typed relative to a folder means nothing in another one. So whatever is recorded notes its file in
``data/files.jsonl`` of the runs folder, absolute and relative to the runs folder: a run is found again from any folder,
and after the runs folder was moved together with its data.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sweeper.config.registry import nearest
from sweeper.data import places
from sweeper.errors import InputError


def candidates(path: str, digest: str = "") -> list[Path]:
    """Files that `path` may mean, best first; for data that nothing is bound to, what was typed alone.

    Args:
        path: as it was typed.
        digest: of the data that a study or run is bound to; "" for none.

    Raises:
        InputError: none of them is there.
    """
    if not path:
        raise InputError("there is no file: dataset.path is empty", hint="dataset.path=FILE", key="dataset.path")
    places_looked = list(dict.fromkeys(_possible(path, digest)))
    found = [place for place in places_looked if place.exists()]
    if not found:
        listed = ", ".join(str(place.absolute()) for place in places_looked)
        near = _near(Path(path))
        if (link := Path(path)).is_symlink():
            hint = "name the file itself, or mend the link"
            raise InputError(
                f"{path} is a link that leads nowhere, to {link.readlink()}", hint=hint, key="dataset.path"
            )
        raise InputError(
            f"there is no file {path} (looked for {listed})" + (f"; did you mean {near}?" if near else ""),
            hint=_hint(path),
            key="dataset.path",
            instead=(path, near) if near else None,
        )
    return found


def note(data: Mapping[str, Any]) -> None:
    """Keep where the file of some data lies, in the runs folder; without effect where that cannot be written.

    Args:
        data: facts of a split, with ``path`` (as typed) and ``file`` (absolute) where the data are a file.
    """
    if not data.get("file"):
        return
    entry = {
        "typed": data["path"],
        "digest": data["digest"],
        "absolute": data["file"],
        "relative": os.path.relpath(data["file"], places.runs().absolute()),
    }
    line = json.dumps(entry, sort_keys=True)
    if line in _lines():
        return
    with suppress(OSError):  # the record has the absolute path as well
        _index().parent.mkdir(parents=True, exist_ok=True)
        with _index().open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _possible(path: str, digest: str) -> Iterator[Path]:
    yield Path(path)
    if not digest:
        return
    for entry in _noted(path, digest):
        yield Path(os.path.normpath(places.runs().absolute() / str(entry["relative"])))
        yield Path(str(entry["absolute"]))
    yield places.runs().absolute().parent / path


def _noted(path: str, digest: str) -> list[dict[str, Any]]:
    """What the runs folder knows of a path or of these data; the newest of the very data first."""
    entries = []
    for line in _lines():
        with suppress(ValueError):
            entries.append(json.loads(line))
    mine = [e for e in entries if isinstance(e, dict) and {"absolute", "relative"} <= e.keys()]
    of_data = [e for e in mine if e.get("digest") == digest]
    return [*reversed(of_data), *reversed([e for e in mine if e.get("typed") == path])]


def _lines() -> list[str]:
    try:
        return _index().read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _index() -> Path:
    return places.runs() / "data" / "files.jsonl"


def _near(path: Path) -> str:
    """A file beside, of the same kind, that is called almost so."""
    beside = [str(each) for each in path.parent.glob(f"*{path.suffix}")] if path.suffix else []
    return nearest(str(path), beside)


def _hint(path: str) -> str:
    known = [e["absolute"] for e in _noted(path, "") if Path(str(e["absolute"])).exists()]
    return f"earlier runs read {known[0]}" if known else "mend dataset.path, or put the file there"
