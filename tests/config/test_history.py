from __future__ import annotations

from typing import Any

import pytest

from sweeper.config import history
from sweeper.config.history import SCHEMA, reopen
from sweeper.config.schema import DECAYS, LATER_KEYS, OPTIMIZERS, Config, Dataset, Init
from sweeper.errors import InputError

CONFIGS = [
    Config(),
    Config(activation=("tanh", "relu"), dropout=(0.1, 0.2), hidden=(3, 2), steps=None, epochs=1.5, batch_size="full"),
    Config(hidden=(), loss="mse", dataset=Dataset("csv", path="a b.csv", target="y"), init=Init("zeros")),
    *(Config(optimizer=kind(name=name)) for name, kind in OPTIMIZERS.items()),
    *(Config(lr_decay=kind(name=name)) for name, kind in DECAYS.items()),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.optimizer.name}-{c.lr_decay.name}")
def test_what_this_version_records_it_reads(config: Config) -> None:
    assert reopen(config.to_dict(), SCHEMA, what="it") == config


def test_every_schema_before_this_one_can_be_read() -> None:
    assert set(history.CHANGES) == set(range(SCHEMA))
    assert reopen(Config().to_dict(), 0, what="it") == Config()


def test_a_key_that_was_added_has_the_value_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    values = Config().to_dict()
    del values["l1"]
    assert reopen(values, SCHEMA, what="it") == Config()


def test_a_key_that_was_renamed_is_carried_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(values: dict[str, Any]) -> dict[str, Any]:
        return {"learning_rate" if key == "rate" else key: value for key, value in values.items()}

    monkeypatch.setattr(history, "CHANGES", {0: lambda values: values, 1: renamed})
    monkeypatch.setattr(history, "SCHEMA", 2)
    values = Config(learning_rate=0.7).to_dict()
    values["rate"] = values.pop("learning_rate")
    assert reopen(values, 1, what="it") == Config(learning_rate=0.7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "the run x has a configuration that this version does not know: .*colour"),
        ({"optimizer": {"name": "lamb"}}, "lamb"),
        ({"optimizer": {"name": "sgd", "warp": 1}}, "warp"),
        ({"hidden": "many"}, "hidden"),
        ({"dropout": 2.0}, "dropout"),
    ],
)
def test_what_it_does_not_know_is_refused_with_the_reason(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        reopen(Config().to_dict() | change, SCHEMA, what="the run x", version="0.9")
    assert caught.value.hint == "open it with sweeper 0.9"


def test_a_schema_to_come_is_refused() -> None:
    with pytest.raises(InputError, match="recorded by a newer version"):
        reopen({}, SCHEMA + 1, what="it")


def test_a_key_that_came_later_changes_no_digest_of_before():
    assert Config().digest == "7632d9af3a9f480c80f26d42b7445e6a1c229e72103da20ebd037a6d62967377"
    config = Config(stop_after=3)
    assert config.digest != Config().digest
    assert Config.from_dict(config.to_dict()) == config
    assert "stop_after" not in Config().to_dict()
    assert {"stop_after", "validation.group", "dataset.drop"} <= LATER_KEYS.keys()
