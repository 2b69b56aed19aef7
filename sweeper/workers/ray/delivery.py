"""Training and validation data on their way to the nodes: to each once, by what they are. The test part stays here."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sweeper.config.schema import Config, Dataset, Validation
from sweeper.data import load
from sweeper.data.split import Split
from sweeper.system.files import write_whole
from sweeper.trial import TrialSpec

KEPT = 2
"""Data sets that the driver keeps in the cluster's memory, the last ones that were used."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Data that a group needs.

    Attributes:
        name: of the file on the node; the same for the same data.
        box: one reference to the data in the cluster's memory, in a list so that Ray does not fetch it by itself.
    """

    name: str
    box: list[Any]


class Deliveries:
    """The driver's side: reads data, and puts them into the cluster's memory."""

    def __init__(self) -> None:
        """Nothing is read."""
        self._kept: dict[str, Delivery] = {}

    def of(self, spec: TrialSpec) -> Delivery:
        """What a trial is trained on.

        Raises:
            InputError: the data are not there, or damaged.
        """
        import ray

        config = Config.from_dict(spec.config)
        name = _name(config.dataset, config.validation, spec.data_digest)
        if name not in self._kept:
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            split = load(config.dataset, config.validation, spec.data_digest)
            self._kept[name] = Delivery(name, [ray.put(split)])
        return self._kept[name]


def unpack(delivery: Delivery, folder: Path) -> None:
    """The node's side: keep the data in a file, unless a worker of this node has done so.

    Raises:
        OSError: it cannot be written.
    """
    import ray

    path = folder / delivery.name
    if not path.exists():
        write_whole(path, pickle.dumps(ray.get(delivery.box[0]), protocol=5))


@dataclass(frozen=True, slots=True)
class Delivered:
    """The worker's side: data as they were unpacked on this node.

    Attributes:
        folder: where.
    """

    folder: str

    def __call__(self, dataset: Dataset, validation: Validation, refit: bool, digest: str) -> Split:
        """The data of a configuration, with all that is not sealed in one part for a refit."""
        return _read(str(Path(self.folder) / _name(dataset, validation, digest)), refit)


@lru_cache(maxsize=2)
def _read(path: str, refit: bool) -> Split:
    split: Split = pickle.loads(Path(path).read_bytes())  # noqa: S301 - from our driver
    return split.joined() if refit else split


def _name(dataset: Dataset, validation: Validation, digest: str) -> str:
    text = json.dumps([asdict(dataset), asdict(validation), digest], sort_keys=True, default=str)
    return f"data-{hashlib.sha256(text.encode()).hexdigest()[:32]}.pickle"
