"""How long a short command takes, of two installations in turns: `python benchmarks/start.py OLD NEW`.

    SWEEPER_DATA=../datasets python benchmarks/start.py ../old/.venv/bin/sweeper .venv/bin/sweeper --rounds 3

`sweeper run steps=10` of the old one cold, of the new one with what its `sweeper warm` keeps, and of the new one cold;
compiled programs lie on the disk. Printed are seconds by the clock and of all processors: for the warm one those of its
client, and of the warm servers and all below them.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
LAST_WORK = 0.5
"""Seconds in which a copy that has said its end comes to it."""


@dataclass(frozen=True)
class Side:
    """One way to run the command."""

    name: str
    sweeper: Path
    folder: Path
    warm: str = ""
    servers: tuple[int, ...] = ()

    def run(self) -> tuple[float, float]:
        """Seconds by the clock and of processors."""
        before, began = self._used(), time.monotonic()
        self.call("run", "steps=10", "--json")
        took = time.monotonic() - began
        if self.warm:
            time.sleep(LAST_WORK)
        return took, self._used() - before

    def call(self, *words: str) -> str:
        """What a command says."""
        surroundings = os.environ | {"SWEEPER_WARM": self.warm, "SWEEPER_CACHE": str(self.folder.with_name("cache"))}
        surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
        self.folder.mkdir(exist_ok=True)
        command = [self.sweeper, *words]
        return subprocess.run(
            command, cwd=self.folder, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
        ).stdout.decode()

    def _used(self) -> float:
        found = resource.getrusage(resource.RUSAGE_CHILDREN)
        return found.ru_utime + found.ru_stime + sum(map(used, self.servers))


def main() -> None:
    """Measure all and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sweepers", nargs=2, type=Path, metavar="SWEEPER")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    place = Path(tempfile.mkdtemp())
    old, new = (sweeper.absolute() for sweeper in args.sweepers)
    warm = Side("new, warm", new, place / "warm", str(place / "socket"))
    said = json.loads(warm.call("warm", "--json"))
    try:
        warm = replace(warm, servers=(said["pid"], said["commands"]["pid"]))
        sides = [Side("old, cold", old, place / "old"), warm, Side("new, cold", new, place / "new")]
        for side in sides:
            side.run()  # programs are compiled, and a worker of this one waits
        compare(sides, args.rounds)
    finally:
        warm.call("warm", "--stop")


def compare(sides: list[Side], rounds: int) -> None:
    """Run the sides in turns; print each, then the medians and their share of the first one's."""
    found: dict[str, list[tuple[float, float]]] = {side.name: [] for side in sides}
    for _ in range(rounds):
        for side in sides:
            clock, processor = side.run()
            found[side.name].append((clock, processor))
            print(
                f"{side.name}: {clock:.2f} s, of processors {processor:.2f} s, load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
    medians = {name: [statistics.median(each) for each in zip(*rows, strict=True)] for name, rows in found.items()}
    first = medians[sides[0].name]
    for name, (clock, processor) in medians.items():
        shares = f"ratios {clock / first[0]:.2f} and {processor / first[1]:.2f}"
        print(f"{name}, medians: {clock:.2f} s and {processor:.2f} s, {shares}")


def used(pid: int) -> float:
    """Processor seconds of a process, of those that it has waited for, and of all below it."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(map(int, fields[11:15])) / TICKS + sum(used(int(child)) for child in children)
    return 0.0


if __name__ == "__main__":
    main()
