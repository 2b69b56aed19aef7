"""The reference is of what is there."""

import re
import shlex
from pathlib import Path

import pytest

from sweeper.config.build import SHORT, dotted_keys, kinds_of
from sweeper.config.planning import plan_space
from sweeper.config.reference import documented, reference
from sweeper.config.schema import KEYS, Config

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "config.md"


def test_every_key_is_in_it():
    made = reference()
    assert all(f"| `{key}` |" in made for key in dotted_keys())


@pytest.mark.parametrize("kind", [Config, *(kind for key in SHORT for kind in kinds_of(key))])
def test_every_field_says_what_it_is(kind):
    meanings = documented(kind)
    assert all(meanings.get(name, "").endswith(".") for name in kind.__dataclass_fields__)


def test_the_shipped_config_says_every_key():
    text = (Path(__file__).parents[2] / "conf" / "config.yaml").read_text(encoding="utf-8")
    groups = {"optimizer", "lr_decay", "init", "dataset"}
    assert all(f"\n{key}:" in text or f"- {key}:" in text for key in KEYS)
    assert groups <= set(KEYS)


def test_the_page_is_up_to_date():
    assert f"]]] -->\n\n{reference()}\n<!-- [[[end]]]" in PAGE.read_text(encoding="utf-8"), (
        "run: cog -r docs/reference/config.md"
    )


def test_the_sweeps_of_the_page_are_sweeps():
    page = PAGE.read_text(encoding="utf-8").partition("## A search")[2].partition("<!--")[0]
    typed = [shlex.split(cell) for cell in re.findall(r"^\| `(.+?)` \|", page, re.MULTILINE)]
    assert len(typed) >= 8
    for overrides in typed:
        names = plan_space(overrides).dimensions
        wanted = {name.partition("=")[0].replace("width", "0") for name in overrides}
        assert wanted <= set(names)
