from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.report.test.facts import MOST_MISTAKES, class_scores, confusion, most_confident
from sweeper.statistics.intervals import wilson

NAMES = ("cat", "dog", "cow")


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_confusion_is_a_count_of_pairs(rows):
    labels, *members = (np.array(column) for column in zip(*rows, strict=True))
    counts = confusion(np.stack(members), labels, 3)
    for true in range(3):
        for taken in range(3):
            assert counts[true, taken] == sum((label == true) * (p == taken) for label, *ps in rows for p in ps)


def test_a_class_has_wilsons_interval_and_one_without_examples_is_left_out():
    labels = np.array([0, 0, 0, 2])
    found = class_scores(np.array([[0, 0, 1, 2]]), labels, NAMES)
    assert [(each.name, each.examples) for each in found] == [("cat", 3), ("cow", 1)]
    assert found[0].accuracy == pytest.approx(2 / 3)
    assert found[0].interval.low == pytest.approx(wilson(2, 3).low)


def test_the_most_confident_mistakes_come_first():
    probabilities = np.array([[[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.6, 0.1], [0.0, 0.3, 0.7]]], np.float32)
    found = most_confident(probabilities, np.array([0, 0, 2, 1]), NAMES)
    assert found.rows.tolist() == [1, 3, 2]
    assert found.captions == ("cat as dog, 80.0%", "dog as cow, 70.0%", "cow as dog, 60.0%")


def test_members_are_averaged_and_pictures_are_few():
    one = np.tile(np.array([[0.6, 0.4, 0.0]], np.float32), (50, 1))
    other = np.tile(np.array([[0.1, 0.9, 0.0]], np.float32), (50, 1))
    found = most_confident(np.stack([one, other]), np.zeros(50, int), NAMES)
    assert len(found.rows) == MOST_MISTAKES
    assert found.captions[0] == "cat as dog, 65.0%"
    assert most_confident(one[None], np.zeros(50, int), NAMES).rows.size == 0
