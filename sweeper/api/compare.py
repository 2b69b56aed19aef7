"""``sweeper.compare``: which is better, by how much, and how sure that is."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.call_result import CallResult, Picture, published_picture
from sweeper.api.calling import command, folder, path, plainly
from sweeper.api.explore import conditions_frame
from sweeper.api.html import named_ends, number, paragraph, table
from sweeper.api.keys import read
from sweeper.api.machines import cluster_of, options_of
from sweeper.api.run import RunResult
from sweeper.api.tuned import TunedTrial, TuneResult

if TYPE_CHECKING:
    import pandas as pd


@plainly
def compare(
    *contenders: str | Mapping[str, Any] | RunResult | TunedTrial | TuneResult,
    repeats: int = 0,
    shared: Mapping[str, Any] | None = None,
    workers: int | None = None,
    threads: int = 1,
    cluster: str | None = None,
    cpus_per_worker: int | None = None,
    gpus_per_worker: float | None = None,
    runs: str | os.PathLike[str] | None = None,
    config_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> CompareResult:
    """Compare runs, studies' winners and configurations, paired by the seeds that they share.

    ``compare({"activation": "relu"}, {"activation": "tanh"}, repeats=5, shared={"dataset": "digits"})`` trains both on
    five fresh seeds; ``compare("my-study:3", "my-study:7")`` compares what is recorded.

    Args:
        *contenders: results of ``run`` and ``tune``, trials, configurations as mappings of keys; or, as text, the id of
            a run, ``STUDY`` for its winner, ``STUDY:N``, or overrides.
        repeats: fresh seeds to run each of them on; 0 compares what is recorded.
        shared: config keys that all configurations have.
        workers: processes; one a core, or as many as the cluster has room for, if it is not given.
        threads: of each worker.
        cluster: a Ray cluster to train on: ``"local"`` (of this machine), ``"auto"`` (the one it is in) or
            ``"ray://HOST:PORT"``; ``$SWEEPER_CLUSTER``, or none, if it is not given. Needs ``sweeper[ray]``.
        cpus_per_worker: processors that a worker takes on a cluster; as many as it has threads if it is not given.
        gpus_per_worker: GPUs that it takes there; 0.5 for two workers on one.
        runs: the folder where everything is recorded; ``$SWEEPER_RUNS``, or ``runs``, if it is not given.
        config_dir: your own config folder, searched before the one that comes with sweeper.
        progress: whether to show how it goes; if not given, in notebooks and on terminals.

    Raises:
        InputError: they cannot be compared; nothing was run.
        InterruptedRunError: it was interrupted; the same call goes on.
    """
    from sweeper.api.progress import Shown, watching
    from sweeper.jobs.compare import compare as job

    where, own = folder(runs), config_dir is not None
    called = [_called(one, shared or {}, own=own) for one in contenders]
    on = cluster_of(cluster, cpus_per_worker, gpus_per_worker)
    options = {"repeats": repeats or None, "config_dir": config_dir, **options_of(on)}
    with watching(Shown("sweep", repeats * len(called)), progress if repeats else False) as observe:
        document = job(
            called,
            repeats=repeats,
            config_dir=path(config_dir),
            runs=where,
            size=workers or 0,
            threads=threads,
            cluster=on,
            command=command("compare", called, options, where),
            observe=observe,
        )
    return CompareResult.read(document, where)


def _called(one: object, shared: Mapping[str, Any], *, own: bool) -> str:
    """What the command line would be given."""
    if isinstance(one, Mapping):
        return shlex.join((*read((), shared, own=own), *read((), one, own=own)))
    text = str(one)
    return shlex.join((*read((), shared, own=own), *shlex.split(text))) if shared and "=" in text else text


@dataclass(frozen=True, eq=False)
class CompareResult(CallResult):
    """A comparison.

    Attributes:
        sentences: the answer.
        contenders: each with its ``name``, ``mean``, ``interval``, ``parameters`` and more.
        pairs: each with ``a``, ``b``, ``difference`` (A less B), ``interval``, ``verdict`` on A,
            ``verdict_by`` (what the interval that carries it is over), and more.
        takes: what would decide what is undecided; empty for nothing.
        warnings: what to know before believing it.
        study: of the repeats; None where nothing was run.
        report: its files, by kind.
    """

    sentences: tuple[str, ...]
    contenders: tuple[Mapping[str, Any], ...] = field(repr=False)
    pairs: tuple[Mapping[str, Any], ...] = field(repr=False)
    takes: str = field(repr=False)
    warnings: tuple[str, ...] = field(repr=False)
    study: str | None = field(repr=False)
    report: Mapping[str, str] = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], runs: Path) -> CompareResult:
        """From what the job gave."""
        return cls(
            document=document,
            runs=runs,
            notes=(),
            sentences=tuple(document["answer"]),
            contenders=tuple(document["contenders"]),
            pairs=tuple(document["pairs"]),
            takes=document["takes"],
            warnings=tuple(document["warnings"]),
            study=document["study"],
            report=document["report"],
        )

    def __str__(self) -> str:
        return " ".join(self.sentences)

    def to_frame(self) -> pd.DataFrame:
        """One row for each contender."""
        return conditions_frame(self.contenders)

    def draw(self) -> Picture | None:
        """The first figure of its report."""
        return published_picture(self.report, ("differences", "conditions"), "The contenders and their differences")

    def blocks(self) -> Iterator[str]:
        """The answer, the contenders, and each pair with its verdict."""
        yield paragraph(str(self), strong=True)
        rows = [
            (one["name"], number(one["mean"]), named_ends(one["interval"]), one["seeds"]) for one in self.contenders
        ]
        yield table(("", self.document["measure"]["key"], "95% interval", "seeds"), rows)
        yield table(("A", "B", "A is", "A less B", f"interval over {self._over}", "over examples, too"), self._rows())
        yield paragraph(f"verdicts: {self.document['verdicts_by']}", small=True)
        yield from (paragraph(line) for line in self.warnings)
        yield paragraph(f"report: {self.report['html']}", small=True)

    @property
    def _over(self) -> str:
        known = (str(pair["interval"]["over"]) for pair in self.pairs if pair["interval"])
        return next(known, "seeds")

    def _rows(self) -> list[tuple[object, ...]]:
        return [
            (
                pair["a"],
                pair["b"],
                pair["verdict"],
                number(pair["difference"]),
                named_ends(pair["interval"]),
                named_ends(pair["over_seeds_and_examples"]),
            )
            for pair in self.pairs
        ]
