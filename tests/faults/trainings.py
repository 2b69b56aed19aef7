"""Real trainings in processes of their own, to be killed: what ``training.py`` is from outside."""

import signal
import sys
import time
from pathlib import Path

from spoken import Spoken

from sweeper.checkpoint import read_about

TRAINING = Path(__file__).with_name("training.py")
EVERY = "0.1"


class Training:
    """Training in a process of its own, which ``prefix`` may put elsewhere; with the variables ``env``."""

    def __init__(self, *arguments, prefix=(), env=None):
        self.process = Spoken([*prefix, sys.executable, str(TRAINING), *map(str, arguments)], env=env)
        self.server = self.process.hear()["server"]

    @property
    def workers(self):
        children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_driver(self):
        """At once; the notes until then."""
        self.process.send_signal(signal.SIGKILL)
        lines, _ = self.process.end()
        return notes_of(lines)

    def end(self):
        """Wait for its end: what was trained, and the notes on the way."""
        lines, code = self.process.end()
        assert code == 0, lines
        return lines[-1]["trained"], notes_of(lines)


def notes_of(lines):
    return [line["note"] for line in lines if "note" in line]


def await_step(folder, step):
    """Wait for a checkpoint beyond a step; its own step."""
    limit = time.monotonic() + 300
    while time.monotonic() < limit:
        for path in folder.glob("*.npz"):
            try:
                reached = read_about(path).step
            except FileNotFoundError:
                continue
            if reached > step:
                return reached
        time.sleep(0.02)
    raise AssertionError(f"no checkpoint beyond step {step}")


def gone_on_from(notes):
    """The steps that training went on from."""
    marked = [note.partition("goes on from step ")[2] for note in notes if "goes on from step" in note]
    return [int(text.split(" ")[0].replace(",", "")) for text in marked]
