"""JAX: trials of one shape as members of one compiled program (`vmap` over members, `scan` over an epoch's steps)."""

from collections import defaultdict
from functools import partial
from itertools import pairwise

import common
import jax
import jax.numpy as jnp
import numpy as np
import work

ACTIVATIONS = (jax.nn.relu, jnp.tanh, jax.nn.sigmoid)


def outputs(weights, x, which, rate, key):
    """Logits of one member [B, C]; dropout where there is a key."""
    *hidden, (last, shift) = weights
    for number, (kernel, bias) in enumerate(hidden):
        before = x @ kernel + bias
        x = jnp.select([which == n for n in range(len(ACTIVATIONS))], [function(before) for function in ACTIVATIONS])
        if key is not None:
            kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - rate, x.shape)
            x = jnp.where(kept, x / (1 - rate), 0.0)
    return x @ last + shift


def loss(weights, x, y, which, rate, l2, key):
    """Cross-entropy and penalty of one member on one batch."""
    likely = jax.nn.log_softmax(outputs(weights, x, which, rate, key))
    penalty = sum((kernel**2).sum() for kernel, _ in weights[:-1])
    return -likely[jnp.arange(len(y)), y].mean() + l2 * penalty


@partial(jax.jit, donate_argnums=0)
def epoch(weights, order, x, y, which, rates, l2, learning, key):
    """All steps of one pass, [K, B], for all members, which share the batches."""

    def step(state, rows):
        now, key = state
        key, noise = jax.random.split(key)
        keys = jax.random.split(noise, len(which))
        grads = jax.vmap(jax.grad(loss), (0, None, None, 0, 0, 0, 0))(now, x[rows], y[rows], which, rates, l2, keys)
        now = jax.tree.map(lambda w, g: w - learning.reshape(-1, *[1] * (w.ndim - 1)) * g, now, grads)
        return (now, key), None

    (weights, key), _ = jax.lax.scan(step, (weights, key), order)
    return weights, key


@jax.jit
def accuracy(weights, x, y, which):
    """Of each member, [R]."""
    said = jax.vmap(lambda w, a: outputs(w, x, a, 0.0, None))(weights, which)
    return (said.argmax(axis=2) == y).mean(axis=1)


def train(trials: list[dict], data) -> list[float]:
    """A group of one shape."""
    x, y, vx, vy = data
    widths = (784, *trials[0]["hidden"], 10)
    random = np.random.default_rng(trials[0]["seed"])
    many = len(trials)
    weights = [
        (jnp.asarray(random.normal(0, 0.1, (many, a, b)), jnp.float32), jnp.full((many, b), 0.1, jnp.float32))
        for a, b in pairwise(widths)
    ]
    which = jnp.array([work.ACTIVATIONS.index(trial["activation"]) for trial in trials])
    rates, l2, learning = (
        jnp.array([t[name] for t in trials], jnp.float32) for name in ("dropout", "l2", "learning_rate")
    )
    key, found = jax.random.key(trials[0]["seed"]), np.zeros(many)
    for _ in range(work.EPOCHS):
        order = jnp.asarray(random.permutation(len(x)).reshape(-1, common.BATCH))
        weights, key = epoch(weights, order, x, y, which, rates, l2, learning, key)
        found = accuracy(weights, vx, vy, which)
    return [float(score) for score in found]


if __name__ == "__main__":
    args = common.arguments()
    data = tuple(map(jnp.asarray, work.mnist()))
    groups = defaultdict(list)
    for trial in common.draw(args.trials, args.seed):
        groups[trial["hidden"]].append(trial)
    common.finish(
        args.out, "JAX, vmap over members", [score for group in groups.values() for score in train(group, data)]
    )
