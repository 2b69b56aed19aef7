"""``sweeper init``: a folder of configuration to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from sweeper.errors import InputError, SweeperError

FILES = {
    "config.yaml": """\
# What every run of this folder begins from; the command line overrules it. Every key: docs/reference/config.md.
# Look at the outcome with: sweeper config --config-dir {folder}
defaults:
  - optimizer: sgd   # adam, momentum, rmsprop, ...
  - lr_decay: none   # exponential, cosine, ...
  - init: truncated_normal
  - dataset: mnist   # mnist_5k, fashion_mnist, digits, diabetes; csv, parquet, npz or npy of your own
  - _self_           # what is below overrules what is above

# dataset:
#   path: my.csv     # with dataset: csv above: a table with a header,
#   target: label    # and the column to predict

hidden: [50, 30]
activation: relu
learning_rate: 0.1
steps: 5000
""",
    "space/mine.yaml": """\
# What a search tries: sweeper tune --config-dir {folder} --space mine
# Each line is a key and a sweep, as on the command line.
activation: relu,tanh
learning_rate: tag(log,interval(1e-3,1))
dropout: interval(0,0.5)
# hidden: choice([50],[100,30])
# hidden.depth: interval(1,3)                  # or: so many layers ...
# hidden.width: tag(log,int(interval(16,256))) # ... each of a width of its own
""",
    "question/mine.yaml": """\
# A question: sweeper explore mine --config-dir {folder}
title: Is tanh better than ReLU here?
scientific:            # what is compared
  activation: relu,tanh
nuisance:              # what is tuned for each, so that the comparison is fair
  learning_rate: tag(log,interval(1e-3,1))
budget: 24             # trials of that search, over all conditions
repeats: 5             # fresh seeds at the end, shared by all
fixed: [steps=1000]
""",
}


def begin(folder: Path) -> dict[str, Any]:
    """Write the files that are not there yet.

    Returns:
        ``written`` and ``kept``: paths; ``commands`` that use them.

    Raises:
        InputError: it is no folder.
        SweeperError: it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file", hint="name a folder", key="folder")
    paths = {name: folder / name for name in FILES}
    kept = [path for path in paths.values() if path.exists()]
    try:
        for name, path in paths.items():
            if path not in kept:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8") as file:
                    file.write(FILES[name].replace("{folder}", shlex.quote(str(folder))))
    except OSError as error:
        raise SweeperError(f"{error.filename} cannot be written: {error.strerror}") from error
    own = ["--config-dir", str(folder)]
    return {
        "written": [str(path) for path in paths.values() if path not in kept],
        "kept": [str(path) for path in kept],
        "commands": [
            shlex.join(["sweeper", *words, *own])
            for words in (["config"], ["run"], ["tune", "--space", "mine"], ["explore", "mine"])
        ],
    }
