"""Files of other formats are told by what they hold, and the way in is said."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import re
import shlex
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import h5py
import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.ipc
import pytest
import scipy.io
from sklearn.datasets import dump_svmlight_file

from sweeper.data.file_formats import FORMATS, check_format
from sweeper.errors import InputError

FRAME = pd.DataFrame({"x": [0.5, 1.5, 2.5], "y": ["a", "b", "a"]})
NUMBERS = FRAME.x.to_numpy()
CSV = FRAME.to_csv(index=False).encode()


def packed(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def zipped(members):
    path = io.BytesIO()
    packed(path, members)
    return path.getvalue()


def streamed(path):
    table = pa.Table.from_pandas(FRAME)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)


def tarred(path):
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("table.csv")
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV))


def in_hdf5(path, start=b"", note=""):
    with h5py.File(path, "w", userblock_size=512 if start else 0) as file:
        file["x"] = NUMBERS
        if note:
            file.attrs[note] = "frame"
    if start:
        with path.open("r+b") as file:
            file.write(start)


def in_database(path):
    with sqlite3.connect(path) as database:
        FRAME.to_sql("t", database, index=False)


def write(text):
    return lambda path: path.write_bytes(text)


MADE = {
    "a Parquet file": (FRAME.to_parquet, "dataset=parquet reads it"),
    "a NumPy archive": (lambda path: np.savez(path, x=NUMBERS, y=NUMBERS), "dataset=npz reads it"),
    "a NumPy array": (lambda path: np.save(path, NUMBERS), "dataset=npy reads the folder"),
    "an Excel workbook": (lambda path: packed(path, {"xl/workbook.xml": "<workbook/>"}), "save its sheet as CSV"),
    "an old Excel workbook": (write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)), "save its sheet as CSV"),
    "a spreadsheet of OpenDocument": (lambda path: packed(path, {"content.xml": "<x/>"}), "save its sheet as CSV"),
    "a zip archive that was cut off": (write(zipped({"x.npy": bytes(500)})[:300]), "its end is missing"),
    "a zip archive": (lambda path: packed(path, {"table.csv": CSV}), "unpack it"),
    "packed by bzip2": (write(bz2.compress(CSV)), "unpack it"),
    "packed by xz": (write(lzma.compress(CSV)), "unpack it"),
    "packed by Zstandard": (write(b"\x28\xb5\x2f\xfd" + bytes(20)), "unpack it"),
    "packed by 7-Zip": (write(b"7z\xbc\xaf\x27\x1c" + bytes(20)), "unpack it"),
    "packed by LZ4": (write(b"\x04\x22\x4d\x18" + bytes(20)), "unpack it"),
    "a tar archive": (tarred, "unpack it"),
    "a Feather file": (FRAME.to_feather, "pandas.read_feather('table.csv').to_parquet('table.parquet')"),
    "a stream of Arrow": (streamed, "pyarrow.ipc.open_stream('table.csv')"),
    "an Avro file": (write(b"Obj\x01\x04\x14avro.codec\x08null\x00"), "fastavro.reader(open('table.csv', 'rb'))"),
    "an ORC file": (FRAME.to_orc, "pandas.read_orc"),
    "a file of MATLAB 7.3": (lambda path: in_hdf5(path, b"MATLAB 7.3 MAT-file, Platform: GLNXA64"), "h5py"),
    "a file of MATLAB": (lambda path: scipy.io.savemat(path, {"x": NUMBERS}, appendmat=False), "mat_dtype=True"),
    "a table of pandas in HDF5": (lambda path: in_hdf5(path, note="pandas_type"), "pandas.read_hdf"),
    "a NetCDF file": (lambda path: in_hdf5(path, note="_NCProperties"), "netCDF4"),
    "an HDF5 file": (in_hdf5, "h5py reads it"),
    "a file of Stata": (lambda path: FRAME.to_stata(path, version=118), "convert_categoricals=False"),
    "a file of SPSS": (write(b"$FL2@(#) SPSS DATA FILE".ljust(176, b"\0")), "pandas.read_spss"),
    "a portable file of SPSS": (write(b"ASCII SPSS PORT FILE".ljust(456) + b"SPSSPORT\n"), "pyreadstat.read_por"),
    "a file of SAS": (write(bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92" + bytes(200)), "pandas.read_sas"),
    "a transport file of SAS": (write(b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"), "pyreadstat.read_xport"),
    "a file of R": (write(gzip.compress(b"RDX3\nX\n\0\0\0\3")), "write.csv"),
    "an SQLite database": (in_database, "csv table.csv 'SELECT * FROM name' > table-2.csv"),
    "a DuckDB database": (write(bytes(8) + b"DUCK" + bytes(100)), "COPY its table"),
    "a file of joblib": (lambda path: joblib.dump(FRAME, path), "if you trust it"),
    "a Python pickle": (lambda path: path.write_bytes(pickle.dumps({"x": [1]})), "if you trust it"),
    "JSON, one object a line": (lambda path: FRAME.to_json(path, orient="records", lines=True), "lines=True"),
    "JSON": (lambda path: FRAME.to_json(path, orient="records"), "pandas.read_json"),
    "a web page": (write(b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>"), "download the file itself"),
    "an XML document": (write(b'<?xml version="1.0"?><rows/>'), "pandas.read_xml"),
    "a PDF document": (write(b"%PDF-1.7\n"), "as CSV"),
    "a FITS file": (write(b"SIMPLE  =                    T".ljust(2880) + bytes(9)), "astropy.table.Table.read"),
    "a picture": (write(b"\x89PNG\r\n\x1a\n" + bytes(20)), "as arrays"),
    "Git LFS's pointer to a file": (
        write(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
        "git lfs pull",
    ),
    "an ARFF file": (write(b"% of flowers\n\n@RELATION iris\n@ATTRIBUTE x REAL\n@DATA\n1\n"), "scipy.io.arff"),
    "an svmlight file": (lambda path: dump_svmlight_file(NUMBERS[:, None], [1, 0, 1], str(path)), "load_svmlight_file"),
}


def refusal(path, kind):
    with pytest.raises(InputError) as told:
        check_format(path, kind)
    return told.value


def test_a_sheet_is_read_as_its_cells_are_typed(tmp_path, monkeypatch):
    """The reader itself is an extra of pandas; what it is asked for is in the command."""
    packed(tmp_path / "t.xlsx", {"xl/workbook.xml": "<workbook/>"})
    asked = re.search(r"read_excel\((.*?)\)", refusal(tmp_path / "t.xlsx", "csv").hint)[1]
    assert "dtype=object, keep_default_na=False, na_values=''" in asked


def test_every_format_is_tried():
    assert {one.name for one in FORMATS} == set(MADE)


@pytest.mark.parametrize("name", MADE)
def test_a_file_of_another_format_is_named_with_the_way_in(tmp_path, name, monkeypatch):
    make, way = MADE[name]
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "made")
    made = next(path for path in tmp_path.iterdir())  # numpy adds an ending
    made.rename("table.csv")
    error = refusal(tmp_path.relative_to(tmp_path) / "table.csv", "csv")
    assert error.message == f"table.csv is {name}, not csv"
    assert way in error.hint
    assert error.key == "dataset.path"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a file of Stata", bytes([113, 2, 1, 0]) + bytes(200)),
        ("a Feather file", b"FEA1" + bytes(50)),
        ("a NetCDF file", b"CDF\x01" + bytes(50)),
        ("an HDF5 file", bytes(1024) + b"\x89HDF\r\n\x1a\n" + bytes(50)),
        ("a transport file of SAS", b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!"),
        ("a zip archive", zipped({})),
        ("JSON", b"[[1, 2], [3, 4]]"),
        ("JSON", b'{"a": {"0": 1}}'),
        ("JSON, one object a line", b'{"a": "}"}\r\n{"a": "{"}\r\n'),
        ("a web page", b'<table border="1" class="dataframe">\n<tr>'),
        ("a picture", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("an svmlight file", b"# Generated by dump_svmlight_file\n#\n1 1:0.5\n0 2:1\n"),
        ("an svmlight file", b"3 qid:1 1:0.5\n2 qid:1 2:1\n"),
        ("an svmlight file", b"1,3 1:0.5\n2 2:1\n"),
    ],
)
def test_other_files_of_a_format_are_told_too(tmp_path, name, made):
    (tmp_path / "t").write_bytes(made)
    assert refusal(tmp_path / "t", "csv").message.endswith(f" is {name}, not csv")


KEPT = pd.DataFrame({"x": [0.5, 1.5, 2.5], "y": ["01", "1", "1_2"], "z": ["NA", "None", "-"]})


@pytest.mark.parametrize(
    "make",
    [
        lambda path: KEPT.to_json(path, orient="records"),
        lambda path: KEPT.to_json(path, orient="records", lines=True),
        KEPT.to_feather,
        KEPT.to_orc,
        KEPT.to_pickle,
        lambda path: joblib.dump(KEPT, path),
        lambda path: KEPT.to_stata(path, write_index=False),
    ],
)
def test_the_command_that_is_named_keeps_the_table_as_it_is(tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)
    make("table.csv")
    (tmp_path / "table.parquet").write_text("of somebody")
    command = shlex.split(re.search("python -c .*", refusal(Path("table.csv"), "csv").hint)[0])
    exec(command[2])
    pd.testing.assert_frame_equal(pd.read_parquet("table-2.parquet"), KEPT, check_dtype=False)
    assert (tmp_path / "table.parquet").read_text() == "of somebody"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_packed_file_of_another_format_is_to_be_unpacked_first(tmp_path, kind):
    FRAME.to_parquet(tmp_path / "t")
    path = tmp_path / "t.parquet.gz"
    path.write_bytes(gzip.compress((tmp_path / "t").read_bytes()))
    error = refusal(path, kind)
    assert error.message == f"{path} is a Parquet file inside gzip"
    assert error.hint == f"unpack it: gzip -dc < {path} > t.parquet"


@pytest.mark.parametrize("kind", ["parquet", "npz"])
def test_an_empty_file_is_said_to_be_empty(tmp_path, kind):
    (tmp_path / "t").touch()
    assert refusal(tmp_path / "t", kind).message == f"{tmp_path / 't'} is empty"


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        b"PAR1,PAR2,y\n1,2,a\n",
        b"ORCID,x,y\n1,2,a\n",
        b"$FL2,y\n1,a\n",
        b"BZh9,y\n1,a\n",
        b"7z,y\n1,a\n",
        b"[id],y\n1,a\n",
        b"{x},y\n1,a\n",
        b"x,y,z,w,DUCK\n1,2,3,4,a\n",
        b"%,y\n1,a\n",
        b"1.5,3:20\n2.5,4:10\n",
        b"<5,y\n1,a\n",
        b"[[rows]],y\n1,a\n",
        b"<tables>,y\n1,a\n",
        b"CDF,y\n1,a\n",
        b"Obj\x01,y\n1,a\n",
        b"\xff\xfe" + "größe,y\n1,a\n".encode("utf-16-le"),
        "größe;y\n1,5;a\n".encode("cp1252"),
        b"",
    ],
)
def test_a_csv_file_is_none_of_them_whatever_it_begins_with(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_bytes(text)
    check_format(path, "csv")
    path.write_bytes(gzip.compress(text))
    check_format(path, "csv")


@pytest.mark.parametrize("kind", ["parquet", "npz"])
def test_a_text_is_no_file_of_numbers(tmp_path, kind):
    path = tmp_path / "table"
    path.write_bytes(CSV)
    error = refusal(path, kind)
    assert (error.message, error.hint) == (f"{path} is a text, not {kind}", "dataset=csv reads it")
    path.write_bytes(bytes(range(256)))
    check_format(path, kind)  # its reader says what is wrong


def test_a_command_can_be_copied_whatever_the_file_is_called(tmp_path):
    path = tmp_path / "it's $HOME.json"
    path.write_text(json.dumps([{"x": 1}]))
    hint = refusal(path, "csv").hint
    assert "python -c '" in hint
    assert "$HOME" in hint
