"""The few lines that go with an exported model."""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.jobs.shared.trained_model import TrainedModel

_TEXT = """\
# {title}

{what}, trained by sweeper (run {run}). It needs no sweeper:

```console
pip install -r requirements.txt
mlflow models serve -m . --env-manager local --port 5001
curl localhost:5001/invocations -H 'Content-Type: application/json' -d @serving_input_example.json
```

In Python: `mlflow.pyfunc.load_model(".").predict(rows)`, where `rows` is {rows}.
Each row gets {answer}, and a `note` where it looks
unlike training.

- `artifacts/member-N.keras`: the networks ({members}), for Keras alone; the mean of their {outputs} counts
- `artifacts/preprocessing.json`: how rows become features, as plain numbers; `artifacts/rows`: the code that does it
- `model.py`: what MLflow runs
{onnx}"""
_ONNX = "- `model.onnx`: features [N, F] to {outputs}, the mean over the networks\n"


def readme(model: TrainedModel, *, onnx: bool) -> str:
    """What the folder is, and how it is used."""
    document = model.preprocessing
    shape = "an array of examples " + str(["N", *document.get("shape", ())]).replace("'", "")
    classes = document["classes"]
    outputs = "probabilities (softmax of their outputs)" if classes else "predictions"
    return _TEXT.format(
        title=model.found.title,
        run=model.found.run_id,
        what=f"A classifier for {_listed(classes)}" if classes else f"A model for the number '{document['target']}'",
        rows="a DataFrame with the columns of training" if document["kind"] == "table" else shape,
        answer="its `class`, the `probability` of it, `P(NAME)` of every class" if classes else "its `prediction`",
        members=len(model.files),
        outputs=outputs,
        onnx=_ONNX.format(outputs=outputs.partition(" (")[0]) if onnx else "",
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
