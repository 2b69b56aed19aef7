"""Folds: each example validates once, in proportion, whole groups, in time; features by the training part alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from sweeper.config.checks import check
from sweeper.config.schema import Config, Dataset, Validation
from sweeper.data import folds, load
from sweeper.data.partition import Cut
from sweeper.errors import InputError


def whole(cuts: list[Cut], count: int) -> None:
    """Each row is taken once, and trained on where it is not."""
    assert sorted(np.concatenate([cut.taken for cut in cuts])) == list(range(count))
    for cut in cuts:
        assert sorted([*cut.rest, *cut.taken]) == list(range(count))


def test_folds_have_the_same_size_and_classes_in_proportion():
    labels = np.repeat([0, 1, 2], [60, 30, 13])
    cuts = folds.at_random(labels, None, 5, seed=0)
    whole(cuts, 103)
    assert {len(cut.taken) for cut in cuts} == {20, 21}
    counts = np.array([np.bincount(labels[cut.taken], minlength=3) for cut in cuts])
    assert (counts.max(axis=0) - counts.min(axis=0)).max() <= 1
    again = folds.at_random(labels, None, 5, seed=0)
    assert all(np.array_equal(a.taken, b.taken) for a, b in zip(cuts, again, strict=True))
    other = folds.at_random(labels, None, 5, seed=1)
    assert not all(np.array_equal(a.taken, b.taken) for a, b in zip(cuts, other, strict=True))


def test_groups_stay_whole_and_do_not_hang_on_the_order_of_rows():
    generator = np.random.default_rng(3)
    groups = generator.integers(0, 40, 300).astype(np.uint64)
    labels = (groups % np.uint64(2)).astype(np.int64)
    cuts = folds.at_random(labels, groups, 4, seed=2)
    whole(cuts, 300)
    held = [set(groups[cut.taken]) for cut in cuts]
    assert all(not a & b for n, a in enumerate(held) for b in held[:n])
    assert max(len(cut.taken) for cut in cuts) - min(len(cut.taken) for cut in cuts) < 30
    shuffled = generator.permutation(300)
    again = folds.at_random(labels[shuffled], groups[shuffled], 4, seed=2)
    assert [set(groups[shuffled][cut.taken]) for cut in again] == held


def test_folds_in_time_train_on_what_was_before():
    moments = np.random.default_rng(0).integers(0, 50, 200).astype(np.float64)
    cuts = folds.in_time(moments, 4)
    for cut in cuts:
        assert moments[cut.rest].max() < moments[cut.taken].min()
    assert all(moments[a.taken].max() < moments[b.taken].min() for a, b in pairwise(cuts))
    assert cuts[-1].taken.size + cuts[-1].rest.size == 200


def test_what_cannot_be_divided_is_refused():
    with pytest.raises(InputError, match="class number 1 has 3 examples, too few for 5 folds"):
        folds.at_random(np.repeat([0, 1], [50, 3]), None, 5, seed=0)
    with pytest.raises(InputError, match="there are 2 groups, too few for 3 folds"):
        folds.at_random(np.repeat([0, 1], 10), np.repeat([5, 6], 10).astype(np.uint64), 3, seed=0)
    with pytest.raises(InputError, match="3 different times, too few"):
        folds.in_time(np.repeat([1.0, 2.0, 3.0], 20), 5)
    for validation in (Validation(folds=1), Validation(folds=5, size=100.0), Validation(folds=-1)):
        with pytest.raises(InputError, match="folds"):
            check(Config(validation=validation))


def test_features_of_a_fold_are_made_by_its_training_part_alone_and_nothing_is_sealed(tmp_path):
    generator = np.random.default_rng(1)
    table = pd.DataFrame({"a": generator.normal(5, 3, 200), "kind": list("xyzw" * 50), "label": list("no" * 100)})
    table.to_csv(tmp_path / "t.csv", index=False)
    split = load(Dataset("csv", path=str(tmp_path / "t.csv"), target="label"), Validation(folds=4))
    assert split.sizes["validation"] == len(split.train_labels) == 200 - split.test_size
    for fold in split.folds:
        np.testing.assert_allclose(fold.train[:, 0].mean(), 0, atol=1e-5)
        np.testing.assert_allclose(fold.train[:, 0].std(), 1, atol=1e-5)
        assert abs(fold.validation[:, 0].mean()) > 1e-4
        assert len(fold.train_labels) + len(fold.validation_labels) == split.sizes["validation"]
    plain = load(Dataset("csv", path=str(tmp_path / "t.csv"), target="label"), Validation())
    assert (split.digest, split.test_size) == (plain.digest, plain.test_size)
    assert split.facts["folds"] == 4
    assert "folds" not in plain.facts
    assert any("4 folds: each trains on" in note for note in split.notes)
