"""Valid files with a part spoilt: they are still data, or refused in one line; and nothing is written either way."""

from __future__ import annotations

import gzip
import io
import struct
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load
from sweeper.data.idx import read
from sweeper.errors import InputError

ROWS = 40
FUZZED = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def opened(name, content, reader):
    """What a file comes to; its error is one line, and its folder is as before."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            found = reader(path)
        except InputError as error:
            found = error
        assert {kept: kept.read_bytes() for kept in Path(folder).rglob("*")} == {path: content}
    if isinstance(found, InputError):
        assert found.exit_code == 2
        assert found.message
        assert "\n" not in found.message + found.hint
    return found


@st.composite
def spoilt(draw, content):
    """Bytes with some changed, cut out, doubled, or put in."""
    at = draw(st.integers(0, max(0, len(content) - 1)))
    much = draw(st.integers(0, 40))
    put = draw(st.binary(max_size=20))
    return content[:at] + put + content[at + much :]


def npy(values):
    file = io.BytesIO()
    np.lib.format.write_array(file, values)
    return file.getvalue()


def npz(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def header(text):
    """An array file of another header before the same bytes."""
    line = text.encode("latin1", "replace")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(line) + 1) + line + b"\n" + bytes(ROWS * 4)


X = np.arange(ROWS * 4, dtype=np.uint8).reshape(ROWS, 4)
Y = np.arange(ROWS, dtype=np.int64) % 2
SHAPES = st.one_of(
    st.lists(st.integers(-2, 60), max_size=4).map(tuple),
    st.sampled_from([(10**12,), (10**12, 4), (2**63, 2), (ROWS, 0), (ROWS, 4, 10**9), (0, 10**18)]),
).map(str)
KINDS = st.sampled_from(
    ["|u1", "<f8", ">f4", "|O", "<U9", "|S3", "<M8[s]", "<c16", "|V4", "?", "|b1", "<i8", "nonsense", "<f999", "|u0",
     "'), ('", "[('a', '<f8'), ('b', '|O')]"]
)  # fmt: skip
HEADERS = st.one_of(
    st.builds("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}".format, KINDS, st.sampled_from("01"), SHAPES),
    st.builds("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}".format, KINDS, SHAPES),
    st.text(max_size=60),
    st.sampled_from(["{}", "{'descr': '|u1'}", "[]", "(" * 200, "__import__('os').system('true')", "{'shape': " * 99]),
)
MEMBERS = st.one_of(
    HEADERS.map(header),
    spoilt(npy(X)),
    spoilt(npy(Y)),
    st.binary(max_size=60),
    st.sampled_from([npy(X), npy(Y), npy(X.astype(float)), npy(X[:-3]), npy(Y[:5]), npy(X.astype("<U3"))]),
    st.sampled_from([np.nan, np.inf, -np.inf, 1e300]).map(lambda value: npy(np.full((ROWS, 4), value))),
)
NAMES = st.sampled_from(["x_train", "y_train", "x_test", "y_test", "x", "y", "../x", "/x", "x\n", "", "X"]).map(
    "{}.npy".format
)


def archive(path):
    return load(Dataset("npz", path=str(path)), Validation(5))


def arrays(path):
    """A folder with a copy of a file, and the other one as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in ({"x.npy": npy(X), "y.npy": npy(Y)} | {path.name: path.read_bytes()}).items():
            (Path(folder) / name).write_bytes(content)
        return load(Dataset("npy", path=folder), Validation(5))


def table(path):
    return load(Dataset("csv", path=str(path), target="label"), Validation(5))


@FUZZED
@given(st.sampled_from(["x.npy", "y.npy"]), MEMBERS)
def test_an_archive_with_one_array_spoilt(which, content):
    opened("mine.npz", npz({"x.npy": npy(X), "y.npy": npy(Y)} | {which: content}), archive)


@FUZZED
@given(st.dictionaries(NAMES, MEMBERS, max_size=5))
def test_an_archive_of_any_arrays(members):
    opened("mine.npz", npz(members), archive)


@FUZZED
@given(spoilt(npz({"x.npy": npy(X), "y.npy": npy(Y)})))
def test_an_archive_with_bytes_spoilt(content):
    opened("mine.npz", content, archive)


@FUZZED
@given(st.sampled_from(["x.npy", "y.npy"]), MEMBERS)
def test_a_folder_with_one_array_spoilt(which, content):
    opened(which, content, arrays)


def test_the_file_that_is_spoilt_is_a_good_one():
    split = opened("mine.npz", npz({"x.npy": npy(X), "y.npy": npy(Y)}), archive)
    assert split.sizes["validation"] == 5
    split = opened("mine.csv", "\n".join(LINES).encode(), table)
    assert split.sizes["validation"] == 5
    assert opened("mine-idx3-ubyte", IDX, lambda path: read(path, 3)).shape == (2, 3, 4)


IDX = bytes([0, 0, 8, 3]) + struct.pack(">III", 2, 3, 4) + bytes(24)
SIZES = st.one_of(st.integers(0, 5), st.sampled_from([2**31, 2**32 - 1, 10**9]))
HEADS = st.builds(
    lambda magic, sizes: bytes(magic) + struct.pack(f">{len(sizes)}I", *sizes),
    st.lists(st.sampled_from([0, 1, 3, 8, 13, 255]), max_size=4),
    st.lists(SIZES, max_size=5),
)


@FUZZED
@given(st.one_of(spoilt(IDX), st.tuples(HEADS, st.binary(max_size=30)).map(b"".join)), st.integers(1, 3))
def test_idx_files_with_another_header_or_length(content, dimensions):
    opened("mine-idx-ubyte", content, lambda path: read(path, dimensions))


@FUZZED
@given(st.one_of(spoilt(gzip.compress(IDX)), spoilt(IDX).map(gzip.compress)))
def test_compressed_idx_files(content):
    opened("mine-idx-ubyte.gz", content, lambda path: read(path, 3))


LINES = ["a,b,label", *(f"{number / 7:.3f},{'uv'[number % 2]},{number % 3}" for number in range(ROWS))]
FIELDS = st.one_of(
    st.sampled_from(
        ["", "nan", "inf", "-inf", "NaN", "1e400", "1e308", "0x10", '"', '""', '"a\nb"', "a,b", ",", ";", "\t", "\0",
         "é", "2020-01-01", "label", "a", "1_000", "9" * 400, "True", " 1 ", "#", "\ufeff1", "'", "=1+1", "\r"]
    ),
    st.text(max_size=5),
)  # fmt: skip


@st.composite
def tables(draw):
    """A table with a few fields and lines changed, in some encoding."""
    rows = [line.split(",") for line in LINES]
    for _ in range(draw(st.integers(1, 4))):
        row = rows[draw(st.integers(0, len(rows) - 1))]
        what = draw(st.sampled_from(["field", "head", "more", "less", "column"]))
        if what == "column":
            value = draw(FIELDS)
            for each in rows[1:]:
                each[1:2] = [value]
        elif what == "less" and row:
            row.pop()
        elif what == "more":
            row.append(draw(FIELDS))
        elif what == "head":
            rows[0][draw(st.integers(0, 2)) % len(rows[0] or [""]) :][:1] = [draw(FIELDS)]
            rows[0] = [*rows[0][:1], draw(FIELDS), *rows[0][2:]]
        elif row:
            row[draw(st.integers(0, len(row) - 1))] = draw(FIELDS)
    ends = draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
    text = ends.join(",".join(row) for row in rows)
    coded = text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin1", "utf-32"])), "replace")
    return draw(st.one_of(st.just(coded), spoilt(coded)))


@FUZZED
@given(tables())
def test_tables_with_fields_lines_and_encodings_spoilt(content):
    opened("mine.csv", content, table)


@FUZZED
@given(st.lists(st.sampled_from(["a", "label", "", "b", "\ufeff", '"']), min_size=1, max_size=4), st.integers(0, 12))
def test_tables_with_other_headers_and_few_rows(names, rows):
    lines = [",".join(names), *(",".join(str(row % 2) for _ in names) for row in range(rows))]
    opened("mine.csv", "\n".join(lines).encode(), table)
