"""Is it okay to keep searching on the test set? By how much the best of many flatters itself, the test untouched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sweeper.errors import SweeperError
from sweeper.questions.flattery import Measured, flattery
from sweeper.questions.parts import points, provenance, warnings
from sweeper.questions.results import Results
from sweeper.report.answer import Answer
from sweeper.report.document import Column, Figure, Table
from sweeper.report.facts import Line, Measure
from sweeper.report.figures import lines, png
from sweeper.report.hits import unpacked

COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
HELD_OUT = 1000
"""Examples of a pseudo test set, at most: that of many a small data set; the rest stands for fresh data."""
FLATTERY = Measure("Flattery: score on the set that chose, less score on fresh data", percent=True)


def selection(results: Results) -> Answer:
    """Choose the best of 1, 2, 5, ... candidates by a pseudo test set, and score it on fresh examples."""
    correct = _correct(results)
    held_out = min(HELD_OUT, correct.shape[1] // 3)
    found = flattery(correct, COUNTS, held_out=held_out)
    question = results.prepared.question
    return Answer(
        name=question.name,
        title=question.title,
        asked=question.asks,
        sentences=_sentences(found, held_out, float(correct.mean())),
        provenance=provenance(results),
        figures=[_figure(found)],
        tables=[_table(found)],
        warnings=warnings(results),
        notes=(
            "The pseudo test sets are cut from the training data; the sealed test split was not opened.",
            "All candidates are judged on the same examples, again and again over random splits of them.",
            *question.notes,
        ),
    )


def _correct(results: Results) -> npt.NDArray[np.bool_]:
    """[candidates, examples], whether each candidate is right on each validation example."""
    trials = [trial for trials in results.search.values() for trial in trials if trial.state == "finished"]
    found = [trial.result.correct[0] for trial in trials if trial.result]
    if len(found) < 10:
        raise SweeperError("fewer than 10 candidates finished", hint="give a larger budget", key="budget")
    return np.stack([unpacked(bits, int(results.data["sizes"]["validation"])) for bits in found])


def _sentences(found: Sequence[Measured], held_out: int, accuracy: float) -> list[str]:
    last = found[-1]
    ratio = last.mean / last.theory if last.theory else float("nan")
    flatters = (
        f"No: the best of {last.candidates} candidates, chosen by a set of {held_out:,} examples, scores "
        f"{points(last.mean)} more on that set than on fresh data (95 % interval {100 * last.low:.2f} to "
        f"{100 * last.high:.2f}), though nothing about it is better."
    )
    grows = (
        f"One candidate that was not chosen has no such advantage ({points(found[0].mean)}); it grows with the number "
        f"of candidates like the square root of its logarithm, slowly but without end: {100 * ratio:.0f} % of what "
        f"theory gives for {last.candidates}."
    )
    advice = (
        f"So choose by a validation set, and look at the test set once; all {last.candidates} candidates are about "
        f"equally good (mean accuracy {100 * accuracy:.1f} %), and only luck tells them apart."
    )
    return [flatters, grows, advice]


def _figure(found: Sequence[Measured]) -> Figure:
    counts = [row.candidates for row in found]
    measured = Line("measured", counts, [r.mean for r in found], [r.low for r in found], [r.high for r in found])
    theory = Line("theory", counts, [row.theory for row in found], dashed=True)
    drawn = lines([theory, measured], x_label="Candidates to choose among", measure=FLATTERY, log_x=True, at=counts)
    told = "; ".join(f"{row.candidates}: {100 * row.mean:.2f}" for row in found)
    caption = (
        "By how much the chosen candidate's score flatters it. Theory: the noise of one candidate's score times "
        "the expected largest of so many normal numbers, which grows like √(2 ln k)."
    )
    return Figure("test-tuning-flattery", png(drawn), caption, f"Flattery in percentage points: {told}.")


def _table(found: Sequence[Measured]) -> Table:
    columns = (
        Column("Candidates", ",d", "right"),
        Column("Flattery", "+.2%", "right"),
        Column("Interval"),
        Column("Theory", "+.2%", "right"),
    )
    rows = [(r.candidates, r.mean, f"{100 * r.low:.2f} to {100 * r.high:.2f} %", r.theory) for r in found]
    return Table("Score on the set that chose, less score on fresh data", columns, rows)
