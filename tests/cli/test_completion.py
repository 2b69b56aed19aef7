"""Completion, in the shells themselves."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time

import pytest

from sweeper.cli.commands.completion import script
from sweeper.cli.complete import candidates

CASES = {
    "sweeper ru": "run",
    "sweeper data sh": "show",
    "sweeper run activa": "activation=",
    "sweeper run activation=ta": "activation=tanh",
    "sweeper tune activation=relu,ta": "activation=relu,tanh",
    "sweeper tune --pruner hyp": "hyperband",
    "sweeper tune --tria": "--trials",
    "sweeper tune --space ben": "benchmark",
    "sweeper data show fash": "fashion_mnist",
    "sweeper explore learning-": "learning-rate",
    "sweeper report fir": "first",
    "sweeper test 1234": "1234abcd",
    "sweeper tune --study fir": "first",
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a study and a run by their names, and a cache that is made already."""
    import sqlite3

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SWEEPER_RUNS", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "studies").mkdir(parents=True)
    (tmp_path / "runs" / "studies" / "first.db").touch()
    with sqlite3.connect(tmp_path / "runs" / "mlflow.db") as database:
        database.execute("CREATE TABLE runs (run_uuid, start_time, lifecycle_stage)")
        database.execute("CREATE TABLE tags (run_uuid, key, value)")
        database.execute("INSERT INTO runs VALUES ('1234abcd99', 1, 'active')")
        database.execute("INSERT INTO tags VALUES ('1234abcd99', 'kind', 'run')")
    list(candidates([], ""))
    return tmp_path


def need(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here (Debian: apt-get install {shell})")


@pytest.mark.parametrize(("line", "meant"), CASES.items())
def test_bash(home, line, meant):
    need("bash")
    program = script("bash") + (
        'COMP_LINE="$1"; COMP_POINT=${#1}; compopt() { :; }; _sweeper; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", program, "bash", line], capture_output=True, text=True, check=True)
    typed = line.split()[-1]
    assert typed[: typed.rfind("=") + 1] + done.stdout.splitlines()[0] == meant, done.stderr


@pytest.mark.parametrize(("line", "meant"), CASES.items())
def test_fish(home, line, meant):
    need("fish")
    (home / "sweeper.fish").write_text(script("fish"))
    program = f"source {home}/sweeper.fish; complete -C '{line}'"
    done = subprocess.run(["fish", "-c", program], capture_output=True, text=True, check=True)
    assert meant in [row.split("\t")[0] for row in done.stdout.splitlines()], done.stderr


@pytest.mark.parametrize(("line", "meant"), list(CASES.items())[:6])
def test_zsh(home, line, meant):
    need("zsh")
    (home / "_sweeper.zsh").write_text(script("zsh"))
    (home / ".zshrc").write_text(
        f"PS1='>> '\nautoload -Uz compinit; compinit -u -d {home}/dump\nsource {home}/_sweeper.zsh\n"
        "unset zle_bracketed_paste\n"
    )
    assert meant in zsh(home, line)


def zsh(home, line):
    """What stands on the line of an interactive zsh after a Tab."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(home)
        os.execvpe("zsh", ["zsh", "-i"], os.environ | {"ZDOTDIR": str(home), "TERM": "dumb", "COLUMNS": "80"})
    try:
        read(terminal, b">> ")
        os.write(terminal, f"{line}\t".encode())
        return read(terminal, None, patience=4).decode(errors="replace").replace("\a", "")
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)


def read(terminal, until, patience=20.0):
    seen, limit = b"", time.monotonic() + patience
    while time.monotonic() < limit and (until is None or until not in seen):
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 4096)
    return seen


def test_a_tab_imports_nothing_heavy(home):
    program = (
        "import sys\n"
        "from sweeper.cli import complete\n"
        "complete.main(['bash', 'sweeper', 'run', 'activa'])\n"
        "heavy = {'typer', 'rich', 'hydra', 'optuna', 'sqlalchemy', 'mlflow', 'pandas', 'numpy', 'tensorflow'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "activation=\n"), done.stderr


def test_the_table_is_made_anew_when_the_code_is_newer(home):
    import json

    file = home / "cache" / "sweeper" / "completion.json"
    kept = json.loads(file.read_text())
    assert "run" in kept["commands"]
    file.write_text(json.dumps(kept | {"stamp": ["elsewhere", 0], "keys": []}))
    assert "activation=" in list(candidates(["run"], "act"))
    file.write_text("torn")
    assert "activation=" in list(candidates(["run"], "act"))
