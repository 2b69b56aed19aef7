"""Checkpoints of a group while it trains: when one is due, what is in it, and whether one that is there will do."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper import checkpoint
from sweeper.checkpoint import About, Checkpoint, SavedTrial
from sweeper.data.split import Split
from sweeper.train.early import Early
from sweeper.train.group import Lane, Meter
from sweeper.train.machine import machine
from sweeper.train.program import Program
from sweeper.train.quiet import versions
from sweeper.train.shape import Array
from sweeper.trial import TrialSpec

SHARE = 20.0
"""So many times as long as a checkpoint took to write is trained before the next: it costs a twentieth at most."""


_CURVES = ("steps", "seconds", "scores")


@dataclass
class Curves:
    """Every validation so far, of all members.

    Attributes:
        steps: done at each.
        seconds: of training at each.
        scores: the two scores of training, then those of the validation, [K, R] each (``judging.Judge``).
    """

    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    scores: list[npt.NDArray[np.float64]] = field(default_factory=list)

    @classmethod
    def of(cls, found: Checkpoint) -> Curves:
        """Those of a checkpoint."""
        return cls(*(list(found.arrays[name]) for name in _CURVES))

    def add(self, step: int, seconds: float, scores: Sequence[npt.NDArray[np.floating]]) -> None:
        """Another one, its scores [R] each."""
        self.steps.append(step)
        self.seconds.append(seconds)
        self.scores.append(np.array(scores, np.float64))

    def keep(self, members: npt.NDArray[np.integer]) -> None:
        """Go on with these members alone."""
        self.scores = [some[:, members] for some in self.scores]


class Saver:
    """Keeps a group's training in a file from time to time, where its specs name one.

    Args:
        group: what is trained.
        split: their data.
    """

    def __init__(self, group: Sequence[TrialSpec], split: Split) -> None:
        """The time until the first one begins."""
        first = group[0]
        self._group, self._split = group, split
        self._path = Path(first.checkpoint) if first.checkpoint else None
        self._every = first.checkpoint_every
        self._next = time.perf_counter() + self._every

    @cached_property
    def ground(self) -> dict[str, Any]:
        """What the bits hang on apart from the trials."""
        return {
            "trainer": _trainer(),
            "versions": versions(),
            "machine": machine(),
            "data": f"{self._split.digest} {self._split.sealed}".strip(),
            "refit": self._group[0].refit,
        }

    @property
    def due(self) -> bool:
        """Whether it is time for the next one."""
        return self._path is not None and time.perf_counter() >= self._next

    def save(self, saved: Checkpoint) -> str:
        """Write one; what a person should know where it cannot be written: training goes on all the same.

        Then the last one is as it was, and the next is due in a while.
        """
        assert self._path is not None
        begun = time.perf_counter()
        try:
            checkpoint.write(self._path, saved)
        except OSError as error:
            return f"no checkpoint can be written: {error}"
        finally:
            now = time.perf_counter()
            self._next = now + max(self._every, SHARE * (now - begun))
        return ""

    def find(self) -> Checkpoint | None:
        """The one that is there; None where there is none.

        Raises:
            ValueError: it is torn, or of something else.
        """
        if self._path is None:
            return None
        try:
            found = checkpoint.read(self._path)
        except FileNotFoundError:
            return None
        for name, now in self.ground.items():
            if found.about.ground.get(name) != now:
                raise ValueError(f"its {name} is not what it was: {found.about.ground.get(name)}, and now {now}")
        running = found.about.running
        if len(running) != len(self._group) or not all(map(_is_of, running, self._group)):
            raise ValueError("it is of other trials")
        return found


def packed(about: About, program: Program, curves: Curves, meters: tuple[Meter, Meter], early: Early) -> Checkpoint:
    """Everything that the next step of a training hangs on; `meters` since the last report and validation."""
    tallied = dict(zip(("report", "validation"), meters, strict=True))
    arrays: dict[str, npt.NDArray[Any]] = {name: meter.sums for name, meter in tallied.items()}
    arrays |= {f"state{n}": part for n, part in enumerate(program.state())}
    arrays |= {name: np.array(getattr(curves, name)) for name in _CURVES}
    weights = np.array(len(program.network.variables))
    tallies = {name: meter.steps for name, meter in tallied.items()}
    return Checkpoint(replace(about, tallies=tallies), {**arrays, **early.arrays(), "weights": weights})


def state_of(found: Checkpoint) -> tuple[list[Array], int]:
    """The state of the program, and how many of its arrays, the first ones, are weights."""
    count = sum(name.startswith("state") for name in found.arrays)
    return [found.arrays[f"state{n}"] for n in range(count)], int(found.arrays["weights"])


def untallied(found: Checkpoint) -> tuple[Meter, Meter]:
    """The meters that ``packed`` was given."""
    meters = []
    for name in ("report", "validation"):
        sums = found.arrays[name]
        meter = Meter(sums.shape[1])
        meter.steps, meter.sums = found.about.tallies[name], sums
        meters.append(meter)
    return meters[0], meters[1]


def saved_lanes(found: Checkpoint, lanes: Sequence[Lane]) -> list[Lane]:
    """The lanes of a checkpoint's program: those that go on, and between them those that have ended before."""
    going_on, like = iter(lanes), lanes[0].spec
    found_lanes = []
    for trial in found.about.trials:
        lane = next(going_on) if trial.running else Lane.of(replace(like, key=trial.key, config=trial.config))
        lane.earlier = list(trial.earlier)
        found_lanes.append(lane)
    return found_lanes


def saved_trials(lanes: Sequence[Lane], active: Sequence[Lane]) -> tuple[SavedTrial, ...]:
    """A program's lanes for a checkpoint."""
    return tuple(SavedTrial(lane.spec.key, lane.spec.config, lane in active, lane.earlier) for lane in lanes)


def goes_on(step: int, steps: int) -> str:
    """What is said where training goes on from a checkpoint."""
    return f"training goes on from step {step:,} of {steps:,}"


def no_use(error: ValueError) -> str:
    """What is said of a checkpoint that will not do."""
    return f"a checkpoint is of no use, and the training begins again: {error}"


@cache
def _trainer() -> str:
    """SHA-256 of the trainer's own code, which a version does not tell apart."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _is_of(trial: SavedTrial, spec: TrialSpec) -> bool:
    return checkpoint.same(trial.config, spec.config)
