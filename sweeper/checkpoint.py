"""A group's training in a file, from which it goes on to the last bit: whole or not at all, and without pickle.

It is one ``.npz``: what it is of as JSON, and the arrays. Whoever only wants to know what it is of reads that alone.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.system.files import atomic_write

ABOUT = "about"
"""The name of the array with the JSON, as bytes."""

NAMES = "arrays"
"""In the JSON, of the list of all other arrays."""


@dataclass(frozen=True, slots=True)
class SavedTrial:
    """A trial with members in the program.

    Attributes:
        key: names it.
        config: resolved, as plain values.
        running: it is neither stopped nor failed; one that is has its members trained on, unwatched.
        earlier: its places in other programs before this one.
    """

    key: str
    config: dict[str, Any]
    running: bool
    earlier: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class About:
    """What a checkpoint is of.

    Attributes:
        step: steps done.
        trials: in the program, in the order of their members.
        ground: whatever else the bits hang on: data, versions, machine.
        seconds: spent so far, as in ``TrialResult``.
        tallies: over how many steps each running mean is.
        jit: the program is compiled by XLA.
    """

    step: int
    trials: tuple[SavedTrial, ...]
    ground: dict[str, Any]
    seconds: dict[str, float]
    tallies: dict[str, int]
    jit: bool

    @property
    def running(self) -> list[SavedTrial]:
        """The trials that go on."""
        return [trial for trial in self.trials if trial.running]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> About:
        """Out of its plain values."""
        return cls(**{**values, "trials": tuple(SavedTrial(**trial) for trial in values["trials"])})


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What it is of, and everything that another step hangs on, by name."""

    about: About
    arrays: Mapping[str, npt.NDArray[Any]]


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the last one.

    Raises:
        OSError: it cannot be written; the last one is as it was.
    """
    about = json.dumps(asdict(checkpoint.about) | {NAMES: sorted(checkpoint.arrays)}).encode()
    with atomic_write(path, _draft(path)) as file:
        np.savez(file, allow_pickle=False, **{ABOUT: np.frombuffer(about, np.uint8)}, **checkpoint.arrays)


def read(path: Path) -> Checkpoint:
    """Read a checkpoint back.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is torn, or none of ours.
    """
    with _opened(path) as file:
        # The directory of a zip file is not part of its checks: a name may be missing without a sign.
        return Checkpoint(_about(file), {name: file[name] for name in _header(file)[NAMES]})


def read_about(path: Path) -> About:
    """What a checkpoint is of, without its arrays. Raises as ``read`` does."""
    with _opened(path) as file:
        return _about(file)


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two configurations are the same as plain values; JSON knows no tuples."""
    return _text(one) == _text(other)


def forget(path: Path) -> None:
    """Nobody needs it any more; it need not be there."""
    path.unlink(missing_ok=True)
    _draft(path).unlink(missing_ok=True)


def _draft(path: Path) -> Path:
    return path.with_suffix(".part")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(str(error)) from error
    # Whatever zipfile, zlib, NumPy and JSON may say of bytes that are not as they were written.
    except (
        OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, SyntaxError, MemoryError, OverflowError,
        RuntimeError, zipfile.BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        raise ValueError(f"{path.name} cannot be read: {error or type(error).__name__}") from error


def _about(file: Any) -> About:
    return About.of({name: value for name, value in _header(file).items() if name != NAMES})


def _header(file: Any) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(file[ABOUT].tobytes())
    return header


def _text(config: Mapping[str, Any]) -> str:
    return json.dumps(config, sort_keys=True)
