"""A trained model as a folder that MLflow serves where sweeper is not installed."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.system.files import temporary_folder
from sweeper.tracking.mlflow import quieten

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("mlflow", "keras", "tensorflow", "tensorflow-cpu", "numpy", "pandas", "pyarrow")
"""What the folder's code imports; those that are installed here are pinned to the versions that it was tried with."""


def save(folder: Path, members: Sequence[Path], document: Mapping[str, Any], rows: Path, example: Any) -> None:
    """Write an MLflow model: its code, its networks, its preprocessing, its signature and an example of its input.

    Args:
        folder: that must not be there.
        members: the ``.keras`` files, in order.
        document: the preprocessing.
        rows: the package that reads rows by it.
        example: of its input: a DataFrame, or an array.

    Raises:
        OSError: it cannot be written.
    """
    with _quiet():
        import mlflow.pyfunc

    with temporary_folder() as parts, _quiet():
        mlflow.pyfunc.save_model(
            folder,
            python_model=str(Path(__file__).with_name("served_model.py")),
            artifacts=_artifacts(parts, members, document, rows),
            signature=_signature(document, example),
            input_example=example,
            pip_requirements=requirements(),
        )
    (folder / "served_model.py").rename(folder / "model.py")
    _point_to_itself(folder)


def answers(folder: Path, rows: Any) -> pd.DataFrame:
    """What an exported model says of rows.

    Raises:
        Exception: whatever is wrong with the folder.
    """
    with _quiet():
        import mlflow.pyfunc

        found: pd.DataFrame = mlflow.pyfunc.load_model(str(folder)).predict(rows)
    return found


def requirements() -> list[str]:
    """The packages that an exported model needs, as pip reads them."""
    return [f"{name}=={found}" for name in NEEDED if (found := _version(name))]


def _artifacts(parts: Path, members: Sequence[Path], document: Mapping[str, Any], rows: Path) -> dict[str, str]:
    shutil.copytree(rows, parts / "rows", ignore=shutil.ignore_patterns("__pycache__"))
    (parts / "preprocessing.json").write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    for number, member in enumerate(members):
        shutil.copyfile(member, parts / f"member-{number}.keras")
    names = {f"member-{number}": f"member-{number}.keras" for number in range(len(members))}
    return {
        key: str(parts / name)
        for key, name in ({"rows": "rows", "preprocessing": "preprocessing.json"} | names).items()
    }


def _signature(document: Mapping[str, Any], example: Any) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, Schema, TensorSpec

    outputs = [("double", "prediction")]
    if classes := document["classes"]:
        outputs = [("string", "class"), ("double", "probability"), *(("double", f"P({name})") for name in classes)]
    said = Schema([ColSpec(*each) for each in (*outputs, ("string", "note"))])
    if document["kind"] == "array":
        return ModelSignature(Schema([TensorSpec(np.dtype(example.dtype), (-1, *example.shape[1:]))]), said)
    texts = set(document["reading"]["texts"])
    # MLflow refuses whole numbers where fractions are declared: a type is declared where it matters, as 01 is not 1.
    kinds = {
        column["name"]: "string" if column["kind"] == "category" and column["name"] in texts else AnyType()
        for column in document["columns"]
    }
    return ModelSignature(Schema([ColSpec(kind, name) for name, kind in kinds.items()]), said)


def _point_to_itself(folder: Path) -> None:
    """Name the code as it is called, and no folder of this machine."""
    import yaml

    path = folder / "MLmodel"
    about = yaml.safe_load(path.read_text(encoding="utf-8"))
    flavor = about["flavors"]["python_function"]
    flavor["model_code_path"] = "model.py"
    for artifact in flavor["artifacts"].values():
        artifact["uri"] = artifact["path"]
    path.write_text(yaml.safe_dump(about, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@contextmanager
def _quiet() -> Iterator[None]:
    """MLflow's advice to whoever writes models is for nobody who exports one."""
    quieten()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
