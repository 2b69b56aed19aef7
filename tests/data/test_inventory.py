"""What there is on this machine, and whether it is right."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from sweeper.data import inventory
from sweeper.errors import InputError


def by_name(document):
    return {each["name"]: each for each in document["datasets"]}


def test_the_list_says_what_is_here_and_where(installed):
    document = inventory.listing()
    json.dumps(document)
    found = by_name(document)
    assert (found["mnist"]["here"], found["mnist"]["where"]) == (True, str(installed))
    assert (found["fashion_mnist"]["here"], found["fashion_mnist"]["where"]) == (False, None)
    assert found["digits"]["here"]
    assert found["mnist"]["sizes"] == {"train": 120, "test": 30}


def test_what_is_right_is_verified_file_by_file(installed):
    document = inventory.verify("mnist")
    json.dumps(document)
    assert document["ok"]
    assert [file["ok"] for file in by_name(document)["mnist"]["files"]] == [True] * 4


@pytest.mark.parametrize("file", ["train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"])
@pytest.mark.parametrize("fault", ["changed", "torn", "gone"])
def test_what_is_wrong_is_named(small, installed, file, fault):
    path = installed / f"{file}.gz"
    changed = small.files[file][:-1] + b"\x63"
    path.write_bytes({"changed": gzip.compress(changed), "torn": path.read_bytes()[:-5], "gone": b""}[fault])
    if fault == "gone":
        path.unlink()
        if file.startswith("train"):
            with pytest.raises(InputError, match="not on this machine"):
                inventory.verify("mnist")
            return
    document = inventory.verify("mnist")
    assert not document["ok"]
    wrong = [each for each in by_name(document)["mnist"]["files"] if not each["ok"]]
    assert [file in each["file"] for each in wrong] == [True]
    assert wrong[0]["why"]
    assert (wrong[0]["found"] is None) == (fault != "changed")


def test_without_a_name_all_that_are_here_are_verified_and_those_that_are_not_do_no_harm():
    document = inventory.verify()
    assert document["ok"]
    assert {name for name, each in by_name(document).items() if each["here"]} == {"mnist_5k", "digits", "diabetes"}


def test_a_keras_archive_is_verified_as_a_whole(small, bare_machine):
    folder = bare_machine / "keras" / "datasets"
    folder.mkdir(parents=True)
    np.savez(
        folder / "mnist.npz",
        x_train=small.train, y_train=small.train_labels, x_test=small.test, y_test=small.test_labels,
    )  # fmt: skip
    assert inventory.verify("mnist")["ok"]
    np.savez(
        folder / "mnist.npz",
        x_train=small.train[::-1], y_train=small.train_labels, x_test=small.test, y_test=small.test_labels,
    )  # fmt: skip
    assert not inventory.verify("mnist")["ok"]


@pytest.mark.parametrize("name", ["fashion_mnist", "csv", "mnits"])
def test_what_is_not_here_or_not_known_is_refused(name):
    with pytest.raises(InputError):
        inventory.verify(name)
