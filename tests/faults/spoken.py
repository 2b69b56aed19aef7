"""Processes that say what they do in lines of JSON."""

import json
import subprocess


class Spoken(subprocess.Popen):
    """A process whose lines are heard one by one, and the rest at its end: nothing is read ahead and lost."""

    def __init__(self, command, **more):
        super().__init__(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, **more)

    def hear(self):
        """What it says next; nothing where it has ended."""
        return json.loads(self.stdout.readline() or "null")

    def end(self, timeout=240):
        """Wait for its end: what else it said, and its exit code. No traceback is allowed."""
        out, err = self.communicate(timeout=timeout)
        assert b"Traceback" not in err, err.decode()
        return [json.loads(line) for line in out.splitlines()], self.returncode
