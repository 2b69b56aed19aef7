"""Commands that a copy of the warm server runs: to a shell they are as if they ran in a process of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))
import warming

from sweeper.cli import entry
from sweeper.system.warm import client
from sweeper.system.warm.place import COMMANDS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs SO_PEERCRED and pidfd")
LONG = ["tune", "dataset=digits", "steps=200000", "--trials", "4", "--study", "s"]


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """A warm server of commands; the process ids of its copies."""
    monkeypatch.setenv("SWEEPER_WARM", str(tmp_path / "warm"))
    monkeypatch.setenv("COPIES", str(tmp_path / "copies"))
    monkeypatch.setenv("SWEEPER_RUNS", str(tmp_path / "runs"))
    (tmp_path / "copies").touch()
    with warming.server(tmp_path / "warm", program=warming.OF_COMMANDS):
        yield lambda: [int(pid) for pid in (tmp_path / "copies").read_text().split()]


def sweeper(*words, **options):
    command = [sys.executable, "-m", "sweeper", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def until(condition):
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.fixture
def running(copies, tmp_path):
    """A sweep that has begun: the client, and the copy that is its driver.

    It has a process group of its own, as in a shell: the kernel stops no group that nobody of its session could wake.
    """
    command = [sys.executable, "-m", "sweeper", *LONG]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, text=True, process_group=0) as process:
        until(lambda: any((tmp_path / "runs" / "studies").glob("s*")))
        (copy,) = copies()
        yield process, copy
        process.kill()


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize(
    ("words", "code"), [(["run", "learnin_rate=1"], 2), (["run", "x", "--json"], 2), (["tune", "--trials", "x"], 2)]
)
def test_a_mistake_is_answered_in_the_same_words_and_with_the_same_code(copies, words, code, monkeypatch):
    there = sweeper(*words)
    assert len(copies()) == 1
    monkeypatch.setenv("SWEEPER_WARM", "")
    here = sweeper(*words)
    assert len(copies()) == 1
    assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)
    assert there.returncode == code


@pytest.mark.tensorflow
@pytest.mark.slow
def test_a_run_gives_the_same_document_and_stands_in_the_same_place(copies, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    words = ["run", "dataset=digits", "steps=20", "--runs", "mine", "--json"]
    there = sweeper(*words, cwd=tmp_path / "here", umask=0o027)
    assert (there.returncode, len(copies())) == (0, 1), there.stderr
    assert (tmp_path / "here" / "mine").stat().st_mode & 0o777 == 0o750
    monkeypatch.setenv("SWEEPER_WARM", "")
    here = sweeper(*words, cwd=tmp_path / "here")
    one, other = json.loads(there.stdout), json.loads(here.stdout)
    for part in ("config", "train", "validation", "dataset", "overrides"):
        assert one[part] == other[part], part


def test_a_ctrl_c_reaches_the_copy_and_its_exit_code_comes_back(running):
    process, copy = running
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 3
    assert "Ctrl-C" in process.stderr.read()
    until(lambda: state(copy) == "gone")


def test_whoever_kills_the_client_ends_its_copy_and_all_below_it(running):
    process, copy = running
    until(lambda: children(copy))
    below = children(copy)
    process.kill()
    until(lambda: all(state(pid) in {"gone", "Z"} for pid in (copy, *below)))


def test_a_copy_that_is_killed_ends_its_client_with_a_word(running):
    process, copy = running
    os.kill(copy, signal.SIGKILL)
    assert process.wait(60) == entry.ENDED
    assert f"process {copy}, which ran this for `sweeper warm`, was killed" in process.stderr.read()


def test_a_ctrl_z_stops_both_and_what_wakes_one_wakes_both(running):
    process, copy = running
    process.send_signal(signal.SIGTSTP)
    until(lambda: (state(process.pid), state(copy)) == ("T", "T"))
    process.send_signal(signal.SIGCONT)
    until(lambda: "T" not in {state(process.pid), state(copy)})
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 3


def test_a_signal_that_the_shell_has_switched_off_stays_so(copies, tmp_path):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = subprocess.Popen([sys.executable, "-m", "sweeper", *LONG], stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGHUP, before)
    with process:
        until(lambda: any((tmp_path / "runs" / "studies").glob("s*")))
        ignored = next(r for r in Path(f"/proc/{copies()[0]}/status").read_text().splitlines() if r[:6] == "SigIgn")
        assert int(ignored.split()[1], 16) & 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 3


@pytest.mark.parametrize("variable", ["MLFLOW_TRACKING_URI", "MPLBACKEND", "TZ"])
def test_other_surroundings_do_without(copies, variable, monkeypatch):
    monkeypatch.setenv(variable, "another")
    assert sweeper("run", "learnin_rate=1").returncode == 2
    assert copies() == []
    assert client.status(COMMANDS)["refused"] == "another environment"


def test_what_only_this_process_has_is_not_handed_over():
    assert entry._may_be_elsewhere(["run", "steps=10"])
    assert entry._may_be_elsewhere(["--debug", "tune"])
    assert not entry._may_be_elsewhere(["run", "--config-dir", "/dev/fd/63"])
    assert not entry._may_be_elsewhere(["run", "--help"])
    assert not entry._may_be_elsewhere(["results"])
    assert not entry._may_be_elsewhere([])


def test_a_closed_stream_does_without(copies):
    command = [sys.executable, "-m", "sweeper", "run", "learnin_rate=1"]
    done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True, text=True, check=False)
    assert (done.returncode, copies()) == (2, [])
