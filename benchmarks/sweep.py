"""A whole sweep against what people use: `python benchmarks/sweep.py --trials 8 --sweeper-trials 50`.

Runs `sweeper tune` and the peers one after the other on the work of peers/work.py and prints seconds
a trial (whole command divided by trials) and ratios. With `--rounds`, each takes its turn so often, and its best
counts, as whatever else the machine does only makes them slower. The peers get an environment of their own,
with bytecode compiled, in benchmarks/.peers; full MNIST must lie in $SWEEPER_DATA. SWEEPER_CACHE= begins cold.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from matplotlib.figure import Figure
from trainer import Floor

from sweeper.report.figures.style import BLUE, FAINT, INK, canvas, save, styled

HERE = Path(__file__).resolve().parent
PEERS = {"KerasTuner": "keras_tuner_search", "Optuna + Keras + MLflow": "optuna_search", "Ray Tune": "ray_search"}


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=8, help="trials of each peer")
    parser.add_argument("--sweeper-trials", type=int, default=50)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--environment", type=Path, default=HERE / ".peers")
    parser.add_argument("--pruner", default="none")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--out", type=Path, help="the numbers, as JSON")
    parser.add_argument("--figure", type=Path, help="a picture of them, as PNG")
    args = parser.parse_args()
    python = environment(args.environment) if args.peers else Path()
    rounds = []
    for _ in range(args.rounds):
        rows = [sweeper(args.sweeper_trials, args.pruner)]
        rows += [peer(python, name, args.trials) for name in args.peers.split(",") if name]
        print(table(rows), flush=True)
        rounds.append(rows)
    rows = [min(turns, key=lambda row: row["seconds"]) for turns in zip(*rounds, strict=True)]
    if args.rounds > 1:
        print(f"the best of {args.rounds} rounds:\n{table(rows)}")
    print(f"floor of all steps trained, of two cores' time by the clock: {floor_share(rows[0]):.0%}")
    if args.out:
        args.out.write_text(json.dumps(rows))
    if args.figure:
        save(draw(rows), args.figure)


def environment(folder: Path, lock: Path = HERE / "peers" / "requirements.lock") -> Path:
    """The python of the peers' environment, made where it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
        subprocess.run([uv, "pip", "sync", "--quiet", "--compile-bytecode", "--python", python, lock], check=True)
    return python


def sweeper(trials: int, pruner: str) -> dict:
    """`sweeper tune` with everything switched on, from a cold start, in a fresh folder."""
    runs = tempfile.mkdtemp()
    command = [
        Path(sys.executable).parent / "sweeper", "tune", "steps=5500", "--space", "benchmark", "--sampler", "random",
        "--pruner", pruner, "--trials", str(trials), "--runs", runs, "--json",
        "--confirm", "0",  # which the peers do not do
    ]  # fmt: skip
    started = time.time()
    out = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=clean()).stdout)
    seconds = time.time() - started
    rows = json.loads(
        subprocess.run(
            [command[0], "results", out["study"], "--runs", runs, "--json"], check=True, stdout=subprocess.PIPE
        ).stdout
    )
    shutil.rmtree(runs)
    return {"name": "sweeper", "trials": trials, "seconds": seconds, "started": started, "rows": rows, "out": out}


def peer(python: Path, name: str, trials: int) -> dict:
    """A peer's own way to do the same."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        log = (Path(folder) / "log").open("w")
        command = [python, HERE / "peers" / f"{PEERS[name]}.py", "--trials", str(trials), "--out", out]
        started = time.time()
        subprocess.run(command, check=True, stdout=log, stderr=log, env=clean(), cwd=folder)
        seconds = time.time() - started
        return {"name": name, "trials": trials, "seconds": seconds, "scores": json.loads(out.read_text())["trials"]}


def floor_share(row: dict) -> float:
    """Seconds that the bare matrix products of all trained steps take on one core, of those that all cores had."""
    rates: dict[str, float] = {}
    needed = 0.0
    for trial in row["rows"]:
        hidden = str(trial["hidden"])
        if hidden not in rates:
            rates[hidden] = Floor((784, *json.loads(hidden), 10))()
        needed += trial["steps_done"] / rates[hidden]
    return needed / (row["out"]["workers"] * row["seconds"])


@styled
def draw(rows: list[dict]) -> Figure:
    """Seconds a trial of each tool as bars, with what multiple of sweeper's they are."""
    each = [row["seconds"] / row["trials"] for row in rows]
    figure = canvas("", height=0.9 + 0.42 * len(rows))
    axes = figure.subplots()
    axes.barh(range(len(rows)), each, height=0.6, color=[BLUE] + [FAINT] * (len(rows) - 1))
    for number, seconds in enumerate(each):
        times = f"   {seconds / each[0]:.1f} times" if number else ""
        axes.text(seconds, number, f" {seconds:.2f} s{times}", va="center", color=INK, fontsize=9)
    axes.set_yticks(range(len(rows)), [row["name"] for row in rows], color=INK)
    axes.set_xlim(0, 1.25 * max(each))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("Seconds a trial: the whole command, divided by its trials")
    return figure


def clean() -> dict[str, str]:
    """The environment without the setting that keeps bytecode from being written."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def table(rows: list[dict]) -> str:
    """Seconds a trial, and how many times sweeper's."""
    ours = rows[0]["seconds"] / rows[0]["trials"]
    lines = [f"{'tool':28}{'trials':>8}{'seconds':>10}{'s/trial':>10}{'times ours':>12}"]
    for row in rows:
        each = row["seconds"] / row["trials"]
        lines.append(f"{row['name']:28}{row['trials']:8}{row['seconds']:10.1f}{each:10.2f}{each / ours:12.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
