"""Pictures of examples: the right ones, written where it says, over nothing of anyone's."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load
from sweeper.errors import InputError
from sweeper.report import examples

DIGITS, VALIDATION = Dataset("digits"), Validation(0.2)


@pytest.fixture
def drawn(monkeypatch):
    """What was given to the figure, instead of a figure."""
    given = []
    monkeypatch.setattr(examples, "examples", lambda *args, **kwargs: given.append((args, kwargs)))
    monkeypatch.setattr(examples, "save", lambda figure, path: given.append(path))
    return given


def test_ten_of_a_label(drawn, tmp_path):
    document = examples.show(DIGITS, VALIDATION, label="2", folder=tmp_path)
    (images, captions), _ = drawn[0]
    split = load(DIGITS, VALIDATION)
    assert document["labels"] == ["2"] * 10
    assert split.train_labels[document["rows"]].tolist() == [2] * 10
    assert np.array_equal(images, split.train[document["rows"]].reshape(10, 8, 8))
    assert not captions
    assert drawn[1] == tmp_path / "examples-digits-2.png"


def test_one_of_each_label(drawn, tmp_path):
    document = examples.show(DIGITS, VALIDATION, folder=tmp_path)
    (images, captions), _ = drawn[0]
    assert captions == document["labels"] == [str(digit) for digit in range(10)]
    assert images.shape == (10, 8, 8)


def test_a_real_png_is_written_whole(tmp_path):
    document = examples.show(DIGITS, VALIDATION, output=tmp_path / "deep" / "two.png", label="2")
    content = (tmp_path / "deep" / "two.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert content.endswith(b"IEND\xaeB`\x82")
    assert document["path"] == str(tmp_path / "deep" / "two.png")


def test_a_file_that_is_there_is_kept(tmp_path):
    mine = tmp_path / "mine.png"
    mine.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        examples.show(DIGITS, VALIDATION, output=mine)
    assert mine.read_text() == "mine"


def test_an_unknown_label_is_refused_and_nothing_written(tmp_path):
    with pytest.raises(InputError, match="label"):
        examples.show(DIGITS, VALIDATION, label="ten", folder=tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


def test_examples_that_are_no_pictures_are_refused(tmp_path):
    path = tmp_path / "set.npz"
    np.savez(path, x=np.arange(120.0).reshape(60, 2), y=np.arange(60) % 2)
    with pytest.raises(InputError, match="no pictures"):
        examples.show(Dataset("npz", path=str(path)), VALIDATION, folder=tmp_path / "reports")


def test_a_class_cannot_lead_out_of_the_folder(drawn, tmp_path):
    path = tmp_path / "set.npz"
    names = np.array(["../../up", "/etc/down"] * 30)
    np.savez(path, x=np.random.default_rng(0).normal(size=(60, 2, 2)) * 50, y=names)
    examples.show(Dataset("npz", path=str(path)), VALIDATION, label="../../up", folder=tmp_path)
    assert drawn[1].parent == tmp_path
    assert re.fullmatch(r"examples-npz-[0-9a-f]{8}-up\.png", drawn[1].name)
    # The data set's smallest value is 0 and its largest 1, for all of its pictures alike.
    images, split = drawn[0][0][0], load(Dataset("npz", path=str(path)), VALIDATION)
    assert (split.train.min(), split.train.max()) == (0, 1)
    shown = split.train[split.train_labels == split.classes.index("../../up")][: len(images)]
    np.testing.assert_array_equal(images.reshape(len(images), -1), shown)
