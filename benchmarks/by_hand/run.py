"""sweeper against loops that were written by hand with care: `python benchmarks/by_hand/run.py --trials 50`.

Runs `sweeper tune` on the benchmark space, at random and without pruning, from a cold start, and each loop on as many
trials of the same kind, one after the other, and prints seconds and ratios by the clock, and processor seconds. The
last line is what NumPy's bare matrix products of the steps that sweeper trained take of two cores: none of them can be
faster with dense products. The loops get an environment of their own, made of requirements.lock, in
benchmarks/by_hand/.environment; full MNIST must lie in $SWEEPER_DATA.
"""

import argparse
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import sweep  # noqa: E402
from memory import PR_SET_CHILD_SUBREAPER  # noqa: E402

LOOPS = ("sklearn_two_processes", "torch_two_processes", "jax_vmap")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""For loops of two processes; NumPy reads it when it is imported."""

Result = TypeVar("Result")


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--loops", default=",".join(LOOPS))
    parser.add_argument("--environment", type=Path, default=HERE / ".environment")
    args = parser.parse_args()
    os.environ["SWEEPER_CACHE"] = ""  # no programs are kept
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # processes of a loop's fork server outlive the loop
    python = sweep.environment(args.environment, HERE / "requirements.lock")
    ours, _, used = timed(lambda: sweep.sweeper(args.trials, "none"))
    rows = [("sweeper, two workers", ours["seconds"], used, f"{ours['out']['best']['score']:.2%}")]
    rows += [loop(python, name, args.trials) for name in args.loops.split(",")]
    floor = sweep.floor_share(ours) * ours["seconds"]
    rows.append(("bare products of sweeper's steps, two cores", floor, 2 * floor, ""))
    print(
        f"| {args.trials} trials | seconds | ratio | processor seconds | best validation |\n| --- " + "| --- " * 4 + "|"
    )
    for name, seconds, used, best in rows:
        print(f"| {name} | {seconds:.0f} | {seconds / ours['seconds']:.1f} | {used:.0f} | {best} |")


def loop(python: Path, name: str, trials: int) -> tuple[str, float, float, str]:
    """A loop's name, seconds by the clock and of processors, and its best."""
    out = Path(tempfile.mkdtemp()) / "out.json"
    command = [python, HERE / f"{name}.py", "--trials", str(trials), "--out", str(out)]
    own = sweep.clean() | (ONE_THREAD if name.endswith("two_processes") else {})
    _, seconds, used = timed(lambda: subprocess.run(command, check=True, env=own))
    said = json.loads(out.read_text())
    return said["peer"], seconds, used, f"{max(said['trials']):.2%}"


def timed(work: Callable[[], Result]) -> tuple[Result, float, float]:
    """What it gives, seconds by the clock, and processor seconds of all processes that it has started."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    result = work()
    seconds = time.time() - began
    with suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
