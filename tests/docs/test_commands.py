"""The command reference is what the commands say."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import sweeper
from sweeper.cli.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_the_page_has_every_command_with_its_options():
    text = reference()
    for heading in ("## sweeper\n", "## sweeper run\n", "## sweeper tune\n", "## sweeper data show\n"):
        assert heading in text
    assert "--sampler" in text


def test_the_page_is_up_to_date():
    assert reference() in PAGE.read_text(encoding="utf-8"), "run: cog -r docs/reference/commands.md"


def hints():
    """The texts of all hints in the source, with the file that each is in."""
    for path in Path(sweeper.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for word in getattr(call, "keywords", ()):
                if word.arg == "hint":
                    texts = [part.value for part in ast.walk(word.value) if isinstance(part, ast.Constant)]
                    yield from ((path.name, text) for text in texts if isinstance(text, str))


def test_a_command_that_a_hint_names_is_there():
    known = set(re.findall(r"^## sweeper ([a-z]+)", reference(), re.MULTILINE))
    named = [
        (name, word) for name, text in hints() for word in re.findall(r"(?<!reinstall )\bsweeper ([a-z]+)\b", text)
    ]
    assert len(named) > 20
    assert [each for each in named if each[1] not in known] == []
