"""The test split: the only package that opens it.

Whatever holds test rows is opened here, in modules that nothing else imports. ``training`` gives what is not
sealed; ``evaluate`` alone reaches the rest, and writes into the ledger before it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.config.schema import Dataset, Validation
from sweeper.data import ledger as books
from sweeper.data.catalog import KNOWN, known
from sweeper.errors import InputError

if TYPE_CHECKING:
    from sweeper.data.raw import Raw
    from sweeper.data.split import Examples, Labels

    Score = Callable[[Examples, Labels], dict[str, float]]
    Test = Callable[[], tuple[Examples, Labels]]

TEST_FILES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def training(dataset: Dataset) -> Raw:
    """The rows of a data set that are not sealed.

    Raises:
        InputError: there is no such data set, or its files are absent, damaged or of another content.
    """
    from sweeper.data.sealed._open import source

    return source(dataset).training


def evaluate(
    dataset: Dataset,
    validation: Validation,
    *,
    ledger: Path,
    who: str,
    run: str,
    config_digest: str,
    score: Score,
    data_digest: str = "",
) -> dict[str, Any]:
    """Open the test split once, score a configuration on it, and keep both in the ledger.

    The line "opened" is on disk before a test row is to be had: a look that crashed was still a look. (Of a set in
    one piece the file holds both parts, so its test rows pass through memory whenever it is read; they go no further.)

    Args:
        dataset: of the run.
        validation: of the run; features are made with the transform that was fitted to its training split.
        ledger: path of the ledger.
        who: who asks, as ``ledger.who()`` gives it.
        run: the run's id.
        config_digest: ``Config.digest`` of the run.
        score: from features [N, F] and labels [N] to named numbers.
        data_digest: of the data that the run was trained on; "" for any.

    Returns:
        The ledger's line "result": ``result`` (what `score` gave), ``data``, ``look`` (the how-manieth look
        at this test split it was), ``examples``, ``when``, ``who``, ``run``, ``config_digest``.

    Raises:
        InputError: the data are not there or are not those of the run, or the ledger cannot be written; nothing
            was opened.
    """
    raw, test = _prepared(dataset, validation, data_digest)
    data = {"name": raw.name, "digest": raw.digest}
    facts: dict[str, Any] = {"who": who, "run": run, "config_digest": config_digest, "data": data}
    facts["look"] = _look(ledger, books.append(ledger, {"event": "opened", **facts}))
    try:
        features, labels = test()
        result = score(features, labels)
    except BaseException as error:
        books.append(ledger, {"event": "failed", **facts, "why": f"{type(error).__name__}: {error}"})
        raise
    return books.append(ledger, {"event": "result", **facts, "examples": len(labels), "result": result})


def files(name: str) -> dict[str, str]:
    """SHA-256 of each uncompressed file of a data set, the sealed ones too, by name; for ``fetch`` and ``verify``."""
    entry = known(name)
    return entry.files | dict(zip(TEST_FILES, entry.sealed, strict=False))


def recorded(ledger: Path, run: str, config_digest: str) -> dict[str, Any] | None:
    """The last result of this run and configuration, as ``evaluate`` returned it; opens no data."""
    asked = (
        entry
        for entry in reversed(books.entries(ledger))
        if (entry.get("event"), entry.get("run"), entry.get("config_digest")) == ("result", run, config_digest)
    )
    return next(asked, None)


def looks(ledger: Path, digest: str) -> int:
    """How often the test split of the data with this digest was opened."""
    return sum(_opens(entry, digest) for entry in books.entries(ledger))


def _prepared(dataset: Dataset, validation: Validation, digest: str) -> tuple[Raw, Test]:
    """Everything that can go wrong before the ledger is written: the data, their digest, their division."""
    from sweeper.data.loader import divide
    from sweeper.data.sealed._open import source

    opened = source(_meant(dataset, digest))
    if digest and opened.training.digest != digest:
        raise _other_data(opened.training, digest)
    transform = divide(opened.training, dataset, validation).transform

    def test() -> tuple[Examples, Labels]:
        values, labels = opened.test()
        return transform(values), labels

    return opened.training, test


def _meant(dataset: Dataset, digest: str) -> Dataset:
    """A run of ``mnist`` that fell back on ``mnist_5k`` stays with it when the full set has come since."""
    fell_back = dataset.name == "mnist" and digest == KNOWN["mnist_5k"].digest
    return replace(dataset, name="mnist_5k") if fell_back else dataset


def _look(ledger: Path, opened: dict[str, Any]) -> int:
    """The number of this opening among those of the same data, however many others are opening them now."""
    digest, before = opened["data"]["digest"], 0
    for entry in books.entries(ledger):
        before += _opens(entry, digest)
        if entry["hash"] == opened["hash"]:
            break
    return before


def _opens(entry: dict[str, Any], digest: str) -> bool:
    data = entry.get("data")
    return entry.get("event") == "opened" and isinstance(data, dict) and data.get("digest") == digest


def _other_data(raw: Raw, expected: str) -> InputError:
    return InputError(
        f"the run was trained on data with the digest {expected[:12]}, and {raw.name} here has {raw.digest[:12]}",
        hint="a test split belongs to its training data; put those data back",
        key="dataset.name",
    )
