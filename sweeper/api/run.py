"""``sweeper.run``: train one configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sweeper.api.call_result import CallResult, Picture, SplitScores, in_unit, splits_frame, splits_table
from sweeper.api.calling import folder, path, plainly
from sweeper.api.html import paragraph
from sweeper.api.keys import read
from sweeper.api.machines import cluster_of
from sweeper.report.folds import divided

if TYPE_CHECKING:
    import pandas as pd

OPTIONS = (
    "runs", "test", "threads", "cluster", "cpus_per_worker", "gpus_per_worker", "config_dir", "progress",
)  # fmt: skip


@plainly
def run(
    overrides: str | Iterable[str] = (),
    *,
    cluster: str | None = None,
    cpus_per_worker: int | None = None,
    gpus_per_worker: float | None = None,
    runs: str | os.PathLike[str] | None = None,
    test: bool = False,
    threads: int = 1,
    config_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
    **keys: Any,
) -> RunResult:
    """Train one configuration and record it.

    Every config key is a keyword argument: ``run(dataset="digits", hidden=[100, 30], activation="tanh")``. The parts of
    a key are given as a mapping, or by their whole name: ``optimizer={"name": "adam", "beta_1": 0.8}``,
    ``**{"validation.size": 1000}``. Without any it is the tutorial's run: 784-[50, 30]-10, ReLU, 5,000 steps of plain
    gradient descent. With ``repeats=5`` it trains from five initial weights at once.

    Args:
        overrides: config keys as the command line takes them, ``["activation=tanh", "hidden=[100,30]"]``.
        cluster: a Ray cluster to train on: ``"local"`` (of this machine), ``"auto"`` (the one it is in) or
            ``"ray://HOST:PORT"``; ``$SWEEPER_CLUSTER``, or none, if it is not given. Needs ``sweeper[ray]``.
        cpus_per_worker: processors that a worker takes on a cluster; as many as it has threads if it is not given.
        gpus_per_worker: GPUs that it takes there; 0.5 for two workers on one.
        runs: the folder where everything is recorded; ``$SWEEPER_RUNS``, or ``runs``, if it is not given.
        test: whether to open the sealed test split once, at the end; the ledger counts it.
        threads: that the training may use; small networks are fastest with one.
        config_dir: your own config folder, searched before the one that comes with sweeper.
        progress: whether to show how it goes; if not given, in notebooks and on terminals.
        **keys: config keys.

    Raises:
        InputError: a key or a value is of no use; nothing was written.
        InterruptedRunError: it was interrupted; what was trained is recorded as interrupted.
        SweeperError: the training failed; recorded as failed.
    """
    from sweeper.api.progress import Shown, watching
    from sweeper.jobs.run import run as job

    typed, where = read(overrides, keys, OPTIONS, own=config_dir is not None), folder(runs)
    on = cluster_of(cluster, cpus_per_worker, gpus_per_worker)
    own = path(config_dir)
    with watching(Shown("run"), progress) as observe:
        document = job(typed, config_dir=own, runs=where, threads=threads, test=test, cluster=on, observe=observe)
    return RunResult.read(document, where)


@dataclass(frozen=True, eq=False)
class RunResult(CallResult):
    """A configuration that was trained.

    Attributes:
        run_id: by which it is found again.
        validation, train, test: its scores; `test` is None unless the test split was opened.
        config: every key with its value.
        overrides: the keys that were given, as the command line takes them.
        dataset: name, digest and sizes of its data.
        steps: updates.
        parameters: weights of the network.
        seconds: what took how long.
    """

    run_id: str
    validation: SplitScores
    train: SplitScores
    test: SplitScores | None
    steps: int
    parameters: int
    config: Mapping[str, Any] = field(repr=False)
    overrides: tuple[str, ...] = field(repr=False)
    dataset: Mapping[str, Any] = field(repr=False)
    seconds: Mapping[str, float] = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], runs: Any) -> RunResult:
        """From what the job gave."""
        validation, train = SplitScores.read(document["validation"]), SplitScores.read(document["train"])
        assert validation is not None
        assert train is not None
        return cls(
            document=document,
            runs=runs,
            notes=tuple(document["notes"]),
            run_id=document["run_id"],
            validation=validation,
            train=train,
            test=SplitScores.read(document["test"]),
            steps=document["steps"],
            parameters=document["parameters"],
            config=document["config"],
            overrides=tuple(document["overrides"]),
            dataset=document["dataset"],
            seconds=document["seconds"],
        )

    def __str__(self) -> str:
        return self.run_id

    def to_frame(self) -> pd.DataFrame:
        """One row for each split: its loss, its accuracy (of numbers RMSE, MAE and R²), and the interval's ends."""
        return splits_frame(self._parts())

    def draw(self) -> Picture | None:
        """Its learning curves, as they are recorded."""
        from sweeper.report.figures import learning_curves, png
        from sweeper.tracking import open_reader
        from sweeper.tracking.recorded import find_run

        if not self.run_id:
            return None
        record = find_run(open_reader(self.runs), self.run_id).record
        if len(record.history) < 2:
            return None
        return Picture(png(learning_curves({record.name: record.history})), f"Loss and {self.validation.main} by step")

    def blocks(self) -> Iterator[str]:
        """The scores, and what they are of."""
        yield splits_table(self._parts())
        yield from (paragraph(line) for line in self.notes)
        yield from in_unit(self.dataset)
        said = f"{divided(self.dataset)}; {self.parameters:,} parameters; {self.steps:,} steps; "
        said += f"run {self.run_id[:8] or 'waits to be recorded'}"
        yield paragraph(said, small=True)

    def _parts(self) -> dict[str, SplitScores | None]:
        return {"train": self.train, "validation": self.validation, "test": self.test}
