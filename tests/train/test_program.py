from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sweeper.config.schema import OPTIMIZERS, Config, Optimizer
from sweeper.trial import TrialSpec

pytestmark = pytest.mark.tensorflow
SIZE = 90


def begun(configs, split, *, jit=True):
    """A program at the start of training, its data and its group."""
    from sweeper.train import group as side_by_side
    from sweeper.train.program import program
    from sweeper.train.resident import resident

    lanes = side_by_side.lanes([TrialSpec(str(n), c.to_dict()) for n, c in enumerate(configs)])
    data = resident(split)
    ours = program(side_by_side.shape(lanes, data, jit=jit))
    ours.begin(data, side_by_side.knobs(lanes, ours.shape, data.split), side_by_side.first_weights(lanes, data))
    return ours, data, lanes


def advance(ours, lanes, steps):
    from sweeper.train import group as side_by_side
    from sweeper.train.batches import BatchOrder, noise_keys

    config, size = lanes[0].config, SIZE
    order = BatchOrder(config.batch_seed, size, ours.shape.batch).take(0, steps)
    keys = noise_keys(config.batch_seed, 0, steps, len(ours.shape.widths) - 1)
    rates = side_by_side.Rates(lanes, steps).take(0, steps)
    return order, ours.advance(order, rates, keys)


def by_hand(config, split, seed, order, masks=None):
    """The same training in plain eager Keras, one member: its losses, and its weights at the end."""
    from sweeper.train.losses import LOSSES, OF_NUMBERS
    from sweeper.train.network import initial_weights
    from sweeper.train.quiet import keras, tf

    functions, kind, labels = LOSSES, tf.int32, split.train_labels
    if split.target:
        functions, kind, labels = OF_NUMBERS, tf.float32, split.target.standardised(labels)
    widths = (split.train.shape[1], *config.hidden, 1 if split.target else len(split.classes))
    penalty = keras.regularizers.L1L2(l1=config.l1, l2=config.l2)
    dense = [
        keras.layers.Dense(units, activation=activation, kernel_regularizer=penalty)
        for units, activation in zip(widths[1:], (*config.activations, config.output_activation), strict=True)
    ]
    model = keras.Sequential([keras.layers.Input((widths[0],)), *dense])
    model.set_weights(initial_weights(config.init, widths, seed))
    optimizer = {
        "sgd": keras.optimizers.SGD,
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
    }[config.optimizer.name](config.learning_rate, clipnorm=config.optimizer.clipnorm or None)
    optimizer.weight_decay = getattr(config.optimizer, "weight_decay", None)
    losses = []
    for step, rows in enumerate(order):
        with tf.GradientTape() as tape:
            values = split.train[rows]
            for number, layer in enumerate(dense):
                values = layer(values if masks is None else values * masks[step][number])
            loss = tf.reduce_mean(functions[config.loss](tf.constant(labels[rows], kind), values))
            total = loss + sum(model.losses)
        optimizer.apply(tape.gradient(total, model.trainable_variables), model.trainable_variables)
        losses.append(float(loss))
    return losses, model.get_weights()


def assert_same_training(config, split, masks=None, *, jit=True, rtol=2e-4, other=None):
    configs = [config, replace(config, seed=5, learning_rate=config.learning_rate / 2, **other or {})]
    ours, data, lanes = begun(configs, split, jit=jit)
    order, outcome = advance(ours, lanes, 10)
    for member, own in enumerate(configs):
        losses, weights = by_hand(own, split, own.seed, order, masks)
        np.testing.assert_allclose(outcome.loss[:, member], losses, rtol=rtol, atol=1e-6)
        for mine, theirs in zip(ours.network.member(member, data.columns), weights, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=2e-5)
    return ours


@pytest.mark.parametrize("jit", [True, False])
@pytest.mark.parametrize("loss", ["cross_entropy", "full_cross_entropy", "mse", "categorical_hinge"])
def test_gradients_in_the_loop_are_those_of_a_tape_outside_it(blobs, small, loss, jit):
    assert_same_training(replace(small, loss=loss), blobs, jit=jit)


@pytest.mark.parametrize("jit", [True, False])
@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
def test_gradients_of_numbers_are_those_of_a_tape_outside_it(numbers, small, loss, jit):
    assert_same_training(replace(small, loss=loss), numbers, jit=jit)


@pytest.mark.parametrize(
    "change",
    [
        {"l2": 0.03},
        {"l1": 0.01, "l2": 0.02},
        {"optimizer": Optimizer(clipnorm=0.1), "l2": 0.5},
        {"optimizer": OPTIMIZERS["adam"](clipnorm=0.05), "learning_rate": 0.01},
        {"optimizer": OPTIMIZERS["adamw"](weight_decay=0.3), "learning_rate": 0.01},
        {"activation": ("tanh", "gelu"), "output_activation": "tanh"},
        {"hidden": ()},
        {"hidden": (8, 7, 6, 5), "activation": "elu"},
    ],
    ids=str,
)
@pytest.mark.parametrize("data", ["blobs", "patchy"])
def test_every_part_of_a_step_is_that_of_keras(request, small, change, data):
    ours = assert_same_training(replace(small, **change), request.getfixturevalue(data))
    assert ours.shape.blank == (24 if data == "patchy" else 0)


@pytest.mark.parametrize("jit", [True, False])
def test_members_of_other_activations_train_as_they_would_alone(blobs, small, jit):
    ours = assert_same_training(
        replace(small, hidden=(6, 5), activation=("elu", "tanh")), blobs, jit=jit, other={"activation": "sigmoid"}
    )
    assert ours.shape.activations == (("elu", "sigmoid"), ("sigmoid", "tanh"), ("linear",))


def test_what_is_blank_in_training_is_judged_where_it_is_not(patchy, small):
    from sweeper.train.network import initial_weights

    config = replace(small, hidden=(6,), activation="relu")
    ours, data, _ = begun([config], patchy)
    w0, b0, w1, b1 = initial_weights(config.init, (40, 6, 4), config.seed)
    for part, features in ((data.train, patchy.train), (data.validation, patchy.validation)):
        outputs = np.maximum(features @ w0 + b0, 0) @ w1 + b1
        labels = part.labels.numpy()
        assert np.array_equal(ours.evaluate(part).right[:, 0], outputs.argmax(1) == labels)


def masks_of(config, features, steps):
    """The dropout masks of every step and layer input, worked out in NumPy."""
    from sweeper.train.batches import mix, noise_keys

    widths = (features, *config.hidden)
    rates = (config.input_dropout, *config.dropouts)
    batch = int(config.batch_size)
    keys = noise_keys(config.batch_seed, 0, steps, len(widths))
    return [
        [
            (mix(np.arange(batch * units, dtype=np.uint32) ^ key).reshape(batch, units) >= round(rate * 2**32))
            / np.float32(1 - rate)
            for key, units, rate in zip(row, widths, rates, strict=True)
        ]
        for row in keys
    ]


@pytest.mark.parametrize("jit", [True, False])
@pytest.mark.parametrize("change", [{"dropout": (0.4, 0.2)}, {"dropout": 0.5, "input_dropout": 0.3}], ids=str)
def test_dropout_drops_what_its_noise_says(blobs, small, change, jit):
    config = replace(small, batch_seed=3, **change)
    assert_same_training(config, blobs, masks_of(config, blobs.train.shape[1], 10), jit=jit)


def test_dropout_noise_is_even_and_independent():
    from sweeper.train.batches import noise_keys
    from sweeper.train.dropout import counted, noise
    from sweeper.train.quiet import tf

    keys = noise_keys(0, 0, 40, 2).reshape(-1)
    dropped = np.stack([noise(counted(100, 50), tf.constant(key)).numpy() < 0.2 * 2**32 for key in keys])
    share = dropped.mean()
    assert abs(share - 0.2) < 4 * np.sqrt(0.16 / dropped.size)
    # Neighbours in every direction (step and layer, example, unit) know nothing of each other.
    for axis in range(3):
        pairs = np.moveaxis(dropped, axis, 0)
        both = (pairs[1:] & pairs[:-1]).mean()
        assert abs(both - share**2) < 5 * np.sqrt(0.04 * 0.96 / dropped.size)


def test_a_new_value_of_a_hyperparameter_compiles_nothing(blobs, small, monkeypatch):
    from sweeper.train.step import Computation

    config = replace(small, dropout=0.1, l2=1e-3)
    first, _, lanes = begun([config], blobs)
    advance(first, lanes, 10)
    # Every trace of the loop goes through its body; a concrete function that is never traced cannot compile either.
    monkeypatch.setattr(Computation, "gradients", lambda *_: pytest.fail("compiled again"))
    others = {"dropout": 0.3, "l2": 1e-2, "learning_rate": 0.3, "seed": 4, "batch_seed": 9, "l1": 1e-3, "steps": 7}
    for key, value in others.items():
        again, _, lanes = begun([replace(config, **{key: value})], blobs)
        advance(again, lanes, 7)
        assert again is first
    with pytest.raises(pytest.fail.Exception, match="compiled again"):
        begun([replace(config, hidden=(6, 6))], blobs)


def test_a_graph_serves_other_widths_and_members(blobs, small, monkeypatch):
    from sweeper.train.step import Computation

    config = replace(small, hidden=(7, 5), dropout=0.1, l2=1e-3)
    first, data, lanes = begun([config], blobs, jit=False)
    advance(first, lanes, 10)
    first.evaluate(data.validation)
    monkeypatch.setattr(Computation, "outputs", lambda *_: pytest.fail("traced again"))
    for change in ({"hidden": (9, 4)}, {"hidden": (3, 8), "learning_rate": 0.3}):
        other = replace(config, **change)
        again, data, lanes = begun([other, replace(other, seed=7)], blobs, jit=False)
        advance(again, lanes, 10)
        again.evaluate(data.validation)
    with pytest.raises(pytest.fail.Exception, match="traced again"):
        advance(*begun([replace(config, hidden=(6,))], blobs, jit=False)[::2], 10)


@pytest.mark.parametrize(
    "change",
    [{}, {"dropout": 0.3, "l2": 1e-2}, {"activation": "tanh", "hidden": (33, 17, 5)}, {"hidden": ()}, {"loss": "mse"}],
    ids=str,
)
@pytest.mark.parametrize("data", ["blobs", "patchy"])
def test_a_graph_of_any_widths_gives_the_bits_of_one_of_its_own(request, small, change, data, monkeypatch):
    from sweeper.train import graphs, program

    split, found = request.getfixturevalue(data), []
    for own in (False, True):
        monkeypatch.setattr(program, "_programs", {})
        if own:
            monkeypatch.setattr(graphs, "can_train", lambda *_: False)
        configs = [replace(small, **change), replace(small, seed=5, learning_rate=0.3, **change)]
        ours, _, lanes = begun(configs, split, jit=False)
        _, outcome = advance(ours, lanes, 30)
        found.append([*ours.state(), outcome.loss, outcome.accuracy])
    assert all(np.array_equal(one, other) for one, other in zip(*found, strict=True))


def test_a_step_of_a_graph_is_few_operations(blobs, small):
    """What sizes that are open make of a tape over the whole step, and what no step changes, was 250 more."""
    from sweeper.train import graphs

    graphs._made.clear()
    begun([replace(small, hidden=(8, 6), dropout=0.2, l2=1e-4)], blobs, jit=False)
    (loop,) = (made for (name, _), made in graphs._made.items() if name == "loop")
    bodies = [f for f in loop.graph.as_graph_def().library.function if "body" in f.signature.name]
    assert [len(body.node_def) < 170 for body in bodies] == [True]


def test_an_l1_penalty_comes_and_goes(blobs, small):
    plain, ridge = replace(small, l2=1e-3), replace(small, l2=1e-3, l1=0.05)
    found = []
    for config in (plain, ridge, plain, ridge):
        ours, _, lanes = begun([config], blobs, jit=False)
        advance(ours, lanes, 10)
        found.append(ours.state()[0])
    assert np.array_equal(found[0], found[2])
    assert np.array_equal(found[1], found[3])
    assert np.abs(found[1]).sum() < np.abs(found[0]).sum()


def test_programs_are_kept_as_long_as_they_fit(blobs, small, monkeypatch):
    from sweeper.train import program as home

    monkeypatch.setattr(home, "_programs", {})
    first, second = (begun([replace(small, hidden=(width,))], blobs)[0] for width in (5, 6))
    assert first.bytes == 4 * (7 * 5 + 5 + 5 * 4 + 4) + 4  # and the optimizer's count
    assert begun([replace(small, hidden=(5,))], blobs)[0] is first
    monkeypatch.setattr(home, "BUDGET", first.bytes + second.bytes)
    third, *_ = begun([replace(small, hidden=(4,))], blobs)
    assert list(home._programs.values()) == [first, third]
    monkeypatch.setattr(home, "MOST", 1)
    fourth, *_ = begun([replace(small, hidden=(3,))], blobs)
    assert list(home._programs.values()) == [fourth]


def test_only_the_program_in_use_holds_on_to_its_data(blobs, small):
    first, *_ = begun([replace(small, hidden=(5,))], blobs)
    begun([replace(small, hidden=(6,))], blobs)
    assert first._inputs == ()


def test_state_goes_back_to_the_last_bit(blobs, small):
    config = replace(small, optimizer=OPTIMIZERS["nadam"](name="nadam"), learning_rate=0.01)
    ours, _, lanes = begun([config, replace(config, seed=9)], blobs)
    advance(ours, lanes, 5)
    kept = ours.state()
    _, first = advance(ours, lanes, 5)
    ours.restore(kept)
    _, second = advance(ours, lanes, 5)
    np.testing.assert_array_equal(first.loss, second.loss)


def test_a_member_with_a_weight_that_is_not_finite_is_judged_nan(blobs, small):
    ours, data, _ = begun([small, replace(small, seed=1)], blobs)
    state = ours.state()
    state[0][1, 0, 0] = np.nan
    ours.restore(state)
    loss = ours.evaluate(data.validation).loss
    assert np.isfinite(loss[0])
    assert np.isnan(loss[1])


def test_evaluation_is_over_every_example_once(digits):
    from sweeper.train.network import initial_weights

    config = Config(hidden=(9,), repeats=2)
    ours, data, _ = begun([config], digits)
    judged = ours.evaluate(data.train)
    for member, seed in enumerate(config.seeds):
        w0, b0, w1, b1 = initial_weights(config.init, (64, 9, 10), seed)
        z = (np.maximum(digits.train @ w0 + b0, 0) @ w1 + b1).astype(np.float64)
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        right = z.argmax(1) == digits.train_labels
        np.testing.assert_allclose(
            judged.loss[member], -log_p[np.arange(len(z)), digits.train_labels].mean(), rtol=1e-5
        )
        assert np.array_equal(judged.right[:, member], right)
        assert judged.accuracy[member] == right.mean()
