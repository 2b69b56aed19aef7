"""TensorFlow and Keras without their noise; every module of the trainer takes them from here.

Importing this runs no operation, so a fork server may preload it and its children still choose their threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sweeper.system.python import without
from sweeper.train import kept

OPTIONAL = ("IPython", "matplotlib", "pandas", "scipy", "sklearn")
"""What Keras imports where it is installed, for data and wrappers that the trainer does not use: half of its time."""

__all__ = ["keras", "muted", "tf", "threads", "versions"]


@contextmanager
def muted() -> Iterator[None]:
    """Send file descriptor 2 nowhere for a while: the C++ libraries write to it before any log level is read."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error to keep quiet
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def threads(count: int = 1) -> None:
    """Let TensorFlow use so many threads in this process; small networks are fastest with one a process.

    Raises:
        RuntimeError: TensorFlow has run an operation already, with another number.
    """
    if tf.config.threading.get_intra_op_parallelism_threads() != count:
        tf.config.threading.set_intra_op_parallelism_threads(count)
        tf.config.threading.set_inter_op_parallelism_threads(count)


def versions() -> dict[str, str]:
    """Versions of the libraries that shape the numbers of a training run."""
    import platform

    import numpy as np

    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
kept.use()
with muted(), without(OPTIONAL):
    import keras
    import tensorflow as tf

# A keras.json in the user's home may say otherwise, and the numbers would be others.
keras.config.set_floatx("float32")
keras.config.set_epsilon(1e-7)
