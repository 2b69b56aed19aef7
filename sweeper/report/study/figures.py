"""The figures of a study's report, each with its caption and what it shows in words."""

from __future__ import annotations

from dataclasses import dataclass

from sweeper.report import figures
from sweeper.report.documents.model import Block, Figure
from sweeper.report.facts import ACCURACY, RMSE, Dimension, Estimate, Line, TrialRow, best_trial
from sweeper.report.study.facts import StudyFacts

MOST_SLICES = 12
MOST_PARALLEL = 7
LEAST_TOGETHER = 15
"""Finished trials that a picture of two hyperparameters together needs: fewer show where trials are, and no more."""


@dataclass(frozen=True, slots=True)
class StudyFigures:
    """Draws what the facts allow: each method gives its figures, or none where there is nothing to show."""

    facts: StudyFacts

    def confirmed(self) -> list[Block]:
        """The leaders on fresh seeds."""
        leaders = [
            Estimate(
                f"trial {one.number}",
                one.value,
                one.interval.low if one.interval else None,
                one.interval.high if one.interval else None,
                tuple(one.points),
            )
            for one in self.facts.confirmed
        ]
        level = next((one.interval.level for one in self.facts.confirmed if one.interval), 0.95)
        measure = self.facts.measure
        drawn = figures.conditions(
            leaders, measure=measure, interval=f"{level:.0%} interval", title="The leaders on fresh seeds"
        )
        caption = (
            "Each leader was run again with seeds that had no part in choosing it; the small points are single seeds. "
            "The examples did have a part, and the intervals of accuracies allow for that."
        )
        said = "; ".join(f"{one.name} {measure.text(one.value)}" for one in leaders)
        return [Figure("confirmed", figures.png(drawn), caption, f"Mean with interval for each leader: {said}.")]

    def history(self) -> list[Block]:
        """Every trial in order."""
        trials, measure = self.facts.trials, self.facts.measure
        if not trials:
            return []
        drawn = figures.history(trials, measure=measure, title="Every trial, and the best so far")
        best = best_trial(trials, measure)
        end = f", ending at {measure.text(best.score)} (trial {best.number})" if best and best.score is not None else ""
        caption = "A pruned trial is shown with its last score before it was stopped; a failed one at the edge."
        alt = f"{len(trials)} trials by number and {measure.name.lower()}, with the best so far as a line{end}."
        return [Figure("history", figures.png(drawn), caption, alt)]

    def tuning(self) -> list[Block]:
        """What to expect of so many trials."""
        curves = self.facts.tuning
        if not curves:
            return []
        measure = self.facts.measure
        lines = [
            Line(name, c.trials, c.median, c.low if c.valid else None, c.high if c.valid else None, dashed=not c.valid)
            for name, c in curves.items()
        ]
        title = f"Best {measure.name.lower()} to expect of so many trials"
        drawn = figures.lines(lines, x_label="Trials", measure=measure, title=title)
        caption = "Half of all searches of so many trials find a better one. " + " ".join(
            f"{name}: {c.level:.0%} band for all numbers of trials at once ({c.why})."
            if c.valid
            else f"{name}: no band: {c.why}."
            for name, c in curves.items()
        )
        said = "; ".join(
            f"{name} reaches {measure.text(c.median[-1])} with {c.trials[-1]} trials (the mean of such searches "
            f"{measure.text(c.expected[-1])})"
            for name, c in curves.items()
        )
        return [Figure("tuning-curve", figures.png(drawn), caption, f"Tuning curves: {said}.")]

    def importance(self) -> list[Block]:
        """A bar for each hyperparameter."""
        found = self.facts.importance
        bars = [Estimate(one.name, one.value, one.low, one.high) for one in found]
        drawn = figures.importance(bars, evaluator=self.facts.evaluator, title="Importance of each hyperparameter")
        caption = (
            f"Bars: on the trials as they are; lines: the middle {found[0].share:.0%} over resamples of the trials, "
            "which is a spread and not a confidence interval."
        )
        said = ", ".join(f"{one.name} {one.value:.2f}" for one in found)
        return [Figure("importance", figures.png(drawn), caption, f"Importance by {self.facts.evaluator}: {said}.")]

    def space(self) -> list[Block]:
        """Slices, a contour of the two that matter most (numbers, if there are two) and parallel coordinates."""
        scored = [trial for trial in self.facts.trials if trial.score is not None]
        if not scored or not self.facts.dimensions:
            return []
        ordered = self._by_importance()
        made = [self._slices(ordered[:MOST_SLICES])]
        if len(ordered) > 1:
            common = [d for d in ordered if sum(d.name in trial.params for trial in scored) > len(scored) / 2]
            enough = sum(trial.state == "finished" for trial in scored) >= LEAST_TOGETHER
            made += [self._contour(*self._pair(ordered))] if enough else []
            made += [self._parallel(common[:MOST_PARALLEL])]
        return list(made)

    def learning(self) -> list[Block]:
        """Loss and accuracy by step."""
        curves = {name: history for name, history in self.facts.curves.items() if history}
        if not curves:
            return []
        drawn = figures.learning_curves(curves, measure=self.facts.measure, title="Training and validation by step")
        caption = (
            "Lines are means over seeds and bands all seeds, where there are several; first steps may lie off the axis."
        )
        lasts = [(name, history[-1].validation) for name, history in list(curves.items())[:5]]
        measure = ACCURACY if lasts[0][1].accuracy else RMSE
        ends = [f"{name} ends at {measure.text(last.mean(last.main))}" for name, last in lasts]
        return [Figure("learning-curves", figures.png(drawn), caption, f"{measure.name}: {'; '.join(ends)}.")]

    def front(self) -> list[Block]:
        """Two objectives against each other."""
        front, measure = self.facts.front, self.facts.measure
        if front is None or not front.points:
            return []
        title = f"{measure.name} against {front.x.name.lower()}"
        drawn = figures.pareto(front.points, x=front.x, y=measure, title=title)
        best = "; ".join(f"{name}: {front.x.text(x)}, {measure.text(y)}" for name, x, y, on in front.points if on)
        caption = "The line joins the trials that no other matches or beats in both."
        return [Figure("front", figures.png(drawn), caption, f"Trials on the front: {best}.")]

    def timing(self) -> list[Block]:
        """Who ran what when."""
        drawn = figures.timing(self.facts.trials, title="Trials by worker")
        workers = len({trial.worker for trial in self.facts.trials if trial.started is not None})
        caption = "A bar is a trial; those that were trained together as one program are stacked. Gaps are idle time."
        return [Figure("timing", figures.png(drawn), caption, f"Trials over time on {workers} workers.")]

    def _slices(self, dimensions: list[Dimension]) -> Figure:
        drawn = figures.slices(
            self.facts.trials, dimensions, measure=self.facts.measure, title="Score against each hyperparameter"
        )
        names = ", ".join(dimension.name for dimension in dimensions)
        caption = "A pruned trial’s score is of fewer steps. The most important hyperparameters come first."
        return Figure("slices", figures.png(drawn), caption, f"{self.facts.measure.name} against each of: {names}.")

    def _contour(self, x: Dimension, y: Dimension) -> Figure:
        drawn = figures.contour(
            self.facts.trials, x, y, measure=self.facts.measure, title=f"{x.name} and {y.name} together"
        )
        smooth = "The surface is a local mean of the points, left blank where no trial is near. "
        caption = ("" if x.choices or y.choices else smooth) + "Finished trials only."
        return Figure(
            "contour",
            figures.png(drawn),
            caption,
            f"{self.facts.measure.name} over {x.name} and {y.name}. {self._best()}",
        )

    def _parallel(self, dimensions: list[Dimension]) -> Figure:
        title = "Every trial through its hyperparameters to its score"
        drawn = figures.parallel_coordinates(self.facts.trials, dimensions, measure=self.facts.measure, title=title)
        caption = "One line a trial: the best in vermilion, the best tenth in blue."
        return Figure("parallel-coordinates", figures.png(drawn), caption, f"Parallel coordinates. {self._best()}")

    def _best(self) -> str:
        best: TrialRow | None = best_trial(self.facts.trials, self.facts.measure)
        if best is None or best.score is None:
            return "No trial finished."
        values = ", ".join(
            f"{key}={value:.3g}" if isinstance(value, float) else f"{key}={value}" for key, value in best.params.items()
        )
        return f"Best: trial {best.number}, {self.facts.measure.text(best.score)} at {values}."

    def _by_importance(self) -> list[Dimension]:
        rank = {one.name: at for at, one in enumerate(self.facts.importance)}
        return sorted(self.facts.dimensions, key=lambda dimension: rank.get(dimension.name, len(rank)))

    def _pair(self, ordered: list[Dimension]) -> tuple[Dimension, Dimension]:
        numeric = [dimension for dimension in ordered if not dimension.choices]
        first, second = (numeric if len(numeric) > 1 else ordered)[:2]
        return first, second
