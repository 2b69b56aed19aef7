from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sweeper.tracking.spool import Kill, Spool, forget, read, reject, waiting

LEAVE = """
import sys
from pathlib import Path
from sweeper.tracking.spool import Kill
from sweeper.tracking.spool import Spool
spool = Spool(Path(sys.argv[1]))
for number in range(3):
    spool.put(Kill(f"{sys.argv[2]}{number}", ""))
"""


def leave_behind(root: Path, name: str) -> None:
    subprocess.run([sys.executable, "-c", LEAVE, str(root), name], check=True)


def names(paths: list[Path]) -> list[str]:
    return [entry.run_id for entry in map(read, paths) if isinstance(entry, Kill)]


def test_an_entry_lies_on_disk_until_it_is_forgotten(tmp_path: Path) -> None:
    path = Spool(tmp_path).put(Kill("a", "why"))
    assert read(path) == Kill("a", "why")
    assert waiting(tmp_path) == 1
    forget(path)
    assert list(tmp_path.iterdir()) == []


def test_living_trackers_are_not_robbed(tmp_path: Path) -> None:
    Spool(tmp_path).put(Kill("a", ""))
    assert Spool(tmp_path).claim() == []


def test_what_dead_processes_left_is_claimed_in_order_and_once(tmp_path: Path) -> None:
    leave_behind(tmp_path, "a")
    leave_behind(tmp_path, "b")
    claimed = Spool(tmp_path).claim()
    assert names(claimed) == ["a0", "a1", "a2", "b0", "b1", "b2"]
    assert Spool(tmp_path).claim() == []


def test_released_entries_are_claimed_even_though_the_process_lives(tmp_path: Path) -> None:
    leave_behind(tmp_path, "a")
    spool = Spool(tmp_path)
    spool.claim()
    spool.put(Kill("b", ""))
    spool.release()
    assert sorted(names(Spool(tmp_path).claim())) == ["a0", "a1", "a2", "b"]


def test_a_torn_entry_is_set_aside_and_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    path = spool.put(Kill("a", ""))
    path.write_text(path.read_text()[:-5])
    with pytest.raises(ValueError, match="set aside"):
        read(path)
    assert path.with_suffix(".torn").exists()
    spool.release()
    assert Spool(tmp_path).claim() == []


def test_a_draft_is_no_entry(tmp_path: Path) -> None:
    leave_behind(tmp_path, "a")
    folder = next(tmp_path.iterdir())
    (folder / "00000009.draft").write_text("{")
    assert names(Spool(tmp_path).claim()) == ["a0", "a1", "a2"]
    assert list(tmp_path.glob("*/*.draft")) == []


def test_a_rejected_entry_is_kept_and_not_tried_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    kept = reject(spool.put(Kill("a", "")))
    assert kept.exists()
    spool.release()
    assert Spool(tmp_path).claim() == []
    assert waiting(tmp_path) == 0
