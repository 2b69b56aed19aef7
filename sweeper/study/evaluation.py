"""Evaluates trials: scores and prunes them, ends them in the study, and says when the sweep is over."""

from __future__ import annotations

import math
from dataclasses import replace

from sweeper.config.checks import parameters
from sweeper.config.schema import total_steps
from sweeper.errors import SweeperError
from sweeper.study.attempt import Attempt, Streak
from sweeper.study.objectives import OBJECTIVES, better, constraint, feasible, measured, metrics_asked, violations
from sweeper.study.open_study import OpenStudy
from sweeper.study.plan import Counts, Ended, Observer, Plan
from sweeper.study.recorder import Recorder
from sweeper.study.search.pruners import PRUNERS, kept_resource, train_size
from sweeper.study.slots import Attempts
from sweeper.tracking.describe import SCORE
from sweeper.trial import EpochReport, Failure, Trial, TrialResult, TrialStatus


class Evaluation:
    """Everything that is decided about trials.

    Args:
        plan: what is asked.
        opened: the study.
        recorder: is given each trial that has ended.
        observe: hears of each, too.

    Attributes:
        attempts: of the study.
        driver: the id of the driver's lease.
        best: the finished trial with the best score so far.
    """

    def __init__(self, plan: Plan, opened: OpenStudy, recorder: Recorder, observe: Observer) -> None:
        """Reads how the study stands."""
        self._plan, self._opened, self._recorder, self._observe = plan, opened, recorder, observe
        self._objective = OBJECTIVES[plan.objective]
        self._streak = Streak(plan.max_errors)
        self._constraints = [constraint(text) for text in plan.constraints]
        self.driver = opened.lease.driver
        self.attempts = Attempts(opened.study, opened.source, self.driver)
        self.best: Trial | None = next(iter(opened.leaders(1)), None)
        self.mine = 0
        self._prunes = PRUNERS[plan.pruner].prunes
        self._resource = kept_resource(opened.facts)

    @property
    def slot_count(self) -> int:
        """How many slots the sweep has: those asked for, and one more for each that failed, up to as many again."""
        return self.attempts.slots.wanted(self._plan.trials, self._opened.source.limit)

    @property
    def done(self) -> bool:
        """Whether every slot is filled, by this driver or another."""
        return self.attempts.slots.filled(self.slot_count)

    @property
    def counts(self) -> Counts:
        """How the study stands."""
        slots, limit = self.attempts.slots, self._opened.source.limit
        requested = self._plan.trials if limit is None else min(self._plan.trials, limit)
        return Counts(
            requested, len(slots.finished), len(slots.pruned), len(slots.failed), self.mine, len(slots.repeated)
        )

    def summary(self) -> dict[str, float]:
        """The study's numbers, for its record."""
        counts = self.counts
        numbers = {"trials_finished": counts.finished, "trials_pruned": counts.pruned, "trials_failed": counts.failed}
        best = {SCORE: self.best.score} if self.best and self.best.score is not None else {}
        return {name: float(value) for name, value in (numbers | best).items()}

    def prunes(self, attempt: Attempt, report: EpochReport) -> bool:
        """Take in a validation; whether the trial shall stop."""
        if self._plan.more:
            return False  # Optuna prunes by one objective only
        assert attempt.drawn is not None
        place = report.step if self._resource is None else self._marks(attempt).get(report.step)
        if place is None:
            return False
        attempt.trial.report(self._objective.score(report.validation), place)
        left = report.step < total_steps(attempt.drawn.config, train_size(self._plan))
        return self._prunes and left and not attempt.stopping and attempt.trial.should_prune()

    def marks(self, attempt: Attempt) -> tuple[int, ...]:
        """The steps after which a trial is compared with others, and has to be validated."""
        return tuple(self._marks(attempt))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The further metrics that every validation needs, for scores and constraints."""
        return metrics_asked((self._objective.name, *self._plan.more, *(one.measure for one in self._constraints)))

    def _marks(self, attempt: Attempt) -> dict[int, int]:
        if self._resource is None or attempt.drawn is None:
            return {}
        return self._resource.due(self._plan.pruner, attempt.drawn.config)

    def too_large(self, attempt: Attempt) -> TrialResult | None:
        """The result of a trial that misses a constraint before it is trained, by its size; None for all others."""
        of_size = [one for one in self._constraints if one.measure == "parameters"]
        if not of_size or not self._plan.inputs or attempt.drawn is None:
            return None
        size = parameters(attempt.drawn.config, self._plan.inputs, self._plan.classes)
        result = TrialResult(attempt.key, TrialStatus.PRUNED, parameters=size)
        return result if any(value > 0 for value in violations(of_size, result).values()) else None

    def set_aside(self, attempt: Attempt, result: TrialResult) -> None:
        """Tell of a trial that is not worth training."""
        self._end(attempt, TrialStatus.PRUNED, None, result, None)

    def repeat(self, attempt: Attempt) -> bool:
        """End a trial with the result of an equal one that has ended; False where there is none."""
        earlier = self.attempts.equal(attempt)
        if earlier is None or earlier.result is None:
            return False
        attempt.same_as, attempt.history = earlier.number, list(earlier.history)
        result = replace(earlier.result, key=attempt.key, models=())
        self._end(attempt, earlier.state, earlier.score, result, None)
        return True

    def end(self, attempt: Attempt, result: TrialResult) -> None:
        """Tell how a trial ended.

        Raises:
            SweeperError: it ended like every trial before it, with the same error.
        """
        failure = result.failure
        value = self._objective.measure(result, attempt.members)
        if result.status != TrialStatus.FAILED and (value is None or not math.isfinite(value)):
            failure = Failure("diverged", f"the validation score is {value}", result.steps)
        state = TrialStatus.FAILED if failure else result.status
        self._end(attempt, state, None if failure else value, result, failure)

    def fail(self, attempt: Attempt, failure: Failure) -> None:
        """Tell that a trial failed without a worker's word.

        Raises:
            SweeperError: it ended like every trial before it, with the same error.
        """
        self._end(attempt, TrialStatus.FAILED, None, None, failure)

    def _end(
        self,
        attempt: Attempt,
        state: TrialStatus,
        value: float | None,
        result: TrialResult | None,
        failure: Failure | None,
    ) -> None:
        trial = attempt.ended(state, value, result, failure)
        missed = violations(self._constraints, result, attempt.members) if state != TrialStatus.FAILED else {}
        further = [measured(name, result, attempt.members) or 0.0 for name in self._plan.more]
        if self.attempts.end(attempt, trial, [value or 0.0, *further], missed):
            self._recorder.add(trial)
            if state == TrialStatus.FINISHED and feasible(missed) and better(trial, self.best, self._plan.objective):
                self.best = trial
            self._observe(Ended(trial, self.counts, self.best))
        self._watch(attempt, failure)

    def _watch(self, attempt: Attempt, failure: Failure | None) -> None:
        if failure is None:
            self._streak.succeed()
        elif self._streak.fail(failure, attempt.group):
            raise SweeperError(
                f"the last {self._plan.max_errors} trials all failed with {failure.kind}: {failure.message}",
                hint="mend that, and the same command goes on; --max-errors sets when to give up",
            )
