"""``sweeper predict``: what a trained model says of rows that it has not seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.data import sealed
from sweeper.data.portable.answers import answers
from sweeper.errors import InputError
from sweeper.jobs.shared.trained_model import TrainedModel, trained_model

if TYPE_CHECKING:
    import pandas as pd


def predict(called: str, file: Path, *, runs: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """Show the rows of a file to a recorded model. Nothing is recorded, and no test split is opened.

    The rows are read as the file of training was. With repeats, the mean of the members' probabilities counts (the
    ensemble of Lakshminarayanan, Pritzel and Blundell 2017).

    Args:
        called: the run's id, the beginning of it, or its name; ``STUDY`` for its chosen trial, ``STUDY:N``.
        file: CSV, Parquet, ``.npz`` or ``.npy``.
        runs: where everything is recorded.

    Returns:
        ``run_id``, ``title``, ``data``, ``classes``, ``members``, ``rows``, ``unlike`` (``rows`` and ``share`` that
        look unlike training), ``counts`` of each class, ``notes``; and the table: ``class``, ``probability``,
        ``P(NAME)`` of each class, ``note``; of a regression ``prediction``, in the target's unit, and ``note``.

    Raises:
        InputError: there is no such run, or the file cannot be read as training's was.
        SweeperError: its models are gone.
    """
    model = trained_model(called, runs)
    _check_not_sealed(model, file)
    rows, said = sealed.new_rows(file, model.preprocessing)
    said = (*said, *_own_file(model, file))
    from sweeper.train.evaluate import outputs

    table = answers(model.preprocessing, [[outputs(path, rows.features)] for path in model.files], rows.notes)
    return _document(model, table, said), table


def _check_not_sealed(model: TrainedModel, file: Path) -> None:
    """Refuse the run's own test file."""
    test = model.found.config.dataset.test_path
    if test and Path(test).exists() and file.exists() and file.samefile(test):
        raise InputError(
            f"{file} is the test file of {model.found.title}, which is sealed",
            hint=f"sweeper test {model.found.title} opens it",
            key="file",
        )


def _own_file(model: TrainedModel, file: Path) -> list[str]:
    """What is to be said of the file that training had, in which rows of all splits are."""
    own = model.found.record.result.data.get("file", "")
    if not own or not Path(own).exists() or not file.samefile(own):
        return []
    return [f"{file} is the file that {model.found.title} was trained on: what is right in it is no score of the model"]


def _document(model: TrainedModel, table: pd.DataFrame, said: tuple[str, ...]) -> dict[str, Any]:
    classes = model.preprocessing["classes"]
    unlike = int((table["note"] != "").sum())
    counts = dict(table["class"].value_counts()) if classes else {}
    return {
        "run_id": model.found.run_id,
        "title": model.found.title,
        "data": model.preprocessing["data"],
        "classes": classes,
        "members": len(model.files),
        "rows": len(table),
        "unlike": {"rows": unlike, "share": unlike / max(len(table), 1)},
        "counts": {name: int(counts.get(name, 0)) for name in classes},
        "notes": list(said),
    }
