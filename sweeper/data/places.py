"""Where a data set of files may lie on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from sweeper.data.catalog import known

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


def _keras() -> Path:
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
