"""Tables that people really have, where they lie beside the project: each comes to what its README says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweeper.config.compose import compose
from sweeper.data import load
from sweeper.errors import InputError

SOMEWHERE = next(
    (parent / "shared" / "cases" for parent in Path(__file__).parents if (parent / "shared" / "cases").is_dir()),
    Path("shared/cases"),
)
"""Beside the project, or beside a folder that it is in."""

pytestmark = pytest.mark.skipif(not SOMEWHERE.is_dir(), reason="the tables do not lie beside the project")

THREE = ("blue", "green", "red")
RIGHT = {
    "good.csv": (THREE, 3, ""),
    "noise.csv": (THREE, 3, ""),
    "indexed.csv": (THREE, 3, "columns left out: a nameless one (it numbers the rows, no two alike)"),
    "question.csv": (THREE, 3, "missing values: 1 in 'a' (the first in data row 6, '?')"),
    "spaces_mixed.csv": (THREE, 3, "75 labels have blanks around them"),
    "zip_label.csv": (("002", "01", "1"), 3, "labels are taken as text"),
    "na_label.csv": (("APAC", "EU", "NA"), 3, "the label 'NA' is taken for a class"),
    "dup_rows.csv": (THREE, 6, "warning: 180 of 180 rows have equals"),
    "groups.csv": (("sick", "well"), 7, "validation.group=patient"),
    "imbalanced.csv": (("fraud", "ok"), 3, ""),
    "semicolon.csv": (THREE, 3, "with semicolons between its fields"),
    "trailing.csv": (THREE, 3, "a nameless one (it is empty)"),
    "decimal.parquet": (THREE, 2, "read as number: a, b"),
    "dateobj.parquet": (THREE, 2, "read as date: a; number: b"),
    "col.npz": (("0", "1", "2"), 64, ""),
}
REFUSED = {
    "dup_label.csv": "two columns of the name 'label'",
    "noheader.csv": "its first line looks like data",
    "unseen.npz": "label '7', which is in no training example",
}


def read(name, *more):
    kind = name.rpartition(".")[2]
    target = [] if kind == "npz" else ["dataset.target=label"]
    config = compose([f"dataset={kind}", f"dataset.path={SOMEWHERE / name}", *target, *more])
    return load(config.dataset, config.validation)


@pytest.mark.parametrize("name", RIGHT)
def test_it_is_read_and_said(name):
    classes, features, told = RIGHT[name]
    split = read(name)
    assert (split.classes, split.features) == (classes, features)
    assert told in "\n".join(split.notes)
    assert min(split.sizes.values()) > 10


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_line(name):
    with pytest.raises(InputError, match=REFUSED[name]) as caught:
        read(name)
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_the_keys_that_are_named_mend_them():
    assert read("noheader.csv", "dataset.header=false", "dataset.target=column_4").classes == THREE
    grouped = read("groups.csv", "validation.group=patient")
    assert grouped.features == 6
    assert not any("gives the label away" in note for note in grouped.notes)
    assert any("of only 3 values of 'patient'" in note for note in grouped.notes)


def test_no_clean_table_is_warned_of():
    assert not any(
        "warning" in note for name in ("good.csv", "noise.csv", "decimal.parquet") for note in read(name).notes
    )


def test_every_file_has_its_line():
    assert {path.name for path in SOMEWHERE.iterdir()} - {"README.md"} == set(RIGHT) | set(REFUSED)
