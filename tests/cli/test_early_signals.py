"""A command that is asked to end before it has begun its work says so."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
import signal, sys, time
if sys.argv[1:] == ["heard"]:  # as from a terminal, whoever runs the tests in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
import sweeper.cli.app as app
def work(arguments):
    print("begun", flush=True)
    time.sleep(60)
app._call = work
app.main(["run"])
"""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_the_work_is_a_line(number):
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "heard"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        assert process.communicate(timeout=20)[1] == "error: interrupted\n"
    assert process.returncode == 130


def test_a_hangup_that_is_ignored_stays_ignored():
    program = PROGRAM.replace("time.sleep(60)", "time.sleep(1); print('done', flush=True)")
    with subprocess.Popen(
        ["nohup", sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGHUP)
        time.sleep(0.1)
        assert process.communicate(timeout=20)[0] == "done\n"
    assert process.returncode == 0
