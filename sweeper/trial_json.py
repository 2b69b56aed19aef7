"""Trials' records as plain JSON values, and out of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sweeper.trial import EpochReport, Failure, Scores, TrialResult


def to_json(record: object) -> dict[str, Any]:
    """A record as plain JSON values; scores without further metrics say nothing of them."""
    made: dict[str, Any] = asdict(record)  # type: ignore[call-overload]
    for part in (made, made.get("train"), made.get("validation")):
        if isinstance(part, dict) and part.get("more") == {}:
            del part["more"]
    return made


def scores(value: dict[str, Any] | None) -> Scores | None:
    """Scores out of what ``to_json`` made of them."""
    if value is None:
        return None
    more = {name: tuple(each) for name, each in value.get("more", {}).items()}
    return Scores(tuple(value["loss"]), tuple(value["accuracy"]), more)


def result_from_json(value: dict[str, Any]) -> TrialResult:
    """A trial's result out of what ``to_json`` made of it."""
    failure = value.get("failure")
    return TrialResult(
        **value
        | {name: tuple(value.get(name, ())) for name in ("weights", "models", "correct", "residuals")}
        | {
            "train": scores(value.get("train")),
            "validation": scores(value.get("validation")),
            "folds": tuple(made for each in value.get("folds", ()) if (made := scores(each))),
            "by_class": tuple(tuple(each) for each in value.get("by_class", ())),
            "failure": Failure(**failure) if failure else None,
        }
    )


def report_from_json(value: dict[str, Any]) -> EpochReport:
    """A validation out of what ``to_json`` made of it."""
    return EpochReport(**value | {part: scores(value[part]) for part in ("train", "validation")})
