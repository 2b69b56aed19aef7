"""What a sweep takes of memory, of two installations in turns: `python benchmarks/memory.py OLD NEW`.

    SWEEPER_DATA=../datasets python benchmarks/memory.py ../old/.venv/bin/sweeper .venv/bin/sweeper --data digits,mnist

Both run the same cold `sweeper tune` with two workers. While it runs, the proportional set sizes (PSS: what several
processes share is divided by their number) of the driver and of all that it has started are summed. Printed is the
largest sum of each sweep, by role, and the ratio of the medians; processor seconds beside it, for nothing is gained
where memory was bought with time.
"""

import argparse
import ctypes
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
EVERY = 0.1
"""Seconds from one look to the next."""

ROLES = ("driver", "fork server", "workers")
"""By how many steps a process is below the one that was started."""


def main() -> None:
    """Measure all and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sweepers", nargs=2, type=Path, metavar="SWEEPER")
    parser.add_argument("--data", default="digits")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--trials", type=int, default=8)
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # workers outlive the driver by a moment
    for data in args.data.split(","):
        found: dict[int, list[dict]] = {0: [], 1: []}
        for turn in range(args.rounds):
            for side in (0, 1) if turn % 2 == 0 else (1, 0):
                found[side].append(measured(args.sweepers[side].absolute(), data, args.trials))
                print(
                    data,
                    ("old", "new")[side],
                    json.dumps(found[side][-1]),
                    f"load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
        for what in ("all", *ROLES, "processor"):
            old, new = (statistics.median(row[what] for row in found[side]) for side in (0, 1))
            print(f"{data}, {what}: {old:.0f} and {new:.0f}, ratio {new / old:.2f}", flush=True)


def measured(sweeper: Path, data: str, trials: int) -> dict[str, float]:
    """One sweep: megabytes at its peak by role, and its processor seconds."""
    folder, before, peak = Path(tempfile.mkdtemp()), used(), dict.fromkeys(("all", *ROLES), 0.0)
    command = [
        sweeper,
        "tune",
        f"dataset={data}",
        "--trials",
        str(trials),
        "--seed",
        "1",
        "--workers",
        "2",
        "--confirm",
        "0",
    ]
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONDONTWRITEBYTECODE", "SWEEPER_RUNS"}}
    clean = kept | {"SWEEPER_CACHE": str(folder / "cache"), "SWEEPER_WARM": "", "SWEEPER_RUNS": str(folder / "runs")}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean, cwd=folder
    ) as process:
        while process.poll() is None:
            now = sizes(process.pid)
            peak = max(peak, now, key=lambda row: row["all"])
            time.sleep(EVERY)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    assert process.returncode == 0, process.returncode
    return {**{key: round(value) for key, value in peak.items()}, "processor": round(used() - before, 1)}


def sizes(root: int) -> dict[str, float]:
    """Megabytes (PSS) of a process and all below it, by role."""
    children = defaultdict(list)
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            children[int(place.read_text().rpartition(")")[2].split()[1])].append(int(place.parent.name))
    found, level = dict.fromkeys(ROLES, 0.0), [root]
    for role in ROLES:
        found[role] += sum(map(pss, level))
        level = [child for pid in level for child in children[pid]]
    return {"all": sum(found.values()), **found}


def pss(pid: int) -> float:
    """Of one process, in megabytes; 0 for one that has ended."""
    with suppress(OSError):
        for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if row.startswith("Pss:"):
                return int(row.split()[1]) * 1024 / 1e6
    return 0.0


def used() -> float:
    """Processor seconds of all children that were waited for."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


if __name__ == "__main__":
    main()
