"""What ``sweeper.tune`` gives: a study, and trials of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweeper.api.call_result import CallResult, Picture, SplitScores
from sweeper.api.html import number, paragraph, table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class TunedTrial:
    """One configuration of a sweep with its result; its text, ``STUDY:NUMBER``, names it everywhere.

    Attributes:
        study, number: by which it is found again.
        score: its objective's value.
        params: what was searched, by key.
        overrides: that make it, as the command line takes them.
        validation: its scores.
        runs: the folder where it is recorded.
    """

    study: str
    number: int
    score: float | None
    params: Mapping[str, Any]
    overrides: tuple[str, ...] = field(repr=False)
    validation: SplitScores | None = field(repr=False)
    runs: Path = field(repr=False)

    @classmethod
    def read(cls, study: str, part: Mapping[str, Any], runs: Path) -> TunedTrial:
        """From a part of a document."""
        validation = SplitScores.read(part["validation"])
        return cls(study, part["number"], part["score"], part["params"], tuple(part["overrides"]), validation, runs)

    def __str__(self) -> str:
        return f"{self.study}:{self.number}"


@dataclass(frozen=True, eq=False)
class TuneResult(CallResult):
    """A study: what was searched, and what was found.

    Attributes:
        study: its name.
        trials: how many were ``requested``, and are ``finished``, ``pruned``, ``failed``.
        best: the trial with the best score; None where none finished.
        winner: the trial that fresh seeds confirm; the best where nothing was confirmed.
        top: the leaders, the best first.
        confirmed: the sentence that says who leads on fresh seeds; empty where that was not asked.
        importance: of each hyperparameter, a share of 1.
        cautions: what to know before believing it.
        objective: what was made best.
        ended: how the search came to its end.
        seconds: that it took.
    """

    study: str
    trials: Mapping[str, int]
    best: TunedTrial | None
    winner: TunedTrial | None
    top: tuple[TunedTrial, ...] = field(repr=False)
    confirmed: str = field(repr=False)
    importance: Mapping[str, float] = field(repr=False)
    cautions: tuple[str, ...] = field(repr=False)
    objective: str = field(repr=False)
    ended: str = field(repr=False)
    seconds: float = field(repr=False)

    @classmethod
    def read(cls, document: Mapping[str, Any], runs: Path) -> TuneResult:
        """From what the job gave."""
        study, found = document["study"], document["confirmed"] or {}
        top = tuple(TunedTrial.read(study, one, runs) for one in document["top"])
        best = TunedTrial.read(study, document["best"], runs) if document["best"] else None
        return cls(
            document=document,
            runs=runs,
            notes=tuple(document["notes"]),
            study=study,
            trials=document["trials"],
            best=best,
            winner=next((one for one in top if one.number == found.get("winner")), best),
            top=top,
            confirmed=found.get("sentence", ""),
            importance=document["importance"],
            cautions=tuple(f"{one['message']}: {one['hint']}" for one in document["cautions"]),
            objective=document["objective"],
            ended=document["ended"],
            seconds=document["seconds"],
        )

    def __str__(self) -> str:
        return self.study

    def to_frame(self) -> pd.DataFrame:
        """Every trial of the study, one row each, as ``sweeper.results`` gives them."""
        from sweeper.tracking.run_rows import results

        return results(self.study, runs=self.runs)

    def draw(self) -> Picture | None:
        """The history of the search."""
        from sweeper.jobs.scores import measure_of
        from sweeper.jobs.shared.study_page import shown_trial
        from sweeper.report.figures import history, png
        from sweeper.study.study_record import load_study

        record = load_study(self.runs, self.study)
        rows = [shown_trial(trial) for trial in record.trials]
        drawn = history(rows, measure=measure_of(record.objective), title=self.study)
        return Picture(png(drawn), f"Every trial of the study {self.study} by number, and the best so far")

    def blocks(self) -> Iterator[str]:
        """The leaders, what is known of them, and what mattered."""
        from sweeper.report.facts import short

        keys = list(dict.fromkeys(key for trial in self.top for key in trial.params))
        rows = [
            (f"#{one.number}", number(one.score), *(short(one.params.get(key, "")) for key in keys)) for one in self.top
        ]
        yield paragraph(self.confirmed, strong=True)
        yield table(("trial", self.objective, *keys), rows)
        yield from (paragraph(line) for line in (*self.notes, *self.cautions))
        if self.importance:
            yield table(("hyperparameter", "importance"), [(key, number(v, 2)) for key, v in self.importance.items()])
        kinds = [f"{self.trials[kind]} {kind}" for kind in ("finished", "pruned", "failed") if self.trials[kind]]
        yield paragraph(f"study {self.study}: {', '.join(kinds)}, of {self.trials['requested']} asked for", small=True)
