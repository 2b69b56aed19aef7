"""``sweeper.results``: every run and trial as a table."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sweeper.api.calling import folder, plainly
from sweeper.api.tuned import TuneResult

if TYPE_CHECKING:
    import pandas as pd


@plainly
def results(study: str | TuneResult | None = None, *, runs: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """Every run and trial as a DataFrame: one row each, oldest first, with its scores and every config key.

    Args:
        study: only the trials of this study.
        runs: the folder where they are recorded; that of the study, else ``$SWEEPER_RUNS``, or ``runs``, if it is not
            given.

    Raises:
        InputError: there is no such study.
        SweeperError: the record cannot be read.
    """
    from sweeper.tracking.run_rows import results as recorded

    return recorded(None if study is None else str(study), runs=folder(runs or getattr(study, "runs", None)))
