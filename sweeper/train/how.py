"""How the steps of a training are compiled: by XLA, as TensorFlow's graph, or first the one and then the other."""

from __future__ import annotations

XLA_FROM = 1500
"""Steps from which a program is compiled by XLA rather than run as TensorFlow's graph.

Measured on one core, 784-50-30-10, batch 100: a step takes 251 us against 328 (Adam 269 against 449); compiling takes
0.9 s against 0.1 the first time, and 0.2 s from then on (see ``kept``). It hangs on the configuration and the spec
alone, never on the clock or on what ran before, so that the same trial is compiled the same way and gives the same
bits.
"""


def is_xla(steps: int, step: int, graph_until: int) -> bool:
    """Whether the step after `step` is XLA's.

    Args:
        steps: of the whole training.
        step: that are done.
        graph_until: steps that are a graph's in any case (``TrialSpec.graph_until``).
    """
    return steps >= XLA_FROM and step >= graph_until
