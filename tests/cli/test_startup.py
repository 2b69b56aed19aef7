"""What the command line may cost before it does anything."""

import os
import statistics
import subprocess
import sys
import time

import pytest

HEAVY = (
    "tensorflow",
    "keras",
    "mlflow",
    "optuna",
    "hydra",
    "omegaconf",
    "pandas",
    "matplotlib",
    "scipy",
    "sklearn",
    "ray",
    "pydantic",
    "email",
    "importlib.metadata",
    "importlib.resources",
)
HELPS = (["--help"], ["run", "--help"], ["tune", "--help"])


@pytest.mark.parametrize("arguments", HELPS)
def test_help_loads_nothing_heavy(arguments):
    program = (
        "import sys\n"
        "from sweeper.cli.app import invoke\n"
        f"code = invoke({arguments!r})\n"
        f"sys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: sweeper" in done.stdout


def test_the_list_of_commands_needs_no_configuration():
    program = (
        "import sys\n"
        "from sweeper.cli.app import invoke\n"
        "invoke(['--help'])\n"
        "assert not {'sweeper.config.schema', 'sweeper.config.parts', 'sweeper.trial'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)


@pytest.mark.parametrize(("arguments", "made"), [(["--help"], set()), (["tune", "--help"], {"tune"})])
def test_no_command_is_made_that_was_not_asked_for(arguments, made):
    program = (
        "import sys, typer\n"
        "from sweeper.cli.app import app, invoke\n"
        "from sweeper.cli.help import Command\n"
        "names, before = set(), Command.__init__\n"
        "def noted(self, *args, name=None, **rest):\n"
        "    names.add(name)\n"
        "    before(self, *args, name=name, **rest)\n"
        "Command.__init__ = noted\n"
        f"invoke({arguments!r})\n"
        f"assert names == {made!r}, names\n"
        "assert len(typer.main.get_command(app).commands) > 20\n"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)


def test_where_no_server_is_warm_nothing_is_loaded_to_ask_one(tmp_path):
    program = (
        "import sys\n"
        "from sweeper.cli.entry import _in_a_copy\n"
        "assert _in_a_copy(['run']) is None\n"
        "assert not {'sweeper.system.warm.identity', 'sweeper.system.warm.client', 'hashlib'} & set(sys.modules)\n"
    )
    environment = {**os.environ, "SWEEPER_WARM": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


def wall(arguments):
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def test_help_takes_at_most_three_times_what_its_parser_takes_to_import():
    # The one timed test: a ratio within one run, medians of turns that alternate, so that a busy machine slows both.
    pairs = [(wall(["-c", "import typer"]), wall(["-m", "sweeper", *words])) for words in HELPS[:2] for _ in range(7)]
    parser, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert ours <= 3 * parser
