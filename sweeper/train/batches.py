"""Which examples are in which batch, and the keys of the dropout noise: both from the batch seed alone.

Any step's batch can be asked for without going through those before it, so a run that was cut off
goes on with the numbers that it would have had.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class BatchOrder:
    """Permutations of the examples, one an epoch, laid end to end and cut into batches.

    A batch that straddles two epochs takes the last examples of one and the first of the next, so every
    batch is whole and every example is seen once an epoch.

    Args:
        seed: the batch seed; all members of a group share it.
        examples: N.
        batch: B.
    """

    def __init__(self, seed: int, examples: int, batch: int) -> None:
        self._seed, self._examples, self._batch = seed, examples, batch
        self._held: tuple[int, npt.NDArray[np.int32]] = (-1, np.empty(0, np.int32))

    def take(self, start: int, stop: int) -> npt.NDArray[np.int32]:
        """Indices of the examples of steps `start` to `stop` (not included), [stop - start, B]."""
        at, end = start * self._batch, stop * self._batch
        pieces: list[npt.NDArray[np.int32]] = []
        while at < end:
            epoch, offset = divmod(at, self._examples)
            pieces.append(self._epoch(epoch)[offset : offset + end - at])
            at += len(pieces[-1])
        return np.concatenate(pieces).reshape(-1, self._batch)

    def _epoch(self, epoch: int) -> npt.NDArray[np.int32]:
        if self._held[0] != epoch:
            generator = np.random.default_rng([self._seed, epoch])
            self._held = (epoch, generator.permutation(self._examples).astype(np.int32))
        return self._held[1]


def mix(bits: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Scramble 32-bit words, one to one: Chris Wellons' ``lowbias32`` (hash-prospector, 2018)."""
    bits = (bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB352D)
    bits = (bits ^ (bits >> np.uint32(15))) * np.uint32(0x846CA68B)
    return bits ^ (bits >> np.uint32(16))


def noise_keys(seed: int, start: int, stop: int, layers: int) -> npt.NDArray[np.uint32]:
    """The key of each step's and layer's dropout noise, [stop - start, layers]."""
    root = np.random.SeedSequence(seed).generate_state(1)
    steps = mix(np.arange(start, stop, dtype=np.uint32) + root)
    return mix(steps[:, None] + np.arange(1, layers + 1, dtype=np.uint32) * np.uint32(0x9E3779B9))
