"""The trials of a group side by side: which members are whose, and each one's settings as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.schema import Config, batch_size
from sweeper.config.weights import BALANCED, NONE, class_weights
from sweeper.data.split import Split
from sweeper.system.bits import pack
from sweeper.train.decay import learning_rates
from sweeper.train.machine import machine
from sweeper.train.network import Network, initial_weights
from sweeper.train.quiet import versions
from sweeper.train.resident import Resident
from sweeper.train.shape import InputDrop, Knobs, Shape
from sweeper.trial import Scores, TrialResult, TrialSpec, TrialStatus

Array = npt.NDArray[np.float32]

SPEED = 8e10
"""Operations a second and core, roughly."""

WORTH = 2.0
"""Seconds of work for ended trials that are left before a smaller program is made: twice what making one takes."""

WINDOW = 2**14
"""Steps whose learning rates are worked out in one go."""


@dataclass(eq=False)
class Lane:
    """One trial's place among the members.

    Attributes:
        spec: what was asked.
        config: its configuration.
        members: the numbers of its members in the group, one after another.
        validation: its last.
        correct: which validation examples each member had right then, packed; of numbers none.
        earlier: its places in other programs before this one (``place_of``).
        kept: as in ``TrialResult``.
    """

    spec: TrialSpec
    config: Config
    members: slice
    validation: Scores | None = None
    correct: tuple[str, ...] = ()
    earlier: list[dict[str, Any]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: TrialSpec) -> Lane:
        """A trial that has no place yet."""
        return cls(spec, Config.from_dict(spec.config), slice(0))

    def judged_by(self, objective: str, *, maximize: bool) -> None:
        """Stop early by another objective."""
        self.spec = replace(self.spec, objective=objective, maximize=maximize)

    @property
    def size(self) -> int:
        """How many members."""
        return self.config.repeats

    def scores(self, values: Mapping[str, npt.NDArray[np.floating]]) -> Scores:
        """Its own members' part of arrays [R], by name of the score."""
        own = {name: tuple(map(float, value[self.members])) for name, value in values.items()}
        return Scores(own.pop("loss"), own.pop("accuracy", ()), own)

    def bits(self, right: npt.NDArray[np.bool_]) -> tuple[str, ...]:
        """Its own members' part of right answers [N, R]: bits, packed, in base 64."""
        return tuple(map(pack, right.T[self.members]))


@dataclass
class Meter:
    """Means over the training batches since the last look, each member's own."""

    members: int
    steps: int = 0
    sums: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, 0)))

    def __post_init__(self) -> None:
        """Begin from nothing."""
        self.clear()

    def clear(self) -> None:
        """Forget what was added."""
        self.steps, self.sums = 0, np.zeros((2, self.members))

    def add(self, loss: Array, accuracy: npt.NDArray[np.floating]) -> None:
        """Take the batches of some steps, [K, R] each."""
        self.steps += len(loss)
        self.sums += np.stack([loss.sum(axis=0, dtype=np.float64), accuracy.sum(axis=0, dtype=np.float64)])

    def keep(self, members: npt.NDArray[np.integer]) -> None:
        """Go on with these members alone."""
        self.members, self.sums = len(members), self.sums[:, members]

    def means(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Loss and accuracy, [R] each."""
        loss, accuracy = self.sums / max(1, self.steps)
        return loss, accuracy


class Rates:
    """Learning rates of all members, worked out for a window of steps at a time: runs may be of any length.

    Args:
        group: the trials whose members they are.
        steps: of the whole run.
    """

    def __init__(self, group: Sequence[Lane], steps: int) -> None:
        """None is known yet."""
        self._group, self._steps = group, steps
        self._start, self._held = 0, np.zeros((0, 0), np.float32)

    def take(self, start: int, stop: int) -> Array:
        """The learning rates of steps `start` to `stop` (not included), [stop - start, R]."""
        if not self._start <= start <= stop <= self._start + len(self._held):
            end = max(stop, min(start + WINDOW, self._steps))
            each = [r for x in self._group for r in [learning_rates(x.config, self._steps, start, end)] * x.size]
            self._start, self._held = start, np.stack(each, axis=1)
        return self._held[start - self._start : stop - self._start]


def lanes(specs: Sequence[TrialSpec]) -> list[Lane]:
    """A place for each trial, in order."""
    return place(map(Lane.of, specs))


def place(members_of: Iterable[Lane]) -> list[Lane]:
    """Number the members of these lanes from 0, in order."""
    placed, start = list(members_of), 0
    for lane in placed:
        lane.members = slice(start, start + lane.size)
        start += lane.size
    return placed


def size(group: Sequence[Lane]) -> int:
    """R."""
    return sum(lane.size for lane in group)


def widths(config: Config, split: Split) -> tuple[int, ...]:
    """F, the units of each layer, C."""
    return (split.features, *config.hidden, split.outputs)


def shape(group: Sequence[Lane], data: Resident, *, jit: bool) -> Shape:
    """The program that these trials need; hidden layers without dropout and weights without penalty cost nothing."""
    config, size_ = group[0].config, len(data.train)
    batch = batch_size(config, size_)
    hidden = zip(*(lane.config.activations for lane in group), strict=True)
    return Shape(
        widths=widths(config, data.split),
        blank=data.blank,
        activations=(*(tuple(sorted(set(names))) for names in hidden), (config.output_activation,)),
        loss=config.loss,
        optimizer=config.optimizer,
        members=size(group),
        batch=batch,
        whole=batch == size_,
        dropout=any(rate for lane in group for rate in lane.config.dropouts),
        input_dropout=_input_drop({lane.config.input_dropout for lane in group}),
        penalty=any(lane.config.l2 or lane.config.l1 for lane in group),
        packed=bool(data.top),
        jit=jit,
        weighted=any(lane.config.class_weight != NONE for lane in group),
        numbers=data.split.target is not None,
    )


def place_of(lane: Lane, shape: Shape) -> dict[str, Any]:
    """Everything in which two programs of one structure may differ, and a trial's place in one, as plain values.

    The last bit of a member's numbers depends on these and not on what the other members are
    (``config.structure.companions`` makes some that will do). Where the group shrank on the way, ``earlier`` has the
    places from before, each with the step that it was left after.
    """
    return (
        {
            "members": shape.members,
            "first": lane.members.start,
            "dropout": shape.dropout,
            "input_dropout": shape.input_dropout,
            "penalty": shape.penalty,
            "jit": shape.jit,
            "activations": [list(names) for names in shape.activations[:-1]],
        }
        | ({"weighted": True} if shape.weighted else {})
        | ({"earlier": lane.earlier} if lane.earlier else {})
    )


def result(
    lane: Lane, shape: Shape, step: int, seconds: dict[str, float], parameters: int, split: Split
) -> TrialResult:
    """A trial's result after `step` steps, without its scores."""
    return TrialResult(
        lane.spec.key,
        TrialStatus.FINISHED,
        step,
        seconds=seconds,
        group=shape.members,
        place=place_of(lane, shape),
        parameters=parameters,
        data=split.facts,
        versions=versions(),
        machine=machine(),
    )


def shrinks(shape: Shape, left: int, steps: int) -> bool:
    """Whether a program for the members that are left is worth making, with so many steps to go."""
    idle = steps * (shape.members - left) * shape.operations / SPEED
    return 2 * left <= shape.members and idle >= WORTH


def move(group: Sequence[Lane], shape: Shape, step: int) -> None:
    """Number the members of trials that go on without the others of their program, after some step."""
    for lane in group:
        now = {key: value for key, value in place_of(lane, shape).items() if key != "earlier"}
        lane.earlier = [*lane.earlier, now | {"until": step}]
    place(group)


def knobs(group: Sequence[Lane], shape: Shape, split: Split) -> Knobs:
    """Each member's own settings."""
    configs = [lane.config for lane in group for _ in range(lane.size)]
    choices = [[names.index(c.activations[n]) for c in configs] for n, names in enumerate(shape.activations[:-1])]
    return Knobs(
        dropout=np.array([(c.input_dropout, *c.dropouts) for c in configs], np.float32).T,
        l2=np.array([c.l2 for c in configs], np.float32),
        l1=np.array([c.l1 for c in configs], np.float32),
        choices=np.array(choices, np.int32).reshape(-1, len(configs)),
        weights=np.array([weights(c.class_weight, split) if shape.weighted else () for c in configs], np.float32),
    )


def weights(text: str, split: Split) -> npt.NDArray[np.float64]:
    """What each class counts in the loss, [C].

    Balanced is scikit-learn's: N / (C * examples of the class), by the training part.
    """
    count = len(split.classes)
    if text == BALANCED:
        sizes = np.bincount(split.train_labels.astype(np.int64), minlength=count)
        return len(split.train_labels) / (count * np.maximum(sizes, 1))
    named = class_weights(text)
    return np.array([named.get(name, 1.0) for name in split.classes])


def first_weights(group: Sequence[Lane], data: Resident) -> list[Array]:
    """Initial weights of all members, as the network holds them."""
    return Network.stack(
        [
            initial_weights(lane.config.init, widths(lane.config, data.split), seed)
            for lane in group
            for seed in lane.config.seeds
        ],
        data.columns,
        data.blank,
    )


def _input_drop(rates_of: set[float]) -> InputDrop:
    if rates_of == {0.0}:
        return "none"
    return "shared" if len(rates_of) == 1 else "own"
