"""A file is old or new, never half."""

import pytest

from sweeper.system.files import atomic_write


def test_the_new_file_takes_the_place_of_the_old_one(tmp_path):
    path, draft = tmp_path / "new" / "a", tmp_path / "new" / "a.part"
    for content in (b"one", b"two"):
        with atomic_write(path, draft) as file:
            file.write(content)
        assert path.read_bytes() == content
    assert not draft.exists()


def test_what_is_broken_off_leaves_the_old_one(tmp_path):
    path, draft = tmp_path / "a", tmp_path / "a.part"
    path.write_bytes(b"old")

    def break_off():
        with atomic_write(path, draft) as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert path.read_bytes() == b"old"
    assert not draft.exists()
