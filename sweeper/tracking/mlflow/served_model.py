"""The code of an exported model: raw rows in, classes with their probabilities, or numbers, out.

MLflow copies this file into the model's folder and runs it there; it needs no sweeper. ``rows`` in that folder reads
rows as training did, and ``member-N.keras`` are the networks.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

_BATCH = 4096


class Trained(PythonModel):  # type: ignore[misc] # MLflow has no types
    """Trained networks with their preprocessing; of several, the mean of their probabilities or numbers counts."""

    def load_context(self, context: Any) -> None:
        """Read the preprocessing and the networks."""
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        files = context.artifacts
        self._document = json.loads(Path(files["preprocessing"]).read_text(encoding="utf-8"))
        self._answers, self._values = (_module(Path(files["rows"]), name) for name in ("answers", "values"))
        keras = import_module("keras")
        members = sorted((name for name in files if name.startswith("member-")), key=lambda name: int(name[7:]))
        self._members = [keras.saving.load_model(files[name], compile=False, safe_mode=True) for name in members]

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> Any:  # noqa: ARG002
        """One row for each row: ``class``, ``probability``, ``P(NAME)`` of each; or ``prediction``; and ``note``.

        Args:
            context: of MLflow.
            model_input: with the columns of training, in any order; or an array of examples, whatever the type says
                (without one, MLflow would look for the signature here, and not in the model's own).
            params: none are known.

        Raises:
            ValueError: the rows are not of the kind that training had: which, in one line.
        """
        given: Any = model_input
        if isinstance(given, pd.DataFrame):
            rows = self._answers.of_table(self._document, self._values.of_frame(given))
        else:
            rows = self._answers.of_array(self._document, given)
        starts = range(0, max(len(rows.features), 1), _BATCH)
        batches = [rows.features[start : start + _BATCH] for start in starts]
        outputs = [[member(batch, training=False).numpy() for batch in batches] for member in self._members]
        return self._answers.answers(self._document, outputs, rows.notes)


def _module(folder: Path, name: str) -> ModuleType:
    """A module of the package in a folder, apart from those of other exported models in the same process."""
    if folder not in _PACKAGES:
        package = f"rows_{uuid.uuid4().hex}"
        spec = spec_from_file_location(package, folder / "__init__.py", submodule_search_locations=[str(folder)])
        assert spec is not None
        assert spec.loader is not None
        sys.modules[package] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[package])
        _PACKAGES[folder] = package
    return import_module(f"{_PACKAGES[folder]}.{name}")


_PACKAGES: dict[Path, str] = {}

mlflow.models.set_model(Trained())
