"""A trained model as ONNX: features to probabilities or predictions, the mean over its members."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sweeper.errors import InputError
from sweeper.train.quiet import keras

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 20
"""The operator set of ONNX, the first with Gelu."""
IR = 9
"""The version of the file, which goes with it."""


def write(path: Path, models: Sequence[Path], classes: Sequence[str]) -> None:
    """Write ``.keras`` files of dense layers as one ONNX model.

    Its input is ``features`` [N, F], and its output ``probabilities`` [N, C]: the softmax of the networks' outputs, the
    mean over them. The names of the classes are among its metadata. Of a regression the output is ``predictions``
    [N, 1], in the target's unit.

    Args:
        path: of the file.
        models: the ``.keras`` files, one a member.
        classes: names, [C]; none of a regression.

    Raises:
        InputError: the package onnx is not installed.
    """
    path.write_bytes(_model(models, classes).SerializeToString())


def check() -> None:
    """Make sure that ONNX can be written.

    Raises:
        InputError: the package onnx is not installed.
    """
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise InputError(
            "the package onnx is not installed", hint="pip install 'sweeper[onnx]'", key="--onnx"
        ) from error


def _model(models: Sequence[Path], classes: Sequence[str]) -> ModelProto:
    from onnx import TensorProto, helper

    graph = _Graph()
    members = [keras.saving.load_model(path, compile=False, safe_mode=True) for path in models]
    said = [graph.member(member, f"member{number}") for number, member in enumerate(members)]
    output = "predictions"
    if classes:
        output = "probabilities"
        said = [graph.add("Softmax", [each], f"{each}/probabilities", axis=-1) for each in said]
    graph.add("Mean", said, output)
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width])
        for name, width in (("features", members[0].input_shape[1]), (output, members[0].output_shape[1]))
    ]
    made = helper.make_graph(graph.nodes, "sweeper", ends[:1], ends[1:], graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    helper.set_model_props(model, {"classes": json.dumps(list(classes), ensure_ascii=False)})
    return model


@dataclass
class _Graph:
    """Nodes and weights so far."""

    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """A node; the name of its output."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def weight(self, name: str, values: npt.ArrayLike) -> str:
        """A constant; its name."""
        from onnx import numpy_helper

        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def member(self, model: Any, name: str) -> str:
        """A network's layers, one after the other; dropout does nothing here."""
        value = "features"
        for number, layer in enumerate(model.layers):
            if isinstance(layer, keras.layers.Dense):
                value = self._dense(layer, value, f"{name}/{number}")
            elif isinstance(layer, keras.layers.Rescaling):
                value = self._rescaling(layer, value, f"{name}/{number}")
            elif not isinstance(layer, keras.layers.Dropout):
                raise TypeError(f"a layer of the kind {type(layer).__name__}")
        return value

    def _dense(self, layer: Any, value: str, here: str) -> str:
        weights = zip("kb", layer.get_weights(), strict=True)
        kernel, bias = (self.weight(f"{here}/{part}", each) for part, each in weights)
        summed = self.add("Gemm", [value, kernel, bias], f"{here}/sum")
        return _ACTIVATIONS[layer.activation.__name__](self, summed, f"{here}/out")

    def _rescaling(self, layer: Any, value: str, here: str) -> str:
        scale, offset = (
            self.weight(f"{here}/{part}", each) for part, each in (("scale", layer.scale), ("offset", layer.offset))
        )
        return self.add("Add", [self.add("Mul", [value, scale], f"{here}/scaled"), offset], f"{here}/out")


Activation = Callable[[_Graph, str, str], str]


def _plain(operator: str, **attributes: float) -> Activation:
    return lambda graph, value, out: graph.add(operator, [value], out, **attributes)


def _silu(graph: _Graph, value: str, out: str) -> str:
    return graph.add("Mul", [value, graph.add("Sigmoid", [value], f"{out}/sigmoid")], out)


_ACTIVATIONS: dict[str, Activation] = {
    "linear": lambda _graph, value, _out: value,
    "relu": _plain("Relu"),
    "tanh": _plain("Tanh"),
    "sigmoid": _plain("Sigmoid"),
    "leaky_relu": _plain("LeakyRelu", alpha=0.2),
    "elu": _plain("Elu"),
    "selu": _plain("Selu", alpha=1.6732632423543772, gamma=1.0507009873554805),
    "gelu": _plain("Gelu"),
    "silu": _silu,
    "softplus": _plain("Softplus"),
    "softsign": _plain("Softsign"),
}
"""Keras' activations, by their own names, with Keras' own constants."""
