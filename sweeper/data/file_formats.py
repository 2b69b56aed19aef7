"""Files that are of another format than they were taken for: told by their first bytes, with the way in."""

from __future__ import annotations

import re
import shlex
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sweeper.errors import InputError

_HEAD = 4096
"""Bytes that are looked at."""

_TABLE = "pandas.{read}({path!r}{more}).to_parquet({stem!r})"
_ARRAYS = "read its arrays by scipy.io.loadmat with mat_dtype=True, and save them by numpy.savez"
_EXCEL = "save its sheet as CSV, or {pandas}"
_UNPACK = "unpack it; CSV files that gzip has packed are read as they are"


@dataclass(frozen=True)
class FileFormat:
    """A format that a person may take for one of ours.

    Attributes:
        name: what a file of it is, with its article.
        fits: whether a file is one, by its path and its first bytes, unpacked where gzip has packed them.
        hint: what to do; ``{path}`` is the file, ``{pandas}`` a command by ``read``.
        read: the reader of pandas, with what it needs besides the path.
        kind: the kind of data set that it is.
    """

    name: str
    fits: Callable[[Path, bytes], bool]
    hint: str = "{pandas}"
    read: str = ""
    kind: str = ""


def check_format(path: Path, kind: str, key: str = "dataset.path") -> None:
    """Make sure that a file is not of another format than its kind of data set.

    Args:
        path: of an ordinary file.
        kind: of data set that it is taken for: csv, parquet, npz.
        key: that named it.

    Raises:
        InputError: it is; what to do with it.
    """
    head = _head(path)
    found = next((one for one in FORMATS if one.fits(path, head)), None)
    if found is None and kind in {"parquet", "npz"} and head and b"\0" not in head:
        found = TEXT
    if found is None or found.kind == kind:
        return
    hint = f"dataset={found.kind} reads it" if found.kind else _hint(found, path)
    raise InputError(f"{path} is {found.name}, not {kind}", hint=hint, key=key)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"\x1f\x8b"):
        with suppress(zlib.error):
            return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    return head


def _hint(found: FileFormat, path: Path) -> str:
    reader, _, more = found.read.partition(" ")
    stem = path.name.split(".")[0]
    code = _TABLE.format(read=reader, path=str(path), more=more and f", {more}", stem=f"{stem}.parquet")
    code = f"import pandas; {code}"
    quoted = f'"{code}"' if re.fullmatch(r"[\w./ -]+", str(path)) else shlex.quote(code)
    return found.hint.format(pandas=f"python -c {quoted}")


def _starts(*marks: bytes, at: int = 0) -> Callable[[Path, bytes], bool]:
    return lambda _path, head: any(head.startswith(mark, at) for mark in marks)


def _binary(mark: bytes, at: int = 0) -> Callable[[Path, bytes], bool]:
    """A mark that a text may begin with, too: a header may name a column PAR1 or ORCID."""
    return lambda _path, head: head.startswith(mark, at) and b"\0" in head


def _matches(pattern: bytes) -> Callable[[Path, bytes], bool]:
    return lambda _path, head: re.match(pattern, head, re.IGNORECASE | re.MULTILINE) is not None


def _packs(pattern: str) -> Callable[[Path, bytes], bool]:
    """Whether a file is a zip archive with a member of such a name."""

    def fits(path: Path, head: bytes) -> bool:
        if not head.startswith(b"PK\x03\x04"):
            return False
        with suppress(zipfile.BadZipFile, OSError, ValueError), zipfile.ZipFile(path) as archive:
            return any(re.fullmatch(pattern, name) for name in archive.namelist())
        return False

    return fits


_ROW = rb"[-+]?[0-9.]+(?:[ \t]+[0-9]+:[-+0-9.eE]+)+[ \t]*(?:#.*)?\r?$"
"""A row of svmlight: a label, and numbers with the places that they belong to."""

FORMATS = (
    FileFormat("a Parquet file", _binary(b"PAR1"), kind="parquet"),
    FileFormat("a NumPy archive", _packs(r".+\.npy"), kind="npz"),
    FileFormat("a NumPy array", _starts(b"\x93NUMPY"), "dataset=npy reads the folder that has it as x.npy, and y.npy"),
    FileFormat("an Excel workbook", _packs(r"xl/.+"), _EXCEL, "read_excel"),
    FileFormat("an old Excel workbook", _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), _EXCEL, "read_excel"),
    FileFormat("a spreadsheet of OpenDocument", _packs(r"content\.xml"), _EXCEL, "read_excel"),
    FileFormat("a zip archive", _starts(b"PK\x03\x04"), _UNPACK),
    FileFormat("packed by bzip2", _matches(rb"BZh[1-9]1AY&SY"), _UNPACK),
    FileFormat("packed by xz", _starts(b"\xfd7zXZ\0"), _UNPACK),
    FileFormat("packed by Zstandard", _starts(b"\x28\xb5\x2f\xfd"), _UNPACK),
    FileFormat("packed by 7-Zip", _starts(b"7z\xbc\xaf\x27\x1c"), _UNPACK),
    FileFormat("a tar archive", _binary(b"ustar", at=257), _UNPACK),
    FileFormat("a Feather file", _starts(b"ARROW1\0\0"), read="read_feather"),
    FileFormat("an ORC file", _binary(b"ORC"), read="read_orc"),
    FileFormat(
        "a file of MATLAB 7.3", _starts(b"MATLAB 7.3 MAT-file"), "h5py reads it; save its arrays by numpy.savez"
    ),
    FileFormat("a file of MATLAB", _starts(b"MATLAB 5.0 MAT-file"), _ARRAYS),
    FileFormat("an HDF5 file", _starts(b"\x89HDF\r\n\x1a\n"), read="read_hdf"),
    FileFormat("a file of Stata", _starts(b"<stata_dta>"), read="read_stata convert_categoricals=False"),
    FileFormat(
        "a file of Stata",
        _matches(rb"[\x69\x6c\x6e-\x73][\x01\x02]\x01\0"),
        read="read_stata convert_categoricals=False",
    ),
    FileFormat("a file of SPSS", _starts(b"$FL2@(#)", b"$FL3@(#)"), read="read_spss convert_categoricals=False"),
    FileFormat(
        "a file of SAS", _starts(b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92", at=12), read="read_sas encoding='infer'"
    ),
    FileFormat("a transport file of SAS", _starts(b"HEADER RECORD*******LIB"), read="read_sas format='xport'"),
    FileFormat(
        "a file of R",
        _starts(b"RDX2\n", b"RDX3\n", b"X\n\0\0\0"),
        "write.csv(table, 'table.csv', row.names=FALSE) in R",
    ),
    FileFormat(
        "an SQLite database", _starts(b"SQLite format 3\0"), "select its table into a CSV file: sqlite3 -header -csv"
    ),
    FileFormat("a DuckDB database", _binary(b"DUCK", at=8), "COPY its table TO 'table.parquet'"),
    FileFormat(
        "a Python pickle",
        _matches(rb"\x80[\x02-\x05]"),
        "reading it runs what is in it: if you trust it, {pandas}",
        "read_pickle",
    ),
    FileFormat("JSON", _matches(rb'\s*(?:\{\s*"|\[\s*[\[{])'), read="read_json"),
    FileFormat(
        "a web page",
        _matches(rb"\s*(?:<!doctype html|<html)"),
        "it may be an error's or a login's: download the file itself",
    ),
    FileFormat("an XML document", _starts(b"<?xml"), read="read_xml"),
    FileFormat("a PDF document", _starts(b"%PDF-"), "its table is wanted as CSV"),
    FileFormat(
        "Git LFS's pointer to a file",
        _starts(b"version https://git-lfs.github.com/spec/"),
        "git lfs pull brings the file",
    ),
    FileFormat(
        "an ARFF file",
        _matches(rb"(?:\s*(?:%.*)?\n)*\s*@relation\b"),
        "scipy.io.arff.loadarff reads it; write it with pandas",
    ),
    FileFormat(
        "an svmlight file",
        _matches(rb"(?:" + _ROW + rb"\n?){2}"),
        "sklearn.datasets.load_svmlight_file reads it, with zero_based stated; save its arrays by numpy.savez",
    ),
)
"""The first that fits is what a file is."""

TEXT = FileFormat("a text", lambda _path, head: b"\0" not in head, kind="csv")
