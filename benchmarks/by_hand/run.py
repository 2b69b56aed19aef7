"""sweeper against loops that were written by hand with care: `python benchmarks/by_hand/run.py --trials 50`.

Runs `sweeper tune` on the benchmark space, at random and without pruning, from a cold start, and each loop on as many
trials of the same kind, in turns, and prints seconds and ratios by the clock, and processor seconds. The loops get an
environment of their own, made of requirements.lock, in benchmarks/by_hand/.environment; full MNIST must lie in
$SWEEPER_DATA.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOOPS = ("sklearn_two_processes", "torch_two_processes", "jax_vmap")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""For loops of two processes; NumPy reads it when it is imported."""


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--loops", default=",".join(LOOPS))
    parser.add_argument("--environment", type=Path, default=HERE / ".environment")
    args = parser.parse_args()
    python = environment(args.environment)
    rows = [("sweeper, two workers", *sweeper(args.trials))]
    rows += [loop(python, name, args.trials) for name in args.loops.split(",")]
    print(
        f"| {args.trials} trials | seconds | ratio | processor seconds | best validation |\n| --- " + "| --- " * 4 + "|"
    )
    for name, seconds, used, best in rows:
        print(f"| {name} | {seconds:.0f} | {seconds / rows[0][1]:.1f} | {used:.0f} | {best:.2%} |")


def environment(folder: Path) -> Path:
    """The python of the loops' environment, made where it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        lock = HERE / "requirements.lock"
        subprocess.run([uv, "pip", "sync", "--quiet", "--compile-bytecode", "--python", python, lock], check=True)
    return python


def sweeper(trials: int) -> tuple[float, float, float]:
    """Seconds, processor seconds and the best of a whole `sweeper tune`, with everything that it records."""
    command = [
        Path(sys.executable).parent / "sweeper", "tune", "steps=5500", "--space", "benchmark", "--sampler", "random",
        "--pruner", "none", "--confirm", "0", "--trials", str(trials), "--runs", tempfile.mkdtemp(), "--json",
    ]  # fmt: skip
    seconds, used, out = timed(command)
    return seconds, used, float(json.loads(out)["best"]["score"])


def loop(python: Path, name: str, trials: int) -> tuple[str, float, float, float]:
    """The same of a loop written by hand, and what it is called."""
    out = Path(tempfile.mkdtemp()) / "out.json"
    own = ONE_THREAD if name.endswith("two_processes") else {}
    seconds, used, _ = timed([python, HERE / f"{name}.py", "--trials", str(trials), "--out", str(out)], own)
    said = json.loads(out.read_text())
    return said["peer"], seconds, used, max(said["trials"])


def timed(command: list, own: dict[str, str] | None = None) -> tuple[float, float, str]:
    """Seconds by the clock, processor seconds of the command and all that it waits for, and what it printed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=clean() | (own or {})).stdout
    seconds, after = time.time() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out


def clean() -> dict[str, str]:
    """The environment, with bytecode written and no program kept."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"} | {"SWEEPER_CACHE": ""}


if __name__ == "__main__":
    main()
