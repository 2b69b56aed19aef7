"""Training on features that stay in their file: the same to the last bit as in memory, without that memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from sweeper.config.schema import Config, Dataset, Validation
from sweeper.data import load
from sweeper.errors import InputError
from sweeper.trial import EpochReport, StepReport, TrialSpec

pytestmark = pytest.mark.tensorflow

ROWS = 600
RANDOM = np.random.default_rng(8)
TABLE = RANDOM.normal(size=(ROWS, 20))
PICTURES = RANDOM.integers(0, 256, (ROWS, 8, 8)).astype(np.uint8)
PICTURES[:, :2] = PICTURES[:, :, :2] = PICTURES[:, 7] = 0
CLASSES = (TABLE[:, 0] > 0).astype(int) + (TABLE[:, 1] > 1)

DATA = {
    "table": (TABLE, CLASSES),
    "numbers": (TABLE, TABLE @ np.arange(20) + 7),
    "pictures of bytes": (PICTURES, CLASSES),
    "pictures of shares": (PICTURES / np.float32(255), CLASSES),
}


def splits(place, x, y, validation=None):
    place.mkdir(exist_ok=True)
    np.save(place / "x.npy", x)
    np.save(place / "y.npy", y)
    return [
        load(Dataset("npy", path=str(place), hold=hold), validation or Validation(90)) for hold in ("memory", "file")
    ]


@pytest.fixture(params=DATA)
def both(request, tmp_path):
    return splits(tmp_path / "data", *DATA[request.param])


@pytest.fixture
def in_pieces(monkeypatch):
    """Two batches of twenty are read in one go, and few examples are judged at a time: there are many pieces."""
    from sweeper.train import from_file, program
    from sweeper.train.shape import Shape

    monkeypatch.setattr(program, "_programs", {})  # others are traced for more examples
    monkeypatch.setattr(from_file, "AHEAD", 2 * 20 * 20 * 4)
    monkeypatch.setattr(Shape, "judged", property(lambda _: 32))


def outcome(split, configs):
    """Everything that a group comes to: reports, scores, right answers, and fingerprints of the weights."""
    from sweeper.train.folds import train_folds
    from sweeper.train.loop import train

    events = []
    specs = [TrialSpec(str(n), config.to_dict()) for n, config in enumerate(configs)]
    results = (train_folds if split.folds else train)(specs, split, events.append, lambda: ())
    assert not any(result.failure for result in results)
    reports = [(type(e).__name__, e.key, e.step, e.train) for e in events if isinstance(e, StepReport | EpochReport)]
    judged = [e.validation for e in events if isinstance(e, EpochReport)]
    ended = [(r.weights, r.train, r.validation, r.correct, r.residuals, r.by_class, r.kept, r.folds) for r in results]
    return reports, judged, ended


def group(split, **keys):
    base = Config(
        hidden=(6, 5), batch_size=20, steps=70, log_every=30, validate_every=26,
        loss="mse" if split.target else "cross_entropy", **keys,
    )  # fmt: skip
    return [replace(base, repeats=2), replace(base, learning_rate=0.03, dropout=0.3, l2=1e-3)]


@pytest.mark.parametrize("jit", [False, True])
def test_a_group_comes_to_the_same_to_the_last_bit(both, in_pieces, jit, monkeypatch):
    from sweeper.train import plan
    from sweeper.train.from_file import PartInFile
    from sweeper.train.resident import resident

    monkeypatch.setattr(plan, "XLA_FROM", 1 if jit else 10**9)
    memory, file = both
    assert isinstance(resident(file).train, PartInFile)
    assert outcome(file, group(file)) == outcome(memory, group(memory))


def test_so_do_early_stopping_and_dropped_inputs(tmp_path, in_pieces):
    memory, file = splits(tmp_path / "data", *DATA["pictures of shares"])
    keys = {"stop_after": 1, "input_dropout": 0.1, "class_weight": "balanced", "metrics": ("auc",)}
    assert outcome(file, group(file, **keys)) == outcome(memory, group(memory, **keys))


@pytest.mark.parametrize("kind", ["table", "numbers", "pictures of bytes"])
def test_so_do_folds(tmp_path, kind, in_pieces):
    memory, file = splits(tmp_path / "data", *DATA[kind], Validation(folds=3))
    assert outcome(file, group(file)) == outcome(memory, group(memory))


def test_so_does_training_on_all_that_is_not_sealed(both, in_pieces):
    memory, file = (split.joined() for split in both)
    assert outcome(file, group(file)) == outcome(memory, group(memory))


def test_the_program_is_made_for_the_same_examples(both):
    from sweeper.train.resident import resident

    memory, file = map(resident, both)
    assert (memory.top, memory.blank) == (file.top, file.blank)
    np.testing.assert_array_equal(memory.columns, file.columns)
    for held, left in ((memory.train, file.train), (memory.validation, file.validation)):
        features, labels = (np.concatenate([*parts]) for parts in zip(*left.pieces(32), strict=True))
        np.testing.assert_array_equal(features, held.features.numpy())
        np.testing.assert_array_equal(labels, held.labels.numpy())
        assert features.dtype == held.features.dtype.as_numpy_dtype


@pytest.mark.parametrize("asked", ["full", 420])
def test_a_batch_of_all_examples_is_refused(tmp_path, asked):
    _, file = splits(tmp_path / "data", *DATA["table"])
    size = file.sizes["train"]
    config = replace(group(file)[0], batch_size="full" if asked == "full" else size)
    with pytest.raises(InputError, match="stay in their file") as refused:
        outcome(file, [config])
    assert refused.value.key == "batch_size"


def test_a_file_that_changes_meanwhile_ends_the_training(tmp_path):
    from sweeper.train.loop import train

    _, file = splits(tmp_path / "data", *DATA["table"])

    def spoil(event):
        if isinstance(event, StepReport):
            np.save(tmp_path / "data" / "x.npy", TABLE + 1)

    with pytest.raises(InputError, match="was changed while it was read"):
        train([TrialSpec("0", group(file)[0].to_dict())], file, spoil, lambda: ())


MEASURED = """
import json, sys, threading
from sweeper.config.schema import Config, Dataset, Validation
from sweeper.data import load
from sweeper.train.loop import train
from sweeper.trial import TrialSpec

def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))

def trained(hold, path):
    split = load(Dataset("npy", path=path, hold=hold), Validation(200))
    config = Config(hidden=(4,), batch_size=50, steps=40, validate_every=20)
    [result] = train([TrialSpec("0", config.to_dict())], split, lambda _: None, lambda: ())
    return result.weights

def watched(hold, path):
    begun, most, over = anonymous(), [0], threading.Event()
    def watch():
        while not over.wait(0.002):
            most[0] = max(most[0], anonymous() - begun)
    watcher = threading.Thread(target=watch)
    watcher.start()
    weights = trained(hold, path)
    over.set()
    watcher.join()
    return [most[0], weights]

small, large = sys.argv[1:]
trained("file", small)
print(json.dumps([watched("file", large), watched("memory", large)]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own count")
def test_the_features_are_in_no_process_own_memory(tmp_path):
    from numpy.lib.format import open_memmap

    places = {}
    for name, rows in (("small", 1000), ("large", 24_000)):
        places[name] = tmp_path / name
        places[name].mkdir()
        x = open_memmap(places[name] / "x.npy", mode="w+", dtype=np.float16, shape=(rows, 1500))
        x[:] = np.random.default_rng(0).normal(size=(rows, 1)) + np.arange(1500) / 100
        np.save(places[name] / "y.npy", np.arange(rows) % 2)
    features = 4 * 1500 * 24_000 * 0.8
    command = [sys.executable, "-c", MEASURED, str(places["small"]), str(places["large"])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    (file, weights), (memory, same) = json.loads(done.stdout.splitlines()[-1])
    assert weights == same
    assert memory > features
    assert file < features / 2
