from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sweeper.train.batches import BatchOrder, mix, noise_keys


@given(st.integers(0, 2**31 - 1), st.integers(1, 50), st.data())
def test_every_epoch_holds_every_example_once(seed, examples, data):
    batch = data.draw(st.integers(1, examples))
    steps = 3 * examples
    stream = BatchOrder(seed, examples, batch).take(0, steps).reshape(-1)
    for epoch in stream[: len(stream) // examples * examples].reshape(-1, examples):
        assert sorted(epoch) == list(range(examples))


@given(st.integers(0, 9), st.integers(0, 40), st.integers(1, 40), st.integers(1, 13))
def test_any_step_can_be_asked_for_by_itself(seed, start, steps, batch):
    whole = BatchOrder(seed, 13, batch).take(0, start + steps)
    assert np.array_equal(BatchOrder(seed, 13, batch).take(start, start + steps), whole[start:])


def test_epochs_and_seeds_have_orders_of_their_own():
    order = BatchOrder(0, 1000, 100)
    assert not np.array_equal(order.take(0, 10), order.take(10, 20))
    assert not np.array_equal(order.take(0, 10), BatchOrder(1, 1000, 100).take(0, 10))


def test_mix_is_one_to_one_and_as_published():
    # Values of lowbias32 worked out in exact integers.
    def exact(x: int) -> int:
        x = (x ^ x >> 16) * 0x7FEB352D % 2**32
        x = (x ^ x >> 15) * 0x846CA68B % 2**32
        return x ^ x >> 16

    words = np.random.default_rng(0).integers(0, 2**32, 5000, dtype=np.uint32)
    assert mix(words).tolist() == [exact(int(x)) for x in words]
    assert len(np.unique(mix(np.arange(2**16, dtype=np.uint32)))) == 2**16


def test_noise_keys_are_of_the_step_and_the_layer_alone():
    keys = noise_keys(7, 0, 1000, 3)
    assert keys.shape == (1000, 3)
    assert len(np.unique(keys)) == 3000
    assert np.array_equal(noise_keys(7, 400, 500, 3), keys[400:500])
    assert np.array_equal(noise_keys(7, 0, 1000, 2), keys[:, :2])
    assert not np.array_equal(noise_keys(8, 0, 1000, 3), keys)
