"""The test split: reached through ``evaluate``, with the ledger written first, and in no other way."""

from __future__ import annotations

import ast
import gc
import gzip
import pickle
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sweeper
from sweeper.config.schema import Dataset, Validation
from sweeper.data import fetch as fetching
from sweeper.data import idx, inventory, ledger, load, sealed
from sweeper.data.split import Split
from sweeper.errors import InputError

SOURCE = Path(sweeper.__file__).parent
VALIDATION = Validation(20)


@pytest.fixture
def book(bare_machine):
    return bare_machine / "runs" / "test-ledger.jsonl"


@pytest.fixture
def look(book):
    """Opens a test split with a score that keeps what it was given; what ``evaluate`` returned, and that."""

    def open_it(dataset, validation=VALIDATION, run="run-1", **options):
        seen = []

        def score(features, labels):
            seen.append((features, labels))
            return {"accuracy": 0.5}

        result = sealed.evaluate(
            dataset, validation, ledger=book, who="ann@desk", run=run, config_digest="c0ffee", score=score, **options
        )
        return result, *seen[0]

    return open_it


class TestEvaluate:
    def test_the_whole_test_part_is_scored_with_the_transform_of_training(self, small, installed, look):
        result, features, labels = look(Dataset("mnist"))
        assert np.array_equal(np.rint(features * 255).astype(np.uint8), small.test.reshape(30, -1))
        assert np.array_equal(labels, small.test_labels)
        assert result["result"] == {"accuracy": 0.5}
        assert (result["examples"], result["look"], result["run"], result["who"]) == (30, 1, "run-1", "ann@desk")

    def test_the_opening_is_in_the_ledger_before_a_row_is_read(self, installed, book):
        for path in installed.glob("t10k*"):
            path.unlink()
        with pytest.raises(InputError, match="lacks the file t10k"):
            sealed.evaluate(
                Dataset("mnist"), VALIDATION, ledger=book, who="a@b", run="r", config_digest="c", score=lambda *_: {}
            )
        assert [entry["event"] for entry in ledger.entries(book)] == ["opened", "failed"]

    def test_a_score_that_fails_was_still_a_look(self, installed, book):
        def score(features, labels):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            sealed.evaluate(
                Dataset("mnist"), VALIDATION, ledger=book, who="a@b", run="r", config_digest="c", score=score
            )
        opened, failed = ledger.entries(book)
        assert (opened["event"], failed["event"], failed["why"]) == ("opened", "failed", "KeyboardInterrupt: ")
        assert len(ledger.openings(book, [opened["data"]["digest"]])) == 1
        assert sealed.recorded(book, "r", "c") is None

    def test_looks_are_counted_for_each_data_set(self, installed, look, book):
        assert [look(Dataset("mnist"), run=f"run-{k}")[0]["look"] for k in range(3)] == [1, 2, 3]
        assert look(Dataset("digits"))[0]["look"] == 1
        digest = load(Dataset("mnist"), VALIDATION).digest
        assert [len(ledger.openings(book, [each])) for each in (digest, "other")] == [3, 0]
        assert ledger.verify(book) == []

    def test_a_recorded_result_is_found_again_without_a_look(self, installed, look, book):
        assert sealed.recorded(book, "run-1", "c0ffee") is None
        result, *_ = look(Dataset("mnist"))
        before = book.read_bytes()
        assert sealed.recorded(book, "run-1", "c0ffee") == result
        assert sealed.recorded(book, "run-1", "decaf") is None
        assert sealed.recorded(book, "run-2", "c0ffee") is None
        assert book.read_bytes() == before

    def test_data_that_are_not_those_of_the_run_are_not_opened(self, installed, look, book):
        with pytest.raises(InputError, match="was trained on data with the digest"):
            look(Dataset("mnist"), data_digest="f" * 64)
        assert not book.exists()

    def test_a_ledger_that_cannot_be_written_keeps_the_split_shut(self, installed, bare_machine):
        seen = []
        with pytest.raises(InputError, match="ledger"):
            sealed.evaluate(
                Dataset("mnist"),
                VALIDATION,
                ledger=Path("/dev/null"),
                who="a@b",
                run="r",
                config_digest="c",
                score=lambda *rows: seen.append(rows) or {},
            )
        assert seen == []

    def test_a_run_that_fell_back_on_the_small_set_stays_with_it(self, small, bare_machine, monkeypatch, look):
        digest = load(Dataset("mnist"), Validation()).digest
        monkeypatch.setenv("SWEEPER_DATA", str(bare_machine / "data"))
        small.put(bare_machine / "data" / "mnist")
        result, features, _ = look(Dataset("mnist"), Validation(), data_digest=digest)
        assert result["data"]["name"] == "mnist_5k"
        assert features.shape == (1000, 784)

    @pytest.mark.parametrize("name", ["mnist_5k", "digits"])
    def test_the_parts_of_a_set_in_one_piece_are_disjoint_and_whole(self, name, look):
        split = load(Dataset(name), Validation(0.2))
        _, features, labels = look(Dataset(name), Validation(0.2))
        parts = [{row.tobytes() for row in part} for part in (split.train, split.validation, features)]
        assert split.sizes["test"] == len(features) == len(labels)
        assert sum(split.sizes.values()) == sum(map(len, parts)) == len(set.union(*parts))
        assert np.bincount(labels).min() >= 0.8 * len(labels) / 10

    def test_a_table_is_encoded_with_the_statistics_of_its_training_rows(self, bare_machine, look):
        table = pd.DataFrame({"x": np.arange(90.0) ** 2, "c": list("ab") * 45, "y": [0, 1, 2] * 30})
        path = bare_machine / "table.csv"
        table.to_csv(path, index=False)
        dataset = Dataset("csv", path=str(path), target="y")
        split = load(dataset, VALIDATION)
        _, features, labels = look(dataset)
        # Undo the standardisation with two training rows whose squares are known: each row's x gives its label.
        train = np.sort(split.train[:, 0].astype(float))
        everything = np.concatenate([split.train, split.validation, features])[:, 0].astype(float)
        low, high = everything.min(), everything.max()
        numbers = np.rint(np.sqrt((everything - low) / (high - low)) * 89).astype(int)
        assert sorted(numbers.tolist()) == list(range(90))
        assert train.mean() == pytest.approx(0, abs=1e-6)
        assert train.std() == pytest.approx(1, rel=1e-6)
        assert np.array_equal(labels, numbers[-len(labels) :] % 3)

    def test_another_validation_split_is_another_transform_of_the_same_rows(self, bare_machine, look):
        table = pd.DataFrame({"x": np.arange(90.0), "y": [0, 1, 2] * 30})
        path = bare_machine / "table.csv"
        table.to_csv(path, index=False)
        dataset = Dataset("csv", path=str(path), target="y")
        _, first, labels = look(dataset)
        _, second, again = look(dataset, Validation(20, seed=1))
        assert not np.allclose(first, second)
        assert np.array_equal(labels, again)

    def test_a_test_file_of_another_content_is_not_scored(self, small, installed, look):
        (installed / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(small.files["t10k-images-idx3-ubyte"][:-1]))
        with pytest.raises(InputError, match="SHA-256"):
            look(Dataset("mnist"))

    def test_the_test_part_of_the_keras_cache_is_checked(self, small, bare_machine, look):
        folder = bare_machine / "keras" / "datasets"
        folder.mkdir(parents=True)
        arrays = {"x_train": small.train, "y_train": small.train_labels, "y_test": small.test_labels}
        np.savez(folder / "mnist.npz", x_test=small.test, **arrays)
        assert np.array_equal(np.rint(look(Dataset("mnist"))[1] * 255), small.test.reshape(30, -1))
        np.savez(folder / "mnist.npz", x_test=small.test[::-1], **arrays)
        with pytest.raises(InputError, match="SHA-256"):
            look(Dataset("mnist"))

    def test_an_archive_with_an_unknown_test_label_is_refused_before_anything_is_opened(self, archive, look, book):
        x = np.arange(120.0).reshape(60, 2)
        path = archive(x_train=x, y_train=np.arange(60) % 2, x_test=x[:2], y_test=np.array([0, 5]))
        with pytest.raises(InputError, match="label '5'"):
            look(Dataset("npz", path=path))
        with pytest.raises(InputError, match="label '5'"):
            load(Dataset("npz", path=path), VALIDATION)
        assert not book.exists()


def sealed_rows_in(things, small):
    """Whether any array among these objects has a pixel that only test images have (above 200 of 255)."""
    arrays = [thing for thing in things if isinstance(thing, np.ndarray) and thing.dtype.kind in "uif" and thing.size]
    return any(
        array.size % small.test[0].size == 0 and float(array.max()) > (200 if array.dtype.kind != "f" else 200 / 255)
        for array in arrays
    )


def reachable(thing):
    """Everything that can be reached from an object through attributes, items and closures; arrays' bases too."""
    seen, todo = {}, [thing]
    while todo:
        here = todo.pop()
        if id(here) in seen or isinstance(here, type) or type(here).__name__ == "module":
            continue
        seen[id(here)] = here
        if isinstance(here, np.ndarray) and here.base is not None:
            todo.append(here.base)
        # Functions' globals reach the whole program; what matters is what they closed over.
        if callable(here) and hasattr(here, "__closure__"):
            todo += [cell.cell_contents for cell in here.__closure__ or ()]
        else:
            todo += gc.get_referents(here)
    return list(seen.values())


class TestNoOtherWay:
    """Attempts to get at test rows without the ledger; each must come away with nothing."""

    def test_a_split_has_no_test_rows(self, small, installed):
        split = load(Dataset("mnist"), VALIDATION)
        assert not sealed_rows_in([getattr(split, field.name) for field in fields(Split)], small)
        assert {name for name in dir(split) if "test" in name} == {"test_size"}

    def test_nothing_that_a_split_refers_to_has_any(self, small, installed):
        assert not sealed_rows_in(reachable(load(Dataset("mnist"), VALIDATION)), small)

    def test_nor_has_a_pickled_split(self, small, installed):
        content = pickle.dumps(load(Dataset("mnist"), VALIDATION))
        scaled = (small.test[0].astype(np.float32) / np.float32(255)).tobytes()
        assert scaled not in content
        assert small.test[0].tobytes() not in content

    @pytest.mark.parametrize("name", ["mnist_5k", "digits", "diabetes"])
    def test_the_arrays_of_a_set_in_one_piece_are_copies_without_the_rest(self, name, look):
        _, features, _ = look(Dataset(name), Validation(0.2))
        hidden = {row.tobytes() for row in features}
        for thing in reachable(load(Dataset(name), Validation(0.2))):
            if isinstance(thing, np.ndarray) and thing.dtype == np.float32 and thing.ndim == 2:
                assert not hidden & {row.tobytes() for row in thing}

    def test_what_is_not_sealed_refers_to_no_test_rows(self, small, installed):
        assert not sealed_rows_in(reachable(sealed.training(Dataset("mnist"))), small)

    def test_nor_does_a_set_in_one_piece_keep_its_whole(self):
        raw = sealed.training(Dataset("digits"))
        sizes = [len(thing) for thing in reachable(raw) if isinstance(thing, np.ndarray) and thing.ndim]
        assert max(sizes) == 1438

    def test_loading_opens_no_test_file(self, installed):
        """With the test files gone, or unreadable noise, training data load all the same."""
        for path in installed.glob("t10k*"):
            path.write_bytes(b"noise")
        load(Dataset("mnist"), VALIDATION)
        for path in installed.glob("t10k*"):
            path.unlink()
        assert load(Dataset("mnist"), VALIDATION).test_size == 30

    def test_no_file_of_test_data_is_opened_by_anything_but_evaluate(self, installed, book):
        """The interpreter's own record of opened files, for everything that the package offers but ``evaluate``."""
        code = f"""
import sys
opened = []
sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == "open" else None)
from sweeper.config.schema import Dataset, Validation
from sweeper.data import inventory, ledger, load, sealed
try:
    load(Dataset("mnist"), Validation(20))
    sealed.training(Dataset("mnist"))
except Exception as error:
    print(type(error).__name__)
inventory.listing()
ledger.openings(__import__("pathlib").Path({str(book)!r}), ["x"])
print([name for name in opened if "t10k" in name], any("train-images" in name for name in opened))
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        # The stand-in is not the catalog's in that process, so loading ends in an error, after its files were read.
        assert done.stdout.split("\n")[:2] == ["InputError", "[] True"]

    def test_a_test_file_under_the_name_of_a_training_file_stays_shut(self, installed):
        for kind in ("images-idx3", "labels-idx1"):
            shutil.copy(installed / f"t10k-{kind}-ubyte.gz", installed / f"train-{kind}-ubyte.gz")
        with pytest.raises(InputError, match="sealed"):
            load(Dataset("mnist"), VALIDATION)

    @pytest.mark.parametrize("file", ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
    def test_the_reader_of_idx_files_refuses_a_test_file(self, installed, file):
        with pytest.raises(InputError, match="sealed"):
            idx.read(installed / file, 3 if "images" in file else 1)

    def test_test_images_as_the_training_part_of_an_archive_are_refused(self, small, archive):
        path = archive(x_train=small.test, y_train=small.test_labels, x_test=small.test, y_test=small.test_labels)
        with pytest.raises(InputError, match="sealed"):
            load(Dataset("npz", path=path), Validation(10))
        flat = archive(x=small.test.reshape(30, -1), y=small.test_labels)
        with pytest.raises(InputError, match="sealed"):
            load(Dataset("npz", path=flat), Validation(10))

    def test_the_path_of_a_whole_archive_gives_its_training_part_alone(self, small, archive):
        path = archive(
            x_train=small.train, y_train=small.train_labels, x_test=small.test, y_test=small.test_labels,
            x=small.test, y=small.test_labels,
        )  # fmt: skip
        assert not sealed_rows_in(reachable(load(Dataset("npz", path=path), VALIDATION)), small)

    def test_the_path_of_a_test_file_is_no_data_set(self, installed):
        for kind in ("npz", "csv", "parquet"):
            with pytest.raises(InputError):
                load(Dataset(kind, path=str(installed / "t10k-images-idx3-ubyte.gz"), target="y"), VALIDATION)

    def test_the_largest_training_part_that_can_be_asked_for_has_none(self, small, installed):
        for size in (10, 0.1, 110):
            split = load(Dataset("mnist"), Validation(size))
            assert not sealed_rows_in([split.train, split.validation], small)
        with pytest.raises(InputError):
            load(Dataset("mnist", train_size=130), VALIDATION)

    def test_verifying_gives_digests_and_no_rows(self, small, installed, book):
        assert not sealed_rows_in(reachable(inventory.verify("mnist")), small)
        assert not sealed_rows_in(reachable(inventory.listing()), small)
        assert not book.exists()

    def test_fetching_gives_paths_and_no_rows(self, small, bare_machine):
        small.put(bare_machine / "runs" / "data" / "mnist")
        assert not sealed_rows_in(reachable(fetching.fetch("mnist", sealed.files("mnist"))), small)

    def test_what_evaluate_returns_and_records_has_scores_alone(self, small, installed, look, book):
        result, *_ = look(Dataset("mnist"))
        assert set(result) == {
            "when", "event", "who", "run", "config_digest", "data", "look", "examples", "result", "prev", "hash",
        }  # fmt: skip
        assert len(book.read_bytes()) < 2000

    def test_a_recorded_result_cannot_be_used_to_open_anything(self, installed, look, book):
        look(Dataset("mnist"))
        assert not any(callable(value) for value in sealed.recorded(book, "run-1", "c0ffee").values())

    def test_the_public_names_of_sealed_are_these(self):
        tree = ast.parse((SOURCE / "data" / "sealed" / "__init__.py").read_text())
        public = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}
        assert public == {"training", "unopened", "evaluate", "files", "recorded", "meant", "new_rows", "load_readers"}

    def test_nothing_outside_sealed_imports_its_readers(self):
        for path, text in modules_outside_sealed():
            assert not re.search(r"sealed\._|from sweeper\.data\.sealed import .*\b_", text), path

    def test_nothing_outside_sealed_names_a_test_file_or_array(self):
        for path, text in modules_outside_sealed():
            assert not re.search(r"t10k|TEST_FILES|x_test\b(?!, y_test; or)|test\(\)\s*$", text, re.MULTILINE), path

    def test_nothing_but_evaluate_calls_the_way_to_the_test_rows(self):
        calls = [
            (path.name, node.lineno)
            for path in (SOURCE / "data").rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "test"
        ]
        # One in ``evaluate``, and one where the Keras cache's is passed on with a check of its content.
        assert [name for name, _ in sorted(calls)] == ["__init__.py", "_known.py"]


def modules_outside_sealed():
    for path in SOURCE.rglob("*.py"):
        if "sealed" not in path.relative_to(SOURCE).parts[:-1]:
            yield path, path.read_text()
