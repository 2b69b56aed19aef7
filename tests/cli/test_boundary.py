import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sweeper.cli.app import invoke
from sweeper.cli.boundary import guard
from sweeper.errors import InputError, InterruptedRunError, SweeperError


def code_of(command, arguments):
    with guard(arguments) as run:
        command(run.arguments)
    return run.code


def raiser(error):
    def command(_arguments):
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [(SweeperError("it broke"), 1), (InputError("no such key"), 2), (InterruptedRunError("stopped"), 3)],
)
def test_an_error_is_one_line_and_its_exit_code(error, code, capsys):
    assert code_of(raiser(error), []) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"error: {error.message}\n"


@pytest.mark.parametrize(("number", "way"), [(errno.ENOSPC, "--runs"), (errno.EFBIG, "ulimit -f")])
def test_a_write_that_the_machine_refuses_is_said_with_the_way_out(number, way, capsys):
    assert code_of(raiser(OSError(number, os.strerror(number), "m.keras")), []) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"error: {os.strerror(number)}: m.keras (")
    assert way in err


def test_the_hint_follows_the_message(capsys):
    code_of(raiser(InputError("no key 'activaton'", hint="did you mean 'activation'?")), [])
    assert capsys.readouterr().err == "error: no key 'activaton' (did you mean 'activation'?)\n"


def test_a_message_of_several_lines_is_shown_on_one(capsys):
    code_of(raiser(SweeperError("first\nsecond", hint="third\nfourth")), [])
    assert capsys.readouterr().err.count("\n") == 1


def test_with_json_there_is_one_document_on_standard_output_and_nothing_else(capsys):
    assert code_of(raiser(InputError("bad", hint="mend", key="hidden")), ["--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"error": {"message": "bad", "hint": "mend", "key": "hidden"}}
    assert out.count("\n") == 1
    assert err == ""


def test_an_unexpected_error_is_one_line_that_names_debug(capsys):
    assert code_of(raiser(ValueError("odd\nsecond line")), []) == 1
    err = capsys.readouterr().err
    assert err == "error: internal error: ValueError: odd (--debug shows the traceback)\n"


def test_debug_shows_the_traceback_and_is_not_given_to_the_command(capsys):
    seen = []

    def command(arguments):
        seen.extend(arguments)
        raise ValueError("odd")

    assert code_of(command, ["run", "--debug", "--", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err
    assert seen == ["run", "--", "--debug"]


def test_a_full_disk_is_one_line_with_a_hint(capsys):
    assert code_of(raiser(OSError(28, "No space left on device", "runs/mlflow.db")), []) == 1
    assert capsys.readouterr().err.startswith("error: No space left on device: runs/mlflow.db (free some space")


def test_an_interrupt_ends_with_130_and_says_so(capsys):
    assert code_of(raiser(KeyboardInterrupt()), ["--json"]) == 130
    assert json.loads(capsys.readouterr().out)["error"]["message"] == "interrupted"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--bogus"], "sweeper has no option --bogus"),
        (["bogus"], "sweeper has no command bogus"),
    ],
)
def test_mistakes_in_the_arguments_are_one_line_too(arguments, says, capsys):
    assert invoke(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {says}")
    assert err.count("\n") == 1
    assert invoke([*arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["message"].startswith(says)


def test_no_arguments_show_the_help(capsys):
    assert invoke([]) == 0
    assert "Usage: sweeper" in capsys.readouterr().out


def test_version(capsys):
    assert invoke(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sweeper ")


def test_a_reader_that_goes_away_is_no_error():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "sweeper", "--help"], stdout=write, stderr=subprocess.PIPE, check=False, text=True
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_option_at_fault_is_named(capsys):
    assert invoke(["run", "--threads", "many", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["key"] == "--threads"


STUBBORN = """
import signal, sys, time
from sweeper.cli.boundary import guard

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins without

with guard(sys.argv[1:]) as run:
    print("ready", file=sys.stderr, flush=True)
    for _ in range(3):
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass  # as if something could not be broken off

sys.exit(run.code)
"""


def test_a_second_interrupt_ends_what_does_not_want_to_end():
    child = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr.readline() == "ready\n"
    child.send_signal(signal.SIGINT)
    time.sleep(0.2)  # two signals at once would be one
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert json.loads(out)["error"]["message"] == "interrupted"
    assert err == ""


def shell(line, **variables):
    """A command line in a shell, as a person redirects things."""
    line = line.replace("sweeper", f"{sys.executable} -m sweeper")
    return subprocess.run(line, shell=True, capture_output=True, text=True, check=False, env=os.environ | variables)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("flag", ["", "--json"])
def test_a_full_disk_under_standard_output_is_one_line(flag):
    done = shell(f"sweeper data list {flag} >/dev/full")
    assert done.returncode == 1
    assert done.stderr == "error: standard output cannot be written: No space left on device\n"


def test_a_lost_answer_is_an_error_and_a_lost_error_is_what_it_was():
    done = shell("sweeper data list >&-")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the shell has closed it" in done.stderr
    assert shell("sweeper bogus 2>&-").returncode == 2


def test_what_the_terminal_cannot_show_is_no_error():
    done = shell("sweeper run $(printf '\\377=\\303\\244') --json", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["message"]


@pytest.mark.parametrize("words", [["config"], ["run", "steps=1"], ["tune", "--trials", "1"]])
def test_a_folder_that_was_deleted_is_said(words, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    program = f"import os; os.rmdir({str(here)!r}); from sweeper.cli.app import main; main({words!r})"
    environment = {**os.environ, "SWEEPER_RUNS": str(tmp_path / "runs"), "PYTHONSAFEPATH": "1", "SWEEPER_WARM": ""}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: the folder that this was started in has been deleted (cd to another one)\n"
    assert not (tmp_path / "runs").exists()
