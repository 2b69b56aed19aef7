"""Small splits, and a trainer call that says no more than a test needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from sweeper.config.schema import Config, Dataset, Validation
from sweeper.data import load
from sweeper.data.split import Split, Target
from sweeper.trial import EpochReport, StepReport, TrialResult, TrialSpec


@dataclass
class Run:
    """What a group came to: its results in order, and everything that was reported."""

    results: list[TrialResult]
    events: list[StepReport | EpochReport | TrialResult] = field(default_factory=list)

    def of(self, kind: type, key: str = "0") -> list:
        return [event for event in self.events if isinstance(event, kind) and event.key == key]


def run(
    split: Split,
    configs: Sequence[Config],
    *,
    model_dir: str = "",
    until: Sequence[int] = (),
    marks: tuple[int, ...] = (),
    graph_until: int = 0,
    stopped: Callable[[list], Collection[str]] = lambda _events: (),
) -> Run:
    """Train a group whose trials are called "0", "1", ..."""
    from sweeper.train.loop import train

    events: list[StepReport | EpochReport | TrialResult] = []
    specs = [
        TrialSpec(
            str(n),
            config.to_dict(),
            model_dir=model_dir and f"{model_dir}/{n}",
            until=until[n] if until else 0,
            marks=marks,
            graph_until=graph_until,
        )
        for n, config in enumerate(configs)
    ]
    return Run(train(specs, split, events.append, lambda: stopped(events)), events)


@pytest.fixture(scope="session")
def digits() -> Split:
    return load(Dataset(name="digits"), Validation(size=300))


@pytest.fixture(scope="session")
def blobs() -> Split:
    """Four classes, seven features that are no whole numbers, 90 examples to train on."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(4, 7))
    labels = random.integers(0, 4, 130)
    features = (centres[labels] + random.normal(size=(130, 7))).astype(np.float32)
    return Split(
        "blobs", "0" * 64, features[:90], labels[:90], features[90:], labels[90:], tuple("abcd"), (7,), test_size=0
    )


@pytest.fixture(scope="session")
def numbers(blobs: Split) -> Split:
    """The blobs' features, with a number to predict."""
    weights = np.linspace(-1, 1, 7)
    train, validation = blobs.train @ weights + 40, blobs.validation @ weights + 40
    return replace(
        blobs, name="numbers", digest="2" * 64, train_labels=train, validation_labels=validation, classes=(),
        target=Target.of("number", train),
    )  # fmt: skip


@pytest.fixture(scope="session")
def patchy(blobs: Split) -> Split:
    """The blobs' features among others that are 0 in every example, and four that are 0 in training alone."""
    random = np.random.default_rng(6)
    places = random.choice(40, 11, replace=False)
    train, validation = np.zeros((90, 40), np.float32), np.zeros((40, 40), np.float32)
    train[:, places[:7]], validation[:, places[:7]] = blobs.train, blobs.validation
    validation[:, places[7:]] = random.normal(size=(40, 4))
    return replace(blobs, name="patchy", digest="1" * 64, train_held=train, validation_held=validation, shape=(40,))


@pytest.fixture
def small() -> Config:
    """A network for blobs that trains in no time."""
    return Config(hidden=(6, 5), batch_size=20, steps=12, log_every=4, validate_every=6, dataset=Dataset(name="npz"))


@pytest.fixture
def at_every_step(monkeypatch):
    """Checkpoints as often as they are asked for, however long they take to write."""
    from sweeper.train import saving

    monkeypatch.setattr(saving, "SHARE", 0.0)


@pytest.fixture(scope="session")
def folded(blobs):
    """The blobs in three folds, of which the last has fewer examples to train on."""
    features, labels = (
        np.concatenate([blobs.train, blobs.validation]),
        np.r_[blobs.train_labels, blobs.validation_labels],
    )
    parts = []
    for taken in (np.arange(0, 40), np.arange(40, 80), np.arange(80, 130)):
        rest = np.setdiff1d(np.arange(130), taken)
        shift = features[rest].mean(axis=0)
        parts.append(
            replace(
                blobs,
                train_held=features[rest] - shift,
                train_labels=labels[rest],
                validation_held=features[taken] - shift,
                validation_labels=labels[taken],
            )
        )
    return replace(blobs, train_held=features, train_labels=labels, folds=tuple(parts))
