"""A runs folder that was moved, copied, or mounted elsewhere: files are those of the folder that is open."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from sweeper.config.schema import Config
from sweeper.errors import SweeperError
from sweeper.jobs.doctor import examine
from sweeper.tracking import RunRecord, open_reader, open_tracker
from sweeper.tracking.mlflow.client_rows import connect
from sweeper.tracking.models import model_files
from sweeper.tracking.recorded import find_run

pytestmark = pytest.mark.usefixtures("own_temporary_files")

Make = Callable[..., RunRecord]
MOUNT = 'mount --bind "$1" "$2" && mount -o remount,ro,bind "$2" && shift 2 && exec "$@"'


@pytest.fixture(autouse=True)
def no_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def put(make: Make, tmp_path: Path) -> Callable[..., str]:
    """Records a run with a model; its id."""

    def record(runs: Path, name: str) -> str:
        model = tmp_path / "made" / f"{name}.keras"
        model.parent.mkdir(exist_ok=True)
        model.write_text(name)
        with open_tracker(runs) as tracker:
            coming = tracker.record(make(name, config=Config().to_dict(), models=(str(model),)))
            assert tracker.flush() == 0
            return coming.result()

    return record


def files(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal"))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def model(runs: Path, run_id: str) -> Path:
    [path] = model_files(open_reader(runs), run_id)
    return path


def test_a_moved_folder_is_read_at_once(tmp_path: Path, put: Callable[..., str]) -> None:
    old, new = tmp_path / "r 1%", tmp_path / "deeper" / "r2"
    run_id = put(old, "a")
    new.parent.mkdir()
    old.rename(new)
    before = files(new)
    assert model(new, run_id) == new / "artifacts" / run_id / "artifacts" / "models" / "seed_0" / "data" / "model.keras"
    assert find_run(open_reader(new), run_id).record.name == "a"
    assert examine(new)["mlflow"]["without_files"] == 0
    assert files(new) == before
    assert not old.exists()


def test_a_run_in_a_copy_leaves_the_original_alone(tmp_path: Path, put: Callable[..., str]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    first = put(one, "first")
    shutil.copytree(one, two)
    before = files(one)
    second = put(two, "second")
    with open_tracker(two) as tracker:
        tracker.update(first, artifacts=[(Path(__file__), "notes")])
    assert files(one) == before
    shutil.rmtree(one)
    assert [model(two, run_id).read_text() for run_id in (first, second)] == ["first", "second"]
    assert (two / "artifacts" / first / "artifacts" / "notes" / Path(__file__).name).exists()
    document = examine(two)
    assert (document["mlflow"]["runs"], document["mlflow"]["without_files"], document["ok"]) == (2, 0, True)
    stored = connect(f"sqlite:///{two}/mlflow.db").get_run(first)  # what MLflow's own tools read is set right, too
    assert stored.info.artifact_uri == f"{two.as_uri()}/artifacts/{first}/artifacts"
    assert not one.exists()


def test_what_went_into_the_original_before_is_still_found(tmp_path: Path, put: Callable[..., str]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    run_id = put(one, "a")
    shutil.copytree(one, two)
    shutil.rmtree(two / "artifacts" / run_id)  # as a version did that wrote a copy's files into the original
    put(two, "b")
    assert model(two, run_id).is_relative_to(one)
    shutil.rmtree(one)
    with pytest.raises(SweeperError, match="are not there: looked in"):
        model(two, run_id)
    document = examine(two)
    assert document["mlflow"]["without_files"] == 1
    [problem] = document["problems"]
    assert problem.startswith("MLflow: files of 1 run are not there, the first ")
    assert f"{two}/artifacts/{run_id}/artifacts/config.yaml" in problem


def test_a_model_that_is_gone_is_noticed(tmp_path: Path, put: Callable[..., str]) -> None:
    run_id = put(tmp_path / "runs", "a")
    assert examine(tmp_path / "runs")["ok"]
    model(tmp_path / "runs", run_id).unlink()
    document = examine(tmp_path / "runs")
    assert "model.keras" in document["problems"][0]


def served(command: list[str], run_id: str) -> tuple[str, str]:
    """What the web interface shows of a run's configuration, and what it said at its start."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        document = json.loads(line)
        url = document["url"]
        assert document["page"] == f"{url}/sweeper"
        with urllib.request.urlopen(f"{url}/get-artifact?path=config.yaml&run_uuid={run_id}", timeout=30) as answer:
            shown = answer.read().decode()
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    return shown, " ".join(errors.split())


@pytest.mark.slow
def test_the_web_interface_of_a_moved_folder_shows_files(tmp_path: Path, put: Callable[..., str]) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    run_id = put(old, "a")
    old.rename(new)
    shown, errors = served([sys.executable, "-m", "sweeper", "ui", "--json", "--runs", str(new)], run_id)
    assert "learning_rate: 0.1" in shown
    assert "copy" not in errors
    assert not old.exists()


@pytest.mark.slow
def test_the_web_interface_of_a_folder_mounted_read_only_elsewhere(tmp_path: Path, put: Callable[..., str]) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    new.mkdir()
    run_id = put(old, "a")
    mounted = ["unshare", "-rm", "sh", "-c", MOUNT, "sh", str(old), str(new)]
    if subprocess.run([*mounted, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted read-only here")
    before = files(old)
    shown, errors = served([*mounted, sys.executable, "-m", "sweeper", "ui", "--json", "--runs", str(new)], run_id)
    assert "learning_rate: 0.1" in shown
    assert "cannot be written: a copy of its record is shown, and nothing that is changed there is kept." in errors
    assert files(old) == before
