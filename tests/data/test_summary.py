"""What a driver knows of its data without reading them again."""

import gzip
import os
import time
from dataclasses import replace

import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load, summary
from sweeper.errors import InputError
from sweeper.system import unchanged

MNIST = Dataset("mnist")
PART = Validation(size=100)


@pytest.fixture
def folder(small, tmp_path, monkeypatch):
    """The stand-in's, on a file system of this machine, some time ago; notes are kept in the test's own folder."""
    folder = small.put(tmp_path / "data" / "mnist")
    monkeypatch.setenv("SWEEPER_DATA", str(folder.parent))
    monkeypatch.setenv("SWEEPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(unchanged, "_local_devices", lambda: {folder.stat().st_dev})
    monkeypatch.setattr(unchanged.time, "time", lambda now=time.time: now() + 2 * unchanged.SETTLED)
    return folder


@pytest.fixture
def readings(monkeypatch):
    """How often the data were read."""
    found = []
    monkeypatch.setattr(summary, "load", lambda *asked: found.append(asked) or load(*asked))
    return found


def test_it_is_that_of_the_split(folder, readings):
    split = load(MNIST, PART)
    for _ in range(2):
        found = summary.summary(MNIST, PART)
        assert (found.facts, found.notes, found.classes) == (split.facts, split.notes, split.classes)
        assert (found.features, found.outputs, found.in_file) == (split.features, split.outputs, split.in_file)
        assert (found.earlier, found.columns, found.regression) == (split.earlier, split.columns, False)
    assert len(readings) == 1


@pytest.mark.parametrize("asked", [(replace(MNIST, hold="memory"), PART), (MNIST, Validation(size=50))])
def test_another_question_is_another_summary(folder, readings, asked):
    first, second = summary.summary(MNIST, PART), summary.summary(*asked)
    assert len(readings) == 2
    assert second == summary._of(load(*asked))
    assert first == summary._of(load(MNIST, PART))


def test_a_file_that_was_damaged_with_its_old_time_put_back_is_refused(folder):
    summary.summary(MNIST, PART)
    path = folder / "train-labels-idx1-ubyte.gz"
    times, content = path.stat(), path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (times.st_size, times.st_mtime_ns)
    with pytest.raises(InputError, match="cannot be read"):
        summary.summary(MNIST, PART)


def test_another_whole_content_is_refused_too(folder):
    summary.summary(MNIST, PART)
    path = folder / "train-images-idx3-ubyte.gz"
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[-1] ^= 1
    path.write_bytes(gzip.compress(bytes(content)))
    with pytest.raises(InputError, match="SHA-256"):
        summary.summary(MNIST, PART)


def test_a_file_that_is_gone_is_missed(folder):
    summary.summary(MNIST, PART)
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    assert summary.summary(MNIST, PART).facts["name"] == "mnist_5k"


def test_files_that_have_just_changed_are_read_each_time(folder, readings, monkeypatch):
    written = folder.stat().st_ctime
    monkeypatch.setattr(unchanged.time, "time", lambda: written)
    for _ in range(2):
        summary.summary(MNIST, PART)
    assert len(readings) == 2


def test_one_that_changes_while_it_is_read_is_not_remembered(folder, readings, monkeypatch):
    def touched(*asked):
        (folder / "train-images-idx3-ubyte.gz").touch()
        readings.append(asked)
        return load(*asked)

    monkeypatch.setattr(summary, "load", touched)
    for _ in range(2):
        summary.summary(MNIST, PART)
    assert len(readings) == 2


def test_nothing_is_remembered_where_nothing_is_to_be_kept(folder, readings, monkeypatch, tmp_path):
    monkeypatch.setenv("SWEEPER_CACHE", "")
    for _ in range(2):
        summary.summary(MNIST, PART)
    assert len(readings) == 2
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"facts": {}}', b'{"notes": [], "classes": [], "x": 1}'])
def test_a_damaged_note_is_no_note(folder, readings, tmp_path, damage):
    first = summary.summary(MNIST, PART)
    (note,) = (tmp_path / "cache" / "data").iterdir()
    note.write_bytes(damage)
    assert summary.summary(MNIST, PART) == first
    assert len(readings) == 2
    assert summary.summary(MNIST, PART) == first
    assert len(readings) == 2


def test_other_code_reads_anew(folder, readings, monkeypatch):
    monkeypatch.setattr(summary, "_code", lambda: ["before"])
    summary.summary(MNIST, PART)
    monkeypatch.setattr(summary, "_code", lambda: ["after"])
    summary.summary(MNIST, PART)
    assert len(readings) == 2


def test_the_oldest_notes_go(folder, monkeypatch, tmp_path):
    monkeypatch.setattr(summary, "MOST", 2)
    for size in (40, 50, 60, 70):
        summary.summary(MNIST, Validation(size=size))
    assert len(list((tmp_path / "cache" / "data").iterdir())) == 2


@pytest.mark.parametrize("name", ["digits", "mnist_5k"])
def test_sets_inside_packages_are_read(folder, readings, name, tmp_path):
    for _ in range(2):
        summary.summary(Dataset(name), PART)
    assert len(readings) == 2


def test_a_note_that_says_something_else_than_was_written_is_no_note(folder, readings, tmp_path):
    first = summary.summary(MNIST, PART)
    (note,) = (tmp_path / "cache" / "data").iterdir()
    kept = note.read_bytes()
    note.write_bytes(kept.replace(b'"in_file": false', b'"in_file": true'))
    assert note.read_bytes() != kept
    assert summary.summary(MNIST, PART) == first
    assert len(readings) == 2
