"""Runs over every kind of data set and of column, small enough to train in a test, and what they say of their rows."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sweeper.config.schema import Config
from sweeper.data import load, sealed
from sweeper.data.division import divide
from sweeper.jobs import run as running
from sweeper.tracking import open_reader
from sweeper.tracking.models import model_files
from sweeper.tracking.recorded import Recorded, find_run
from sweeper.workers.inline import InlinePool

CLASSES = np.array(["gesund", "kränklich", "普通"])
ROWS = 420
KINDS = ("csv", "semicolons", "parquet", "images", "flat", "digits", "numbers", "in_file")
NUMBERS = {"numbers", "in_file"}
"""Those whose target is a number."""


def table(*, typed: bool) -> pd.DataFrame:
    """Every kind of column: as text in a CSV file is, or of the types that Parquet has."""
    random = np.random.default_rng(3)
    number = np.round(random.normal(40, 12, ROWS) + np.arange(ROWS) / 7919, 6)  # no two alike: it tells the rows
    income = np.round(random.lognormal(3, 1, ROWS), 3)
    income[random.random(ROWS) < 0.1] = np.nan
    smokes = random.choice(["yes", "no"], ROWS)
    city = random.choice([f"Stadt-{k:03}" for k in range(130)], ROWS).astype(object)
    size = random.choice(["klein", "groß", None], ROWS)
    day = pd.Series(pd.date_range("2020-01-01", periods=ROWS, freq="7h"))
    label = CLASSES[(number > 40).astype(int) + ((smokes == "yes") & (number > 45)).astype(int)]
    frame = pd.DataFrame({"id": np.arange(ROWS), "age": number, "city": city, "smokes": smokes, "size": size})
    frame = frame.assign(seen=day, income=income, zip=random.choice(["01", "1", "7"], ROWS), outcome=label)
    if typed:
        return frame.assign(smokes=smokes == "yes", size=pd.Categorical(size), zip=random.choice([1, 20, 7], ROWS))
    return frame.assign(seen=day.dt.strftime("%Y-%m-%d %H:%M"))


@dataclass(frozen=True)
class Trained:
    """A finished run, and a file of its validation rows without labels.

    Attributes:
        runs: its folder.
        found: its record.
        file: the validation rows as a person would have them, in the split's order.
        raw: the same in memory.
        labels: of the rows, [N]; of ``NUMBERS`` what was to be predicted.
        said: what the members' own models say of the features that the trial was validated on: probabilities
            [R, N, C], or of ``NUMBERS`` predictions in the target's unit, [R, N, 1].
    """

    runs: Path
    found: Recorded
    file: Path
    raw: Any
    labels: np.ndarray
    said: np.ndarray

    @property
    def models(self) -> list[Path]:
        """Its models."""
        return model_files(open_reader(self.runs), self.found.run_id)


def trained(kind: str, folder: Path, monkeypatch: Any) -> Trained:
    """Train on a data set of one of ``KINDS``."""

    @contextmanager
    def workers(_runs, _size, *, threads=1, **_):
        with InlinePool() as pool:
            yield pool

    monkeypatch.setattr(running, "workers", workers)
    monkeypatch.setattr(running, "_draw", lambda _ran, tracker, *_more: tracker.flush())  # nobody looks at it
    for name in ("MLFLOW_TRACKING_URI", "SWEEPER_DATA"):
        monkeypatch.delenv(name, raising=False)
    runs = folder / "runs"
    usual = ("hidden=[9]", "steps=60", "repeats=2", "batch_size=50", "validation.size=0.25")
    document = running.run([*_data(kind, folder), *usual], runs=runs)
    found = find_run(open_reader(runs), document["run_id"])
    return _validation_rows(kind, folder, runs, found)


def _data(kind: str, folder: Path) -> list[str]:
    if kind == "digits":
        return ["dataset=digits"]
    if kind in {"images", "flat"}:
        path = folder / "train.npz"
        np.savez(path, x=_array(kind), y=_names(_array(kind)))
        return ["dataset=npz", f"dataset.path={path}"]
    if kind == "in_file":
        np.save(folder / "x.npy", _array("flat"))
        np.save(folder / "y.npy", _array("flat") @ [3, 1, 100, -2] + 90)
        return ["dataset=npy", f"dataset.path={folder}", "dataset.hold=file"]
    frame = _table(kind)
    path = folder / ("train.parquet" if kind == "parquet" else "train.csv")
    save(frame, path, kind)
    more = ["dataset.categories=[zip]", *(["dataset.task=regression"] if kind == "numbers" else [])]
    return [
        f"dataset={'parquet' if kind == 'parquet' else 'csv'}",
        f"dataset.path={path}",
        "dataset.target=outcome",
        *more,
    ]


def _table(kind: str) -> pd.DataFrame:
    frame = table(typed=kind == "parquet")
    return frame.assign(outcome=np.round(frame["age"] * 1000 - 7, 3)) if kind == "numbers" else frame


def save(frame: pd.DataFrame, path: Path, kind: str) -> None:
    """A table in the dialect of a kind."""
    if kind == "parquet":
        frame.to_parquet(path, index=False)
    elif kind == "semicolons":
        frame.to_csv(path, index=False, sep=";", decimal=",", encoding="utf-16")
    else:
        frame.to_csv(path, index=False)


def _array(kind: str) -> np.ndarray:
    random = np.random.default_rng(8)
    labels = np.arange(ROWS) % 3
    if kind == "images":
        return (random.integers(0, 160, (ROWS, 6, 5)) + 30 * labels[:, None, None]).astype(np.uint8)
    return random.normal(size=(ROWS, 4)) * [1, 50, 1e-3, 4] + labels[:, None]


def _names(array: np.ndarray) -> np.ndarray:
    return CLASSES[np.arange(len(array)) % 3]


def _validation_rows(kind: str, folder: Path, runs: Path, found: Recorded) -> Trained:
    config: Config = found.config
    raw = sealed.training(config.dataset, "", config.validation)
    parts = divide(raw, config.dataset, config.validation)
    split = load(config.dataset, config.validation)
    if raw.columns:
        frame = _table(kind)
        place = [column.name for column in raw.columns if column.is_feature].index("age")
        by_age = {age: row for row, age in enumerate(frame["age"])}
        rows = [by_age[age] for age in raw.values[parts.validation, place]]
        held: Any = frame.iloc[rows].drop(columns="outcome").reset_index(drop=True)
        file = folder / ("new.parquet" if kind == "parquet" else "new.csv")
        save(held, file, kind)
    else:
        held = raw.values[parts.validation].reshape(-1, *raw.shape)
        file = folder / "new.npz"
        np.savez(file, x=held)
    models = model_files(open_reader(runs), found.run_id)
    features = split.held[1][:] if split.in_file else split.validation
    said = _said(models, features, is_number=kind in NUMBERS)
    return Trained(runs, found, file, held, split.validation_labels, said)


def _said(models: list[Path], features: np.ndarray, *, is_number: bool) -> np.ndarray:
    """By Keras alone."""
    from sweeper.train.quiet import keras

    outputs = [keras.saving.load_model(path, compile=False)(features) for path in models]
    return np.stack([np.asarray(each if is_number else keras.ops.softmax(each)) for each in outputs])
