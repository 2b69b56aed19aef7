"""``sweeper.explore``: questions answered by experiment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.call_result import CallResult, Picture, published_picture
from sweeper.api.calling import bytes_of, folder, path, plainly, seconds
from sweeper.api.html import named_ends, number, paragraph, table
from sweeper.api.keys import read
from sweeper.api.machines import cluster_of

if TYPE_CHECKING:
    import pandas as pd

OPTIONS = (
    "every", "scientific", "nuisance", "budget", "quick", "test", "workers", "deadline", "memory", "cluster",
    "cpus_per_worker", "gpus_per_worker", "runs", "config_dir", "progress",
)  # fmt: skip


@plainly
def explore(
    *questions: str,
    every: bool = False,
    scientific: Mapping[str, Any] | Iterable[str] = (),
    nuisance: Mapping[str, Any] | Iterable[str] = (),
    budget: int | None = None,
    quick: bool = False,
    test: bool = False,
    workers: int | None = None,
    deadline: float | str | None = None,
    memory: int | str | None = None,
    cluster: str | None = None,
    cpus_per_worker: int | None = None,
    gpus_per_worker: float | None = None,
    runs: str | os.PathLike[str] | None = None,
    config_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
    **keys: Any,
) -> ExploreResult:
    """Answer questions by experiment: conditions compared with repeats, intervals and a verdict.

    ``explore("activation", quick=True)`` asks a question by name; ``explore(scientific={"activation": "relu,tanh"},
    nuisance={"learning_rate": sweeper.interval(1e-3, 1, log=True)})`` asks one of your own. Asked again, a question
    goes on where it stood.

    Args:
        *questions: by name or file.
        every: every question there is, in one report.
        scientific: what is compared: searches by key.
        nuisance: what is tuned for each condition, likewise.
        budget: trials of the nuisance search, over all conditions.
        quick: minutes instead of hours, on 5,000 digits.
        test: whether to open the sealed test split once, at the end, for all conditions together.
        workers: processes; one a core, or as many as the cluster has room for, if it is not given.
        deadline: seconds that a trial may take, or text such as ``"10m"``.
        memory: bytes, or text such as ``"4GB"``, that a worker may take.
        cluster: a Ray cluster to train on: ``"local"`` (of this machine), ``"auto"`` (the one it is in) or
            ``"ray://HOST:PORT"``; ``$SWEEPER_CLUSTER``, or none, if it is not given. Needs ``sweeper[ray]``.
        cpus_per_worker: processors that a worker takes on a cluster; as many as it has threads if it is not given.
        gpus_per_worker: GPUs that it takes there; 0.5 for two workers on one.
        runs: the folder where everything is recorded; ``$SWEEPER_RUNS``, or ``runs``, if it is not given.
        config_dir: your own config folder, searched before the one that comes with sweeper.
        progress: whether to show how it goes; if not given, in notebooks and on terminals.
        **keys: config keys to fix for all of them.

    Raises:
        InputError: a question breaks a rule, or its data are not to be had; nothing was written.
        InterruptedRunError: it was interrupted; what is finished is kept, and the same call goes on.
        SweeperError: the trials of a question failed.
    """
    from sweeper.api.progress import Shown, watching
    from sweeper.jobs.explore import Inquiry
    from sweeper.jobs.explore import explore as job
    from sweeper.system.process import cores

    own = config_dir is not None
    inquiry = Inquiry(
        names=tuple(map(str, questions)),
        every=every,
        scientific=_searches(scientific),
        nuisance=_searches(nuisance),
        budget=budget,
        quick=quick,
        test=test,
        overrides=read((), keys, OPTIONS, own=own),
        config_dir=path(config_dir),
        workers=workers or 0,
        deadline=seconds(deadline, "deadline") or 0.0,
        memory=bytes_of(memory),
        cluster=cluster_of(cluster, cpus_per_worker, gpus_per_worker),
    )
    where = folder(runs)
    with watching(Shown("explore", workers=inquiry.workers or cores()), progress) as observe:
        document = job(inquiry, runs=where, observe=observe)
    return ExploreResult.read(document, where)


def _searches(given: Mapping[str, Any] | Iterable[str]) -> Sequence[str]:
    return read((), given) if isinstance(given, Mapping) else read(given, {})


@dataclass(frozen=True, eq=False)
class ExploreAnswer(CallResult):
    """The answer to one question.

    Attributes:
        question: its name.
        title: the question in one line.
        sentences: the answer.
        conditions: what was compared, each with its ``name``, ``mean``, ``interval``, ``verdict`` and more.
        pairs: the comparisons, each with ``difference``, ``interval``, ``verdict`` and more.
        warnings: what to know before believing it.
        study: where its trials are kept.
        report: the files of its report, by kind.
    """

    question: str
    title: str
    sentences: tuple[str, ...] = field(repr=False)
    conditions: tuple[Mapping[str, Any], ...] = field(repr=False)
    pairs: tuple[Mapping[str, Any], ...] = field(repr=False)
    warnings: tuple[str, ...] = field(repr=False)
    study: str = field(repr=False)
    report: Mapping[str, str] = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], runs: Path) -> ExploreAnswer:
        """From a part of what the job gave."""
        return cls(
            document=document,
            runs=runs,
            notes=tuple(document["notes"]),
            question=document["question"],
            title=document["title"],
            sentences=tuple(document["answer"]),
            conditions=tuple(document["conditions"]),
            pairs=tuple(document["pairs"]),
            warnings=tuple(document["warnings"]),
            study=document["study"],
            report=document["report"],
        )

    def __str__(self) -> str:
        return " ".join(self.sentences)

    def to_frame(self) -> pd.DataFrame:
        """One row for each condition."""
        return conditions_frame(self.conditions)

    def draw(self) -> Picture | None:
        """The most telling figure of its report."""
        drawn = self.document["figures"]
        return published_picture(self.report, [one["name"] for one in drawn], drawn[0]["alt"]) if drawn else None

    def blocks(self) -> Iterator[str]:
        """The answer, what was compared, and what to know before believing it."""
        yield paragraph(self.title, strong=True)
        yield paragraph(str(self))
        if self.conditions:
            rows = [
                (one["name"], number(one["mean"]), named_ends(one["interval"]), one["verdict"])
                for one in self.conditions
            ]
            yield table(("condition", "validation", "95% interval", "verdict"), rows)
        yield from (paragraph(line) for line in self.warnings)
        yield paragraph(f"report: {self.report['html']}", small=True)


@dataclass(frozen=True, eq=False)
class ExploreResult(CallResult):
    """The answers to all questions of one call.

    Attributes:
        answers: in the order of the questions.
        contents: the report of all of them together; None for a single one.
    """

    answers: tuple[ExploreAnswer, ...]
    contents: str | None = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], runs: Path) -> ExploreResult:
        """From what the job gave."""
        answers = tuple(ExploreAnswer.read(one, runs) for one in document["answers"])
        return cls(document=document, runs=runs, notes=(), answers=answers, contents=document["contents"])

    def __str__(self) -> str:
        return "\n".join(map(str, self.answers))

    def __iter__(self) -> Iterator[ExploreAnswer]:
        return iter(self.answers)

    def to_frame(self) -> pd.DataFrame:
        """One row for each condition of each question."""
        import pandas as pd

        frames = [answer.to_frame().assign(question=answer.question) for answer in self.answers if answer.conditions]
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def draw(self) -> Picture | None:
        """The figure of a single answer; several have one each."""
        return self.answers[0].figure() if len(self.answers) == 1 else None

    def blocks(self) -> Iterator[str]:
        """Each answer; the figures of several stand with them."""
        for answer in self.answers:
            if len(self.answers) > 1:
                yield answer._repr_html_()
            else:
                yield from answer.blocks()
        yield paragraph(f"all answers: {self.contents}" if self.contents else "", small=True)


def conditions_frame(conditions: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Conditions as rows, the ends of their intervals as columns."""
    import pandas as pd

    rows = []
    for one in conditions:
        interval = one["interval"] or {"low": None, "high": None}
        plain = {name: value for name, value in one.items() if not isinstance(value, Mapping | list | tuple)}
        tuned = {f"tuned.{key}": value for key, value in (one.get("tuned") or {}).items()}
        rows.append(plain | {"low": interval["low"], "high": interval["high"]} | tuned)
    return pd.DataFrame(rows).drop(columns=["interval"], errors="ignore")
