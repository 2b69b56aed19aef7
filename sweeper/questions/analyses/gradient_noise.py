"""How noisy the gradient of a batch is, measured on the tutorial's network at its initial weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def gradient_noise(
    features: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    sizes: Sequence[int],
    *,
    hidden: Sequence[int] = (50, 30),
    draws: int = 30,
    seed: int = 0,
) -> dict[int, float]:
    """The relative noise |g_batch - g| / |g| (root mean square over `draws` batches) for each batch size.

    g is the gradient of the cross-entropy over all given examples, at weights drawn from a truncated
    normal with standard deviation 0.1 and biases 0.1 (ReLU). Batches are drawn without replacement.

    Args:
        features: [N, F].
        labels: [N].
        sizes: batch sizes, each at most N.
        hidden: units of the hidden layers.
        draws: batches for each size.
        seed: of weights and batches.
    """
    rng = np.random.default_rng(seed)
    weights = _weights(rng, [features.shape[1], *hidden, int(labels.max()) + 1])
    whole = gradient(weights, features, labels)
    noise = {}
    for size in sizes:
        rows = [rng.choice(len(labels), size, replace=False) for _ in range(draws)]
        errors = [np.sum((gradient(weights, features[row], labels[row]) - whole) ** 2) for row in rows]
        noise[size] = float(np.sqrt(np.mean(errors) / np.sum(whole**2)))
    return noise


def gradient(
    weights: Sequence[tuple[Floats, Floats]], features: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]
) -> Floats:
    """The gradient of the mean cross-entropy of a ReLU network, all arrays in one vector (backpropagation)."""
    outputs = [features.astype(np.float64)]
    for index, (kernel, bias) in enumerate(weights):
        linear = outputs[-1] @ kernel + bias
        outputs.append(linear if index == len(weights) - 1 else np.maximum(linear, 0))
    delta = _softmax(outputs[-1])
    delta[np.arange(len(labels)), labels] -= 1
    delta /= len(labels)
    parts: list[Floats] = []
    for index in range(len(weights) - 1, -1, -1):
        parts += [delta.sum(0), (outputs[index].T @ delta).ravel()]
        delta = (delta @ weights[index][0].T) * (outputs[index] > 0)
    return np.concatenate(parts[::-1])


def _weights(rng: np.random.Generator, widths: Sequence[int]) -> list[tuple[Floats, Floats]]:
    """Normal draws beyond two standard deviations are drawn again, as a truncated normal has it."""
    made = []
    for rows, columns in pairwise(widths):
        kernel = rng.normal(size=(rows, columns))
        while (far := np.abs(kernel) > 2).any():
            kernel[far] = rng.normal(size=int(far.sum()))
        made.append((0.1 * kernel, np.full(columns, 0.1)))
    return made


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))
