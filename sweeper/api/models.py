"""A trained model in a program of one's own: loaded, shown new rows, or written as a folder without sweeper."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.calling import folder, path, plainly
from sweeper.api.rows import rows_as_file
from sweeper.api.run import RunResult
from sweeper.api.tuned import TunedTrial, TuneResult

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd


@plainly
def load_model(
    called: str | RunResult | TunedTrial | TuneResult, *, repeat: int = 0, runs: str | os.PathLike[str] | None = None
) -> Any:
    """Load the trained Keras model of a run or a trial: ``load_model("my-study:30")``.

    It takes features as the data set gives them after preprocessing, ``[examples, features]``, and gives one output a
    class (logits: the softmax is in the loss).

    Args:
        called: the result of ``run`` or ``tune``, a trial; or, as text, the id of a run, ``STUDY`` for its winner,
            ``STUDY:N``.
        repeat: which of its models, where it was trained from several initial weights.
        runs: the folder where it is recorded; that of the result, else ``$SWEEPER_RUNS``, or ``runs``, if it is not
            given.

    Returns:
        keras.Model: not compiled, for predictions.

    Raises:
        InputError: there is no such run, or it has fewer models.
        SweeperError: its models are gone.
    """
    from sweeper.jobs.model import load_model as job

    return job(str(called), repeat=repeat, runs=folder(runs or getattr(called, "runs", None)))


@plainly
def predict(
    called: str | RunResult | TunedTrial | TuneResult,
    file: str | os.PathLike[str] | pd.DataFrame | npt.NDArray[Any],
    *,
    runs: str | os.PathLike[str] | None = None,
) -> pd.DataFrame:
    """Show new rows to a trained model: the class of each, the probability of every class, and a note.

    The rows are read as the file of training was. The note says what in a row is unlike training. Nothing sealed is
    opened, and nothing is recorded.

    Args:
        called: the result of ``run`` or ``tune``, a trial; or, as text, the id of a run, ``STUDY`` for its winner,
            ``STUDY:N``.
        file: CSV or Parquet; of images .npz or .npy. Or the rows themselves: a DataFrame, or an array.
        runs: the folder where it is recorded; that of the result, else ``$SWEEPER_RUNS``, or ``runs``, if it is not
            given.

    Returns:
        pandas.DataFrame: ``class``, ``probability``, ``P(NAME)`` of each class and ``note``; of numbers
        ``prediction``, in the target's unit, and ``note``. Its ``attrs["notes"]`` are lines that a person should have
        read.

    Raises:
        InputError: there is no such run, or the file cannot be read as training's was.
        SweeperError: its models are gone.
    """
    from sweeper.jobs.predict import predict as job

    where = folder(runs or getattr(called, "runs", None))
    with rows_as_file(file) as rows:
        document, answers = job(str(called), rows, runs=where)
    answers.attrs["notes"] = document["notes"]
    return answers


@plainly
def export(
    called: str | RunResult | TunedTrial | TuneResult,
    target: str | os.PathLike[str],
    *,
    onnx: bool = False,
    register: str = "",
    runs: str | os.PathLike[str] | None = None,
) -> Path:
    """Write a trained model as a folder that works without sweeper; its path.

    Args:
        called: the result of ``run`` or ``tune``, a trial; or, as text, the id of a run, ``STUDY`` for its winner,
            ``STUDY:N``.
        target: the folder, which is not there or empty.
        onnx: whether to write the network as ONNX, too.
        register: under which name it goes into MLflow's model registry as well; not at all if it is not given.
        runs: the folder where it is recorded; that of the result, else ``$SWEEPER_RUNS``, or ``runs``, if it is not
            given.

    Raises:
        InputError: there is no such run, or the folder holds something; nothing was written.
        SweeperError: its models are gone, or it cannot be written.
    """
    from sweeper.jobs.export import export as job

    where = folder(runs or getattr(called, "runs", None))
    to = path(target, "target") or Path()
    job(str(called), to, runs=where, onnx=onnx, register=register)
    return to
