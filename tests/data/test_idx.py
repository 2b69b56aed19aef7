"""IDX files: read whole, or refused with the reason."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sweeper.data import idx
from sweeper.errors import InputError


def file_of(values):
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()


@given(arrays(np.uint8, st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(1, 4))))
def test_what_was_written_is_read(values):
    assert np.array_equal(idx.parse(file_of(values), 3, "file"), values)


@pytest.mark.parametrize("packed", [True, False])
def test_gzipped_or_not(tmp_path, packed):
    values = np.arange(12, dtype=np.uint8)
    path = tmp_path / ("labels.gz" if packed else "labels")
    path.write_bytes(gzip.compress(file_of(values)) if packed else file_of(values))
    assert np.array_equal(idx.read(path, 1), values)


WHOLE = file_of(np.ones((3, 2, 2), np.uint8))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "cut short: 0 bytes are less than its header of 16"),
        (WHOLE[:-1], "cut short: 27 bytes where its header promises 28"),
        (WHOLE + b"\0", "too long"),
        (b"\0\0\x0d\x03" + WHOLE[4:], "magic number is 00000d03, not 00000803"),
        (b"\0\0\x08\x01" + WHOLE[4:], "magic number is 00000801"),
        (b"<html>not found, sorry</html>", "magic number"),
        (struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1), "cut short"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(tmp_path, content, told):
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(InputError, match=told) as caught:
        idx.read(path, 3)
    assert str(path) in caught.value.message
    assert caught.value.hint


@given(st.binary(max_size=64))
def test_noise_is_read_or_refused_in_one_line(noise):
    right = len(noise) >= 8 and noise[:4] == b"\0\0\x08\x01" and len(noise) == 8 + int.from_bytes(noise[4:8], "big")
    if right:
        assert file_of(idx.parse(noise, 1, "noise")) == noise
    else:
        with pytest.raises(InputError) as caught:
            idx.parse(noise, 1, "noise")
        assert "\n" not in caught.value.message


@pytest.mark.parametrize("cut", [1, 10, 20])
def test_damaged_compression_is_refused(tmp_path, cut):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(WHOLE)[:-cut])
    with pytest.raises(InputError, match="cannot be read"):
        idx.read(path, 3)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="nothing-here"):
        idx.read(tmp_path / "nothing-here", 3)
