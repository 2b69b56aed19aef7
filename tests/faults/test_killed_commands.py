"""Commands are killed at random, as a person types them: the same command then does what it would have done.

``SWEEPER_KILLED_COMMANDS=100 pytest -s tests/faults/test_killed_commands.py`` for the long form. ``tune`` creates a
study and confirms its leaders; ``compare``, ``explore``, ``test``, ``report`` and ``reproduce`` go on from there.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

KILLS = int(os.environ.get("SWEEPER_KILLED_COMMANDS", "1"))
FIXED = ("dataset=digits", "steps=60", "hidden=[8]")
SEARCHED = ("space=none", "learning_rate=0.05,0.1,0.2")
COMMANDS = {
    "tune": ("tune", *FIXED, *SEARCHED, "--sampler", "grid", "--pruner", "none", "--study", "s", "-n", "3"),
    "compare": ("compare", "s:0", "s:1", "--repeats", "2"),
    "explore": ("explore", *FIXED, "--scientific", "activation=relu,tanh"),
    "test": ("test", "s"),
    "report": ("report", "s"),
    "reproduce": ("reproduce", "s"),
}
CHANGES = {
    "seconds", "started", "ended", "when", "time", "run_id", "created", "report", "paths", "worker", "workers", "notes",
    "opened", "openings", "opening", "hash", "first", "now", "earlier", "recorded", "ledger", "train_seconds",
    "provenance",
}  # fmt: skip
"""Keys of documents whose values hang on when, and how often, they were asked for."""

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow, pytest.mark.usefixtures("warm")]


def start(runs, name):
    command = [sys.executable, "-m", "sweeper", *COMMANDS[name], "--runs", str(runs), "--json"]
    environment = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finish(runs, name):
    """Run a command to its end: its document."""
    process = start(runs, name)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, f"{name}: {err}\n{out}"
    assert "Traceback" not in err
    return json.loads(out)


def lasting(value):
    """What of a document must be the same whenever it is asked for."""
    if isinstance(value, dict):
        return {key: lasting(each) for key, each in value.items() if key not in CHANGES}
    return [lasting(each) for each in value] if isinstance(value, list) else value


def same(one, other):
    """Whether two values say the same: what is left after a kill trains in a smaller group, which moves last bits."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-5, nan_ok=True)
    return one == other


def sound(runs):
    """Whether doctor has nothing to say once that it has put in order what was left."""
    for more in (("--fix",), ()):
        command = [sys.executable, "-m", "sweeper", "doctor", *more, "--runs", str(runs), "--json"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    said = json.loads(ended.stdout)
    return said["problems"], said["mlflow"]["running"], [study["unfinished"] for study in said["studies"]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The document of each command that will be killed, how long it takes, and the folder as it was before."""
    runs, documents, took, before = tmp_path_factory.mktemp("whole") / "runs", {}, {}, {}
    for name in list(COMMANDS)[:KILLS]:
        before[name] = tmp_path_factory.mktemp(name) / "runs"
        if runs.exists():
            shutil.copytree(runs, before[name])
        began = time.monotonic()
        documents[name] = finish(runs, name)
        took[name] = time.monotonic() - began
    return documents, took, before


def test_a_command_that_is_killed_does_what_it_would_have_done(tmp_path, whole):
    documents, took, before = whole
    chance, killed = random.Random(7), {}
    for number in range(KILLS):
        name = list(COMMANDS)[number % len(COMMANDS)]
        runs = tmp_path / str(number)
        if before[name].exists():
            shutil.copytree(before[name], runs)
        process = start(runs, name)
        time.sleep(chance.uniform(0.0, took[name]))
        process.send_signal(chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP]))
        process.communicate()
        killed[name] = killed.get(name, 0) + (process.returncode != 0)
        again = finish(runs, name)
        expected, found = lasting(documents[name]), lasting(again)
        assert same(expected, found), f"{name}: {json.dumps(expected)}\n{json.dumps(found)}"
        problems, running, unfinished = sound(runs)
        assert (problems, running, set(unfinished)) == ([], 0, {0})
        shutil.rmtree(runs)
    print(f"\n{sum(killed.values())} of {KILLS} were killed in time: {killed}")
