"""Errors about one class, by its name, raised where only its number is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sweeper.errors import InputError

MANY = 10
"""More classes than this, all of them with digits, may be meant as numbers."""


class ClassError(InputError):
    """Something about one class, of which only the number is known; ``named`` says its name."""

    def __init__(self, number: int, said: str, hint: str, key: str) -> None:
        super().__init__(f"class number {number} {said}", hint=hint, key=key)
        self.number, self.said = int(number), said


@contextmanager
def named(classes: Sequence[str]) -> Iterator[None]:
    """Errors about a class call it by its name.

    Args:
        classes: their names, by number; none where there are no classes but numbers.

    Raises:
        InputError: what was raised inside.
    """
    try:
        yield
    except ClassError as error:
        if error.number >= len(classes):
            raise InputError(f"the rows cannot be divided: {error.message}", hint=error.hint, key=error.key) from error
        hint = error.hint
        if len(classes) > MANY and all(any(sign.isdigit() for sign in name) for name in classes):
            hint += "; if the target is a number to predict: dataset.task=regression"
        raise InputError(f"class '{classes[error.number]}' {error.said}", hint=hint, key=error.key) from error
