"""The command `sweeper tune --trials 50` of two installations, side by side: `python benchmarks/two_trees.py OLD NEW`.

    python benchmarks/two_trees.py ../old/.venv/bin/sweeper .venv/bin/sweeper --seeds 1,2,3,4,5

For each sampler seed both take turns, each cold: a fresh runs folder and no kept programs. Then the trials that the two
name run again on the same further seeds, by the second installation. Prints the seconds of search and confirmation
together, processor seconds of all processes, and the paired differences over sampler seeds with 95 % intervals
(Student's); full MNIST must lie in $SWEEPER_DATA.
"""

import argparse
import ctypes
import json
import os
import resource
import shlex
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from sweeper.statistics import t_interval

REPEATS = 5
FIRST_SEED = 5000
"""Of the runs that judge: neither a search nor a confirmation uses it."""

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Run all and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sweepers", nargs=2, type=lambda text: Path(text).absolute(), metavar="SWEEPER")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--options", default="", help="further options of tune, the same for both")
    parser.add_argument("--out", type=Path, help="the numbers, as JSON, after each search")
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # workers outlive the driver by a moment
    rows: list[list[dict]] = []
    for seed in map(int, args.seeds.split(",")):
        options = ["--trials", str(args.trials), "--seed", str(seed), *shlex.split(args.options)]
        turns = args.sweepers if seed % 2 else args.sweepers[::-1]
        pair = {sweeper: searched(sweeper, options) for sweeper in turns}
        for row in pair.values():
            row["accuracy"] = judged(args.sweepers[1], row["overrides"])
        rows.append([{"seed": seed, **pair[sweeper]} for sweeper in args.sweepers])
        print("\n".join(map(json.dumps, rows[-1])), flush=True)
        if args.out:
            args.out.write_text(json.dumps(rows))
    for what, unit in (("seconds", 1.0), ("processor", 1.0), ("accuracy", 100.0)):
        old, new = (np.array([pair[side][what] for pair in rows]) * unit for side in (0, 1))
        print(
            f"{what}: {old.mean():.2f} and {new.mean():.2f}, ratio of sums {new.sum() / old.sum():.2f}",
            paired(new - old),
        )


def searched(sweeper: Path, options: Sequence[str]) -> dict:
    """One cold search: its seconds, processor seconds, counts, and the overrides of the trial that it names."""
    folder = Path(tempfile.mkdtemp())
    command = [sweeper, "tune", *options, "--study", "t", "--runs", folder / "runs", "--json"]
    before, started = used(), time.time()
    out = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=clean(folder), cwd=folder).stdout)
    seconds = time.time() - started
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    named = (out["confirmed"] or {}).get("winner", out["best"]["number"])
    overrides = next(trial["overrides"] for trial in out["top"] if trial["number"] == named)
    return {
        "seconds": seconds,
        "processor": used() - before,
        "trials": out["trials"],
        "named": named,
        "overrides": overrides,
    }


def judged(sweeper: Path, overrides: Sequence[str]) -> float:
    """Mean validation accuracy over seeds that neither side has used."""
    folder, scores = Path(tempfile.mkdtemp()), []
    own = [one for one in overrides if one.partition("=")[0] not in {"seed", "batch_seed", "repeats"}]
    for seed in range(FIRST_SEED, FIRST_SEED + REPEATS):
        command = [sweeper, "run", *own, f"seed={seed}", f"batch_seed={seed}", "--runs", folder / "runs", "--json"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=clean(folder), cwd=folder)
        scores.append(json.loads(done.stdout)["validation"]["accuracy"])
    return float(np.mean(scores))


def paired(differences: np.ndarray) -> str:
    """The mean difference, and its interval where there are two seeds or more."""
    with suppress(Exception):
        found = t_interval(differences)
        return f"difference {differences.mean():.2f} ({found.low:.2f} to {found.high:.2f})"
    return f"difference {differences.mean():.2f}"


def used() -> float:
    """Processor seconds of all children that were waited for."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def clean(folder: Path) -> dict[str, str]:
    """The environment, with bytecode written and no program kept from before.

    Commands run in `folder`: older versions load a package that lies where they are called.
    """
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONDONTWRITEBYTECODE", "SWEEPER_RUNS"}}
    return kept | {"SWEEPER_CACHE": str(folder / "cache")}


if __name__ == "__main__":
    main()
