"""The command reference is what the commands say."""

from __future__ import annotations

from pathlib import Path

from sweeper.cli.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_the_page_has_every_command_with_its_options():
    text = reference()
    for heading in ("## sweeper\n", "## sweeper run\n", "## sweeper tune\n", "## sweeper data show\n"):
        assert heading in text
    assert "--sampler" in text


def test_the_page_is_up_to_date():
    assert reference() in PAGE.read_text(encoding="utf-8"), "run: cog -r docs/reference/commands.md"
