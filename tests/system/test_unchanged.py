"""Files that have changed are never taken for those that were read."""

import os
import time
from pathlib import Path

import pytest

from sweeper.system import unchanged
from sweeper.system.unchanged import traits


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file of this machine that is old enough."""
    path = tmp_path / "file"
    path.write_bytes(b"first")
    device = path.stat().st_dev
    monkeypatch.setattr(unchanged, "_MOUNTS", mounts(tmp_path, device, "ext4"))
    age(monkeypatch)
    return path


def mounts(folder: Path, device: int, kind: str) -> Path:
    path = folder / "mountinfo"
    path.write_text(
        "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
        f"27 1 {os.major(device)}:{os.minor(device)} / /with\\040space rw shared:1 - {kind} /dev/vda rw\n"
    )
    return path


def age(monkeypatch, seconds=2 * unchanged.SETTLED):
    monkeypatch.setattr(unchanged.time, "time", lambda now=time.time: now() + seconds)


def test_a_file_that_nobody_touched(file):
    assert traits([file]) == traits([file]) is not None


def test_another_content_of_the_same_length_with_its_old_time_put_back(file):
    before, times = traits([file]), file.stat()
    file.write_bytes(b"other")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    after = traits([file])
    assert file.stat().st_mtime_ns == times.st_mtime_ns
    assert after is not None
    assert after != before


def test_another_file_in_its_place_with_the_same_times(file, tmp_path):
    before, times = traits([file]), file.stat()
    other = tmp_path / "other"
    other.write_bytes(b"other")
    os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
    other.replace(file)
    assert traits([file]) not in (None, before)


def test_a_link_that_leads_elsewhere(file, tmp_path):
    other, link = tmp_path / "other", tmp_path / "link"
    other.write_bytes(b"first")
    link.symlink_to(file)
    before = traits([link])
    link.unlink()
    link.symlink_to(other)
    assert before == traits([file])
    assert traits([link]) not in (None, before)


@pytest.mark.parametrize("seconds", [0.0, unchanged.SETTLED - 5, -1000.0])
def test_what_has_just_changed_or_will_change_tells_nothing(file, monkeypatch, seconds):
    monkeypatch.undo()
    monkeypatch.setattr(unchanged, "_MOUNTS", mounts(file.parent, file.stat().st_dev, "ext4"))
    age(monkeypatch, seconds)
    assert traits([file]) is None


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "tmpfs", "overlay", "9p"])
def test_file_systems_whose_times_may_lag_behind_tell_nothing(file, monkeypatch, kind):
    monkeypatch.setattr(unchanged, "_MOUNTS", mounts(file.parent, file.stat().st_dev, kind))
    assert traits([file]) is None


def test_a_system_that_does_not_list_its_file_systems_tells_nothing(file, monkeypatch):
    monkeypatch.setattr(unchanged, "_MOUNTS", file.parent / "none")
    assert traits([file]) is None


def test_a_file_that_is_gone_tells_nothing(file):
    assert traits([file, file.with_name("gone")]) is None
