"""Where data lie on this machine: sets of the catalog, and files of one's own as they were typed and as noted since.

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
from sweeper.data.catalog import known
from sweeper.errors import InputError

_DEBIAN = Path("/usr/share/datasets")


def folder(name: str) -> Path | None:
    """The first folder that holds a data set's training images and labels, whatever is in them."""
    files = known(name).files
    holding = (place for place in folders(name) if files and all(file_in(place, file) for file in files))
    return next(holding, None)


def folders(name: str) -> list[Path]:
    """Folders to look in for a data set's IDX files, best first; few of them exist."""
    given = os.environ.get("SWEEPER_DATA")
    own = [Path(given)] if given else []
    inside = [root / inner for root in [*own, runs() / "data", _keras(), _DEBIAN] for inner in known(name).folders]
    # SWEEPER_DATA may be the folder of one set, instead of a folder of folders.
    return inside + own


def archive(name: str) -> Path | None:
    """The Keras cache's archive of a data set, where there is one."""
    path = _keras() / f"{name}.npz"
    return path if path.is_file() else None


def file_in(place: Path, name: str) -> Path | None:
    """A file in a folder, gzipped or not."""
    return next((path for path in (place / f"{name}.gz", place / name) if path.is_file()), None)


def download_folder(name: str) -> Path:
    """Where ``fetch`` puts a data set."""
    return runs() / "data" / name


def runs() -> Path:
    """The folder of output: SWEEPER_RUNS, or ``runs`` here."""
    return Path(os.environ.get("SWEEPER_RUNS") or "runs")


def use_runs(path: Path) -> None:
    """Make `path` the folder of output, of this process and of the workers that it starts."""
    os.environ["SWEEPER_RUNS"] = str(path)


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
    looked = list(dict.fromkeys(_possible(path, digest)))
    found = [place for place in looked if place.exists()]
    if not found:
        listed = ", ".join(str(place.absolute()) for place in looked)
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


def note_file(data: Mapping[str, Any]) -> None:
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
        "relative": os.path.relpath(data["file"], runs().absolute()),
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
        yield Path(os.path.normpath(runs().absolute() / str(entry["relative"])))
        yield Path(str(entry["absolute"]))
    yield runs().absolute().parent / path


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
    return runs() / "data" / "files.jsonl"


def _near(path: Path) -> str:
    """A file beside, of the same kind, that is called almost so."""
    beside = [str(each) for each in path.parent.glob(f"*{path.suffix}")] if path.suffix else []
    return nearest(str(path), beside)


def _hint(path: str) -> str:
    there = [e["absolute"] for e in _noted(path, "") if Path(str(e["absolute"])).exists()]
    return f"earlier runs read {there[0]}" if there else "mend dataset.path, or put the file there"


def _keras() -> Path:
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
