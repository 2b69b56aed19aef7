"""Early stopping: each member keeps the weights of its best validation, and stops by itself (Prechelt 1998)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.train.group import Lane, size
from sweeper.train.network import Network
from sweeper.trial import Scores

_PREFIX = "early."
"""Before the names of its arrays in a checkpoint."""

Measures = Mapping[str, npt.NDArray[np.floating]]
"""What trials may stop by, [R] each, by the name of the objective."""

_PARTS = ("ranks", "waited", "steps", "scores", "right")


class Early:
    """What the members of a program have had as their best validation, and which of them have stopped.

    A member of a trial without ``stop_after`` never stops, and nothing of it is kept.

    Args:
        lanes: the trials with members in the program.

    Attributes:
        stopped: members that had no gain in as many validations as they wait for, [R].
        steps: done at each member's best validation, [R].
    """

    def __init__(self, lanes: Sequence[Lane]) -> None:
        """Nobody has been validated."""
        members = size(lanes)
        self._lanes = lanes
        self._patience = np.repeat([lane.config.stop_after for lane in lanes], [lane.size for lane in lanes])
        self._ranks, self._waited = np.full(members, -np.inf), np.zeros(members, np.int64)
        self.steps = np.zeros(members, np.int64)
        self._scores = np.zeros((0, members))
        self._right = np.zeros((0, members), np.bool_)
        self._weights: list[npt.NDArray[np.float32]] = []

    @property
    def stopped(self) -> npt.NDArray[np.bool_]:
        """See the class."""
        return np.asarray((self._patience > 0) & (self._waited >= self._patience))

    def add(
        self,
        step: int,
        measures: Measures,
        scores: npt.NDArray[np.float64],
        right: npt.NDArray[np.bool_],
        network: Network,
    ) -> None:
        """Another validation.

        Args:
            step: steps done.
            measures: what trials may stop by, [R] each, by name.
            scores: to keep beside the weights, [K, R].
            right: which validation examples members have right, [N, R].
            network: of the members.
        """
        if not self._patience.any():
            return
        ranks = np.concatenate([_ranks(lane, measures) for lane in self._lanes])
        waiting = (self._patience > 0) & ~self.stopped
        better = waiting & (ranks > self._ranks)
        self._waited[waiting & ~better] += 1
        self._waited[better] = 0
        if not better.any():
            return
        if not self._weights:
            self._weights = [np.zeros(variable.shape, np.float32) for variable in network.variables]
            self._right, self._scores = np.zeros(right.shape, np.bool_), np.zeros(scores.shape)
        self._ranks[better], self.steps[better] = ranks[better], step
        self._scores[:, better] = scores[:, better]
        self._right[:, better] = right[:, better]
        for kept, variable in zip(self._weights, network.variables, strict=True):
            kept[better] = variable.numpy()[better]

    def held(self, scores: Sequence[npt.NDArray[np.floating]]) -> npt.NDArray[np.float64]:
        """Scores [K, R], those of members that have stopped as they were at their best validation."""
        now = np.array(scores, np.float64)
        return np.where(self.stopped, self._scores, now) if len(self._scores) else now

    def has_stopped(self, lane: Lane) -> bool:
        """Whether all members of a trial have."""
        return bool(self.stopped[lane.members].all())

    def settle(self, lane: Lane, read: Callable[[Lane, npt.NDArray[np.float64]], tuple[Scores, Scores]]) -> None:
        """Give a trial that has ended the validation that its kept weights had, as `read` makes it of the scores."""
        if not lane.config.stop_after or not self._weights:
            return
        lane.validation = read(lane, self._scores)[1]
        lane.correct = lane.bits(self._right) if len(self._right) else ()
        by = {"objective": lane.spec.objective, "maximize": lane.spec.maximize}
        lane.kept = by | {"steps": self.steps[lane.members].tolist()}

    @contextmanager
    def best(self, lanes: Iterable[Lane], network: Network) -> Iterator[None]:
        """The members of some trials with the weights that they keep, as long as it lasts."""
        chosen = np.zeros(len(self._patience), np.bool_)
        for lane in lanes:
            chosen[lane.members] = lane.config.stop_after > 0
        if not self._weights or not chosen.any():
            yield
            return
        now = [variable.numpy() for variable in network.variables]
        for variable, current, kept in zip(network.variables, now, self._weights, strict=True):
            variable.assign(np.where(chosen[:, None, None], kept, current))
        yield
        for variable, current in zip(network.variables, now, strict=True):
            variable.assign(current)

    def keep(self, members: npt.NDArray[np.integer], lanes: Sequence[Lane]) -> None:
        """Go on with these members alone, of these trials."""
        self._lanes, self._patience = lanes, self._patience[members]
        self._ranks, self._waited, self.steps = (x[members] for x in (self._ranks, self._waited, self.steps))
        self._scores, self._right = self._scores[:, members], self._right[:, members]
        self._weights = [part[members] for part in self._weights]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Everything for a checkpoint, by name; nothing where nobody may stop."""
        if not self._patience.any():
            return {}
        parts = (self._ranks, self._waited, self.steps, self._scores, self._right)
        named = dict(zip(_PARTS, parts, strict=True)) | {f"weights{n}": part for n, part in enumerate(self._weights)}
        return {_PREFIX + name: part for name, part in named.items()}

    def restore(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Be what ``arrays`` gave."""
        if f"{_PREFIX}ranks" not in arrays:
            return
        self._ranks, self._waited, self.steps, self._scores, self._right = (arrays[_PREFIX + name] for name in _PARTS)
        count = sum(name.startswith(f"{_PREFIX}weights") for name in arrays)
        self._weights = [arrays[f"{_PREFIX}weights{n}"] for n in range(count)]


def _ranks(lane: Lane, measures: Measures) -> npt.NDArray[np.floating]:
    """The ranks of a trial's members, [repeats]: the better, the higher."""
    if not lane.config.stop_after:
        return np.zeros(lane.size)
    mine = measures[lane.spec.objective][lane.members]
    return np.nan_to_num(mine if lane.spec.maximize else -mine, nan=-np.inf)
