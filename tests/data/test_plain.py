"""Large CSV files are read as small ones are: numbers at once where a column is nothing else, and never otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from sweeper.config.schema import Dataset
from sweeper.data.sealed import _plain, _text

N = 6000
ROWS = [f"{k / 7:.3f},{k % 90},{'ab'[k % 2]},{k}" for k in range(N)]
HEADER = "x,whole,word,y"


def written(*rows, separator=",", at=N // 2, ends="\n"):
    lines = [HEADER, *ROWS[:at], *rows, *ROWS[at:], ""]
    return ends.join(lines).replace(",", separator).encode()


@pytest.fixture
def both(tmp_path, monkeypatch):
    """The columns of a file, as they are read when it is large, and as they are read otherwise."""

    def read(content, **keys):
        path = tmp_path / "t.csv"
        path.write_bytes(content)
        dataset = Dataset("csv", path=str(path), target="y", **keys)
        monkeypatch.setattr(_plain, "LARGE", 0)
        monkeypatch.setattr(_plain, "_SAMPLE", 2**10)
        return _text.read(dataset, path, ("y",)), _text.read(dataset, path)

    return read


CASES = {
    "numbers": (written(), 2),
    "semicolons": (written(separator=";"), 2),
    "line ends of Windows": (written(ends="\r\n"), 2),
    "blanks": (written(separator=", "), 2),
    "a mark of UTF-8": (b"\xef\xbb\xbf" + written(), 2),
    "quotes": (written('"1.5","2","a, b",3'), 2),
    "a line end in a field": (written('1.5,2,"a\nb",3'), 2),
    "a text far down": (written("red,2,a,3"), 1),
    "an empty field far down": (written("1.5,,a,3"), 1),
    "not a number": (written("nan,2,a,3"), 2),
    "infinite": (written("1.5,inf,a,3"), 2),
    "exponents": (written("1e-05,1e05,a,3"), 2),
    "a date with a time": (written("1,2,2024-01-05 07:00,3"), 2),
    "led by a zero": (written("1.5,02,a,3"), 0),
    "led by a zero behind a blank": (written("1.5, 02,a,3"), 0),
    "led by a zero in quotes": (written('1.5,"02",a,3'), 0),
    "led by zeros at the very end": (written("01,2,a,3", at=N), 0),
}


@pytest.mark.parametrize(("content", "count"), CASES.values(), ids=list(CASES))
def test_a_large_file_is_read_as_any_other(both, content, count):
    (at_once, *told), (as_texts, *also) = both(content)
    assert told == also
    assert sum(one.read is not None for one in at_once) == count
    for one, other in zip(at_once, as_texts, strict=True):
        assert (one.name, one.is_text, one.rows) == (other.name, other.is_text, other.rows)
        assert one.led_by_zeros == other.led_by_zeros
        assert (one.plain is None) == (other.plain is None)
        if one.plain is not None:
            assert np.array_equal(one.plain, other.plain, equal_nan=True)
        assert one.texts.to_pylist() == other.texts.to_pylist()


def test_without_a_header_the_first_row_is_one_too(both):
    (at_once, *_), (as_texts, *_) = both(written()[len(HEADER) + 1 :], header=False)
    assert [one.rows for one in at_once] == [one.rows for one in as_texts] == [N] * 4
    assert at_once[0].read is not None


def test_where_marks_are_named_texts_are_read(both):
    (at_once, *_), _ = both(written(), missing_markers=("3",))
    assert all(one.read is None for one in at_once)
