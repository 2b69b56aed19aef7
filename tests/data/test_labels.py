"""Labels as people write them become class numbers from 0."""

from __future__ import annotations

import numpy as np
import pytest

from sweeper.data.labels import coding
from sweeper.errors import InputError


@pytest.mark.parametrize(
    ("labels", "names", "numbers"),
    [
        (np.array([7, -2, 7, 30]), ("-2", "7", "30"), [1, 0, 1, 2]),
        (np.array(["dog", "cat", "dog"]), ("cat", "dog"), [1, 0, 1]),
        (np.array(["dog", "cat", "dog"], object), ("cat", "dog"), [1, 0, 1]),
        (np.array([2.0, 10.0, 2.0], np.float32), ("2", "10"), [0, 1, 0]),
        (np.array([True, False]), ("0", "1"), [1, 0]),
        (np.array([2**63 + 1, 2**63, 2**63 + 1], np.uint64), (str(2**63), str(2**63 + 1)), [1, 0, 1]),
    ],
)
def test_classes_are_ordered_and_numbered(labels, names, numbers):
    found = coding(labels, "labels")
    assert found.names == names
    assert found.number(labels, "labels").tolist() == numbers


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (np.array([0.5, 1.0]), "fractions"),
        (np.array([np.nan, 1.0]), "missing or infinite"),
        (np.array([1, 1, 1]), "1 different labels"),
        (np.arange(1001), "1001 different labels"),
        (np.eye(3), r"shape \[3, 3\]"),
    ],
)
def test_what_is_no_class_is_refused(labels, told):
    with pytest.raises(InputError, match=told):
        coding(labels, "column 'y'")


@pytest.mark.parametrize("stranger", [np.array([3]), np.array([9.0]), np.array(["1"])])
def test_a_label_of_no_class_is_named(stranger):
    with pytest.raises(InputError, match="which is in no training example"):
        coding(np.array([1, 2, 4]), "y").number(stranger, "y_test")
