"""MLflow's experiment that holds the record: known by its mark, whatever it is called, and whether it was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.tracking.deletions import gone


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as it stands.

    Attributes:
        location: address of its files.
        deleted: in MLflow's own pages, where it can be brought back.
        marked: it carries the mark by which it is found under another name.
    """

    experiment_id: str
    name: str
    location: str
    deleted: bool
    marked: bool


def current(found: Sequence[Experiment]) -> Experiment | None:
    """The one that is written to: not a deleted one, and rather a marked one; None where there is none yet.

    Raises:
        InputError: it was deleted.
    """
    there = [each for each in found if not each.deleted]
    if there:
        return min(there, key=lambda each: (not each.marked, int(each.experiment_id)))
    if found:
        raise gone()
    return None
