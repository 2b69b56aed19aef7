"""``sweeper.test``: open the sealed test split for a chosen configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.call_result import CallResult, Picture, SplitScores, published_picture, splits_frame, splits_table
from sweeper.api.calling import folder, plainly
from sweeper.api.html import paragraph
from sweeper.api.machines import cluster_of
from sweeper.api.run import RunResult
from sweeper.api.tuned import TunedTrial, TuneResult

if TYPE_CHECKING:
    import pandas as pd


@plainly
def test(
    called: str | RunResult | TunedTrial | TuneResult,
    *,
    refit: bool = False,
    who: str = "",
    threads: int = 1,
    cluster: str | None = None,
    cpus_per_worker: int | None = None,
    gpus_per_worker: float | None = None,
    runs: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> TestResult:
    """Open the sealed test split once for a chosen configuration.

    Each opening is a line in the ledger, which only grows. Asked again for the same run, the recorded result comes and
    nothing is opened.

    Args:
        called: the result of ``run`` or ``tune``, a trial; or, as text, the id of a run, ``STUDY`` for its winner,
            ``STUDY:N``.
        refit: whether to train on training and validation examples together, too, and score that.
        who: asks, for the ledger; this user if it is not given.
        threads: that the training may use.
        cluster: a Ray cluster to train on: ``"local"`` (of this machine), ``"auto"`` (the one it is in) or
            ``"ray://HOST:PORT"``; ``$SWEEPER_CLUSTER``, or none, if it is not given. Needs ``sweeper[ray]``.
        cpus_per_worker: processors that a worker takes on a cluster; as many as it has threads if it is not given.
        gpus_per_worker: GPUs that it takes there; 0.5 for two workers on one.
        runs: the folder where everything is recorded; that of the result, else ``$SWEEPER_RUNS``, or ``runs``, if it is
            not given.
        progress: whether to show how it goes; if not given, in notebooks and on terminals.

    Raises:
        InputError: there is no such run, it did not finish, or its data are not there; nothing was opened.
        SweeperError: its models are gone.
    """
    from sweeper.api.progress import Shown, watching
    from sweeper.jobs.test import score_on_test

    where = folder(runs or getattr(called, "runs", None))
    on = cluster_of(cluster, cpus_per_worker, gpus_per_worker)
    with watching(Shown("run"), progress) as observe:
        document = score_on_test(
            str(called), runs=where, who=who, refit=refit, threads=threads, cluster=on, observe=observe
        )
    return TestResult.read(document, where)


@dataclass(frozen=True, eq=False)
class TestResult(CallResult):
    """What the test split says of a configuration.

    Attributes:
        run_id, title: what was scored.
        validation: its validation scores, by which it was chosen.
        test: its scores on the test split.
        refit: those of models trained again on training and validation examples together; None unless asked for.
        openings: how often this test split has been opened, this time included; a test number is worth less with each.
        opened: whether that was now.
        report: its files, by kind.
    """

    __test__ = False  # pytest would take the name for a test of its own

    run_id: str
    title: str
    validation: SplitScores
    test: SplitScores
    refit: SplitScores | None
    openings: int
    opened: bool
    report: Mapping[str, str] = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], runs: Path) -> TestResult:
        """From what the job gave."""
        validation, tested = SplitScores.read(document["validation"]), SplitScores.read(document["test"])
        assert validation is not None
        assert tested is not None
        return cls(
            document=document,
            runs=runs,
            notes=(),
            run_id=document["run_id"],
            title=document["title"],
            validation=validation,
            test=tested,
            refit=SplitScores.read(document["refit"]),
            openings=document["test"]["openings"],
            opened=document["test"]["opened"],
            report=document["test"].get("report", {}),
        )

    def to_frame(self) -> pd.DataFrame:
        """One row for each part: its loss, its accuracy (of numbers RMSE, MAE and R²), and the interval's ends."""
        return splits_frame(self._parts())

    def draw(self) -> Picture | None:
        """Which classes were taken for which; of numbers, what was predicted against what is true."""
        if self.test.accuracy is None:
            return published_picture(self.report, ("predicted",), "Predicted against true numbers")
        return published_picture(self.report, ("confusion",), "Classes, and what they were taken for")

    def blocks(self) -> Iterator[str]:
        """The scores, and which opening it was."""
        yield splits_table(self._parts())
        from sweeper.report.facts import ordinal

        now = "" if self.opened else "; nothing was opened now"
        yield paragraph(f"{ordinal(self.openings)} opening of this test set{now}", strong=True)

    def _parts(self) -> dict[str, SplitScores | None]:
        return {"validation": self.validation, "test": self.test, "refit": self.refit}
