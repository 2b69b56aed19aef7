"""The best validation accuracy so far against seconds, beside what people use: `python benchmarks/anytime.py`.

    SWEEPER_DATA=../datasets python benchmarks/anytime.py --sides sweeper,ray --seeds 1,2 --notes anytime.jsonl
    python benchmarks/anytime.py --sides "" --notes anytime.jsonl --figure docs/explanation/figures/anytime.png

`sweeper tune --trials 50` as typed, cold, on full MNIST, against Ray Tune (TPE, ASHA), KerasTuner (Hyperband) and
Optuna (TPE, its default pruner told by a Keras callback) on the same space, with at most 5,000 steps a trial
(peers: nine epochs, 4,950). A run is one side with one seed, stopped after `--seconds`, and becomes a line of
`--notes`: so it can be measured in pieces, each seed's sides in turns. The peers get an environment of their own in
benchmarks/.peers, as for sweep.py. Prints, from what the notes hold, the mean over seeds of each side at some
seconds, whether sweeper is ahead at every second from 30 s on, and when each reaches 97.5 %.
"""

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sweep import HERE, clean, environment

from sweeper.report.figures.style import BLUE, INK, canvas, save, styled

SIDES = {
    "sweeper": "sweeper",
    "ray": "Ray Tune, TPE and ASHA",
    "keras_tuner": "KerasTuner, Hyperband",
    "optuna": "Optuna, pruning callback",
}
COLOURS = (BLUE, "#c05621", "#4a7c59", "#7b5ea7")
FROM, GOAL, AT = 30, 0.975, (15, 30, 60, 120, 200, 300)

Curve = list[tuple[float, float]]


def main() -> None:
    """Measure what is asked for, and say what is known."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sides", default=",".join(SIDES))
    parser.add_argument("--seeds", default="1,2,3,4,5")
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--notes", type=Path, default=Path("anytime.jsonl"))
    parser.add_argument("--environment", type=Path, default=HERE / ".peers")
    parser.add_argument("--figure", type=Path)
    args = parser.parse_args()
    sides = [side for side in args.sides.split(",") if side]
    for seed in map(int, args.seeds.split(",")) if sides else ():
        for side in sides:
            found = measured(side, seed, args.seconds, args.environment)
            with args.notes.open("a") as file:
                file.write(json.dumps(found) + "\n")
            best = max((score for _, score in found["curve"]), default=0.0)
            print(f"{side}, seed {seed}: {best:.2%} after {len(found['curve'])} validations, load {found['load']}")
    runs = [json.loads(line) for line in args.notes.read_text().splitlines()]
    show(runs)
    if args.figure:
        save(draw(runs), args.figure)


def measured(side: str, seed: int, seconds: float, folder: Path) -> dict:
    """One run from its command to its end, or to where it is stopped."""
    place, load = Path(tempfile.mkdtemp()), os.getloadavg()[0]
    began = time.time()
    if side == "sweeper":
        sweep(place, seed, seconds)
        curve = recorded(place / "runs" / "mlflow.db", began)
    else:
        notes = place / "notes"
        command = [environment(folder), HERE / "peers" / f"anytime_{side}.py", "--seed", str(seed)]
        began = time.time()
        until(command, seconds, place, clean() | {"ANYTIME_NOTES": str(notes)})
        rows = (line.split() for line in notes.read_text().splitlines()) if notes.exists() else ()
        curve = [(float(at) - began, float(score)) for at, score in rows]
    return {"side": side, "seed": seed, "seconds": seconds, "load": round(load, 1), "curve": sorted(curve)}


def sweep(place: Path, seed: int, seconds: float) -> None:
    """The mission's own command, cold."""
    command = [
        Path(sys.executable).absolute().parent / "sweeper",
        "tune",
        "--trials",
        "50",
        "--seed",
        str(seed),
        "--study",
        "t",
    ]
    own = {"SWEEPER_RUNS": str(place / "runs"), "SWEEPER_CACHE": str(place / "cache"), "SWEEPER_WARM": ""}
    until(command, seconds, place, clean() | own)


def until(command: Sequence[object], seconds: float, place: Path, variables: dict[str, str]) -> None:
    """Run a command until it ends or its time is over, and end all that it has started."""
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=log, stderr=log, cwd=place, env=variables, start_new_session=True
        )
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def recorded(database: Path, began: float) -> Curve:
    """Every validation that a search has recorded, when it was made; what it had not recorded yet does not count."""
    with sqlite3.connect(database) as rows:
        found = rows.execute("SELECT timestamp, value FROM metrics WHERE key = 'curves/validation.accuracy'").fetchall()
    return [(at / 1000 - began, score) for at, score in found]


def best_so_far(run: dict, seconds: np.ndarray) -> np.ndarray:
    """The best validation accuracy of a run at each of some seconds; 0 before the first."""
    at, scores = np.array([*run["curve"], (np.inf, 0.0)]).T
    best = np.maximum.accumulate(scores)
    place = np.searchsorted(at, seconds, side="right") - 1
    return np.where(place >= 0, best[place], 0.0)


def by_side(runs: list[dict], seconds: np.ndarray) -> dict[str, np.ndarray]:
    """The curves of each side, [seeds, seconds]; of a seed that was measured twice the last one."""
    last = {(run["side"], run["seed"]): run for run in runs}
    found = defaultdict(list)
    for (side, _), run in sorted(last.items(), key=lambda each: list(SIDES).index(each[0][0])):
        found[side].append(best_so_far(run, seconds))
    return {side: np.array(curves) for side, curves in found.items()}


def show(runs: list[dict]) -> None:
    """The tables."""
    limit = min(run["seconds"] for run in runs)
    curves = by_side(runs, np.arange(1.0, limit + 1))
    print(
        f"{'mean of the best so far at':28}{'seeds':>6}"
        + "".join(f"{at:>8} s" for at in AT if at <= limit)
        + "   97.5 %"
    )
    for side, each in curves.items():
        mean = each.mean(axis=0)
        reached = np.flatnonzero(mean >= GOAL)
        when = f"{reached[0] + 1:>7} s" if len(reached) else f"  > {limit:.0f} s"
        print(f"{SIDES[side]:28}{len(each):>6}" + "".join(f"{mean[at - 1]:>10.2%}" for at in AT if at <= limit) + when)
    if "sweeper" in curves and len(curves) > 1:
        ours = curves["sweeper"].mean(axis=0)[FROM - 1 :]
        for side in curves.keys() - {"sweeper"}:
            behind = np.flatnonzero(ours <= curves[side].mean(axis=0)[FROM - 1 :]) + FROM
            print(f"ahead of {SIDES[side]} from {FROM} s on:", "always" if not len(behind) else f"not at {behind} s")


@styled
def draw(runs: list[dict]) -> Figure:
    """The mean of each side, and between its worst and best seed a band."""
    limit = min(run["seconds"] for run in runs)
    seconds = np.arange(1.0, limit + 1)
    figure = canvas("", height=3.4)
    axes = figure.subplots()
    for (side, curves), colour in zip(by_side(runs, seconds).items(), COLOURS, strict=False):
        axes.fill_between(seconds, 100 * curves.min(axis=0), 100 * curves.max(axis=0), color=colour, alpha=0.15, lw=0)
        axes.plot(seconds, 100 * curves.mean(axis=0), color=colour, label=f"{SIDES[side]} ({len(curves)} seeds)")
    axes.set_ylim(86, 98.6)
    axes.set_xlim(0, limit)
    axes.axhline(100 * GOAL, color=INK, lw=0.6, ls=":")
    axes.set_xlabel("Seconds since the command was started; means, and from the worst seed to the best")
    axes.set_ylabel("Best validation accuracy so far, %")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, frameon=False)
    return figure


if __name__ == "__main__":
    main()
