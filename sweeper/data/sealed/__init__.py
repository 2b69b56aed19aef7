"""The test split: the only package that opens it.

Whatever holds test rows is opened here, in modules that nothing else imports. ``training`` gives what is not
sealed; ``evaluate`` alone reaches the rest, and writes into the ledger before it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.config.datasets import DATASETS
from sweeper.config.schema import Dataset, Validation
from sweeper.data import ledger as books
from sweeper.data.catalog import KNOWN
from sweeper.data.sealed import _names
from sweeper.errors import InputError

if TYPE_CHECKING:
    from sweeper.data.portable.answers import Rows
    from sweeper.data.raw import Raw
    from sweeper.data.sealed._source import Source
    from sweeper.data.split import Features, Labels, Numbers

    Score = Callable[[Features, Labels | Numbers], dict[str, float]]
    Test = Callable[[], tuple[Features, Labels | Numbers]]


def training(dataset: Dataset, digest: str = "", validation: Validation | None = None) -> Raw:
    """The rows of a data set that are not sealed.

    Args:
        dataset: which.
        digest: of the data that a study or run is bound to: they are read and sealed by the rule of then.
        validation: with what decides which rows belong together.

    Raises:
        InputError: there is no such data set, or its files are absent, damaged or of another content.
    """
    return _read(dataset, digest, validation).training


def load_readers() -> None:
    """Import what opens data sets, for a process that others are copied from; nothing is opened."""
    from importlib import import_module

    for name in ("_open", *{kind.reader for kind in DATASETS.values()}):
        import_module(f"{__name__}.{name}")


def new_rows(path: Path, document: dict[str, Any]) -> tuple[Rows, tuple[str, ...]]:
    """The rows of a file that is no part of any split, read as the file of training was.

    Args:
        path: CSV, Parquet, ``.npz`` or ``.npy``.
        document: the preprocessing of training (``data.preprocessing``).

    Returns:
        The rows, and what a person should know of how they were read.

    Raises:
        InputError: they cannot be read as training's were, or are a test split.
    """
    from sweeper.data.portable import answers
    from sweeper.data.portable.values import RowsError
    from sweeper.data.sealed import _new_rows

    try:
        if path.suffix in {".npz", ".npy"}:
            rows = answers.of_array(document, _new_rows.array(path))
            return rows, (rows.told,) if rows.told else ()
        columns, told = _new_rows.table(path, document.get("reading", {}))
        return answers.of_table(document, columns), told
    except RowsError as error:
        raise InputError(f"{path}: {error}", hint=_new_rows.HINT, key="file") from error
    except (KeyError, IndexError, TypeError, ValueError) as error:
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(
            f"the model's preprocessing is damaged ({why})", hint="train it again, or put a copy back", key="run"
        ) from error


@dataclass(frozen=True)
class Unopened:
    """A test split before it is opened.

    Attributes:
        name: of the data set.
        examples: in the test split.
        openings: of it so far; of other data that share its rows, too.
        of_others: how many of them were of such other data: another file, or this one read otherwise.
    """

    name: str
    examples: int
    openings: int
    of_others: int = 0


def unopened(dataset: Dataset, validation: Validation, *, ledger: Path, data_digest: str = "") -> Unopened:
    """Everything that can be known of a test split without opening it; arguments as of ``evaluate``.

    Raises:
        InputError: what ``evaluate`` would refuse; nothing was opened.
    """
    source, _ = _prepared(dataset, validation, data_digest)
    raw, earlier = source.training, _earlier(ledger, source)
    others = sum(entry["data"]["digest"] not in {raw.digest, *raw.earlier} for entry in earlier)
    return Unopened(raw.name, raw.test_size, len(earlier), others)


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

    The line "opened" is on disk before a test row is to be had: an opening that crashed was still one. (Of a set in
    one piece the file holds both parts, so its test rows pass through memory whenever it is read; they go no further.)

    Args:
        dataset: of the run.
        validation: of the run; features are made with the transform that was fitted to its training split.
        ledger: path of the ledger.
        who: who asks, as ``ledger.who()`` gives it.
        run: the run's id.
        config_digest: ``Config.digest`` of the run.
        score: from features [N, F] and labels (of a regression numbers) [N] to what the ledger keeps.
        data_digest: of the data that the run was trained on; "" for any.

    Returns:
        The ledger's line "result": ``result`` (what `score` gave), ``data``, ``look`` (the how-manieth opening
        of this test split it was), ``examples``, ``when``, ``who``, ``run``, ``config_digest``.

    Raises:
        InputError: the data are not there or are not those of the run, or the ledger cannot be written; nothing
            was opened.
    """
    source, test = _prepared(dataset, validation, data_digest)
    raw = source.training
    data = {"name": raw.name, "digest": raw.digest, "seal": raw.seal}
    facts: dict[str, Any] = {"who": who, "run": run, "config_digest": config_digest, "data": data}
    of_rows = {"rows": source.rows} if source.rows else {}
    opened = books.append(ledger, {"event": "opened", **facts, "data": data | of_rows})
    facts["look"] = _number(ledger, source, opened)
    try:
        features, labels = test()
        result = score(features, labels)
    except BaseException as error:
        books.append(ledger, {"event": "failed", **facts, "why": f"{type(error).__name__}: {error}"})
        raise
    return books.append(ledger, {"event": "result", **facts, "examples": len(labels), "result": result})


def files(name: str) -> dict[str, str]:
    """SHA-256 of each uncompressed file of a data set, the sealed ones too, by name; for ``fetch`` and ``verify``."""
    return _names.files(name)


def recorded(ledger: Path, run: str, config_digest: str) -> dict[str, Any] | None:
    """The last result of this run and configuration, as ``evaluate`` returned it; opens no data."""
    asked = (
        entry
        for entry in reversed(books.entries(ledger))
        if (entry.get("event"), entry.get("run"), entry.get("config_digest")) == ("result", run, config_digest)
    )
    return next(asked, None)


def _read(dataset: Dataset, digest: str, validation: Validation | None) -> Source:
    from sweeper.data.sealed._open import source

    return source(dataset, digest, validation)


def _prepared(dataset: Dataset, validation: Validation, digest: str) -> tuple[Source, Test]:
    """Everything that can go wrong before the ledger is written: the data, their digest, their division."""
    from sweeper.data.division import divide

    opened = _read(meant(dataset, digest), digest, validation)
    if digest and opened.training.digest != digest:
        raise _other_data(opened.training, digest)
    transform = divide(opened.training, dataset, validation).transform

    def test() -> tuple[Features, Labels | Numbers]:
        values, labels = opened.test()
        return transform(values), labels

    return opened, test


def meant(dataset: Dataset, digest: str) -> Dataset:
    """The data set of a run: one of ``mnist`` that fell back on ``mnist_5k`` stays with it for good."""
    fell_back = dataset.name == "mnist" and digest == KNOWN["mnist_5k"].digest
    return replace(dataset, name="mnist_5k") if fell_back else dataset


def _earlier(ledger: Path, source: Source) -> list[books.Entry]:
    return books.openings(ledger, (source.training.digest, *source.training.earlier), source.rows)


def _number(ledger: Path, source: Source, opened: dict[str, Any]) -> int:
    """The number of this opening among those of the same rows, however many others are opening them now."""
    hashes = [entry["hash"] for entry in _earlier(ledger, source)]
    return hashes.index(opened["hash"]) + 1


def _other_data(raw: Raw, expected: str) -> InputError:
    return InputError(
        f"the run was trained on data with the digest {expected[:12]}, and {raw.name} here has {raw.digest[:12]}",
        hint="a test split belongs to its training data; put those data back",
        key="dataset.name",
    )
