"""Files that are of another format than they were taken for: told by their first bytes, with the way in."""

from __future__ import annotations

import re
import shlex
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sweeper.errors import InputError

_HEAD = 4096
"""Bytes that are looked at."""

_ARRAYS = "read its arrays by scipy.io.loadmat with mat_dtype=True, and save them by numpy.savez"
_EXCEL = "save its sheet as CSV, or {command}"
_UNPACK = "unpack it; CSV files that gzip has packed are read as they are"
_CDF = "netCDF4 or xarray reads it; save its arrays by numpy.savez"
_STATA = "pandas.read_stata({path!r}, convert_categoricals=False)"
_SPSS = "pandas.DataFrame(pandas.read_spss({path!r}, convert_categoricals=False))"
"""Without what is noted beside the table: there are dates in it, which the writer of Parquet refuses."""
_SHEET = "pandas.read_excel({path!r}, dtype=object, keep_default_na=False, na_values='').infer_objects()"
"""A cell of text stays one: otherwise "01" and "1" become one number, and "NA" is missing."""
_JSON = "pandas.read_json({path!r}, dtype=False)"
"""Texts stay texts: otherwise "1_2" and "12" become one number."""


@dataclass(frozen=True)
class FileFormat:
    """A format that a person may take for one of ours.

    Attributes:
        name: what a file of it is, with its article.
        fits: whether a file is one, by its path and its first bytes, unpacked where gzip has packed them.
        hint: what to do; ``{path}`` is the file, ``{csv}`` a name for a table of it, ``{command}`` one that makes
            Parquet of it.
        read: the Python that makes a table of pandas of it; ``{path}`` is the file.
        imports: the modules that it needs.
        kind: the kind of data set that it is.
        unpacks: whether whoever reads it reads what gzip has packed, too.
    """

    name: str
    fits: Callable[[Path, bytes], bool]
    hint: str = "{command}"
    read: str = ""
    imports: str = "pandas"
    kind: str = ""
    unpacks: bool = False


def check_format(path: Path, kind: str, key: str = "dataset.path") -> None:
    """Make sure that a file is not of another format than its kind of data set.

    Args:
        path: of an ordinary file.
        kind: of data set that it is taken for: csv, parquet, npz.
        key: that named it.

    Raises:
        InputError: it is; what to do with it.
    """
    raw = _raw_head(path)
    head = _unpacked(raw)
    if not raw and kind != TEXT.kind:
        raise InputError(f"{path} is empty", hint=f"name a file with data, of the kind {kind}", key=key)
    found = next((one for one in FORMATS if one.fits(path, head)), None)
    if found is None and kind != TEXT.kind and head and b"\0" not in head:
        found = TEXT
    if found is None:
        return
    if head != raw and not found.unpacks and found is not TEXT:
        hint = f"unpack it: gzip -dc < {shlex.quote(str(path))} > {shlex.quote(_free(path.name.removesuffix('.gz')))}"
        raise InputError(f"{path} is {found.name} inside gzip", hint=hint, key=key)
    if found.kind != kind:
        hint = f"dataset={found.kind} reads it" if found.kind else _hint(found, path)
        raise InputError(f"{path} is {found.name}, not {kind}", hint=hint, key=key)


def _raw_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _unpacked(head: bytes) -> bytes:
    if head.startswith(b"\x1f\x8b"):
        with suppress(zlib.error):
            return zlib.decompressobj(wbits=31).decompress(head, _HEAD)
    return head


def _hint(found: FileFormat, path: Path) -> str:
    stem = path.name.split(".")[0] or "table"
    code = f"import {found.imports}; {found.read.format(path=str(path))}.to_parquet({_free(f'{stem}.parquet')!r})"
    quoted = f'"{code}"' if re.fullmatch(r"[\w./ -]+", str(path)) else shlex.quote(code)
    return found.hint.format(
        path=shlex.quote(str(path)), csv=shlex.quote(_free(f"{stem}.csv")), command=f"python -c {quoted}"
    )


def _free(name: str) -> str:
    """A name that is no file's yet: what a command writes replaces nothing."""
    stem, ending = Path(name).stem, Path(name).suffix
    return next(each for k in count(1) if not Path(each := f"{stem}-{k}{ending}" if k > 1 else name).exists())


def _starts(*marks: bytes, at: int = 0) -> Callable[[Path, bytes], bool]:
    return lambda _path, head: any(head.startswith(mark, at) for mark in marks)


def _binary(mark: bytes, at: int = 0) -> Callable[[Path, bytes], bool]:
    """A mark that a text may begin with, too: a header may name a column PAR1 or ORCID."""
    return lambda _path, head: head.startswith(mark, at) and b"\0" in head


def _matches(pattern: bytes) -> Callable[[Path, bytes], bool]:
    return lambda _path, head: re.match(pattern, head, re.IGNORECASE | re.MULTILINE) is not None


def _hdf5(note: bytes) -> Callable[[Path, bytes], bool]:
    """An HDF5 file, which may begin behind somebody's block, with a note in its first part."""
    return lambda _path, head: (
        note in head and any(head.startswith(b"\x89HDF\r\n\x1a\n", at) for at in (0, 512, 1024, 2048))
    )


def _packs(pattern: str) -> Callable[[Path, bytes], bool]:
    """Whether a file is a zip archive with a member of such a name."""

    def fits(path: Path, head: bytes) -> bool:
        if not head.startswith(b"PK\x03\x04"):
            return False
        with suppress(zipfile.BadZipFile, OSError, ValueError), zipfile.ZipFile(path) as archive:
            return any(re.fullmatch(pattern, name) for name in archive.namelist())
        return False

    return fits


def _cut_off(path: Path, head: bytes) -> bool:
    """Whether a zip archive lacks its end, where its members are listed."""
    return head.startswith(b"PK\x03\x04") and _raw_head(path).startswith(b"PK") and not zipfile.is_zipfile(path)


_ROW = rb"[-+]?[0-9.]+(?:,[0-9.]+)*(?:[ \t]+(?:qid|[0-9]+):[-+0-9.eE]+)+[ \t]*(?:#.*)?\r?$"
"""A row of svmlight: a label, or several, and numbers with the places that they belong to."""

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")

FORMATS = (
    FileFormat("a Parquet file", _binary(b"PAR1"), kind="parquet"),
    FileFormat("a NumPy archive", _packs(r".+\.npy"), kind="npz"),
    FileFormat("a NumPy array", _starts(b"\x93NUMPY"), "dataset=npy reads the folder that has it as x.npy, and y.npy"),
    FileFormat("an Excel workbook", _packs(r"xl/.+"), _EXCEL, _SHEET),
    FileFormat("an old Excel workbook", _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), _EXCEL, _SHEET),
    FileFormat("a spreadsheet of OpenDocument", _packs(r"content\.xml"), _EXCEL, _SHEET),
    FileFormat("a zip archive that was cut off", _cut_off, "copy, fetch or write it again: its end is missing"),
    FileFormat("a zip archive", _starts(b"PK\x03\x04", b"PK\x05\x06"), _UNPACK),
    FileFormat("packed by bzip2", _matches(rb"BZh[1-9]1AY&SY"), _UNPACK),
    FileFormat("packed by xz", _starts(b"\xfd7zXZ\0"), _UNPACK),
    FileFormat("packed by Zstandard", _starts(b"\x28\xb5\x2f\xfd"), _UNPACK),
    FileFormat("packed by 7-Zip", _starts(b"7z\xbc\xaf\x27\x1c"), _UNPACK),
    FileFormat("packed by LZ4", _starts(b"\x04\x22\x4d\x18"), _UNPACK),
    FileFormat("a tar archive", _binary(b"ustar", at=257), _UNPACK),
    FileFormat("a Feather file", _starts(b"ARROW1\0\0", b"FEA1"), read="pandas.read_feather({path!r})"),
    FileFormat(
        "a stream of Arrow",
        _matches(rb"\xff\xff\xff\xff[\s\S]{2}\0\0\x10\0\0\0"),
        read="pyarrow.ipc.open_stream({path!r}).read_pandas()",
        imports="pyarrow.ipc",
    ),
    FileFormat("an ORC file", _binary(b"ORC"), read="pandas.read_orc({path!r})"),
    FileFormat(
        "an Avro file",
        _binary(b"Obj\1"),
        read="pandas.DataFrame(fastavro.reader(open({path!r}, 'rb')))",
        imports="fastavro, pandas",
    ),
    FileFormat(
        "a file of MATLAB 7.3", _starts(b"MATLAB 7.3 MAT-file"), "h5py reads it; save its arrays by numpy.savez"
    ),
    FileFormat("a file of MATLAB", _starts(b"MATLAB 5.0 MAT-file"), _ARRAYS),
    FileFormat("a table of pandas in HDF5", _hdf5(b"pandas_type"), read="pandas.read_hdf({path!r})"),
    FileFormat("a NetCDF file", _hdf5(b"_NCProperties"), _CDF),
    FileFormat("a NetCDF file", _binary(b"CDF"), _CDF),
    FileFormat("an HDF5 file", _hdf5(b""), "h5py reads it; save its arrays by numpy.savez"),
    FileFormat("a file of Stata", _starts(b"<stata_dta>"), read=_STATA),
    FileFormat("a file of Stata", _matches(rb"[\x69\x6c\x6e-\x73][\x01\x02]\x01\0"), read=_STATA),
    FileFormat(
        "a file of SPSS",
        _starts(b"$FL2@(#)", b"$FL3@(#)"),
        read=_SPSS,
    ),
    FileFormat(
        "a portable file of SPSS",
        lambda _path, head: b"SPSSPORT" in head[:600],
        read="pyreadstat.read_por({path!r})[0]",
        imports="pyreadstat",
    ),
    FileFormat(
        "a file of SAS",
        _starts(b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92", at=12),
        read="pandas.read_sas({path!r}, encoding='infer')",
    ),
    FileFormat(
        "a transport file of SAS",
        _starts(b"HEADER RECORD*******LIB"),
        read="pyreadstat.read_xport({path!r})[0]",
        imports="pyreadstat",
    ),
    FileFormat(
        "a file of R",
        _starts(b"RDX2\n", b"RDX3\n", b"X\n\0\0\0"),
        "write.csv(table, 'table.csv', row.names=FALSE) in R",
        unpacks=True,
    ),
    FileFormat(
        "an SQLite database",
        _starts(b"SQLite format 3\0"),
        "with its table's name: sqlite3 -header -csv {path} 'SELECT * FROM name' > {csv}",
    ),
    FileFormat("a DuckDB database", _binary(b"DUCK", at=8), "COPY its table TO 'table.parquet'"),
    FileFormat(
        "a file of joblib",
        lambda _path, head: head.startswith(b"\x80") and b"joblib.numpy_pickle" in head,
        "reading it runs what is in it: if you trust it, and it is a table, {command}",
        "joblib.load({path!r})",
        "joblib",
    ),
    FileFormat(
        "a Python pickle",
        _matches(rb"\x80[\x02-\x05]"),
        "reading it runs what is in it: if you trust it, and it is a table, {command}",
        "pandas.read_pickle({path!r})",
    ),
    FileFormat(
        "JSON, one object a line",
        _matches(rb'\s*\{\s*"[^\n]*\}[ \t\r]*\n\s*\{'),
        read=_JSON.replace(")", ", lines=True)"),
    ),
    FileFormat(
        "JSON",
        _matches(rb'\s*(?:\{\s*"|\[\s*(?:\{|\[\s*(?:[-"\[{0-9]|true\b|false\b|null\b)))'),
        "if it is a list of objects, {command}",
        _JSON,
    ),
    FileFormat(
        "a web page",
        _matches(rb"\s*(?:<!doctype html|<html|<table|<head|<meta)\b"),
        "it may be an error's or a login's: download the file itself; pandas.read_html reads tables of a page",
    ),
    FileFormat(
        "an XML document",
        _starts(b"<?xml"),
        "pandas.read_xml reads it, with dtype=str, so that 01 stays 01; write it as CSV",
    ),
    FileFormat("a PDF document", _starts(b"%PDF-"), "its table is wanted as CSV"),
    FileFormat(
        "a FITS file",
        _starts(b"SIMPLE  ="),
        "astropy.table.Table.read reads its table; write it with pandas, texts by convert_bytestring_to_unicode",
        unpacks=True,
    ),
    FileFormat("a picture", _starts(*_PICTURES), "pictures of one size are read as arrays: save them by numpy.savez"),
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
        _matches(rb"(?:#.*\n)*(?:" + _ROW + rb"\n?){2}"),
        "sklearn.datasets.load_svmlight_file reads it, with zero_based stated; save its arrays by numpy.savez",
    ),
)
"""The first that fits is what a file is."""

TEXT = FileFormat("a text", lambda _path, head: b"\0" not in head, kind="csv")
