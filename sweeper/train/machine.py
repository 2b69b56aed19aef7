"""What this process trains on: the processor, and the one GPU that is its own, where there are any."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from sweeper.system.process import PLACE
from sweeper.train.quiet import tf


@cache
def machine() -> dict[str, str]:
    """What else shapes the last bit of this process's numbers.

    Returns:
        ``cpu``; ``system``; ``threads``, how many share a sum; ``gpu``, where this process trains on one.
    """
    threads = tf.config.threading.get_intra_op_parallelism_threads()
    return {
        "cpu": _processor() or platform.processor() or platform.machine(),
        "system": platform.platform(),
        "threads": str(threads or os.environ.get("TF_NUM_INTRAOP_THREADS", "all")),
    } | ({"gpu": gpu} if (gpu := own_gpu()) else {})


@cache
def own_gpu() -> str:
    """Take one GPU for this process, before it runs any operation; its name, empty where there is none to be seen.

    Processes of one pool take the GPUs by turns. Memory is taken as it is needed, so that two can share one.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return ""
    own = gpus[int(os.environ.get(PLACE, "0")) % len(gpus)]
    with suppress(RuntimeError):  # something ran before, in the process of a person's own; then it has what it has
        tf.config.set_visible_devices(own, "GPU")
        tf.config.experimental.set_memory_growth(own, True)
    return str(tf.config.experimental.get_device_details(own).get("device_name", own.name))


@contextmanager
def memory_errors() -> Iterator[None]:
    """Have what TensorFlow raises for want of memory raised as Python does.

    Raises:
        MemoryError: there is less than was asked for.
    """
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError(str(error).splitlines()[0]) from error


def _processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
