"""Ways in which somebody might try to get at test rows without the ledger.

Each is a function that returns whatever it got hold of, or raises what it was told instead.
"""

from __future__ import annotations

import ast
import copy
import importlib
import io
import pickle
import pkgutil
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import fields, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import sweeper
from sweeper.cli.app import invoke
from sweeper.config.compose import compose
from sweeper.config.schema import Dataset, Validation
from sweeper.data import catalog, inventory, ledger, load, places, sealed
from sweeper.data import fetch as fetching
from sweeper.data.division import divide
from sweeper.errors import InputError, SweeperError
from sweeper.jobs.shared.opening import LEDGER
from sweeper.questions.ask.data import Ground
from sweeper.questions.ask.prepare import prepare
from sweeper.questions.ask.question import read
from sweeper.questions.experiment_results import Results
from sweeper.trial import TrialSpec
from sweeper.workers.run_group import run_group, train_group

SOURCE = Path(sweeper.__file__).parent
DIGITS, MNIST, TWENTY = Dataset("digits"), Dataset("mnist"), Validation(20)


def digits_loaded(world):
    """The loader, as everybody calls it."""
    return load(DIGITS, Validation(100))


def the_largest_training_part(world):
    """All that the loader can be asked for: the smallest validation part, and no limit to training."""
    return [load(DIGITS, Validation(10)), load(MNIST, Validation(10)), load(DIGITS, Validation(0.9))]


def more_examples_than_there_are(world):
    """A training part as large as the whole set."""
    return load(replace(DIGITS, train_size=1797), Validation(100))


def what_the_loader_works_on(world):
    """The rows behind the loader, and how it divides them."""
    raw = sealed.training(DIGITS)
    return raw, divide(raw, DIGITS, Validation(100)), sealed.training(MNIST)


def a_split_that_travels(world):
    """A split copied, and pickled as for another process."""
    split = load(MNIST, TWENTY)
    return copy.deepcopy(split), pickle.dumps(split), [getattr(split, field.name) for field in fields(split)]


def joined_for_a_refit(world):
    """Training and validation together, as a refit has them."""
    return load(DIGITS, Validation(100)).joined()


def a_workers_own_copy(world):
    """What a worker keeps in memory, with and without a refit."""
    from sweeper.workers import run_group as module

    config = world.config()
    return [module._split(config.dataset, config.validation, refit) for refit in (False, True)]


def a_trial_that_asks_a_worker_for_more(world):
    """A pickled trial with keys of its own making: another part, another file."""
    events = []
    for more in ({"part": "test"}, {"name": "digits", "split": "test"}, {"path": str(world.mnist)}):
        values = world.config().to_dict()
        spec = TrialSpec("s/0", values | {"dataset": values["dataset"] | more}, refit=True)
        run_group([pickle.loads(pickle.dumps(spec))], train_group, events.append, set)
    return events


def a_trial_bound_to_the_test_files_digest(world):
    """A trial whose data digest is that of the sealed files."""
    events = []
    for digest in catalog.known("mnist").sealed:
        spec = TrialSpec("s/0", world.config().to_dict(), data_digest=digest)
        run_group([spec], train_group, events.append, set)
    return events


def keys_of_the_configuration(world):
    """Config keys that might open another part."""
    told = []
    for override in ("dataset.part=test", "+dataset.split=test", "dataset.test=true", "validation.part=test", "test=1",
                     "~validation", "dataset=test", "dataset=digits_test", "validation=test"):  # fmt: skip
        with pytest.raises(InputError) as error:
            compose([override])
        told.append(error.value)
    return told


def names_that_lead_elsewhere(world):
    """Data sets named by paths."""
    told = []
    for name in ("../mnist", "mnist/t10k-images-idx3-ubyte", str(world.mnist), "digits/../digits", "MNIST", ""):
        with pytest.raises(InputError) as error:
            load(Dataset(name), TWENTY)
        told.append(error.value)
    return told


def the_test_files_as_data_sets_of_ones_own(world):
    """The sealed files by their paths, as every kind of file there is."""
    told = []
    for kind in ("npz", "csv", "parquet"):
        for file in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
            with pytest.raises(InputError) as error:
                load(Dataset(kind, path=str(world.mnist / file), target="y"), TWENTY)
            told.append(error.value)
    return told


def the_test_files_under_other_names(world):
    """The sealed files where the training files should be: copied, and linked."""
    told = []
    for put in (shutil.copy, lambda old, new: new.symlink_to(old)):
        for kind in ("images-idx3", "labels-idx1"):
            (world.mnist / f"train-{kind}-ubyte.gz").unlink()
            put(world.mnist / f"t10k-{kind}-ubyte.gz", world.mnist / f"train-{kind}-ubyte.gz")
        with pytest.raises(InputError, match="sealed") as error:
            load(MNIST, TWENTY)
        told.append(error.value)
    return told


def the_test_part_as_the_training_part_of_an_archive(world):
    """An archive, and the Keras cache, with the parts exchanged."""
    told, data = [], world.small
    path = world.folder / "swapped.npz"
    np.savez(path, x_train=data.test, y_train=data.test_labels, x_test=data.train, y_test=data.train_labels)
    with pytest.raises(InputError, match="sealed") as error:
        load(Dataset("npz", path=str(path)), Validation(10))
    told.append(error.value)
    shutil.rmtree(world.mnist)
    cache = world.folder / "keras" / "datasets"
    cache.mkdir(parents=True)
    shutil.copy(path, cache / "mnist.npz")
    with pytest.raises(InputError) as error:
        load(MNIST, TWENTY)
    return [*told, error.value]


def the_file_inside_a_package(world):
    """The digits' own file, whole, as a table: another fifth of it would be sealed."""
    spec = find_spec("sklearn")
    assert spec is not None
    inside = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    copied = Path(shutil.copy(inside, world.folder / "mine.csv.gz"))
    told = []
    for path in (inside, copied):
        with pytest.raises(InputError, match="file of digits, a part of which is sealed") as error:
            load(Dataset("csv", path=str(path), target="0"), Validation(100))
        told.append(error.value)
    return told


def the_catalog_and_the_inventory(world):
    """Everything that is known of data sets: files, digests, places."""
    return (
        catalog.KNOWN,
        sealed.files("mnist"),
        inventory.listing(),
        inventory.verify("mnist"),
        inventory.verify("digits"),
    )


def what_is_downloaded(world):
    """What fetching gives, all files included, and the set as it is loaded from there."""
    shutil.rmtree(world.mnist)
    world.small.put(places.download_folder("mnist"))
    fetched = fetching.fetch("mnist", sealed.files("mnist"))
    assert not any(file["downloaded"] for file in fetched["files"])
    return fetched, load(MNIST, TWENTY)


def a_question_of_ones_own(world):
    """A question file with an analysis, keys and conditions that reach for the test part."""
    told = []
    for text in (
        "scientific: {activation: 'relu,tanh'}\nanalysis: sealed.evaluate\n",
        "scientific: {activation: 'relu,tanh'}\nanalysis: sweeper.data.sealed\n",
        "scientific: {activation: 'relu,tanh'}\nload: test\n",
        "scientific: {activation: 'relu,tanh'}\ntest: true\n",
        "scientific: {dataset.part: 'train,test'}\n",
        "scientific: {activation: 'relu,tanh'}\nfixed: ['dataset.part=test']\n",
    ):
        path = world.folder / "mine.yaml"
        path.write_text(text)
        with pytest.raises(InputError) as error:
            prepare(read(path), ["dataset=digits"])
        told.append(error.value)
    return told


def what_a_question_is_given(world):
    """The results that an analysis sees, with the examples that it may load."""
    path = world.folder / "mine.yaml"
    path.write_text("scientific: {activation: 'relu,tanh'}\n")
    prepared = prepare(read(path), ["dataset=digits", "validation.size=100"])
    config = prepared.conditions[0].config
    names = {field.name for field in fields(Results)}
    values = dict.fromkeys(names, ()) | {"load": lambda: load(config.dataset, config.validation)}
    results = Results(**values | {"prepared": prepared, "data": Ground().data(prepared).facts})
    return results, results.load()


def the_python_api(world):
    """What the package names, with overrides that reach for the test part."""
    told = [getattr(sweeper, name) for name in sweeper.__all__]
    for call in (sweeper.run, sweeper.tune):
        for override in ("dataset.part=test", "+split=test"):
            with pytest.raises(SweeperError) as error:
                call(["dataset=digits", override], runs=world.folder / "runs")
            told.append(error.value)
    return told


def commands_on_data(world):
    """What the data commands print, and the pictures that they draw."""
    from sweeper.report import examples

    out, drawn, real = io.StringIO(), [], examples.examples

    def listening(images, *rest, **more):
        drawn.append(images.reshape(len(images), -1))
        return real(images, *rest, **more)

    examples.examples = listening
    picture = ["--output", str(world.folder / "a.png")]
    try:
        with redirect_stdout(out), redirect_stderr(out):
            for words in (
                ["show", "digits", *picture],
                ["show", "digits", "--label", "3"],
                ["verify", "digits"],
                ["list"],
            ):
                invoke(["data", *words, "--json"])
    finally:
        examples.examples = real
    assert len(drawn) == 2
    return drawn, out.getvalue().encode()


def what_every_module_keeps(world):
    """The globals of every module of the package, caches included, after data were loaded and looked at."""
    load(DIGITS, Validation(100))
    load(MNIST, TWENTY)
    names = [module.name for module in pkgutil.walk_packages([str(SOURCE)], "sweeper.") if ".train" not in module.name]
    modules = [importlib.import_module(name) for name in names if name != "sweeper.__main__"]
    return [value for module in modules for value in vars(module).values()]


def the_private_readers_from_elsewhere(world):
    """Modules outside ``sealed`` that import, or hand on, something of its private readers."""
    found = []
    for path in SOURCE.rglob("*.py"):
        if "sealed" in path.relative_to(SOURCE).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sweeper.data.sealed"):
                found += [alias.name for alias in node.names if alias.name[0] == "_" or "._" in (node.module or "")]
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names if "sealed._" in alias.name]
    assert found == []
    return found


def a_ledger_that_keeps_nothing(world):
    """``evaluate`` itself, with a ledger that forgets: a device, a folder, a pipe, a file that cannot be written."""
    seen: list[object] = []
    (world.folder / "folder").mkdir()
    (world.folder / "link").symlink_to("/dev/null")
    for place in (Path("/dev/null"), Path("/dev/full"), world.folder / "folder", world.folder / "link"):
        with pytest.raises(SweeperError):
            sealed.evaluate(
                DIGITS, Validation(100), ledger=place, who="a", run="r", config_digest="c",
                score=lambda *rows: seen.append(rows) or {},
            )  # fmt: skip
    assert seen == []
    return seen


def what_was_recorded(world):
    """Results of earlier looks, found again on the ledger, for runs that never had one."""
    book = world.folder / "runs" / LEDGER
    return sealed.recorded(book, "r", "c"), ledger.openings(book, ["d"]), ledger.entries(book), ledger.verify(book)


def the_test_command_without_a_run(world):
    """``sweeper test`` for what was never trained."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        codes = [invoke(["test", name, "--json"]) for name in ("nothing", "digits", "../digits", "s:0", "")]
    assert set(codes) == {2}
    return out.getvalue().encode()


ATTEMPTS = [
    digits_loaded,
    the_largest_training_part,
    more_examples_than_there_are,
    what_the_loader_works_on,
    a_split_that_travels,
    joined_for_a_refit,
    a_workers_own_copy,
    a_trial_that_asks_a_worker_for_more,
    a_trial_bound_to_the_test_files_digest,
    keys_of_the_configuration,
    names_that_lead_elsewhere,
    the_test_files_as_data_sets_of_ones_own,
    the_test_files_under_other_names,
    the_test_part_as_the_training_part_of_an_archive,
    the_file_inside_a_package,
    the_catalog_and_the_inventory,
    what_is_downloaded,
    a_question_of_ones_own,
    what_a_question_is_given,
    the_python_api,
    commands_on_data,
    what_every_module_keeps,
    the_private_readers_from_elsewhere,
    a_ledger_that_keeps_nothing,
    what_was_recorded,
    the_test_command_without_a_run,
]
