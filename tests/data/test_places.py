"""A file that was named by a relative path is found again: from another folder, and after a move."""

from __future__ import annotations

import os
import shutil
import threading

import numpy as np
import pandas as pd
import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load, places
from sweeper.errors import InputError

DATASET = Dataset("csv", path="my data.csv", target="y")
TWENTY = Validation(20)


def write(folder, seed=0):
    random = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    pd.DataFrame({"x": random.normal(size=200), "y": np.arange(200) % 2}).to_csv(folder / DATASET.path, index=False)


@pytest.fixture
def project(bare_machine, monkeypatch):
    """A folder with a table and a runs folder, in which something was recorded from that folder; and the digest."""
    home = bare_machine / "project"
    write(home)
    monkeypatch.chdir(home)
    monkeypatch.setenv("SWEEPER_RUNS", str(home / "runs"))
    split = load(DATASET, TWENTY)
    assert split.facts["path"] == "my data.csv"
    assert split.facts["file"] == str(home / "my data.csv")
    places.note_file(split.facts)
    places.note_file(split.facts)
    assert len((home / "runs" / "data" / "files.jsonl").read_text().splitlines()) == 1
    return home, split.digest


def test_it_is_found_from_another_folder(project, bare_machine, monkeypatch):
    home, digest = project
    monkeypatch.chdir(bare_machine)
    split = load(DATASET, TWENTY, digest)
    assert (split.digest, split.facts["file"]) == (digest, str(home / "my data.csv"))


def test_it_is_found_when_the_whole_folder_was_moved(project, bare_machine, monkeypatch):
    home, digest = project
    moved = shutil.move(home, bare_machine / "elsewhere")
    monkeypatch.chdir(bare_machine)
    monkeypatch.setenv("SWEEPER_RUNS", str(moved / "runs"))
    assert load(DATASET, TWENTY, digest).facts["file"] == str(moved / "my data.csv")


def test_what_an_earlier_version_recorded_is_found_beside_its_runs_folder(project, bare_machine, monkeypatch):
    home, digest = project
    (home / "runs" / "data" / "files.jsonl").unlink()
    monkeypatch.chdir(bare_machine)
    assert load(DATASET, TWENTY, digest).digest == digest


def test_another_file_of_that_name_is_passed_over_for_the_right_one(project, bare_machine, monkeypatch):
    home, digest = project
    write(bare_machine / "other", seed=1)
    monkeypatch.chdir(bare_machine / "other")
    assert load(DATASET, TWENTY, digest).facts["file"] == str(home / "my data.csv")
    assert load(DATASET, TWENTY).facts["file"] == str(bare_machine / "other" / "my data.csv")


def test_what_is_typed_anew_means_the_folder_where_it_is_typed(project, bare_machine, monkeypatch):
    home, _ = project
    monkeypatch.chdir(bare_machine)
    with pytest.raises(InputError, match=r"there is no file my data\.csv") as caught:
        load(DATASET, TWENTY)
    assert str(bare_machine / "my data.csv") in caught.value.message
    assert str(home / "my data.csv") in caught.value.hint


def test_a_file_that_is_gone_is_told_with_every_place_that_was_looked_in(project, bare_machine, monkeypatch):
    home, digest = project
    (home / "my data.csv").unlink()
    monkeypatch.chdir(bare_machine)
    with pytest.raises(InputError) as caught:
        load(DATASET, TWENTY, digest)
    assert str(bare_machine / "my data.csv") in caught.value.message
    assert str(home / "my data.csv") in caught.value.message


@pytest.mark.parametrize("name", ["npz", "csv", "parquet"])
def test_a_pipe_is_refused_at_once(bare_machine, name):
    path = bare_machine / "pipe.npz"
    os.mkfifo(path)
    told = []

    def read():
        with pytest.raises(InputError, match="is a pipe") as caught:
            load(Dataset(name, path=str(path), target="y"), TWENTY)
        told.append(caught.value.key)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(20)
    assert told == ["dataset.path"]


@pytest.mark.parametrize("to", ["gone.csv", "link.csv"])
def test_a_link_that_leads_nowhere_is_said_to_be_one(bare_machine, monkeypatch, to):
    monkeypatch.chdir(bare_machine)
    (bare_machine / "link.csv").symlink_to(to)
    with pytest.raises(InputError, match=f"^link.csv is a link that leads nowhere, to {to}$"):
        places.candidates("link.csv")
