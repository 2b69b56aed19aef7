"""From raw rows to features, and from a model's probabilities to the table that a person gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import cells, unlike, values
from .features import features

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Rows:
    """Rows that are ready for a model.

    Attributes:
        features: [N, F].
        notes: what is unlike training in each row, "" where nothing is, [N].
        told: what a person should know of how they were read.
    """

    features: npt.NDArray[np.float32]
    notes: list[str]
    told: str = ""


def of_table(document: Document, columns: Mapping[str, pa.ChunkedArray]) -> Rows:
    """The rows of a table, by its columns.

    Raises:
        RowsError: a column is not there, or of another kind.
    """
    if document["kind"] != "table":
        raise values.RowsError(f"it is a table, and training had arrays of {document['shape']}")
    numbers = values.of_columns(document, columns)
    named = [column["name"] for column in document["columns"] if column["kind"] == "category"]
    texts = {name: cells.texts(columns[name]).to_numpy() for name in named}
    return Rows(features(document["plan"], numbers), unlike.notes(document, numbers, texts))


def of_array(document: Document, array: npt.NDArray[Any]) -> Rows:
    """The examples of an array.

    Raises:
        RowsError: they are of another shape or kind.
    """
    if document["kind"] != "array":
        raise values.RowsError("it is an array, and training had a table with named columns")
    numbers, told = values.of_array(document, array)
    return Rows(features(document["plan"], numbers), unlike.notes(document, numbers), told)


def softmax(outputs: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Probabilities [..., C] out of what the loss is computed from, in double precision."""
    shifted = np.asarray(outputs, np.float64) - np.max(outputs, axis=-1, keepdims=True)
    powers = np.exp(shifted)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def answers(document: Document, outputs: Sequence[Sequence[npt.NDArray[Any]]], notes: list[str]) -> pd.DataFrame:
    """One row each: ``class``, its ``probability``, ``P(NAME)`` of every class, and the ``note``.

    Of a regression: ``prediction``, in the target's unit, and the ``note``.

    Args:
        document: the preprocessing, with the names of the classes; none of a regression.
        outputs: of each member's model, batch by batch, [B, C] each; the mean of the members' probabilities counts, of
            a regression that of their numbers.
        notes: of the rows, [N].
    """
    import pandas as pd

    members = [np.concatenate(batches) for batches in outputs]
    if not document["classes"]:
        return pd.DataFrame({"prediction": np.stack(members).astype(np.float64).mean(axis=0)[:, 0], "note": notes})
    mean = np.mean([softmax(member) for member in members], axis=0)
    names = np.array(document["classes"], object)
    best = mean.argmax(axis=1)
    frame = {"class": names[best], "probability": mean[np.arange(len(mean)), best]}
    frame |= {f"P({name})": mean[:, number] for number, name in enumerate(names)}
    return pd.DataFrame(frame | {"note": notes})


def compared(document: Document, answers: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The numbers of answers, [N, C] or [N, 1]: probabilities, or predictions."""
    names = [f"P({name})" for name in document["classes"]] or ["prediction"]
    return answers[names].to_numpy(np.float64)
