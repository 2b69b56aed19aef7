"""The registry of data sets: each row has its reader, and a set of the catalog its entry."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module

import pytest

from sweeper.config.compose import compose, conf_dir
from sweeper.config.datasets import DATASETS
from sweeper.config.schema import Dataset
from sweeper.data import inventory
from sweeper.data.catalog import KNOWN
from sweeper.errors import InputError


def test_a_set_of_the_catalog_is_a_row_without_a_file():
    assert set(KNOWN) == {name for name, kind in DATASETS.items() if not kind.is_file}


def test_each_row_can_be_chosen_and_is_listed():
    assert {path.stem for path in (conf_dir() / "dataset").glob("*.yaml")} == set(DATASETS)
    document = inventory.listing()
    assert {each["name"] for each in document["datasets"]} | set(document["kinds"]) == set(DATASETS)


@pytest.mark.parametrize("name", DATASETS)
def test_each_row_has_its_reader_and_keys_that_there_are(name):
    kind = DATASETS[name]
    assert callable(import_module(f"sweeper.data.sealed.{kind.reader}").source)
    assert set(kind.needs) <= set(kind.keys) <= {f.name for f in fields(Dataset)} - {"name", "train_size"}


@pytest.mark.parametrize("name", DATASETS)
def test_what_a_row_needs_must_be_given_and_what_it_does_not_know_must_not(name):
    kind = DATASETS[name]
    given = [f"dataset.{key}=x" for key in kind.needs]
    assert compose([f"dataset={name}", *given]).dataset.name == name
    for key in kind.needs:
        with pytest.raises(InputError, match=f"dataset={name} needs") as caught:
            compose([f"dataset={name}", *(one for one in given if not one.startswith(f"dataset.{key}="))])
        assert caught.value.key == f"dataset.{key}"
    for key in {"path", "target"} - set(kind.keys):
        with pytest.raises(InputError, match=f"dataset.{key} does nothing with dataset={name}"):
            compose([f"dataset={name}", *given, f"dataset.{key}=x"])
