"""The border to Optuna and to the tracker: what a trial is there, made of ours and back."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from sweeper.config.domains import Choice, Domain, Float
from sweeper.study.storage.cached import RESULT, CachedStorage
from sweeper.tracking.base import RunRecord
from sweeper.trial import (
    EpochReport,
    Failure,
    Trial,
    TrialResult,
    TrialStatus,
    result_from_json,
    scores_from_json,
    to_json,
)

SLOT, DRIVER, VOID = "slot", "driver", "void"
"""Attributes of an attempt: its slot; the driver that runs it; that it does not count, as another has its slot."""

SAME_AS = "same_as"
"""The attribute of an attempt that was not trained: the number of the trial whose result it took."""

WARM = "past"
"""The attribute of a trial of an earlier study, which the sampler starts warm with: its name there."""

FIRST_NAME = "first_name"
"""The study's attribute with the name that it was begun under, where it was renamed since."""

STATES = {
    TrialStatus.FINISHED: TrialState.COMPLETE,
    TrialStatus.PRUNED: TrialState.PRUNED,
    TrialStatus.FAILED: TrialState.FAIL,
}
"""How Optuna calls each end of a trial."""

_STATUS = {state: status for status, state in STATES.items()}


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep what Optuna says to its own users away from ours: no log lines and no warnings while this lasts."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
            warnings.filterwarnings("ignore", module=r"optuna\.")
            warnings.filterwarnings("ignore", category=UserWarning, module=r"sweeper\.study\.")
            yield
    finally:
        optuna.logging.set_verbosity(level)


def distribution(domain: Domain) -> BaseDistribution:
    """A dimension's domain in Optuna's terms."""
    if isinstance(domain, Choice):
        return CategoricalDistribution(domain.options)
    if isinstance(domain, Float):
        return FloatDistribution(domain.low, domain.high, log=domain.log, step=domain.step)
    return IntDistribution(domain.low, domain.high, log=domain.log, step=domain.step)


def is_warm(trial: FrozenTrial) -> bool:
    """Whether a trial is one of an earlier study, for the sampler to know."""
    return WARM in trial.user_attrs


def is_void(trial: FrozenTrial) -> bool:
    """Whether an attempt does not count: it never ran, as another has its slot."""
    return VOID in trial.user_attrs


def ended(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """The trials that have ended and count, however they ended."""
    return [trial for trial in trials if trial.state in _STATUS and not (is_void(trial) or is_warm(trial))]


def read_trial(storage: CachedStorage, trial: FrozenTrial) -> Trial:
    """A trial with its result, which is read from the storage: in memory it has none."""
    return to_trial(storage.read(trial._trial_id))  # noqa: SLF001


def to_trial(frozen: FrozenTrial) -> Trial:
    """A trial out of Optuna's; of one that another program ended, as much as can be said."""
    text = frozen.user_attrs.get(RESULT)
    if text is not None:
        return from_text(frozen.number, text)
    moments = (frozen.datetime_start, frozen.datetime_complete)
    began, over = (moment.timestamp() if moment else 0.0 for moment in moments)
    state = _STATUS[frozen.state]
    return Trial(
        frozen.number,
        state,
        frozen.values[0] if frozen.values else None,
        frozen.params,
        tuple(f"{key}={value}" for key, value in frozen.params.items()),
        None,
        began,
        over,
        Failure("unknown", "ended by another program") if state == TrialStatus.FAILED else None,
    )


def to_text(trial: Trial) -> str:
    """A trial in one attribute: compact, and one value to the database."""
    return json.dumps(
        {
            "schema": trial.schema,
            "same_as": trial.same_as,
            "state": trial.state,
            "score": trial.score,
            "values": dict(trial.values),
            "overrides": list(trial.overrides),
            "config": dict(trial.config),
            "started": trial.started,
            "ended": trial.ended,
            "failure": to_json(trial.failure) if trial.failure else None,
            "result": to_json(trial.result) if trial.result else None,
            "history": [_row(report) for report in trial.history],
        },
        separators=(",", ":"),
    )


def from_text(number: int, text: str) -> Trial:
    """The trial out of what ``to_text`` made of it."""
    kept = json.loads(text)
    result = result_from_json(kept["result"]) if kept["result"] else None
    return Trial(
        number,
        kept["state"],
        kept["score"],
        kept["values"],
        tuple(kept["overrides"]),
        result,
        kept["started"],
        kept["ended"],
        Failure(**kept["failure"]) if kept["failure"] else None,
        kept["config"],
        tuple(_report(result.key if result else "", row) for row in kept["history"]),
        kept.get("schema", 0),
        kept.get("same_as"),
    )


def to_record(trial: Trial, study: str) -> RunRecord:
    """A trial of a study for the tracker."""
    name = f"{study}/{trial.number}"
    return RunRecord(
        name=name,
        config=dict(trial.config),
        overrides=trial.overrides,
        history=trial.history,
        result=trial.result or TrialResult(name, TrialStatus.FAILED, failure=trial.failure),
        started=trial.started,
        ended=trial.ended,
        study=study,
        number=trial.number,
        tags={"state": trial.state} | ({} if trial.same_as is None else {"same_as": str(trial.same_as)}),
        score=trial.score if trial.state == TrialStatus.FINISHED else None,
    )


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
    known = scores_from_json(train), scores_from_json(validation)
    assert known[0] is not None
    assert known[1] is not None
    return EpochReport(key, step, epoch, known[0], known[1], rate, seconds)
