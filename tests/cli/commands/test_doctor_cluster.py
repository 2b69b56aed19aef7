"""``sweeper doctor --cluster`` as it is typed: over nodes that are made up, and over a Ray of this machine."""

import json
import sys
from pathlib import Path

import pytest

from sweeper.workers.ray import nodes

sys.path.insert(0, str(Path(__file__).parents[2] / "study"))

from on_ray import local_ray


class NoConnection:
    """Stands for one to a cluster of nodes that are made up."""

    open = 0

    def __init__(self, cluster, cpus):
        NoConnection.open += 1

    def close(self):
        NoConnection.open -= 1


def ray_node(name, **resources):
    return {
        "NodeID": f"id-{name}", "NodeManagerHostname": name, "NodeManagerAddress": "10.0.0.1", "Resources": resources,
    }  # fmt: skip


def facts(name, **versions):
    here = nodes.examine(nodes.PACKAGES)
    more = {"node": name, "id": f"id-{name}", "free_memory": 3 * 10**9, "free_disk": 20 * 10**9, "cores": 4}
    return here | more | {"versions": here["versions"] | versions}


@pytest.fixture
def made_up(monkeypatch):
    """A cluster of these nodes, of which some answer; the folder that they are asked about."""
    asked = []

    def make(living, found):
        monkeypatch.setattr("sweeper.workers.ray.survey.Connection", NoConnection)
        monkeypatch.setattr(nodes, "living", lambda: living)
        monkeypatch.setattr(nodes, "examined", lambda _, folder: asked.append(folder) or found)
        return asked

    yield make
    assert NoConnection.open == 0


LARGE = ray_node("large", CPU=8.0, GPU=2.0, memory=9e9, **{"accelerator_type:A100": 1.0})


def test_nodes_that_can_train(world, made_up, monkeypatch, tmp_path):
    monkeypatch.setenv("SWEEPER_DATA", str(tmp_path))
    asked = made_up([LARGE, ray_node("head", memory=1e9)], [facts("large") | {"data": True}, facts("head")])
    typed = world.typed("doctor", "--cluster", "auto")
    assert typed.code == 0
    assert asked == [str(tmp_path)]
    assert "cluster auto: 2 nodes, 8 CPUs, 2 GPUs" in typed.out
    rows = [line.split() for line in typed.out.splitlines()]
    assert ["head", "0", "0", "3.0", "GB", "20.0", "GB", "not", "there", "as", "here"] in rows
    assert ["large", "8", "2", "A100", "3.0", "GB", "20.0", "GB", "there", "as", "here"] in rows
    assert typed.out.splitlines()[-1] == "Every node can train."
    assert max(map(len, typed.out.splitlines())) <= 80 + len(str(tmp_path))


def test_nodes_that_cannot_train_are_named_and_the_code_is_1(world, made_up):
    made_up([LARGE, ray_node("old", CPU=1.0), ray_node("dumb", CPU=1.0)], [facts("large"), facts("old", numpy="1.0")])
    typed = world.typed("doctor", "--cluster", "auto", "--json")
    document = json.loads(typed.out)
    assert typed.code == 1
    assert [(node["node"], node["ok"]) for node in document["nodes"]] == [
        ("dumb", False), ("large", True), ("old", False),
    ]  # fmt: skip
    here = document["versions"]["numpy"]
    assert document["problems"] == [
        "the node dumb did not answer within 60 s",
        f"the node old has numpy 1.0, and this machine numpy {here}",
    ]
    assert document["nodes"][0]["versions"] is None
    assert document["nodes"][1]["versions"] == document["versions"]
    assert document["nodes"][1]["devices"] == ["A100"]
    text = world.typed("doctor", "--cluster", "auto").out.splitlines()
    assert text[-2:] == [f"! {line}" for line in document["problems"]]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("moon",), "--cluster moon: no address of a cluster"),
        (("ray://127.0.0.1:1",), "no Ray cluster answers at ray://127.0.0.1:1: Connection refused"),
        (("auto", "--fix"), "--cluster looks at nodes alone"),
        (("auto", "--gone", "host"), "--cluster looks at nodes alone"),
    ],
)
def test_bad_input_is_one_line_and_code_2(world, words, says):
    pytest.importorskip("ray")
    typed = world.typed("doctor", "--cluster", *words)
    assert typed.code == 2
    assert typed.out == ""
    assert says in typed.err
    assert not Path("runs").exists()


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
def test_a_ray_of_this_machine_says_what_it_has(world, tmp_path):
    with local_ray(cpus=3):
        typed = world.typed("doctor", "--cluster", "auto", "--json")
    (node,) = json.loads(typed.out)["nodes"]
    here = nodes.examine(nodes.PACKAGES)
    assert typed.code == 0
    assert (node["node"], node["cpus"], node["versions"]) == (here["node"], 3.0, here["versions"])
    assert node["free_memory"] > 0
    assert node["data"] is False
