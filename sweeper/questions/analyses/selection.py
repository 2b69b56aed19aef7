"""Is it okay to keep searching on the test set? By how much the best of many flatters itself, the test untouched."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sweeper.errors import SweeperError
from sweeper.questions.analyses.doubts import doubts
from sweeper.questions.analyses.flattery import Flattered, Measured, flattery
from sweeper.questions.analyses.parts import points, provenance
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Answer
from sweeper.report.documents.model import Figure, Table, TableColumn
from sweeper.report.facts import Line, Measure
from sweeper.report.figures.learning import lines
from sweeper.report.figures.style import png
from sweeper.system.bits import unpack

COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
FEWEST = 10
HELD_OUT = 1000
"""Examples of a pseudo-test set, at most: that of many a small data set; the rest stands for fresh data."""
DRAWS = 400
"""Times that the examples are split anew."""
FLATTERY = Measure("Flattery", percent=True, unit="percentage points")


def selection(results: Results) -> Answer:
    """Choose the best of 1, 2, 5, ... candidates by a pseudo-test set, and score it on fresh examples."""
    correct = _correct(results)
    held_out = min(HELD_OUT, correct.shape[1] // 3)
    found = flattery(correct, COUNTS, held_out=held_out, draws=DRAWS)
    question = results.prepared.question
    return Answer(
        name=question.name,
        title=question.title,
        asked=question.asks,
        sentences=_sentences(found, held_out),
        provenance=provenance(results),
        figures=[_figure(found)],
        tables=[_table(found)],
        warnings=doubts(results),
        notes=(*_notes(held_out, correct.shape[1] - held_out), *question.notes),
    )


def _correct(results: Results) -> npt.NDArray[np.bool_]:
    """[candidates, examples], whether each candidate is right on each validation example."""
    trials = [trial for trials in results.search.values() for trial in trials if trial.state == "finished"]
    found = [trial.result.correct[0] for trial in trials if trial.result]
    if len(found) < FEWEST:
        raise SweeperError(
            f"question {results.prepared.question.name}: {len(found)} candidates finished, and {FEWEST} are needed",
            hint="give a larger budget",
            key="budget",
        )
    return np.stack([unpack(bits, int(results.data["sizes"]["validation"])) for bits in found])


def _sentences(found: Flattered, held_out: int) -> list[str]:
    first, last = found.rows[0], found.rows[-1]
    chosen = f"chosen among {last.candidates} candidates by {held_out:,} examples"
    best = f"{chosen}, the best scores {points(last.mean)}"
    if last.low <= 0:
        none = f"Here {best} more on them than on fresh data ({_ends(last)}): no flattery is shown."
        return [none, _why(found)]
    flattered = (
        f"No: {best} more on them than on fresh data ({_ends(last)}). A single candidate, which nobody chose, differs "
        f"by {points(first.mean)} ({_ends(first)})."
    )
    advice = (
        "The advantage grows with every candidate tried, slowly but without end: by equal candidates like the square "
        "root of the logarithm of their number. So choose by a validation set, and open the test set once, at the end."
    )
    return [flattered, _why(found), advice]


def _why(found: Flattered) -> str:
    last = found.rows[-1]
    share = f"; measured was {last.mean / last.theory:.2f} times that" if last.theory > 0 else ""
    return (
        f"The candidates' true accuracies differ by {points(found.spread)} (standard deviation), and the luck of the "
        f"examples adds {points(found.noise)} to each score; from these two theory expects a flattery of "
        f"{points(last.theory)} for {last.candidates} candidates{share}."
    )


def _ends(row: Measured) -> str:
    return f"mean of {DRAWS} draws of these examples, {_bracket(row)}"


def _bracket(row: Measured) -> str:
    """How far the draws leave the mean open."""
    return f"{100 * row.low:.2f} to {100 * row.high:.2f}".replace("-", "−")


def _notes(held_out: int, fresh: int) -> tuple[str, ...]:
    drawn = (
        f"All candidates are trained once. Then {held_out:,} examples are drawn to choose by, and {fresh:,} others are "
        f"the fresh data; this is repeated {DRAWS} times with other draws. In brackets stand two standard errors of "
        "the mean over draws of these examples and candidates. It is no interval for other candidates or other "
        "examples, of which there is one sample: they would move it by several times as much."
    )
    theory = (
        "Theory: the expected luck of the one with the largest score among k candidates, whose true accuracies are "
        "distributed as these candidates' are, and whose luck is normal. Of equal candidates it is the expected "
        "largest of k normal numbers."
    )
    return ("The pseudo-test sets are cut from the training data; the sealed test split was not opened.", drawn, theory)


def _figure(found: Flattered) -> Figure:
    rows = found.rows
    counts = [row.candidates for row in rows]
    measured = Line("measured", counts, [r.mean for r in rows], [r.low for r in rows], [r.high for r in rows])
    theory = Line("theory", counts, [row.theory for row in rows], dashed=True)
    drawn = lines([theory, measured], x_label="Candidates to choose among", measure=FLATTERY, log_x=True, at=counts)
    said = "; ".join(f"{row.candidates}: {100 * row.mean:.2f}" for row in rows)
    caption = (
        "By how much the chosen candidate scores more on the set that chose it than on fresh data (band: two "
        "standard errors of the mean over draws). Where candidates are equal, theory's curve grows like "
        "√(2 ln k) with their number k."
    )
    return Figure("test-tuning-flattery", png(drawn), caption, f"Flattery in percentage points: {said}.")


def _table(found: Flattered) -> Table:
    columns = (
        TableColumn("Candidates", ",d", "right"),
        TableColumn("Flattery", "+.2f", "right"),
        TableColumn("Over draws alone", align="right"),
        TableColumn("Theory", "+.2f", "right"),
        TableColumn("On fresh data", ".2%", "right"),
    )
    rows = [(r.candidates, 100 * r.mean, _bracket(r), 100 * r.theory, r.fresh) for r in found.rows]
    return Table("Score on the set that chose less score on fresh data, in percentage points", columns, rows)
