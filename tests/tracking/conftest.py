"""Records to track."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sweeper.tracking import RunRecord
from sweeper.trial import EpochReport, Scores, TrialResult

Make = Callable[..., RunRecord]


@pytest.fixture(scope="session")
def make() -> Make:
    """A record of a run of 100 steps; what is given replaces its parts, and those of its result."""

    def record(name: str = "a", *, study: str = "", number: int | None = None, **given: Any) -> RunRecord:
        scores = Scores((0.25,), (0.9,))
        parts = {field: given.pop(field) for field in ("config", "overrides", "tags", "interrupted") if field in given}
        config = {"hidden": [50, 30], "optimizer": {"name": "sgd"}, "learning_rate": 0.1, "seed": 0, "repeats": 1}
        result: dict[str, Any] = {
            "status": "finished",
            "steps": 100,
            "train": scores,
            "validation": scores,
            "seconds": {"total": 3.0, "train": 2.5, "compile": 0.5},
            "parameters": 41000,
            "data": {"name": "digits", "digest": "d" * 64, "sizes": {"train": 90, "validation": 10, "test": 5}},
            "versions": {"keras": "3.15.1", "tensorflow": "2.21.0"},
        }
        return RunRecord(
            name=name,
            history=[EpochReport("k", step, step / 50, scores, scores, 0.1, step / 100) for step in (50, 100)],
            result=TrialResult("k", **result | given),
            started=1000.0,
            ended=1003.0,
            study=study,
            number=number,
            **{"config": config, "overrides": ["learning_rate=0.1"]} | parts,
        )

    return record
