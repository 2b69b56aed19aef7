"""How a call goes: a bar in a notebook, the command line's own on a terminal, elsewhere only what must be read."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, Self

from sweeper.cli.progress import Display, showing


@dataclass(frozen=True)
class Shown:
    """What is to be shown: the kind of work, and what is known of it before.

    Attributes:
        kind: ``run`` for one training, ``sweep`` for trials, ``explore`` for questions.
        trials: how many there will be.
        workers: processes that train.
    """

    kind: Literal["run", "sweep", "explore"]
    trials: int = 0
    workers: int = 1


@contextmanager
def watching(what: Shown, wanted: bool | None) -> Iterator[Callable[[object], None]]:
    """What a job tells its events to; whatever was shown is whole when the block ends.

    Args:
        what: is shown.
        wanted: True for always, False for nothing at all; None for notebooks and terminals, and where there is neither
            only notes that must be read.
    """
    with showing(_display(what, wanted)) as observe:
        yield observe


def _display(what: Shown, wanted: bool | None) -> Display:
    if wanted is False:
        return Quiet(loud=False)
    if in_notebook():
        from sweeper.api.notebook import NotebookProgress

        return NotebookProgress(what.kind, what.trials)
    return _on_terminal(what) if wanted or sys.stderr.isatty() else Quiet(loud=True)


def in_notebook() -> bool:
    """Whether this is a notebook's kernel, which shows more than text."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def _on_terminal(what: Shown) -> Display:
    """The command line's own."""
    if what.kind == "explore":
        from sweeper.cli.explore_progress import ExploreProgress

        return ExploreProgress(what.workers)
    if what.kind == "sweep":
        from sweeper.cli.sweep_progress import sweep_progress

        return sweep_progress(what.trials)
    from sweeper.cli.progress import run_progress

    return run_progress()


class Quiet:
    """Shows nothing but the notes that a person must see, if even these."""

    def __init__(self, *, loud: bool) -> None:
        """Nothing is shown before the first note."""
        self._loud = loud

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __call__(self, event: object) -> None:
        """Write a loud note to standard error."""
        from sweeper.study.plan import Note

        if self._loud and isinstance(event, Note) and event.loud:
            sys.stderr.write(f"{event.text}\n")


def _load_tqdm() -> None:
    """Let the bars of libraries, of which none is shown, find out without a warning that there are no widgets here."""
    with warnings.catch_warnings(), suppress(ImportError):
        warnings.simplefilter("ignore")
        import_module("tqdm.auto")


if in_notebook():  # before a job's own imports bring it
    _load_tqdm()
