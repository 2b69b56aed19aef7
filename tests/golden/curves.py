"""Recorded training curves: a change of the trainer that changes a number has to say so.

Record them anew, after explaining why they changed, with ``python tests/golden/curves.py``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweeper.config.schema import Adam, Config, Cosine, Dataset, Init, Momentum, Validation
from sweeper.data import load
from sweeper.trial import EpochReport, StepReport, TrialSpec

FILE = Path(__file__).parent / "curves.json"
DIGITS = Config(dataset=Dataset(name="digits"), validation=Validation(size=300), validate_every=100, log_every=50)
CURVES = {
    # The tutorial's network and rule, as TensorFlow's graph.
    "tutorial": replace(DIGITS, steps=400),
    # The same through XLA.
    "compiled": replace(DIGITS, steps=1500, log_every=150, validate_every=300),
    # Everything else at once.
    "all knobs": replace(
        DIGITS,
        activation=("tanh", "gelu"),
        loss="full_cross_entropy",
        optimizer=Adam(clipnorm=1.0),
        learning_rate=0.003,
        lr_decay=Cosine(warmup_steps=20, final=0.1),
        dropout=(0.2, 0.1),
        input_dropout=0.1,
        l2=1e-4,
        l1=1e-5,
        init=Init(name="he_normal", bias=0.0),
        batch_size=64,
        steps=300,
        seed=3,
        batch_seed=4,
        repeats=2,
    ),
    "mse": replace(
        DIGITS, loss="mse", optimizer=Momentum(), activation="sigmoid", hidden=(30,), learning_rate=0.5, steps=300
    ),
}


def curve(config: Config) -> dict[str, Any]:
    """What training a configuration reports: losses of the steps, losses and accuracies of the validations."""
    from sweeper.train.loop import train

    events: list[Any] = []
    split = load(config.dataset, config.validation)
    (result,) = train([TrialSpec("golden", config.to_dict())], split, events.append, lambda: ())
    assert result.train is not None
    return {
        "train": [e.train.loss for e in events if isinstance(e, StepReport)],
        "validation": [e.validation.loss for e in events if isinstance(e, EpochReport)],
        "accuracy": [e.validation.accuracy for e in events if isinstance(e, EpochReport)],
        "final": result.train.loss,
    }


if __name__ == "__main__":
    from sweeper.train.quiet import threads

    threads(1)
    FILE.write_text(json.dumps({name: curve(config) for name, config in CURVES.items()}, indent=1) + "\n")
