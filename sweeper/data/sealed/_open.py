"""From a data set's name to its reader."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from sweeper.config.datasets import DATASETS
from sweeper.config.schema import Dataset, Validation
from sweeper.data import catalog, places
from sweeper.data.file_formats import check_format
from sweeper.data.sealed._arrays import check_file
from sweeper.data.sealed._source import Source
from sweeper.errors import InputError


def source(dataset: Dataset, bound: str = "", validation: Validation | None = None) -> Source:
    """Open a data set; where it is bound to the digest of an earlier rule, by that rule.

    Raises:
        InputError: there is no such data set, or its files are absent, damaged or of another content.
    """
    validation = validation or Validation()
    catalog.check_name(dataset.name)
    if not DATASETS[dataset.name].is_file:
        return _reader(dataset, bound, validation)
    candidates = places.candidates(dataset.path, bound)
    opened = _file(dataset, candidates[0], bound, validation)
    if bound and opened.training.digest != bound:
        # Another file of that name lies where one looks first: the right one may lie where it was noted.
        others = (_file(dataset, place, bound, validation) for place in candidates[1:])
        opened = next((other for other in others if other.training.digest == bound), opened)
    return opened


def _file(dataset: Dataset, place: Path, bound: str, validation: Validation) -> Source:
    test = _test_file(dataset, place)
    given = [] if DATASETS[dataset.name].is_folder else [(place, "dataset.path")]
    for path, key in (*given, *([(Path(test), "dataset.test_path")] if test else ())):
        check_file(path)
        check_format(path, dataset.name, key)
    found = _reader(replace(dataset, path=str(place), test_path=test), bound, validation)
    return replace(found, training=replace(found.training, file=str(place.absolute()), typed=dataset.path))


def _test_file(dataset: Dataset, place: Path) -> str:
    """A relative test file lies where it was typed, or to the training file as the two were typed."""
    asked = dataset.test_path
    if not asked or Path(asked).exists():
        return asked
    base = str(place.absolute()).removesuffix(dataset.path)
    beside = Path(base) / asked
    if not beside.exists():
        looked = f"{Path(asked).absolute()}, {beside}"
        raise InputError(f"there is no file {asked} (looked for {looked})", key="dataset.test_path")
    return str(beside)


def _reader(dataset: Dataset, bound: str, validation: Validation) -> Source:
    """What the module of the data set's row makes of it; ``source`` is there in each."""
    opened = import_module(f"sweeper.data.sealed.{DATASETS[dataset.name].reader}").source(dataset, bound, validation)
    assert isinstance(opened, Source)
    return opened
