from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.config.amounts import duration, size
from sweeper.errors import InputError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("1h30m", 5400), ("2d", 172_800), (".5s", 0.5)],
)
def test_durations(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("500MB", 500_000_000),
        ("4GB", 4_000_000_000),
        ("4gb", 4_000_000_000),
        ("4 G", 4_000_000_000),
        ("4GiB", 4 * 2**30),
        ("1.5KiB", 1536),
        ("2tb", 2 * 10**12),
    ],
)
def test_sizes(text, count):
    assert size(text) == count


@pytest.mark.parametrize("text", ["", "0", "0s", "-5m", "ten", "5 m", "5x", "m", "nan", "inf", "1e3", "٣s", "9" * 400])
def test_what_is_no_duration_is_one_line(text):
    with pytest.raises(InputError, match="is no duration"):
        duration(text)


@pytest.mark.parametrize(
    "text", ["", "0GB", "-1GB", "4", "4B", "GB", "four GB", "4GBs", "infGB", "9999999999GB", "٣GB"]
)
def test_what_is_no_size_is_one_line(text):
    with pytest.raises(InputError, match="is no size"):
        size(text)


@given(st.text(max_size=12), st.sampled_from([duration, size]))
def test_any_text_is_an_amount_or_one_line(text, parse):
    with suppress(InputError):
        assert parse(text) > 0
