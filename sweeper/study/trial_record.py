"""A trial's whole story in one attribute, from which its record in the tracker can be made again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sweeper.config.history import SCHEMA
from sweeper.study.plan import Trial
from sweeper.tracking.base import RunRecord
from sweeper.trial import EpochReport, Failure, TrialResult, result_from_json, scores, to_json

if TYPE_CHECKING:
    from sweeper.study.attempts import Attempt


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """What is kept of a trial that was told.

    Attributes:
        config: resolved, as plain values; empty where the values made none.
        schema: that the configuration is of (``config.history``).
    """

    trial: Trial
    config: dict[str, Any]
    history: tuple[EpochReport, ...]
    schema: int = SCHEMA

    def record(self, study: str) -> RunRecord:
        """For the tracker."""
        trial = self.trial
        result = trial.result or TrialResult(f"{study}/{trial.number}", "failed", failure=trial.failure)
        return RunRecord(
            name=f"{study}/{trial.number}",
            config=self.config,
            overrides=trial.overrides,
            history=self.history,
            result=result,
            started=trial.started,
            ended=trial.ended,
            study=study,
            number=trial.number,
            tags={"state": trial.state},
        )


def write_trial_record(told: Trial, attempt: Attempt) -> str:
    """As text: compact, and one value to the database."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "state": told.state,
            "score": told.score,
            "values": dict(told.values),
            "overrides": list(told.overrides),
            "config": attempt.drawn.config.to_dict() if attempt.drawn else {},
            "started": told.started,
            "ended": told.ended,
            "failure": to_json(told.failure) if told.failure else None,
            "result": to_json(told.result) if told.result else None,
            "history": [_row(report) for report in attempt.history],
        },
        separators=(",", ":"),
    )


def read_trial_record(number: int, text: str) -> TrialRecord:
    """The story out of what ``write_story`` made of it."""
    kept = json.loads(text)
    trial = Trial(
        number,
        kept["state"],
        kept["score"],
        kept["values"],
        tuple(kept["overrides"]),
        result_from_json(kept["result"]) if kept["result"] else None,
        kept["started"],
        kept["ended"],
        Failure(**kept["failure"]) if kept["failure"] else None,
    )
    key = trial.result.key if trial.result else ""
    history = tuple(_report(key, row) for row in kept["history"])
    return TrialRecord(trial, kept["config"], history, kept.get("schema", 0))


def _row(report: EpochReport) -> list[Any]:
    """A validation without the names of its fields, which would be most of it."""
    return [
        report.step,
        report.epoch,
        to_json(report.train),
        to_json(report.validation),
        report.learning_rate,
        report.seconds,
    ]


def _report(key: str, row: Sequence[Any]) -> EpochReport:
    step, epoch, train, validation, rate, seconds = row
    return EpochReport(key, step, epoch, _certain(train), _certain(validation), rate, seconds)


def _certain(value: dict[str, Any]) -> Any:
    return scores(value)
