"""Why accuracy is lower on new data than on the training data: the gap over examples, width and regularisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sweeper.questions.analyses.conditions import compare
from sweeper.questions.analyses.gap import change, gap_figure, gap_interval, panel
from sweeper.questions.analyses.parts import listed, points, span
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Answer, ConditionResult
from sweeper.report.documents.model import Cell, Table, TableColumn
from sweeper.report.facts import ACCURACY, scope
from sweeper.report.figures.comparison import GapPanel

SIZE, WIDTH, REGULARISATION = "dataset.train_size", "hidden", ("dropout", "l2", "l1")


def generalization(results: Results) -> Answer:
    """The gap first: training accuracy against validation accuracy, and what makes the gap larger or smaller.

    The first condition is the one that the others differ from, each in the number of training examples, in width
    or in regularisation.
    """
    answer = compare(results)
    if results.prepared.conditions[0].name not in results.names or len(results.names) < 2:
        return answer
    teller = _GapTeller(results, answer.conditions)
    return replace(
        answer,
        sentences=teller.sentences(),
        figures=[gap_figure(answer.conditions, answer.name, teller.panels()), *answer.figures],
        tables=[*answer.tables, teller.table()],
    )


class _GapTeller:
    """Tells of each condition's gap against that of the first."""

    def __init__(self, results: Results, found: Sequence[ConditionResult]) -> None:
        self.results, self.found, self.base = results, found, found[0]
        self.configs = {c.name: c.config for c in results.prepared.conditions}
        self.overrides = {c.name: c.overrides for c in results.prepared.conditions}
        plain = set(self.overrides[self.base.name])
        self.own = {name: [o for o in texts if o not in plain] for name, texts in self.overrides.items()}

    def setting(self, *keys: str) -> list[ConditionResult]:
        """The conditions that differ from the first in one of these keys."""
        return [c for c in self.found if any(o.partition("=")[0] in keys for o in self.own[c.name])]

    def sentences(self) -> list[str]:
        base, interval = self.base, gap_interval(self.results, self.base.name)
        over = scope(interval.over, interval.examples)
        why = (
            f"The network ({base.name}) is right on {ACCURACY.text(base.train or 0)} of the examples that it was "
            f"trained on and on {ACCURACY.text(base.value)} of others, a gap of {points(base.gap or 0)} (95% interval "
            f"{span(interval)} {over}): training fits the weights to the very examples it sees, down to what is "
            "accidental in them, and other examples do not share that."
        )
        groups = (self.setting(SIZE), self.setting(WIDTH), self.setting(*REGULARISATION))
        return [why, *(self._told(group) for group in groups if group)]

    def panels(self) -> list[GapPanel]:
        """One for each thing that is varied, the first condition in its place among the others."""
        made = []
        if self.setting(SIZE):
            by_size = sorted([*self.setting(SIZE), self.base], key=self._examples)
            x = [float(self._examples(c)) for c in by_size]
            made.append(panel("Training examples", by_size, x=x, log=True))
        if self.setting(WIDTH):
            by_width = sorted([*self.setting(WIDTH), self.base], key=lambda c: sum(self.configs[c.name].hidden))
            widths = [f"[{','.join(map(str, self.configs[c.name].hidden))}]" for c in by_width]
            made.append(panel("Hidden layers", by_width, names=widths))
        if regular := self.setting(*REGULARISATION):
            made.append(panel("Regularisation", [self.base, *regular], names=["none", *(c.name for c in regular)]))
        return made

    def table(self) -> Table:
        """Every gap, and by how much it differs from the first condition's."""
        columns = (
            TableColumn("Condition"),
            TableColumn("Gap", align="right"),
            TableColumn("Against the first", align="right"),
        )
        rows: list[list[Cell]] = [[c.name, f"{100 * (c.gap or 0):.2f}", self._against(c)] for c in self.found]
        others = len(self.found) - 1
        return Table(
            f"Training less validation accuracy, in percentage points; differences with intervals over seeds and "
            f"examples for {others} comparisons",
            columns,
            rows,
        )

    def _told(self, group: Sequence[ConditionResult]) -> str:
        parts = [f"{points(c.gap or 0)} with {c.name} ({self._word(c)})" for c in group]
        return f"The gap is {listed(parts)}."

    def _word(self, condition: ConditionResult) -> str:
        _, interval = change(self.results, condition.name, self.base.name, len(self.found) - 1)
        if interval.low <= 0 <= interval.high:
            return "no difference shown"
        return "larger" if interval.low > 0 else "smaller"

    def _against(self, condition: ConditionResult) -> str | None:
        if condition is self.base:
            return None
        value, interval = change(self.results, condition.name, self.base.name, len(self.found) - 1)
        return f"{100 * value:+.2f} ({span(interval)})".replace("+-", "-").replace("-", "−")

    def _examples(self, condition: ConditionResult) -> int:
        train = int(self.results.data["sizes"]["train"])
        return self.configs[condition.name].dataset.train_size or train
