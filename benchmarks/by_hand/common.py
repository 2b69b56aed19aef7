"""What each loop written by hand trains: the trials of sweep.py, drawn at random, validated once an epoch.

55,000 examples of MNIST, batches of 100, plain gradient descent, ten epochs (5,500 steps). No record is kept, no trial
is stopped, and there is nothing to go on from: that is what a loop by hand leaves out.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
import work

BATCH = 100
STARTED = time.time()


def arguments():
    """How many trials, and from which seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def draw(count: int, seed: int) -> list[dict]:
    """Configurations of the benchmark space."""
    random = np.random.default_rng(seed)

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(random.uniform(np.log(low), np.log(high))))

    return [
        {
            "hidden": tuple(map(int, str(random.choice(work.HIDDEN)).split(","))),
            "activation": str(random.choice(work.ACTIVATIONS)),
            "learning_rate": log_uniform(*work.LEARNING_RATE),
            "dropout": float(random.choice(work.DROPOUT)),
            "l2": log_uniform(*work.L2),
            "seed": number,
        }
        for number in range(count)
    ]


def finish(path: Path, peer: str, scores: list[float]) -> None:
    """Write the seconds since the start and the validation accuracy of each trial."""
    path.write_text(json.dumps({"peer": peer, "seconds": time.time() - STARTED, "trials": scores}))
