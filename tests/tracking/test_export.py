from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest

from sweeper.errors import InputError, SweeperError
from sweeper.tracking.export import as_text, format_of, write
from sweeper.tracking.run_rows import Row

TABLE: list[Row] = [
    {"name": "a", "batch_size": 100, "loss": 0.5, "number": None, "hidden": "[50, 30]"},
    {"name": "b, c", "batch_size": "full", "loss": math.nan, "number": 3, "hidden": "[]"},
]


@pytest.mark.parametrize(
    ("asked", "output", "expected"),
    [
        ("", None, "table"),
        ("csv", None, "csv"),
        ("", "x.json", "json"),
        ("", "x.PARQUET", "parquet"),
        ("csv", "x.json", "csv"),
        ("", "x.txt", "table"),
        ("", "x", "table"),
    ],
)
def test_the_format_is_asked_for_or_the_endings(asked: str, output: str | None, expected: str) -> None:
    assert format_of(asked, Path(output) if output else None) == expected


def test_bad_formats() -> None:
    with pytest.raises(InputError, match="says no format"):
        format_of("", Path("x.unknown"))
    with pytest.raises(InputError, match="did you mean parquet"):
        format_of("parket", Path("x"))
    with pytest.raises(InputError, match="needs a file"):
        format_of("parquet", None)


def test_csv_reads_back(tmp_path: Path) -> None:
    write(TABLE, "csv", as_text(TABLE, "csv"), tmp_path / "x.csv", force=False)
    frame = pd.read_csv(tmp_path / "x.csv")
    assert frame["name"].tolist() == ["a", "b, c"]
    assert frame["batch_size"].tolist() == ["100", "full"]
    assert math.isnan(frame["loss"][1])


def test_json_reads_back() -> None:
    back = json.loads(as_text(TABLE, "json"), parse_constant=pytest.fail)
    assert back[1] == {"name": "b, c", "batch_size": "full", "loss": None, "number": 3, "hidden": "[]"}


def test_parquet_reads_back(tmp_path: Path) -> None:
    write(TABLE, "parquet", "", tmp_path / "x.parquet", force=False)
    frame = pd.read_parquet(tmp_path / "x.parquet")
    assert frame["batch_size"].tolist() == ["100", "full"]
    assert frame["loss"][0] == 0.5
    assert math.isnan(frame["number"][0])


def test_an_empty_table_is_an_empty_file(tmp_path: Path) -> None:
    for form in ("csv", "json", "parquet"):
        write([], form, as_text([], form), tmp_path / f"x.{form}", force=False)
    assert json.loads((tmp_path / "x.json").read_text()) == []
    assert len(pd.read_parquet(tmp_path / "x.parquet")) == 0


def test_a_users_file_is_never_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("precious")
    with pytest.raises(InputError, match="exists"):
        write(TABLE, "csv", "new", file, force=False)
    assert file.read_text() == "precious"
    write(TABLE, "csv", "new", file, force=True)
    assert file.read_text() == "new\n"
    assert list(tmp_path.iterdir()) == [file]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        write(TABLE, "csv", "x", tmp_path / "no" / "x.csv", force=False)
    (tmp_path / "d").mkdir()
    with pytest.raises(SweeperError, match="cannot be written"):
        write(TABLE, "csv", "x", tmp_path / "d", force=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "d"]
