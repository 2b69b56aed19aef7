"""Arrays in files of their own: read by the block, divided as an archive of the same would be, left where they are."""

from __future__ import annotations

import pickle
import shutil

import numpy as np
import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load, loader, mapped, sealed
from sweeper.data.encode import Standard
from sweeper.data.loader import preprocessing
from sweeper.data.mapped import InFile, Mapped
from sweeper.errors import InputError

ROWS = 400
RANDOM = np.random.default_rng(3)
TABLE = RANDOM.normal(size=(ROWS, 6))
PICTURES = RANDOM.integers(0, 256, (ROWS, 5, 4)).astype(np.uint8)
LABELS = np.array(["no", "yes"])[(TABLE[:, 0] > 0).astype(int)]
VALIDATION = Validation(60)


def folder(place, x, y=LABELS):
    place.mkdir(exist_ok=True)
    np.save(place / "x.npy", x)
    np.save(place / "y.npy", y)
    return place


def read(place, hold="auto", validation=VALIDATION, **keys):
    return load(Dataset("npy", path=str(place), hold=hold, **keys), validation)


def whole(held):
    return held.whole() if isinstance(held, InFile) else held


KINDS = {
    "single precision": TABLE.astype(np.float32),
    "double precision": TABLE,
    "half precision": TABLE.astype(np.float16),
    "big-endian": TABLE.astype(">f4"),
    "whole numbers": (TABLE * 9).astype(np.int16),
    "yes and no": TABLE > 0,
    "bytes": PICTURES.reshape(ROWS, -1),
    "pictures of bytes": PICTURES,
    "pictures of shares": PICTURES / np.float32(255),
    "pictures in any unit": PICTURES.astype(np.float64) * 3 - 40,
    "one feature": TABLE[:, 1],
    "column by column": np.asfortranarray(TABLE),
}


@pytest.mark.parametrize("x", KINDS.values(), ids=KINDS)
def test_a_folder_is_read_as_an_archive_of_the_same_arrays(tmp_path, x):
    np.savez(tmp_path / "data.npz", x=x, y=LABELS)
    ours, archive = (
        read(folder(tmp_path / "data", x)),
        load(Dataset("npz", path=str(tmp_path / "data.npz")), VALIDATION),
    )
    assert (ours.digest, ours.sealed, ours.seal) == (archive.digest, archive.sealed, archive.seal)
    assert (ours.classes, ours.sizes, ours.shape, ours.top) == (
        archive.classes, archive.sizes, archive.shape, archive.top,
    )  # fmt: skip
    for mine, theirs in zip(ours.held, archive.held, strict=True):
        np.testing.assert_array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    np.testing.assert_array_equal(ours.train_labels, archive.train_labels)


@pytest.mark.parametrize("validation", [VALIDATION, Validation(folds=3)], ids=["split", "folds"])
@pytest.mark.parametrize("x", [TABLE, PICTURES, PICTURES / 255.0], ids=["table", "bytes", "shares"])
def test_features_in_their_file_are_those_in_memory(tmp_path, x, validation, monkeypatch):
    monkeypatch.setattr(mapped, "BLOCK", 70)
    monkeypatch.setattr(mapped, "_PIECE", 50)
    place = folder(tmp_path / "data", x)
    held, left = read(place, "memory", validation), read(place, "file", validation)
    assert (left.in_file, held.in_file) == (True, False)
    assert held.preprocessing == left.preprocessing
    assert left.facts == held.facts | {"held": "file"}
    for mine, theirs in zip((left, *left.folds), (held, *held.folds), strict=True):
        for ours, other in zip(mine.held, theirs.held, strict=True):
            assert isinstance(ours, InFile)
            np.testing.assert_array_equal(ours.whole(), other)
            np.testing.assert_array_equal(np.concatenate([*ours.blocks()]), other)
            some = np.array([5, 0, 17, 5])
            np.testing.assert_array_equal(ours[some], other[some])
        np.testing.assert_array_equal(mine.some(slice(7)), theirs.train[:7])
    np.testing.assert_array_equal(whole(left.joined().held[0]), held.joined().held[0])
    elsewhere = pickle.loads(pickle.dumps(left))
    np.testing.assert_array_equal(elsewhere.held[0].whole(), held.held[0])


def test_moments_by_block_are_those_of_all_rows(tmp_path, monkeypatch):
    x = TABLE * 3 + 1e4
    x[:, 2] = 0.1
    np.save(tmp_path / "x.npy", x)
    rows = Mapped.whole(str(tmp_path / "x.npy")).at(np.arange(0, ROWS, 3))
    monkeypatch.setattr(mapped, "BLOCK", 100)
    mean, deviation = rows.moments
    np.testing.assert_allclose(mean, x[::3].mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(np.delete(deviation, 2), np.delete(x[::3].std(axis=0), 2), rtol=1e-10)
    np.testing.assert_array_equal(rows.ends, (x[::3].min(axis=0), x[::3].max(axis=0)))
    assert not Standard().fit(rows)(rows).whole()[:, 2].any()


def test_features_of_more_than_an_eighth_of_the_memory_stay_in_their_file(tmp_path, monkeypatch):
    place = folder(tmp_path / "data", TABLE)
    size = 4 * 6 * sum(read(place).sizes[part] for part in ("train", "validation"))
    monkeypatch.setattr(loader, "memory", lambda: 8 * size)
    assert not read(place).in_file
    monkeypatch.setattr(loader, "memory", lambda: 8 * size - 1)
    split = read(place)
    assert split.in_file
    assert "batches are read from x.npy: its features would take" in split.notes[-1]
    assert not read(place, "memory").in_file
    assert read(place, validation=Validation(folds=2)).in_file


def test_rows_of_a_file_that_is_large_for_the_memory_are_asked_for_at_once(tmp_path, monkeypatch):
    split = read(folder(tmp_path / "data", TABLE), "file")
    file, asked = tmp_path / "data" / "x.npy", []
    monkeypatch.setattr(mapped.os, "posix_fadvise", lambda _file, *where: asked.append(where), raising=False)
    held, some = split.held[0], np.array([60, 3, 31])
    expected = held[some]
    assert not asked
    monkeypatch.setattr(mapped, "memory", lambda: 2 * file.stat().st_size - 1)
    np.testing.assert_array_equal(held[some], expected)
    rows = [file.read_bytes()[start : start + length] for start, length, _ in asked]
    assert sorted(rows) == sorted(TABLE[place].tobytes() for place in held.values.places[some])
    asked.clear()
    list(held.blocks())
    assert not asked  # rows that lie side by side are read ahead anyway


def test_what_is_to_be_predicted_may_be_numbers(tmp_path):
    numbers = TABLE @ np.arange(6) + 40
    split = read(folder(tmp_path / "data", TABLE, numbers))
    assert split.target.name == "y"
    assert not split.classes
    assert "is taken for numbers to predict, since it has fractions" in split.notes[0]
    whole_numbers = folder(tmp_path / "data", TABLE, np.arange(ROWS) % 7)
    assert len(read(whole_numbers).classes) == 7
    asked = read(whole_numbers, task="regression")
    assert asked.target.mean == pytest.approx(asked.train_labels.mean())
    assert not any("taken for numbers" in note for note in asked.notes)
    assert asked.digest != read(whole_numbers).digest


@pytest.mark.parametrize("x", [TABLE, PICTURES], ids=["table", "bytes"])
def test_the_sealed_rows_are_not_to_be_had_but_by_the_ledger(tmp_path, x):
    place = folder(tmp_path / "data", x)
    dataset = Dataset("npy", path=str(place), hold="file")
    split, raw = load(dataset, VALIDATION), sealed.training(dataset)
    seen = []
    sealed.evaluate(
        dataset, VALIDATION, ledger=tmp_path / "ledger", who="ann", run="r", config_digest="c",
        score=lambda features, labels: seen.append((features[:], labels)) or {},
    )  # fmt: skip
    [(features, labels)] = seen
    assert len(labels) == len(features) == split.test_size == ROWS - len(raw.values)
    shown = {row.tobytes() for part in split.held for row in part.whole() / np.float32(split.top or 1)}
    assert not shown & {row.tobytes() for row in features}
    assert len(shown) == len(raw.values)
    stored = {row.tobytes() for row in x} - {row.tobytes() for row in raw.values[:].astype(x.dtype)}
    assert len(stored) == split.test_size
    assert not any(row in pickle.dumps((split, raw)) for row in stored)
    with pytest.raises(IndexError):
        raw.values.at(np.array([len(raw.values)]))


def test_a_test_part_of_its_own_is_sealed(tmp_path):
    place = tmp_path / "data"
    place.mkdir()
    arrays = {"x_train": TABLE[:300], "y_train": LABELS[:300], "x_test": TABLE[300:], "y_test": LABELS[300:]}
    for name, array in arrays.items():
        np.save(place / f"{name}.npy", array)
    np.savez(tmp_path / "data.npz", **arrays)
    split = read(place)
    assert (split.sizes["test"], split.seal) == (100, "own part")
    assert split.digest == load(Dataset("npz", path=str(tmp_path / "data.npz")), VALIDATION).digest
    np.save(place / "x_test.npy", TABLE[300:, :5])
    with pytest.raises(InputError, match="x_test has the shape"):
        read(place)
    np.save(place / "x_test.npy", TABLE[300:])
    np.save(place / "y_test.npy", np.where(LABELS[300:] == "no", "perhaps", "yes"))
    with pytest.raises(InputError, match="perhaps"):
        read(place)


def test_the_preprocessing_is_found_again(tmp_path):
    dataset = Dataset("npy", path=str(folder(tmp_path / "data", TABLE)))
    split = load(dataset, VALIDATION)
    assert preprocessing(dataset, VALIDATION, split.digest)["plan"]["rule"] == "shift"


def test_a_file_that_was_changed_is_other_data(tmp_path):
    place = folder(tmp_path / "data", TABLE)
    split = read(place, "file")
    np.save(place / "x.npy", TABLE + 1)
    with pytest.raises(InputError, match="was changed while it was read"):
        split.some(slice(3))
    assert read(place).digest != split.digest
    shutil.rmtree(place)
    with pytest.raises(InputError, match="was changed while it was read"):
        split.some(slice(3))


def header(shape, kind="<f8", version=b"\x01\x00", order="False"):
    text = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}".encode() + b"\n"
    length = len(text).to_bytes(2 if version == b"\x01\x00" else 4, "little")
    return b"\x93NUMPY" + version + length + text


SPOILT = {
    "cut off": (header((ROWS, 6)) + TABLE.tobytes()[:-8], "it is cut off"),
    "empty": (b"", "is empty"),
    "no array": (b"a,b\n1,2\n", "is a text, not npy"),
    "a pickle": (pickle.dumps(TABLE), "is a Python pickle, not npy"),
    "bytes": (bytes(20), "it is no NumPy array: it begins with the bytes 00 00"),
    "a damaged header": (b"\x93NUMPY\x01\0\x05\0f(1)\n", "its header is damaged"),
    "cut off in its header": (header((ROWS, 6))[:30], "it is cut off within its header"),
    "a promise of more than there is": (header((10**15, 6)) + TABLE.tobytes(), "cannot be used"),
    "more than can be counted": (header((10**30, 6)), "cannot be used"),
    "no rows": (header((0, 6)), "has the shape"),
    "no columns": (header((ROWS, 0)), "has the shape"),
    "one number": (header((), "<f8") + b"\0" * 8, "not rows of numbers"),
    "fewer rows": (header((ROWS - 1, 6)) + TABLE.tobytes(), "x has the shape"),
    "texts": (header((ROWS, 6), "<U2") + TABLE.tobytes(), "not rows of numbers"),
    "complex": (header((ROWS, 3), "<c16") + TABLE.tobytes(), "not rows of numbers"),
    "dates": (header((ROWS, 6), "<M8[s]") + TABLE.tobytes(), "not rows of numbers"),
}


@pytest.mark.parametrize(("content", "said"), SPOILT.values(), ids=SPOILT)
@pytest.mark.filterwarnings("error")
def test_a_spoilt_file_is_one_line(tmp_path, content, said):
    place = folder(tmp_path / "data", TABLE)
    (place / "x.npy").write_bytes(content)
    with pytest.raises(InputError, match=said) as refused:
        read(place)
    assert refused.value.key == "dataset.path"
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("version", [b"\x02\x00", b"\x03\x00"])
def test_newer_headers_are_read(tmp_path, version):
    place = folder(tmp_path / "data", TABLE)
    expected = read(place).digest
    for name, array in (("x", TABLE), ("y", LABELS)):
        content = header(array.shape, array.dtype.str, version) + array.tobytes()
        (place / f"{name}.npy").write_bytes(content)
    assert read(place).digest == expected


class Touch:
    def __reduce__(self):
        return open, ("touched", "w")


@pytest.mark.parametrize("name", ["x", "y"])
def test_nothing_in_a_file_is_run(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = folder(tmp_path / "data", TABLE)
    np.save(place / f"{name}.npy", np.array([Touch()] * ROWS, object), allow_pickle=True)
    with pytest.raises(InputError, match="cannot be used"):
        read(place)
    assert not (tmp_path / "touched").exists()


def test_texts_that_were_saved_as_objects_are_labels(tmp_path):
    split = read(folder(tmp_path / "data", TABLE, LABELS.astype(object)))
    assert split.classes == ("no", "yes")


def in_parts(place, **other):
    place.mkdir()
    arrays = {"x_train": TABLE[:300], "y_train": LABELS[:300], "x_test": TABLE[300:], "y_test": LABELS[300:]}
    for name, array in (arrays | other).items():
        np.save(place / f"{name}.npy", array)
    np.savez(place / "all.npz", **arrays | other)
    return place


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (np.where(TABLE[300:] == TABLE[350, 2], np.nan, TABLE[300:]), "the first in row 50, counted from 0"),
        (TABLE[:0], "x_test has the shape"),
    ],
)
def test_a_test_part_that_could_never_be_opened_is_refused_before_training(tmp_path, test, said):
    place = in_parts(tmp_path / "data", x_test=test, y_test=LABELS[: len(test)])
    with pytest.raises(InputError, match=said):
        read(place)
    with pytest.raises(InputError, match=said):
        load(Dataset("npz", path=str(place / "all.npz")), VALIDATION)


def test_a_test_part_of_bytes_beside_shares_is_refused_before_training(tmp_path):
    with pytest.raises(InputError, match="it holds uint8 beside float64 of training"):
        read(in_parts(tmp_path / "data", x_test=np.zeros((100, 6), np.uint8)))


def test_what_lies_beside_a_test_part_of_its_own_is_said_not_to_be_read(tmp_path):
    assert not any("not read" in note for note in read(in_parts(tmp_path / "data")).notes)
    assert any("not read" in note for note in read(in_parts(tmp_path / "both", x=TABLE)).notes)


def test_an_archive_in_the_folder_is_named(tmp_path):
    np.savez(tmp_path / "all.npz", x=TABLE, y=LABELS)
    with pytest.raises(InputError, match=r"it has no \.npy file") as refused:
        read(tmp_path)
    assert refused.value.hint.endswith(f"dataset=npz dataset.path={tmp_path / 'all.npz'} reads the archive")


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e31])
def test_values_that_are_missing_or_infinite_are_refused(tmp_path, bad):
    x = TABLE.copy()
    x[ROWS - 1, 5] = bad
    with pytest.raises(
        InputError, match=r"x\.npy cannot be used: its examples have .* the first in row 399, counted from 0"
    ):
        read(folder(tmp_path / "data", x))
    numbers = x[:, 5]
    with pytest.raises(InputError, match=r"y\.npy has missing, infinite or enormous values"):
        read(folder(tmp_path / "data", TABLE, numbers))


def test_rows_that_lie_column_by_column_must_be_in_memory(tmp_path):
    place = folder(tmp_path / "data", np.asfortranarray(TABLE))
    with pytest.raises(InputError, match="Fortran order"):
        read(place, "file")


def test_what_is_no_such_folder_is_said(tmp_path):
    with pytest.raises(InputError, match="is no folder") as refused:
        read(folder(tmp_path / "data", TABLE) / "x.npy")
    assert "x.npy and y.npy" in refused.value.hint
    (tmp_path / "data" / "y.npy").unlink()
    with pytest.raises(InputError, match=r"it has x\.npy"):
        read(tmp_path / "data")
    with pytest.raises(InputError, match="there is no file"):
        read(tmp_path / "nowhere")


def test_a_test_split_of_the_catalog_is_sealed_here_too(tmp_path, small):
    place = folder(tmp_path / "data", small.test, small.test_labels)
    with pytest.raises(InputError, match="is a test split, which is sealed"):
        read(place)


def test_which_test_part_a_folder_brings_is_known_without_opening_it(bare_machine):
    place = bare_machine / "parts"
    place.mkdir()
    arrays = {"x_train": TABLE[:300], "y_train": LABELS[:300], "x_test": TABLE[300:], "y_test": LABELS[300:]}

    def sealed_rows(**changed):
        for name, array in (arrays | changed).items():
            np.save(place / f"{name}.npy", array)
        return sealed.training(Dataset("npy", path=str(place))).sealed

    first = sealed_rows()
    assert first == sealed_rows()
    assert first != sealed_rows(x_test=TABLE[300:] + 1)
    assert first != sealed_rows(y_test=np.roll(LABELS[300:], 1))
