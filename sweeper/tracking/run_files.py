"""A run's artifacts on disk: files put in place whole, and a Keras file laid out as an MLflow model."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

import yaml

from sweeper.tracking.base import RunRecord
from sweeper.tracking.describe import seeds_of
from sweeper.trial import to_json


def place_run(folder: Path, run: RunRecord) -> list[str]:
    """All files of a run; the models that are not there to be placed.

    ``config.yaml``, from which it can be repeated; ``overrides.txt``, one a line; ``result.json``, the whole of its
    result; and ``models/seed_N`` for each member.
    """
    homes = [f"models/seed_{seed}" for seed in seeds_of(run, len(run.result.models))]
    (folder / "config.yaml").write_text(_yaml(run.config), encoding="utf-8")
    (folder / "overrides.txt").write_text("".join(f"{line}\n" for line in run.overrides), encoding="utf-8")
    result = to_json(run.result) | {"models": [f"{home}/data/model.keras" for home in homes]}
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    pairs = zip(run.result.models, homes, strict=True)
    return [model for model, home in pairs if not place_model(Path(model), folder / home, run.result.versions)]


def place(source: Path, target: Path, *, link: bool = False) -> bool:
    """Copy a file so that the target is old or new and never half; with `link` the copy may share its bytes.

    Whether the target is there: a source that is gone may have been placed before.
    """
    if not source.exists():
        return target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    if not (link and _linked(source, part)):
        shutil.copyfile(source, part)
    part.replace(target)
    part.unlink(missing_ok=True)  # renaming one name of a file to another of its names does nothing
    return True


def place_model(source: Path, folder: Path, versions: Mapping[str, str]) -> bool:
    """A ``.keras`` file as ``folder/data/model.keras``, with what lets ``mlflow.keras.load_model`` open `folder`.

    The layout is that of ``mlflow.keras.save_model``, which itself would import TensorFlow. Whether it is there.
    """
    if not place(source, folder / "data" / "model.keras", link=True):
        return False
    (folder / "data" / "keras_module.txt").write_text("keras", encoding="utf-8")
    (folder / "MLmodel").write_text(_mlmodel(versions), encoding="utf-8")
    pins = [f"{name}=={versions[name]}\n" for name in ("keras", "tensorflow") if name in versions]
    (folder / "requirements.txt").write_text("".join(pins), encoding="utf-8")
    return True


def discard(source: Path) -> None:
    """Remove a file that has been placed, and its folder if that was the last in it."""
    source.unlink(missing_ok=True)
    try:
        source.parent.rmdir()
    except OSError:
        return


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        return False
    return True


def _mlmodel(versions: Mapping[str, str]) -> str:
    keras = {
        "data": "data",
        "keras_backend": "tensorflow",
        "keras_version": versions.get("keras", ""),
        "save_exported_model": False,
    }
    python = {"loader_module": "mlflow.keras", "python_version": platform.python_version()}
    return _yaml({"flavors": {"keras": keras, "python_function": python}})


def _yaml(values: Mapping[str, object]) -> str:
    # libyaml's writer, ten times faster, where PyYAML was built with it
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    written: str = yaml.dump(dict(values), Dumper=dumper, sort_keys=False, allow_unicode=True)
    return written
