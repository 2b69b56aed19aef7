"""A warm server that loads nothing, so that its life can be tested in a moment."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager

BEGAN = dict(os.environ)
"""The variables of the beginning; libraries that are loaded later set some of their own."""

PROGRAM = """
import sys
from sweeper.workers import warm_server
warm_server._load = lambda: None
warm_server.main(float(sys.argv[1]), sys.argv[2])
"""


LOADED = """
import sys
from sweeper.workers import warm_server
warm_server.main(float(sys.argv[1]), sys.argv[2])
"""
"""The server as it is, with TensorFlow."""


OF_COMMANDS = """
import os, sys
from sweeper.cli import warm_commands
run = warm_commands._run
def noted(visit):
    with open(os.environ["COPIES"], "a") as file:
        file.write(f"{os.getpid()}\\n")
    run(visit)
warm_commands._load, warm_commands._run = (lambda: None), noted
warm_commands.main(float(sys.argv[1]), sys.argv[2])
"""
"""The other server, which loads nothing either and notes its copies in the file $COPIES."""


@contextmanager
def server(folder, idle=60.0, leader="", program=PROGRAM, surroundings=None, **variables):
    """One that answers; whatever is left of it at the end is killed."""
    command = [sys.executable, "-P", "-c", program, str(idle), leader]
    environment = {**(surroundings or os.environ), "SWEEPER_WARM": str(folder), **variables}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        with process.stdout as said:
            assert said.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
