"""``sweeper.reproduce``: a run trained again from what is recorded, and compared to the last bit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.call_result import CallResult, Picture
from sweeper.api.calling import folder, plainly
from sweeper.api.html import paragraph, table
from sweeper.api.machines import cluster_of
from sweeper.api.run import RunResult
from sweeper.api.tuned import TunedTrial, TuneResult

if TYPE_CHECKING:
    import pandas as pd


@plainly
def reproduce(
    called: str | RunResult | TunedTrial | TuneResult,
    *,
    cluster: str | None = None,
    cpus_per_worker: int | None = None,
    gpus_per_worker: float | None = None,
    runs: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> ReproduceResult:
    """Train a recorded run or trial again, and compare all numbers; nothing is recorded.

    Args:
        called: the result of ``run`` or ``tune``, a trial; or, as text, the id of a run, ``STUDY`` for its winner,
            ``STUDY:N``.
        cluster: a Ray cluster to train on: ``"local"`` (of this machine), ``"auto"`` (the one it is in) or
            ``"ray://HOST:PORT"``; ``$SWEEPER_CLUSTER``, or none, if it is not given. Needs ``sweeper[ray]``.
        cpus_per_worker: processors that a worker takes on a cluster; as many as it has threads if it is not given.
        gpus_per_worker: GPUs that it takes there; 0.5 for two workers on one.
        runs: the folder where it is recorded; that of the result, else ``$SWEEPER_RUNS``, or ``runs``, if it is not
            given.
        progress: whether to show how it goes; if not given, in notebooks and on terminals.

    Raises:
        InputError: there is no such run, or there is nothing in it to compare with.
        SweeperError: the worker was lost.
    """
    from sweeper.api.progress import Shown, watching
    from sweeper.jobs.reproduce import reproduce as job

    where = folder(runs or getattr(called, "runs", None))
    on = cluster_of(cluster, cpus_per_worker, gpus_per_worker)
    with watching(Shown("run"), progress) as observe:
        document = job(str(called), runs=where, cluster=on, observe=observe)
    return ReproduceResult.read(document, where)


@dataclass(frozen=True, eq=False)
class ReproduceResult(CallResult):
    """A training done again, beside its record.

    Attributes:
        run_id, title: what was trained again.
        identical: whether all numbers are the same, to the last bit.
        differences: those that are not, each with ``what``, ``recorded`` and ``now``.
        largest: the largest difference.
        circumstances: what else is not as it was, likewise.
    """

    run_id: str
    title: str
    identical: bool
    differences: tuple[Mapping[str, Any], ...] = field(repr=False)
    largest: float
    circumstances: tuple[Mapping[str, Any], ...] = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], runs: Path) -> ReproduceResult:
        """From what the job gave."""
        return cls(
            document=document,
            runs=runs,
            notes=tuple(document["notes"]),
            run_id=document["run_id"],
            title=document["title"],
            identical=document["identical"],
            differences=tuple(document["differences"]),
            largest=document["largest"],
            circumstances=tuple(document["circumstances"]),
        )

    def to_frame(self) -> pd.DataFrame:
        """One row for each difference."""
        import pandas as pd

        return pd.DataFrame(list(self.differences), columns=["what", "recorded", "now"])

    def draw(self) -> Picture | None:
        """There is nothing to draw."""

    def blocks(self) -> Iterator[str]:
        """Whether it is the same, and in what it is not."""
        same = "came out identical to the last bit" if self.identical else "did not come out identical"
        yield paragraph(f"{self.title} {same}", strong=True)
        for rows in (self.differences, self.circumstances):
            if rows:
                yield table(("", "recorded", "now"), [(row["what"], row["recorded"], row["now"]) for row in rows])
        yield from (paragraph(note) for note in self.notes)
