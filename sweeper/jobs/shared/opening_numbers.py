"""An opening of the test split of a regression: what the ledger keeps of it, its picture and its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sweeper.jobs.scores import RMSE
from sweeper.jobs.shared.opening_report import WITHOUT_PICTURE, Subject, files_of, provenance_of
from sweeper.report.figures.numbers import predicted
from sweeper.report.figures.style import png
from sweeper.report.hits import parts_of_errors
from sweeper.report.test.numbers import NumberFacts, publish_numbers
from sweeper.statistics.intervals import Interval
from sweeper.statistics.tables import mean_of_table

if TYPE_CHECKING:
    from sweeper.data.split import Numbers, Split, Target
    from sweeper.train.evaluate import Estimated


def named_numbers(told: Sequence[Estimated], numbers: Numbers, target: Target) -> dict[str, Any]:
    """The scores of all members as one line of the ledger keeps them, with the interval of their mean RMSE."""
    values = {f"loss.{member}": each.loss for member, each in enumerate(told)}
    values |= {f"{name}.{member}": value for member, each in enumerate(told) for name, value in each.more.items()}
    spread = float(np.std(numbers))
    rows = [parts_of_errors(each.predictions - numbers, spread, each.more["rmse"], "rmse") for each in told]
    interval = mean_of_table(np.stack(rows))
    ends = {"low": max(0.0, interval.low), "high": interval.high, "level": interval.level}
    return {"members": len(told), **values, **ends, "spread": spread, "target": target.name}


def picture_of_numbers(told: Sequence[Estimated], numbers: Numbers, target: Target) -> bytes:
    """Predicted against true numbers, the mean over members, as a PNG."""
    mean = np.mean([each.predictions for each in told], axis=0)
    return png(predicted(numbers, mean, target.name, title="Predicted against true, test examples"))


def published_numbers(
    subject: Subject,
    entry: Mapping[str, Any],
    scores: Mapping[str, Any],
    split: Split,
    runs: Path,
    *,
    picture: bytes | None = None,
) -> dict[str, Any]:
    """Write the report; arguments as of ``opening_report.published``, and the picture, None where it is lost.

    Returns:
        ``report``, its files.
    """
    assert split.target is not None
    low, high = scores["interval"]
    facts = NumberFacts(
        title=subject.title or subject.run[:8],
        run=subject.run,
        opening=entry["look"],
        when=entry["when"],
        who=entry["who"],
        target=split.target.name,
        loss=scores["loss"],
        rmse=scores["rmse"],
        mae=scores["mae"],
        r2=scores["r2"],
        spread=scores["spread"],
        interval=Interval(low, high, scores["level"], scores["method"], scores["over"], scores["examples"]),
        per_seed=scores["per_seed"],
        examples=scores["examples"],
        provenance=provenance_of(subject, split),
        picture=picture or b"",
        validation=subject.validation,
        measure=RMSE,
        notes=(*subject.notes, *([WITHOUT_PICTURE] if picture is None else [])),
    )
    return {"report": files_of(publish_numbers(facts, runs / "reports", subject.report).folder)}
