"""Files of other formats are told by what they hold, and the way in is said."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import tarfile
import zipfile

import h5py
import numpy as np
import pandas as pd
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


def tarred(path):
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("table.csv")
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV))


def in_hdf5(path, start=b""):
    with h5py.File(path, "w", userblock_size=512 if start else 0) as file:
        file["x"] = NUMBERS
    if start:
        with path.open("r+b") as file:
            file.write(start)


def in_database(path):
    with sqlite3.connect(path) as database:
        FRAME.to_sql("t", database, index=False)


def old_stata(path):
    path.write_bytes(bytes([113, 2, 1, 0]) + bytes(200))


def write(text):
    return lambda path: path.write_bytes(text)


MADE = {
    "a Parquet file": (FRAME.to_parquet, "dataset=parquet reads it"),
    "a NumPy archive": (lambda path: np.savez(path, x=NUMBERS, y=NUMBERS), "dataset=npz reads it"),
    "a NumPy array": (lambda path: np.save(path, NUMBERS), "dataset=npy reads the folder"),
    "an Excel workbook": (lambda path: packed(path, {"xl/workbook.xml": "<workbook/>"}), "save its sheet as CSV"),
    "an old Excel workbook": (write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)), "save its sheet as CSV"),
    "a spreadsheet of OpenDocument": (lambda path: packed(path, {"content.xml": "<x/>"}), "save its sheet as CSV"),
    "a zip archive": (lambda path: packed(path, {"table.csv": CSV}), "unpack it"),
    "packed by bzip2": (write(bz2.compress(CSV)), "unpack it"),
    "packed by xz": (write(lzma.compress(CSV)), "unpack it"),
    "packed by Zstandard": (write(b"\x28\xb5\x2f\xfd" + bytes(20)), "unpack it"),
    "packed by 7-Zip": (write(b"7z\xbc\xaf\x27\x1c" + bytes(20)), "unpack it"),
    "a tar archive": (tarred, "unpack it"),
    "a Feather file": (FRAME.to_feather, "pandas.read_feather('table.csv').to_parquet('table.parquet')"),
    "an ORC file": (FRAME.to_orc, "pandas.read_orc"),
    "a file of MATLAB 7.3": (lambda path: in_hdf5(path, b"MATLAB 7.3 MAT-file, Platform: GLNXA64"), "h5py"),
    "a file of MATLAB": (lambda path: scipy.io.savemat(path, {"x": NUMBERS}, appendmat=False), "mat_dtype=True"),
    "an HDF5 file": (in_hdf5, "pandas.read_hdf"),
    "a file of Stata": (lambda path: FRAME.to_stata(path, version=118), "convert_categoricals=False"),
    "a file of SPSS": (write(b"$FL2@(#) SPSS DATA FILE".ljust(176, b"\0")), "pandas.read_spss"),
    "a file of SAS": (write(bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92" + bytes(200)), "pandas.read_sas"),
    "a transport file of SAS": (write(b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"), "format='xport'"),
    "a file of R": (write(gzip.compress(b"RDX3\nX\n\0\0\0\3")), "write.csv"),
    "an SQLite database": (in_database, "sqlite3 -header -csv"),
    "a DuckDB database": (write(bytes(8) + b"DUCK" + bytes(100)), "COPY its table"),
    "a Python pickle": (lambda path: path.write_bytes(pickle.dumps({"x": [1]})), "if you trust it"),
    "JSON": (lambda path: FRAME.to_json(path, orient="records"), "pandas.read_json"),
    "a web page": (write(b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>"), "download the file itself"),
    "an XML document": (write(b'<?xml version="1.0"?><rows/>'), "pandas.read_xml"),
    "a PDF document": (write(b"%PDF-1.7\n"), "as CSV"),
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


def test_an_older_file_of_stata_is_one_too(tmp_path):
    old_stata(tmp_path / "t.dta")
    assert "a file of Stata" in refusal(tmp_path / "t.dta", "parquet").message


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
    assert hint.startswith("python -c '")
    assert "$HOME" in hint
