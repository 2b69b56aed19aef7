"""One GPU for each process. There is none here: what TensorFlow is asked is looked at, and logical devices stand in."""

import subprocess
import sys
from dataclasses import dataclass

import pytest

from sweeper.system.process import PLACE
from sweeper.train import machine as module
from sweeper.train.machine import machine, own_gpu
from sweeper.train.quiet import tf


@dataclass(frozen=True)
class Card:
    name: str


@pytest.fixture
def asked(monkeypatch):
    """What TensorFlow was asked, on a machine with two GPUs."""
    asked, cards = [], [Card("/physical_device:GPU:0"), Card("/physical_device:GPU:1")]
    config = tf.config
    monkeypatch.setattr(config, "list_physical_devices", lambda kind: cards if kind == "GPU" else [])
    monkeypatch.setattr(config, "set_visible_devices", lambda card, kind: asked.append((kind, card.name)))
    growth = lambda card, on: asked.append(("growth", card.name, on))  # noqa: E731
    monkeypatch.setattr(config.experimental, "set_memory_growth", growth)
    details = lambda card: {"device_name": f"Card {card.name[-1]}"}  # noqa: E731
    monkeypatch.setattr(config.experimental, "get_device_details", details)
    for each in (own_gpu, machine):
        each.cache_clear()
    yield asked
    for each in (own_gpu, machine):
        each.cache_clear()


@pytest.mark.parametrize(("place", "own"), [("", 0), ("0", 0), ("1", 1), ("2", 0), ("3", 1)])
def test_workers_take_the_gpus_by_turns_and_memory_as_they_need_it(asked, monkeypatch, place, own):
    monkeypatch.delenv(PLACE, raising=False)
    if place:
        monkeypatch.setenv(PLACE, place)
    assert own_gpu() == f"Card {own}"
    assert own_gpu() == f"Card {own}"
    name = f"/physical_device:GPU:{own}"
    assert asked == [("GPU", name), ("growth", name, True)]
    assert machine()["gpu"] == f"Card {own}"


def test_where_something_ran_before_it_has_what_it_has(asked, monkeypatch):
    def late(*_):
        raise RuntimeError("Visible devices cannot be modified after being initialized")

    monkeypatch.setattr(module.tf.config, "set_visible_devices", late)
    assert own_gpu() == "Card 0"
    assert asked == []


def test_without_a_gpu_nothing_is_asked_and_nothing_recorded():
    assert own_gpu() == ""
    assert "gpu" not in machine()


LOGICAL = """
import sys
from sweeper.config.schema import Config, Dataset
from sweeper.data import load
from sweeper.train.loop import train
from sweeper.train.quiet import tf
from sweeper.trial import TrialSpec
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
config = Config(dataset=Dataset("digits"), steps=40).to_dict() | {"validation": {"size": 0.2, "seed": 0}}
split = load(Dataset("digits"), Config.from_dict(config).validation)
with tf.device(sys.argv[1]):
    (result,) = train([TrialSpec("s/0", config)], split, lambda event: None, set)
print(result.status, *result.weights)
"""


@pytest.mark.slow
def test_training_is_the_same_on_whichever_of_two_logical_devices():
    said = [
        subprocess.run([sys.executable, "-c", LOGICAL, name], check=True, capture_output=True, text=True).stdout
        for name in ("CPU:0", "CPU:1")
    ]
    assert said[0].startswith("finished ")
    assert said[0] == said[1]
