from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from sweeper.errors import InputError, SweeperError
from sweeper.tracking.mlflow import port as port_of
from sweeper.tracking.mlflow import ui
from sweeper.tracking.mlflow.renewal import renewing


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_SERVER_ALLOWED_HOSTS"):
        monkeypatch.delenv(name, raising=False)


def status(url: str, host: str = "") -> int:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def group(pid: int) -> list[int]:
    """Processes of the server's group that are alive."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == pid and fields[0] != "Z":
                found.append(int(folder.name))
    return found


def start(runs: Path, *arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    command = [sys.executable, "-m", "sweeper", "ui", "--runs", str(runs), "--json", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


@pytest.mark.slow
def test_it_serves_its_own_names_only_and_leaves_no_process(tmp_path: Path) -> None:
    with socket.socket() as probe:  # the usual port is taken: another is found
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ui.LOOPBACK, port_of.PORT))
            probe.listen()
        except OSError:
            pass
        process, document = start(tmp_path)
    assert document["url"] != f"http://127.0.0.1:{port_of.PORT}"
    assert status(document["url"]) == 200
    assert status(document["url"], "evil.example") == 403
    with urllib.request.urlopen(f"{document['url']}/ajax-api/3.0/mlflow/ui-telemetry", timeout=20) as answer:
        assert json.load(answer)["disable_ui_telemetry"] is True
    assert len(group(document["pid"])) == 2  # its guard, and MLflow in one process
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    assert "usage data are collected. Here that is switched off, and nothing is sent." in " ".join(errors.split())
    assert "Traceback" not in errors
    assert group(document["pid"]) == []


@pytest.mark.slow
def test_the_address_is_there_before_mlflow_is_and_a_database_that_it_refuses_is_said(tmp_path: Path) -> None:
    process, _ = start(tmp_path)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'of another day'")
    command = [sys.executable, "-m", "sweeper", "ui", "--runs", str(tmp_path)]
    people = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert people.returncode == 1
    assert "/sweeper   (Ctrl-C ends it)" in people.stdout
    assert "MLflow's server ended by itself:" in people.stderr
    assert "Traceback" not in people.stderr
    program = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=100, check=False)
    assert program.returncode == 1
    assert "MLflow's server did not start:" in json.loads(program.stdout)["error"]["message"]


def listens_on(pids: list[int]) -> set[str]:
    """The IPv4 addresses on which processes accept connections, in /proc/net/tcp's spelling."""
    inodes = set()
    for pid in pids:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            inodes.add(str(handle.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}


@pytest.mark.slow
def test_the_server_listens_on_loopback_and_ends_when_the_command_is_killed(tmp_path: Path) -> None:
    process, document = start(tmp_path)
    assert listens_on(group(document["pid"])) == {"0100007F"}
    process.kill()
    _, errors = process.communicate(timeout=60)
    assert "Open to the network" not in errors
    deadline = time.monotonic() + 30
    while group(document["pid"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert group(document["pid"]) == []


@pytest.mark.slow
def test_whoever_opens_it_to_the_network_is_told(tmp_path: Path) -> None:
    process, document = start(tmp_path, "--host", "0.0.0.0")
    assert status(document["url"]) == 200
    assert status(document["url"], "evil.example") == 403
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Open to the network: whoever reaches 0.0.0.0 can read and delete every run. No password." in " ".join(
        errors.split()
    )


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that needs no MLflow: it answers, and has a child that would outlive it."""
    code = (
        "import http.server as h, socket, subprocess, sys, functools; subprocess.Popen(['sleep', '1000']);"
        "files = functools.partial(h.SimpleHTTPRequestHandler, directory=sys.argv[2]);"
        "server = h.HTTPServer(('', 0), files, bind_and_activate=False);"
        "server.socket = socket.socket(fileno=int(sys.argv[1]));"
        "server.serve_forever()"
    )
    monkeypatch.setattr(
        ui, "server_command", lambda listener: [sys.executable, "-c", code, str(listener), str(Path.cwd())]
    )


def test_children_of_the_server_end_with_it(fake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sweeper").touch()
    monkeypatch.chdir(tmp_path)
    with ui.serving(tmp_path / "runs") as address:
        assert len(group(address.pid)) == 3
        assert not address.open_to_network
    time.sleep(0.1)
    assert group(address.pid) == []


def test_everywhere_is_said_to_be_open(fake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sweeper").touch()
    monkeypatch.chdir(tmp_path)
    with ui.serving(tmp_path / "runs", host="0.0.0.0") as address:
        assert address.open_to_network
        assert address.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_either_signal_is_the_normal_end(
    fake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "sweeper").touch()
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(number)
    with ui.serving(tmp_path / "runs") as address:
        threading.Timer(0.3, os.kill, (os.getpid(), number)).start()
        ui.wait(address)
    assert group(address.pid) == []
    assert signal.getsignal(number) is before


def test_an_end_that_is_asked_for_at_once_is_the_normal_end_too(
    fake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal comes between the address being told and the command beginning to wait."""
    (tmp_path / "sweeper").touch()
    monkeypatch.chdir(tmp_path)
    with ui.serving(tmp_path / "runs") as address:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
        pytest.fail("the signal was not heard")
    assert group(address.pid) == []


def test_a_server_that_ends_by_itself_is_an_error(fake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sweeper").touch()
    monkeypatch.chdir(tmp_path)
    with ui.serving(tmp_path / "runs") as address:
        os.kill(address.pid, signal.SIGKILL)
        with pytest.raises(SweeperError, match="ended by itself"):
            ui.wait(address)


def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; print('noise'); sys.exit('no such store postgresql://me:pw@h')"
    monkeypatch.setattr(ui, "server_command", lambda *_: [sys.executable, "-c", code])
    with pytest.raises(SweeperError, match="no such store") as caught, ui.serving(tmp_path):
        pass
    assert "pw" not in caught.value.message


def test_a_port_is_held_from_the_moment_it_is_chosen(
    fake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found free alone it could be another's before MLflow has loaded, and there would be no address."""
    (tmp_path / "sweeper").touch()
    monkeypatch.chdir(tmp_path)
    command, taken = ui.server_command, []

    def slow(listener: int) -> list[str]:
        with socket.socket(fileno=os.dup(listener)) as held, socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                other.bind(held.getsockname())
            taken.append(held.getsockname()[1])
            with socket.create_connection(held.getsockname(), timeout=5):  # whoever comes early waits
                pass
        return command(listener)

    monkeypatch.setattr(ui, "server_command", slow)
    with ui.serving(tmp_path / "runs") as address:
        assert address.url.endswith(f":{taken[0]}")
        assert status(f"{address.url}/sweeper") == 200


def test_a_port_that_another_is_just_giving_up_is_waited_for() -> None:
    with socket.socket() as probe:
        probe.bind((ui.LOOPBACK, 0))
        probe.listen()
        port = probe.getsockname()[1]
        threading.Timer(0.5, probe.close).start()
        with port_of.listening(ui.LOOPBACK, port) as found:
            assert found.getsockname()[1] == port


@pytest.mark.slow
def test_the_next_one_is_there_after_the_end_of_the_one_before(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind((ui.LOOPBACK, 0))
        port = str(probe.getsockname()[1])
    first, document = start(tmp_path, "--port", port)
    with urllib.request.urlopen(document["url"], timeout=20):  # a connection that is open as the end comes
        first.send_signal(signal.SIGTERM)
        second, again = start(tmp_path, "--port", port)
    assert again["url"] == document["url"]
    assert status(again["url"]) == 200
    second.send_signal(signal.SIGTERM)
    for process in (first, second):
        process.communicate(timeout=60)
        assert process.returncode == 0


def test_a_port_that_was_asked_for_and_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_of, "_RELEASE", 0.0)
    with socket.socket() as probe:
        probe.bind((ui.LOOPBACK, 0))
        probe.listen()
        port = probe.getsockname()[1]
        with pytest.raises(InputError, match=str(port)), ui.serving(tmp_path, port=port):
            pass


def test_a_record_on_a_server_has_an_interface_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:pw@h:1")
    with pytest.raises(InputError, match=r"open https://\*\*\*@h:1") as caught, ui.serving(tmp_path):
        pass
    assert "pw" not in caught.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "off"),
    [
        ({}, True),
        ({"DO_NOT_TRACK": "1", "MLFLOW_DISABLE_TELEMETRY": "false"}, True),
        ({"DO_NOT_TRACK": "false"}, True),
        ({"DO_NOT_TRACK": "0", "MLFLOW_DISABLE_TELEMETRY": "false"}, False),
    ],
)
def test_usage_data_are_collected_only_where_both_settings_allow_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], off: bool
) -> None:
    for name in ui.TELEMETRY:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert ui.telemetry_is_off() == off
    settings = ui.server_environment("x", tmp_path, "127.0.0.1")
    assert ({name: settings[name] for name in ui.TELEMETRY} == dict.fromkeys(ui.TELEMETRY, "true")) == off


def test_secrets_are_not_on_the_command_line(tmp_path: Path) -> None:
    uri = "postgresql://me:pw@h/db"
    assert uri not in " ".join(ui.server_command(3))
    assert ui.server_environment(uri, tmp_path, "127.0.0.1")["MLFLOW_BACKEND_STORE_URI"] == uri


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # MLflow's own, as it is imported
@pytest.mark.parametrize(
    ("host", "header", "allowed"),
    [
        ("127.0.0.1", "localhost:80", True),
        ("127.0.0.1", "localhost:8888", True),  # forwarded by ssh from another port
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "[::1]:80", True),
        ("127.0.0.1", "evil.example:80", False),
        ("127.0.0.1", "localhost.evil.example:80", False),
        ("127.0.0.1", "192.168.1.4:80", False),
        ("0.0.0.0", "192.168.1.4:80", True),
        ("0.0.0.0", f"{socket.gethostname()}:80", True),
        ("0.0.0.0", "evil.example:80", False),
        ("fd00::7", "[fd00::7]:80", True),
        ("10.0.0.7", "10.0.0.7:80", True),
    ],
)
def test_allowed_names(host: str, header: str, allowed: bool) -> None:
    from mlflow.server.security_utils import is_allowed_host_header, should_block_cors_request

    names = ui.allowed_hosts(host)
    assert is_allowed_host_header(names.split(","), header) == allowed
    origins = ui.allowed_origins(names).split(",")
    assert should_block_cors_request(f"http://{header}", "POST", origins) != allowed


def test_a_users_allowed_names_are_kept_and_their_pages_may_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_SERVER_ALLOWED_HOSTS", "mine.example, *.lab:80")
    monkeypatch.delenv("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", raising=False)
    settings = ui.server_environment("x", tmp_path, "0.0.0.0")
    assert settings["MLFLOW_SERVER_ALLOWED_HOSTS"] == "mine.example, *.lab:80"
    assert {"https://mine.example", "http://*.lab:80"} <= set(settings["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"].split(","))
    monkeypatch.setenv("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", "https://proxy.example")
    settings = ui.server_environment("x", tmp_path, "0.0.0.0")
    assert settings["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"] == "https://proxy.example"


def test_a_study_that_is_begun_meanwhile_has_its_view(tmp_path: Path) -> None:
    from sweeper.jobs.browse import views
    from sweeper.tracking import open_tracker
    from sweeper.tracking.mlflow.views import View

    def shown() -> set[str]:
        with sqlite3.connect(tmp_path / "mlflow.db") as database:
            rows = database.execute("SELECT key FROM experiment_tags WHERE key LIKE 'mlflow.sharedViewState.%'")
            return {row[0].rpartition("sweeper.")[2] for row in rows}

    made: list[int] = []

    def again() -> list[View]:
        made.append(1)
        return views(tmp_path)

    with open_tracker(tmp_path) as tracker:
        tracker.open_study("first", {})
    renew = renewing(tmp_path, again)
    renew()
    assert made == []  # nothing has changed
    with open_tracker(tmp_path) as tracker:
        tracker.open_study("second", {})
    renew()
    renew()
    assert len(made) == 1
    assert shown() == {"all", "study.first", "study.second"}
