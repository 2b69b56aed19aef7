"""Pictures of a data set's examples, by label, as in the tutorial's first look at the data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.registry import unknown
from sweeper.config.schema import Dataset, Validation
from sweeper.data import load
from sweeper.data.catalog import KNOWN
from sweeper.data.split import Split
from sweeper.errors import InputError
from sweeper.report.figures.pictures import examples
from sweeper.report.figures.style import save

SHOWN = 10
"""Examples of one label in a picture."""

_MOST_LABELS = 100


def show(
    dataset: Dataset,
    validation: Validation,
    *,
    label: str = "",
    output: Path | None = None,
    folder: Path = Path("runs/reports"),
) -> dict[str, Any]:
    """Draw ten training examples of a label, or one of every label (of the first 100); the test split is not opened.

    Args:
        dataset: as of a run.
        validation: as of a run; examples come from the training split, in the order of the data set.
        label: a class by its name; "" for one example of each.
        output: the PNG file; one that is there is not overwritten. None for a file in `folder`, which is made anew.
        folder: of pictures without a name of their own.

    Returns:
        ``path``, ``dataset`` (``name``, ``digest``), ``label`` (null for all), ``labels`` and ``rows`` (the position
        in the training split) of the examples in the picture, and ``notes``.

    Raises:
        InputError: no such label, examples that are no pictures, or an output file that is there already.
    """
    if output is not None and output.exists():
        raise InputError(f"{output} is there already", hint="give --output another name", key="--output")
    split = load(dataset, validation)
    rows = _chosen(split, label)
    images = _images(split, rows)
    names = [split.classes[number] for number in split.train_labels[rows]]
    title = f"{split.name}: {f'label {label}' if label else 'one example of each label'}"
    path = output or folder / _file_name(split, label)
    save(examples(images, [] if label else names, title=title), path)
    return {
        "path": str(path),
        "dataset": {"name": split.name, "digest": split.digest},
        "label": label or None,
        "labels": names,
        "rows": rows.tolist(),
        "notes": list(split.notes),
    }


def _chosen(split: Split, label: str) -> npt.NDArray[np.int64]:
    if not label:
        _, firsts = np.unique(split.train_labels, return_index=True)
        return firsts.astype(np.int64)[:_MOST_LABELS]
    if label not in split.classes:
        raise unknown("label", label, split.classes, key="--label")
    return np.flatnonzero(split.train_labels == split.classes.index(label))[:SHOWN]


def pictures(examples: npt.NDArray[np.float32], shape: tuple[int, ...]) -> npt.NDArray[np.float32] | None:
    """Examples [N, F] as pictures, 0 to 1: [N, height, width], or with 3 colours behind; None where they are none."""
    if not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)):
        return None
    images = examples.reshape(len(examples), *shape)
    low, high = (float(images.min()), float(images.max())) if len(images) else (0.0, 1.0)
    # Pixels of an archive of floats may be in any unit.
    return images if low >= 0 and high <= 1 else (images - low) / max(high - low, 1e-9)


def _images(split: Split, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    images = pictures(split.some(rows), split.shape)
    if images is None:
        raise InputError(
            f"examples of {split.name} have the shape {list(split.shape)}: they are no pictures",
            hint="a picture has the shape height x width, or height x width x 3",
            key="dataset.name",
        )
    return images


def _file_name(split: Split, label: str) -> str:
    """A class is called what its data set says: only letters, digits and dashes of it go into a file's name."""
    # Your own files are all called after their kind; the digest tells them apart.
    data = split.name if split.name in KNOWN else f"{split.name}-{split.digest[:8]}"
    return f"examples-{data}-{re.sub(r'[^A-Za-z0-9]+', '-', label).strip('-') or 'each'}.png"
