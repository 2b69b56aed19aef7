"""Standard error and standard output closed, full or without a reader: the work is done all the same, and said so."""

import json
import os
import shlex
import subprocess
import sys

import pytest

SWEEPER = shlex.join([sys.executable, "-m", "sweeper"])
RUN = "run dataset=digits steps=300 validate_every=50"


def bash(line, runs):
    line = line.replace("sweeper", SWEEPER, 1)
    environment = os.environ | {"SWEEPER_RUNS": str(runs)}
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False, env=environment, timeout=300
    )


def recorded(runs):
    done = bash("sweeper results --json", runs)
    return json.loads(done.stdout)


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
@pytest.mark.slow
def test_a_sweep_whose_messages_nobody_reads_goes_on_to_its_end(tmp_path):
    """The first line of standard error is read, and then its pipe has no reader."""
    asked = "tune dataset=digits steps=40 space=none learning_rate=0.1,0.2,0.3,0.4 -n 4 --confirm 0"
    done = bash(
        f"sweeper {asked} --sampler grid --pruner none --workers 2 2>&1 | head -1; echo code ${{PIPESTATUS[0]}}",
        tmp_path,
    )
    assert done.stdout.splitlines()[1:] == ["code 0"], done.stdout
    trials = [row for row in recorded(tmp_path) if row.get("study")]
    assert [row["status"] for row in trials] == ["finished"] * 4


@pytest.mark.tensorflow
@pytest.mark.usefixtures("warm")
@pytest.mark.slow
@pytest.mark.parametrize(
    "redirection",
    ["2>/dev/full", "<&- >&- 2>&-", "2>&1 | true"],
)
def test_a_run_is_recorded_wherever_its_messages_lead(tmp_path, redirection):
    done = bash(f"sweeper {RUN} {redirection}; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [row["status"] for row in recorded(tmp_path)] == ["finished"]


@pytest.mark.parametrize("command", ["results", "results --json", "--help", "data list"])
def test_an_answer_that_is_lost_is_no_success(tmp_path, command):
    done = bash(f"sweeper {command} >&-", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "the shell has closed it" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "2>&1 | true"])
@pytest.mark.parametrize("flag", ["", "--json"])
def test_a_failure_is_a_failure_though_nobody_can_read_of_it(tmp_path, redirection, flag):
    assert bash(f"sweeper run activaton=tanh {flag} {redirection}; exit ${{PIPESTATUS[0]}}", tmp_path).returncode == 2


def test_an_error_that_cannot_be_a_document_is_a_line(tmp_path):
    done = bash("sweeper run activaton=tanh --json >/dev/full", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path):
    script = "from sweeper.cli.streams import protect; protect(); import os; print(open('/dev/null').fileno() > 2)"
    line = f"{shlex.quote(sys.executable)} -c {shlex.quote(script)} <&- 2>&-"
    assert subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout == "True\n"


OTHER_PIPE = """
import os, sys
from sweeper.cli.boundary import guard
from sweeper.cli.streams import protect

protect()
with guard([]) as run:
    reader, writer = os.pipe()
    os.close(reader)
    os.write(writer, b"to a worker that has died")
sys.exit(run.code)
"""


def test_another_broken_pipe_than_standard_output_is_a_failure():
    done = subprocess.run([sys.executable, "-c", OTHER_PIPE], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "BrokenPipeError" in done.stderr


THREADS = """
import sys, threading
from sweeper.cli.streams import protect

protect()
from sweeper.cli.progress import console

failed = []
threading.excepthook = failed.append
threads = [threading.Thread(target=console().print, args=("x" * 70000,)) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(len(failed))
"""


def test_threads_that_draw_are_not_harmed_by_a_pipe_without_a_reader():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", THREADS], stderr=writer, check=False)
    os.close(writer)
    assert done.returncode == 0


def test_a_non_blocking_pipe_gets_every_line():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    script = "from sweeper.cli.streams import protect; protect(); import sys; sys.stderr.write('line\\n' * 50000)"
    child = subprocess.Popen([sys.executable, "-c", script], stderr=writer)
    os.close(writer)
    with open(reader) as lines:  # noqa: PTH123 - a descriptor has no path
        assert sum(line == "line\n" for line in lines) == 50000
    assert child.wait() == 0
