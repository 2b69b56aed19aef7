"""Rows that look unlike training: few of those that training might have had, and all that it could not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets

from sweeper.config.schema import Dataset, Validation
from sweeper.data import sealed
from sweeper.data.division import divide
from sweeper.data.portable import unlike
from sweeper.data.preprocessing import document


@pytest.mark.parametrize(("name", "most"), [("wine", 0.08), ("breast_cancer", 0.05), ("iris", 0.03), ("digits", 0.02)])
def test_few_rows_of_the_same_kind_are_noted(bare_machine, name, most):
    """Validation rows against the rest, over ten splits."""
    path = bare_machine / "train.csv"
    getattr(datasets, f"load_{name}")(as_frame=True).frame.to_csv(path, index=False)
    dataset, shares = Dataset("csv", path=str(path), target="target"), []
    for seed in range(10):
        validation = Validation(0.25, seed=seed)
        raw = sealed.training(dataset, "", validation)
        parts = divide(raw, dataset, validation)
        about = document(raw, raw.values[parts.train], parts.transform, dataset)
        assert not any(unlike.notes(about, raw.values[parts.train]))
        shares.append(np.mean([note != "" for note in unlike.notes(about, raw.values[parts.validation])]))
    assert np.mean(shares) < most


def test_a_number_is_noted_from_a_tenth_of_the_range_outside_of_it():
    column = {"name": "x", "kind": "number", "lacking": True, "low": 0.0, "high": 10.0}
    values = np.array([[-1.0], [-1.001], [11.0], [11.001], [np.nan], [5.0]])
    found = unlike.notes({"kind": "table", "columns": [column]}, values)
    assert found == ["", "x -1.001 is below 0", "", "x 11.001 is above 10", "", ""]


def test_names_are_shown_as_they_are():
    column = {"name": "{0} 普", "kind": "category", "lacking": False, "categories": ["a", "{b}"], "known": [0]}
    values = np.array([[0.0], [1.0], [-1.0], [np.nan]])
    found = unlike.notes({"kind": "table", "columns": [column]}, values, {"{0} 普": np.array(["a", "{b}", "ü", ""])})
    assert found == ["", "{0} 普 '{b}' is new", "{0} 普 'ü' is new", "{0} 普 is missing"]
