from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sweeper.system.files import folder_until_exit, list_leftovers, temporary_folder, temporary_name
from sweeper.system.process import SILENCE, Process, this_process

HOLD = """
import sys
from pathlib import Path
from sweeper.system.files import temporary_folder, folder_until_exit
with temporary_folder(Path(sys.argv[1]), "refit") as folder:
    (folder / "model").touch()
    print(folder_until_exit(), flush=True)
    input()
"""


def test_a_folder_is_gone_at_the_end(tmp_path: Path) -> None:
    with temporary_folder(tmp_path / "deep", "refit") as folder:
        (folder / "model").touch()
        assert list_leftovers(tmp_path / "deep") == []
    assert list((tmp_path / "deep").iterdir()) == []


def test_what_a_killed_process_has_left_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        own = Path(process.stdout.readline().strip())
        assert own.is_dir()
        assert list_leftovers(tmp_path) == []
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert own in list_leftovers(tmp_path, "sweeper")
    assert [path.name.partition("~")[0] for path in list_leftovers(tmp_path)] == ["refit", "sweeper"]


def test_a_process_that_ends_takes_its_folder_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    subprocess.run(command, input="\n", capture_output=True, text=True, check=True)
    assert list(tmp_path.iterdir()) == []


def test_what_belongs_to_another_machine_is_left_alone_for_a_while(tmp_path: Path) -> None:
    name = temporary_name("refit").replace(this_process().label, Process("elsewhere", 7, "ffffffff.1.1").label)
    theirs = tmp_path / name
    theirs.mkdir()
    (tmp_path / "a~b").touch()
    assert list_leftovers(tmp_path) == []
    os.utime(theirs, (time.time() - SILENCE - 5,) * 2)
    assert list_leftovers(tmp_path) == [theirs]
    assert folder_until_exit().is_dir()
