"""Files of new rows are read as the training file was, whatever its dialect; what is wrong with them is one line."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load, sealed
from sweeper.errors import InputError
from tests.data.test_cases import RIGHT, SOMEWHERE, read

VALIDATION = Validation(30)
RANDOM = np.random.default_rng(9)
COUNT = 200
FRAME = pd.DataFrame(
    {
        "price": np.round(RANDOM.normal(2500, 900, COUNT), 2),
        "weight": RANDOM.integers(1, 9999, COUNT),
        "town": RANDOM.choice(["Köln", "Łódź", "Ulm"], COUNT),
        "y": RANDOM.choice(["ja", "nein"], COUNT),
    }
)


def german(value):
    """1.234,5."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


DIALECTS = {
    "plain": (FRAME, {}, {}),
    "tabs": (FRAME, {"sep": "\t"}, {}),
    "bars without a header": (FRAME, {"sep": "|", "header": False}, {"header": False, "target": "column_4"}),
    "cp1252": (FRAME.replace("Łódź", "Aÿ"), {"encoding": "cp1252"}, {}),
    "utf-16 with decimal commas": (FRAME, {"sep": ";", "decimal": ",", "encoding": "utf-16"}, {}),
    "thousands": (
        FRAME.assign(price=FRAME["price"].map(german)),
        {"sep": ";"},
        {"decimal": ",", "thousands": ".", "categories": ("town",)},
    ),
    "markers": (
        FRAME.assign(price=FRAME["price"].astype(object).where(FRAME.index % 9 > 0, "none yet")),
        {},
        {"missing_markers": ("none yet",)},
    ),
    "blanks": (FRAME.assign(town=" " + FRAME["town"] + " "), {}, {}),
}


def same_rows(split, path):
    """Every row of training and validation is among what the file gives, with the features that it had there."""
    rows, _ = sealed.new_rows(path, json.loads(split.preprocessing))
    given = {row.tobytes() for row in rows.features}
    assert {row.tobytes() for row in split.train} | {row.tobytes() for row in split.validation} <= given
    return rows


@pytest.mark.parametrize("dialect", DIALECTS)
def test_rows_in_the_dialect_of_training(bare_machine, dialect):
    frame, written, told = DIALECTS[dialect]
    path = bare_machine / "train.csv"
    frame.to_csv(path, index=False, **written)
    split = load(Dataset("csv", **{"path": str(path), "target": "y"} | told), VALIDATION)
    rows = same_rows(split, path)
    assert len(rows.features) == COUNT
    # A single row says nothing of its own dialect.
    frame.head(1).to_csv(path, index=False, **written)
    alone, _ = sealed.new_rows(path, json.loads(split.preprocessing))
    assert np.array_equal(alone.features[0], rows.features[0])


@pytest.mark.skipif(not SOMEWHERE.is_dir(), reason="the tables do not lie beside the project")
@pytest.mark.parametrize("name", [name for name in RIGHT if not name.endswith(".npz")])
def test_tables_that_people_really_have(name):
    same_rows(read(name), SOMEWHERE / name)


def document(bare_machine):
    path = bare_machine / "train.csv"
    FRAME.to_csv(path, index=False)
    return json.loads(load(Dataset("csv", path=str(path), target="y"), VALIDATION).preprocessing)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "is empty"),
        (b"price,weight,town\n", "has no rows"),
        (b"price,price,town,weight\n1,2,Ulm,3\n", "two columns of the name 'price'"),
        (b"price,weight,town\n1,2\n", "no csv table"),
        (b"price;weight;town\n1;2;Ulm\n", "there is no column 'price'"),
        (b"\x00\xff\xfe\x00,,,\n", "is no text"),
        (b"PK\x03\x04", "a zip archive that was cut off, not csv"),
    ],
)
def test_a_file_that_is_no_such_table_is_one_line(bare_machine, text, told):
    path = bare_machine / "new.csv"
    path.write_bytes(text)
    with pytest.raises(InputError, match=told) as caught:
        sealed.new_rows(path, document(bare_machine))
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found.pop("plan"),
        lambda found: found["plan"].update(rule="run this"),
        lambda found: found["columns"].pop(),
        lambda found: found.update(kind="other"),
        lambda found: found["plan"]["blocks"][0].update(shift=[]),
    ],
)
def test_a_document_that_somebody_spoilt_is_one_line(bare_machine, damage):
    found = document(bare_machine)
    damage(found)
    with pytest.raises(InputError, match="preprocessing is damaged"):
        sealed.new_rows(bare_machine / "train.csv", found)
