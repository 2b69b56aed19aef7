"""``sweeper export``: a trained model as a folder that works without sweeper."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import numpy as np

from sweeper.data import portable
from sweeper.data.portable import answers
from sweeper.data.portable.example import example as made_up
from sweeper.data.portable.values import of_frame
from sweeper.errors import InputError, SweeperError
from sweeper.jobs.shared.exported_readme import readme
from sweeper.jobs.shared.trained_model import TrainedModel, trained_model
from sweeper.study.plan import Observer, ignore
from sweeper.study.session import recording
from sweeper.system.files import temporary_folder
from sweeper.system.python import own_process
from sweeper.tracking.mlflow import exported
from sweeper.tracking.mlflow.model_registry import add_version, check_name

CLOSE = 1e-6
"""How far its probabilities may be from those of the model that it was made of; of numbers, that part of them."""


def export(
    called: str, folder: Path, *, runs: Path, onnx: bool = False, register: str = "", observe: Observer = ignore
) -> dict[str, Any]:
    """Write a recorded model as a folder of its own, and make sure that it says what the model says.

    Args:
        called: the run's id, the beginning of it, or its name; ``STUDY`` for its chosen trial, ``STUDY:N``.
        folder: that is not there, or empty.
        runs: where everything is recorded.
        onnx: whether to write the network as ONNX, too.
        register: under which name it is put into MLflow's model registry as well; "" for not at all.
        observe: told what waits for MLflow.

    Returns:
        ``run_id``, ``title``, ``folder``, ``classes``, ``members``, ``files``, ``requirements``, ``overrides``,
        ``registered`` (``name`` and ``version``; None where it was not asked for).

    Raises:
        InputError: there is no such run, or the folder holds something; nothing was written.
        SweeperError: its models are gone, or it cannot be written.
    """
    own_process(own=False)  # MLflow's part for models needs all of what its client does without
    _check_asked(folder, register, onnx=onnx)
    model = trained_model(called, runs)
    try:
        with temporary_folder(folder.absolute().parent, ".export") as drafts:
            draft = _written(model, drafts / "model", onnx=onnx)
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
    except OSError as error:
        raise SweeperError(f"{folder} cannot be written: {error.strerror}", key="folder") from error
    registered = _registered(model, folder, register, runs, observe) if register else None
    return _document(model, folder) | {"registered": registered}


def _check_asked(folder: Path, register: str, *, onnx: bool) -> None:
    """Raise InputError where the folder, the name or the package will not do."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is there, and not empty", hint="name a new folder", key="folder")
    if not folder.absolute().parent.is_dir():
        raise InputError(f"{folder.absolute().parent} is no folder", hint="make it first", key="folder")
    if register:
        check_name(register)
    if onnx:
        from sweeper.train.onnx_model import check

        check()


def _written(model: TrainedModel, draft: Path, *, onnx: bool) -> Path:
    example = made_up(model.preprocessing)
    exported.save(draft, model.files, model.preprocessing, Path(portable.__path__[0]), example)
    _check(draft, example, model)
    if onnx:
        from sweeper.train.onnx_model import write

        write(draft / "model.onnx", model.files, model.preprocessing["classes"])
    (draft / "README.md").write_text(readme(model, onnx=onnx), encoding="utf-8")
    return draft


def _check(draft: Path, example: Any, model: TrainedModel) -> None:
    """Show the folder and the model the same rows."""
    from sweeper.train.evaluate import outputs

    document = model.preprocessing
    if document["kind"] == "table":
        rows = answers.of_table(document, of_frame(example))
    else:
        rows = answers.of_array(document, example)
    own = answers.answers(document, [[outputs(path, rows.features)] for path in model.files], rows.notes)
    theirs, ours = (answers.compared(document, each) for each in (exported.answers(draft, example), own))
    difference = float(np.max(np.abs(theirs - ours) / np.maximum(1, np.abs(ours))))
    if not difference <= CLOSE:
        raise SweeperError(
            f"the exported model of {model.found.title} says other things than the model: by up to {difference:.2g}",
            hint="report this",
        )


def _registered(model: TrainedModel, folder: Path, name: str, runs: Path, observe: Observer) -> dict[str, str]:
    """Put a copy of the folder among the run's files, and name that in the registry."""
    run_id, place = model.found.run_id, f"exported/{uuid.uuid4().hex[:8]}"
    inside = [(path, path.parent.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    with recording(runs, observe) as tracker:
        tracker.update(run_id, artifacts=[(path, str(Path(place) / parent)) for path, parent in inside])
        if tracker.flush():
            raise SweeperError(
                f"{folder} is written, and cannot be registered: MLflow takes nothing now", key="register"
            )
    return {"name": name, "version": add_version(runs, run_id, place, name)}


def _document(model: TrainedModel, folder: Path) -> dict[str, Any]:
    return {
        "run_id": model.found.run_id,
        "title": model.found.title,
        "folder": str(folder),
        "classes": model.preprocessing["classes"],
        "members": len(model.files),
        "files": sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()),
        "requirements": exported.requirements(),
        "overrides": list(model.found.record.overrides),
    }
