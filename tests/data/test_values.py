"""Values kept column by column are those that are kept row by row, and so are their digests."""

from __future__ import annotations

import numpy as np
import pytest

from sweeper.data.encode import TableEncoding
from sweeper.data.raw import Apart, buffers, described_digest, rows_of

VALUES = np.random.default_rng(3).normal(size=(5000, 3))
APART = Apart(tuple(np.ascontiguousarray(column) for column in VALUES.T))
PLACES = np.flatnonzero(np.arange(5000) % 3)
LABELS = np.arange(5000) % 2


def test_columns_apart_are_the_same_rows():
    assert APART.shape == VALUES.shape
    assert np.array_equal(APART.whole(), VALUES)
    assert np.array_equal(APART.rows(PLACES), VALUES[PLACES])
    assert APART.whole().flags.f_contiguous
    assert b"".join(buffers(APART)) == VALUES.tobytes()


@pytest.mark.parametrize("values", [VALUES, np.asfortranarray(VALUES), VALUES.astype(np.float32)])
def test_some_rows_keep_the_order_in_memory(values):
    some = rows_of(values, PLACES)
    assert np.array_equal(some, values[PLACES])
    assert some.flags.f_contiguous == values.flags.f_contiguous
    assert rows_of(values, np.arange(len(values))) is values


def test_the_digest_does_not_hang_on_the_order_in_memory():
    found = {described_digest(one, LABELS, rule=4) for one in (VALUES, np.asfortranarray(VALUES), APART)}
    assert found == {"4dd289de4ced452141da51fa00d24d2b5ac54f6904f84aff2c241c86522ac0ad"}


def test_what_is_fitted_does_not_hang_on_it_either():
    encoding = TableEncoding((False,) * 3, (False,) * 3)
    by_rows, by_columns = encoding.fit(VALUES), encoding.fit(APART.whole())
    assert by_rows.plan == by_columns.plan
    assert by_rows(VALUES).tobytes() == by_columns(APART.whole()).tobytes()
