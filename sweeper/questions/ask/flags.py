"""A question asked on the command line alone, without a file."""

from __future__ import annotations

from collections.abc import Sequence

from sweeper.errors import InputError
from sweeper.questions.ask.question import Question, check

QUICK = {"fixed": ["dataset=mnist_5k", "steps=600", "validate_every=100"], "budget": 24}
"""What `--quick` makes of such a question."""


def from_flags(scientific: Sequence[str], nuisance: Sequence[str], budget: int | None) -> Question:
    """The question of these flags, ``KEY=SWEEP`` each.

    Raises:
        InputError: nothing is compared, or something breaks a rule.
    """
    compared, tuned = _mapping(scientific, "scientific"), _mapping(nuisance, "nuisance")
    name = "-".join(compared) or "question"
    words = [key.replace("_", " ") for key in compared]
    best = f", each at its own best of {', '.join(nuisance)}" if nuisance else ""
    return check(
        Question(
            name,
            title=f"Which {' and '.join(words)} is best?",
            asks=f"Compare {', '.join(scientific)}{best}.",
            scientific=compared,
            nuisance=tuned,
            budget=budget if budget is not None else (40 if tuned else 0),
            repeats=10,
            label=f"{words[0]} {{}}" if len(words) == 1 else "",
            quick=QUICK | ({"budget": budget} if budget is not None else {}),
        )
    )


def _mapping(texts: Sequence[str], option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals and value):
            raise InputError(
                f"--{option} {text}: not KEY=SWEEP", hint="such as activation=relu,tanh", key=f"--{option}"
            )
        pairs[key] = value
    return pairs
