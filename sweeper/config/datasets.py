"""The data sets and kinds of files: one row each, from which choices, rules, readers and documents come.

What a set of the catalog is, and the digests that prove it, is in ``sweeper.data.catalog``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_TABLE = (
    "path", "target", "test_path", "decimal", "thousands", "missing", "missing_markers", "drop", "numbers",
    "categories", "dates", "date_format", "labels", "task",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What may be said of a data set.

    Attributes:
        reader: the module of ``sweeper.data.sealed`` that opens it.
        holds: what a file of yours must hold; "" for a set of the catalog.
        keys: of `dataset`, that mean something for it, beside ``train_size``.
        needs: those of them that must be given.
        is_folder: whether `path` is a folder of files.
        bundled: whether it is a table that a package holds.
    """

    reader: str
    holds: str = ""
    keys: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    is_folder: bool = False
    bundled: bool = False

    @property
    def is_table(self) -> bool:
        """Whether it has columns with names."""
        return "target" in self.keys

    @property
    def has_columns(self) -> bool:
        """Whether it is shown column by column: a table, of a file or of the catalog."""
        return self.is_table or self.bundled

    def path_to(self, file: str) -> str:
        """What `path` is for a file of this kind: the file, or its folder."""
        return str(Path(file).parent) if self.is_folder else file

    @property
    def is_file(self) -> bool:
        """Whether it is a file of the user's own."""
        return bool(self.holds)


DATASETS: dict[str, Kind] = {
    "mnist": Kind("_known"),
    "mnist_5k": Kind("_known"),
    "fashion_mnist": Kind("_known"),
    "digits": Kind("_known"),
    "diabetes": Kind("_bundled", bundled=True),
    "npz": Kind(
        "_archive",
        "a NumPy archive of yours: x_train, y_train, x_test, y_test; or x, y",
        ("path",),
        ("path",),
    ),
    "npy": Kind(
        "_mapped",
        "a folder of yours with such arrays in files of their own (x.npy and y.npy), of any size",
        ("path", "task", "hold"),
        ("path",),
        is_folder=True,
    ),
    "csv": Kind(
        "_table",
        "a table of yours with a header; dataset.target names the column of labels",
        (*_TABLE, "separator", "encoding", "header"),
        ("path", "target"),
    ),
    "parquet": Kind(
        "_table",
        "a table of yours; dataset.target names the column of labels",
        _TABLE,
        ("path", "target"),
    ),
}
"""Data sets and kinds of files, by name."""

FILES = tuple(name for name, kind in DATASETS.items() if kind.is_file)
"""The kinds of files."""
