"""``sweeper doctor`` as it is typed."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from sweeper.checkpoint import About, Checkpoint, SavedTrial, write
from sweeper.config.schema import Config
from sweeper.data import ledger
from sweeper.errors import SweeperError
from sweeper.system.files import temporary_folder
from sweeper.tracking import RunRecord
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.trial import Scores, TrialResult

ABANDON = """
import os, sys
from pathlib import Path
from sweeper.config.planning import plan_space
from sweeper.study.driver import tune
from sweeper.study.plan import Plan
from sweeper.study.session import Session
from sweeper.workers.inline import InlinePool
from sweeper.tracking.mlflow.tracker import MlflowTracker

def die(*_):
    os._exit(9)

runs = Path(sys.argv[1])
space = plan_space(["dataset=digits"], space="small")
with MlflowTracker(runs) as tracker:
    tune(Plan("lost", 3, {"name": "digits", "digest": "d", "sizes": {"train": 1150}}, space=space),
         Session(runs, InlinePool(die), tracker))
"""


@pytest.fixture
def doctor(world, monkeypatch, tmp_path_factory):
    """The command over ``runs`` here, on a machine without temporary files of others."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
    return lambda *arguments: world.typed("doctor", *arguments)


def test_a_sound_installation_with_nothing_recorded(doctor, world):
    typed = doctor()
    assert typed.code == 0
    assert typed.out.splitlines()[-1] == "Nothing is wrong."
    document = doctor("--json").json
    assert document["ok"] is True
    assert document["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert document["samplers"]["tpe"] is True
    assert document["machine"]["cores"] >= 1
    assert document["data"]["digits"]
    assert world.files() == []


@pytest.mark.parametrize(("ok", "said"), [(True, "runs/mlflow.db: 3 runs"), (False, "runs/mlflow.db: damaged, or out")])
def test_mlflows_own_file_is_named_within_the_runs_folder(ok, said, monkeypatch, tmp_path):
    from sweeper.cli.commands.doctor import _mlflow

    monkeypatch.chdir(tmp_path)
    found = {"exists": True, "ok": ok, "runs": 3, "running": 0, "waiting": 0, "refused": 0, "torn": 0}
    assert _mlflow({"uri": f"sqlite:///{tmp_path}/runs/mlflow.db", **found}, Path("runs")).startswith(said)
    assert _mlflow({"uri": "http://host:5000", **found}, Path("runs")).startswith("http://host:5000: ")


NVIDIA_SMI = """#!/bin/sh
test "$*" = "--query-gpu=name,memory.total,memory.free --format=csv,noheader,nounits" || exit 1
echo "NVIDIA A100-SXM4-40GB, 40960, 39000"
echo "NVIDIA T4, 15360, [N/A]"
"""
"""Speaks as NVIDIA's own tool does, where there is no card to be had."""


def test_gpus_are_named_where_there_are_any(doctor, tmp_path, monkeypatch):
    assert "gpus" not in doctor("--json").json["machine"]
    tool = tmp_path / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text(NVIDIA_SMI)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    assert doctor("--json").json["machine"]["gpus"] == [
        {"name": "NVIDIA A100-SXM4-40GB", "memory": 40960 * 2**20, "free_memory": 39000 * 2**20},
        {"name": "NVIDIA T4", "memory": 15360 * 2**20, "free_memory": 0},
    ]
    assert "NVIDIA A100-SXM4-40GB (40.9 GB free), NVIDIA T4 (0.0 GB free)" in " ".join(doctor().out.split())
    tool.write_text(
        "#!/bin/sh\necho 'NVIDIA-SMI has failed because it could not communicate with the driver'\nexit 9\n"
    )
    assert "gpus" not in doctor("--json").json["machine"]


def test_a_changed_line_of_the_ledger_is_exit_1_and_named(doctor, world):
    path = world.folder / "runs" / "test-ledger.jsonl"
    for look in range(3):
        ledger.append(path, {"event": "opened", "look": look})
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace('"look":1', '"look":7'), lines[2], ""]))
    typed = doctor()
    assert typed.code == 1
    assert "line 2 was changed" in typed.out


def test_a_torn_last_line_of_the_ledger_is_told_and_kept(doctor, world):
    path = world.folder / "runs" / "test-ledger.jsonl"
    ledger.append(path, {"event": "opened"})
    with path.open("a") as file:
        file.write('{"event": "ope')
    before = path.read_bytes()
    document = doctor("--fix", "--json").json
    assert [problem["kind"] for problem in document["ledger"]["problems"]] == ["torn"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["mlflow.db", "studies/mine.db"])
def test_a_damaged_database_is_exit_1(doctor, world, name):
    path = world.folder / "runs" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    typed = doctor()
    assert typed.code == 1
    assert name in typed.out


def test_what_a_dead_driver_left_running_is_found_and_mended(doctor, world):
    runs = world.folder / "runs"
    done = subprocess.run([sys.executable, "-c", ABANDON, str(runs)], check=False, capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    sick = doctor("--json")
    assert sick.code == 1
    said = " ".join(sick.json["problems"])
    assert re.search(r"study lost: \d trials? of a dead driver left as running", said)
    assert doctor("--fix").code == 0
    well = doctor("--json")
    assert (well.code, well.json["problems"]) == (0, [])
    [study] = well.json["studies"]
    assert (study["trials"], study["left"]) == (0, 0)
    assert study["unfinished"] >= 1
    with closing(sqlite3.connect(runs / "studies" / "lost.db")) as database:
        assert database.execute("SELECT DISTINCT state FROM trials").fetchall() == [("WAITING",)]
    assert "RUNNING" not in statuses(runs)


def test_a_study_in_another_database_is_examined_too(doctor, world):
    url = f"sqlite:///{world.folder}/away.db"
    some = ("tune", "dataset=digits", "steps=9", "space=none", "activation=relu,tanh", "--confirm", 0, "-n", 2)
    world.typed(*some, "--study", "far", "--storage", url)
    assert [(one["name"], one["ok"]) for one in doctor("--json").json["studies"]] == [("far", True)]
    (world.folder / "away.db").unlink()
    assert "away.db, which is gone" in " ".join(doctor("--json").json["problems"])


def test_a_run_of_a_dead_process_is_closed(doctor, world):
    runs = world.folder / "runs"
    with MlflowTracker(runs) as tracker:
        tracker.record(single()).result()
    with closing(sqlite3.connect(runs / "mlflow.db")) as database, database:
        database.execute("UPDATE runs SET status = 'RUNNING'")
        database.execute("UPDATE tags SET value = '1000000' WHERE key = 'mlflow.sweeper.pid'")
    assert doctor().code == 1
    assert doctor("--fix").code == 0
    assert statuses(runs) == ["KILLED"]


def test_a_folder_that_cannot_be_written_is_said(doctor, world):
    (world.folder / "file").write_text("")
    typed = doctor("--runs", "file", "--json")
    assert typed.code == 1
    assert "not a folder" in json.dumps(typed.json["problems"])


def test_what_mlflow_has_refused_is_told_and_tried_again(doctor, world, monkeypatch):
    runs = world.folder / "runs"
    with monkeypatch.context() as refusing:
        refusing.setattr("sweeper.tracking.mlflow.writer.Writer.write", refuse)
        tracker = MlflowTracker(runs)
        tracker.record(single())
        with pytest.raises(SweeperError, match=r"kept as .*\.rejected"):
            tracker.close()
        sick = doctor("--fix", "--json")
        assert sick.code == 1
        assert "it cannot be mended" in " ".join(sick.json["problems"])
        assert "no such value" in " ".join(sick.json["problems"])
    sick = doctor()
    assert sick.code == 1
    assert "1 refused" in sick.out
    assert re.search(r"1 entry refused before, the first \S+\.rejected; --fix mends it", sick.out)
    assert doctor("--fix").code == 0
    assert statuses(runs) == ["FINISHED"]
    assert not list(runs.rglob("*.rejected"))


def test_a_torn_entry_is_told_and_kept(doctor, world):
    runs = world.folder / "runs"
    torn = runs / "spool" / "host~0~~abcd" / "00000001.torn"
    torn.parent.mkdir(parents=True)
    torn.write_text('{"kind": "rec')
    for arguments in ([], ["--fix"]):
        typed = doctor(*arguments)
        assert typed.code == 1
        assert "1 entry torn, the first" in typed.out
    assert len(list(runs.rglob("*.torn"))) == 1


def test_checkpoints_of_killed_runs_are_shown_and_only_useless_ones_deleted(doctor, world):
    folder = world.folder / "runs" / "checkpoints"
    dead = f"{platform.node()}~1000000~1"
    about = About(2, (SavedTrial("run/1", {}, running=True),), {}, {}, {}, jit=False)
    write(folder / f"run~abcd~{dead}.npz", Checkpoint(about, {}))
    write(folder / "gone" / "driver-1.npz", Checkpoint(about, {}))
    sick = doctor()
    assert sick.code == 1
    assert "1 checkpoint of no use, the first runs/checkpoints/gone/driver-1.npz: its study is gone" in sick.out
    assert "1 to go on from with the same command" in sick.out
    assert doctor("--fix").code == 0
    well = doctor("--json")
    assert well.code == 0
    assert well.json["checkpoints"]["kept"] == [f"runs/checkpoints/run~abcd~{dead}.npz"]
    assert [path.name for path in folder.iterdir()] == [f"run~abcd~{dead}.npz"]


def refuse(*_, **__):
    raise ValueError("no such value")


def single():
    """The record of a run."""
    scores = Scores((0.5,), (0.5,))
    made = TrialResult("k", "finished", 10, scores, scores, {"total": 1.0})
    return RunRecord("run", Config().to_dict(), [], [], made, time.time(), time.time())


def statuses(runs):
    with closing(sqlite3.connect(runs / "mlflow.db")) as database:
        return [row[0] for row in database.execute("SELECT status FROM runs")]


HELD = """
import os, signal, sys
from pathlib import Path
from sweeper.system.files import folder_until_exit, temporary_folder
runs = Path(sys.argv[1])
with temporary_folder(runs, "refit"), temporary_folder(runs / "reports", ".study-s") as draft:
    (draft / "report.md").touch()
    folder_until_exit()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_temporary_files_of_killed_commands_are_found_and_deleted(doctor, world, monkeypatch):
    runs = world.folder / "runs"
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    subprocess.run([sys.executable, "-c", HELD, str(runs)], check=False)
    earlier, study = runs / "refit-abcdefgh", runs / "studies" / "s.db"
    earlier.mkdir()
    study.parent.mkdir()
    study.touch()
    for path in (earlier, study):
        os.utime(path, (1000, 1000))
    (runs / "refit-recent").mkdir()
    with temporary_folder(runs, "refit") as living:
        sick = doctor("--json")
        assert sick.code == 1
        assert [Path(path).name.partition("~")[0] for path in sick.json["temporary"]] == [
            "refit", ".study-s", "sweeper", "refit-abcdefgh", "s.db",
        ]  # fmt: skip
        assert "5 temporary files and folders of ended commands" in sick.json["problems"][0]
        assert doctor("--fix").code == 0
        assert living.is_dir()
    assert doctor("--json").json["temporary"] == []
    assert sorted(path.name for path in runs.iterdir()) == ["refit-recent", "reports", "studies"]
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
