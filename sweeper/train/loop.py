"""Train a group of trials together: the way of a trial through the trainer."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from sweeper.checkpoint import About, Checkpoint
from sweeper.config.schema import total_steps
from sweeper.config.with_data import check_with_data
from sweeper.data.split import Split
from sweeper.train import group as side_by_side
from sweeper.train import saving
from sweeper.train.batches import BatchOrder, noise_keys
from sweeper.train.early import Early
from sweeper.train.export import export, fingerprints
from sweeper.train.group import Lane, Meter, Rates
from sweeper.train.judging import Judge
from sweeper.train.machine import memory_errors
from sweeper.train.plan import Stretch, is_xla, stretches
from sweeper.train.program import program
from sweeper.train.resident import resident
from sweeper.train.saving import Curves, Saver
from sweeper.train.shape import Array, BatchScores
from sweeper.trial import EpochReport, Failure, Remark, StepReport, TrialResult, TrialSpec, TrialStatus

Report = Callable[[StepReport | EpochReport | TrialResult | Remark], None]
Stopped = Callable[[], Collection[str]]


def train(
    group: Sequence[TrialSpec], split: Split, report: Report, stopped: Stopped, fold: int = 0
) -> list[TrialResult]:
    """Train trials of one structure together and give each one's result, in order.

    Args:
        group: trials with equal ``structure(config)``.
        split: their data.
        report: is given progress, every validation, and at once a trial that failed or was stopped.
        stopped: keys of the trials that shall stop; asked after every call of the compiled loop.
        fold: a number beyond those of the folds whose trainings are under way; 0 where there are none.

    Raises:
        InputError: configuration and data do not fit.
        MemoryError: the group needs more memory than there is.
    """
    with memory_errors():
        training = Training(group, split, report, fold)
        for _ in training.rounds(stopped):
            pass
        return [training.results[spec.key] for spec in group]


class Training:
    """One group's training; `active` are the trials that are neither stopped nor failed.

    `placed` are all that have members in the program, those that have ended since it was made among them. Where this is
    one of several folds, the program stays as it is, and `found` is the fold's part of a checkpoint.
    """

    def __init__(
        self, group: Sequence[TrialSpec], split: Split, report: Report, fold: int = 0, folds: int = 0,
        found: Checkpoint | None = None,
    ) -> None:  # fmt: skip
        self.begun, self.fold, self.folds = time.perf_counter(), fold, folds
        self.split, self.report = split, report
        self.lanes = side_by_side.lanes(group)
        self.config = self.lanes[0].config
        self.examples = split.sizes["train"]
        check_with_data(self.config, self.examples, split.classes, in_file=split.in_file)
        self.judge = Judge(split, self.lanes)
        self.data = resident(split, folds + 2)
        self.steps = total_steps(self.config, self.examples)
        self.marks = {mark for spec in group for mark in spec.marks}
        self.graph_until = 0 if folds else max(spec.graph_until for spec in group)
        self.results: dict[str, TrialResult] = {}
        self.compile_seconds = 0.0
        self.said: set[str] = set()
        self.saver = Saver(group, split)
        if found is not None:
            self._take_up(found)
        elif not self._go_on():
            self._begin_anew()
        self.order = BatchOrder(self.config.batch_seed, self.examples, self.program.shape.batch)

    def rounds(self, stopped: Stopped) -> Iterator[int]:
        """Train, and give the number of steps done after each stretch."""
        for stretch in stretches(self.config, self.examples, self.step, self.marks):
            outcome = self._advance(stretch)
            self._fail_where(self.active, ~np.isfinite(outcome.loss) & ~self.early.stopped, stretch.start)
            if stretch.report:
                self._report_progress(stretch.stop)
            if stretch.validate:
                self._validate(stretch)
            self._stop(stopped() if stretch.stop < self.steps else (), stretch.stop)
            if not self.active:
                break
            self._regroup(stretch)
            if self.saver.due and stretch.stop < self.steps:
                self._remark(self.saver.save(self.packed(stretch.stop)))
            yield stretch.stop
        self._finish(self.active, self.steps)

    def _begin_anew(self) -> None:
        for lane in self.lanes:
            lane.earlier = []
        self.active, self.step, self.curves = side_by_side.place(self.lanes), 0, Curves()
        self.early = Early(self.active)
        self.jit = is_xla(self.steps, 0, self.graph_until)
        self._begin(self.active, side_by_side.first_weights(self.active, self.data))
        self.since_report, self.since_validation = (Meter(self.program.shape.members) for _ in range(2))
        self.loop_begun = time.perf_counter()

    def _go_on(self) -> bool:
        """Go on from the checkpoint, if there is one; one that will not do is said to be of no use."""
        try:
            found = self.saver.find()
            if found is None:
                return False
            self._take_up(found)
        except ValueError as error:
            self._remark(saving.no_use(error))
            return False
        self._remark(saving.goes_on(self.step, self.steps))
        return True

    def _take_up(self, found: Checkpoint) -> None:
        """Be where a checkpoint was written; what was reported until then is reported again.

        Raises:
            ValueError: the program cannot be what it was.
        """
        about = found.about
        self.active, self.step, self.jit = self.lanes, about.step, about.jit
        placed = side_by_side.place(saving.saved_lanes(found, self.lanes))
        state, weights = saving.state_of(found)
        self._begin(placed, state[:weights])
        self.program.restore(state)
        if self.jit != about.jit:
            raise ValueError("it cannot be compiled as it was")
        self.since_report, self.since_validation = saving.untallied(found)
        self.early = Early(placed)
        self.early.restore(found.arrays)
        self.curves = Curves.of(found)
        now = time.perf_counter()
        self.begun, self.loop_begun = self.begun - about.seconds["total"], now - about.seconds["train"]
        self.compile_seconds += about.seconds["compile"]
        for lane in self.active:
            for number in range(len(self.curves.steps)):
                self._report_validation(lane, number)

    def packed(self, step: int) -> Checkpoint:
        """Everything that the next step hangs on, after `step` of them."""
        trials, meters = saving.saved_trials(self.placed, self.active), (self.since_report, self.since_validation)
        about = About(step, trials, self.saver.ground, self._seconds(), {}, self.jit)
        return saving.packed(about, self.program, self.curves, meters, self.early)

    def _remark(self, text: str) -> None:
        """Once is enough; nothing where there is none."""
        if text and text not in self.said:
            self.said.add(text)
            self.report(Remark(tuple(lane.spec.key for lane in self.lanes), text))

    def _begin(self, placed: Sequence[Lane], weights: list[Array]) -> None:
        """Get the program of these trials' members, and lay out what belongs to them."""
        started = time.perf_counter()
        self.placed = list(placed)
        shape = side_by_side.shape(placed, self.data, jit=self.jit)
        self.program = program(shape, self.fold)
        self.program.begin(self.data, side_by_side.knobs(placed, shape, self.split), weights)
        self.jit = self.program.shape.jit
        self.compile_seconds += time.perf_counter() - started
        self.rates = Rates(placed, self.steps)

    def _regroup(self, stretch: Stretch) -> None:
        """Go on in another program, without the members of ended trials.

        That is XLA's, once its time has come, or a smaller one where that saves more than it costs.
        """
        step, shape, left = stretch.stop, self.program.shape, side_by_side.size(self.active)
        before, after = (is_xla(self.steps, at, self.graph_until) for at in (stretch.start, step))
        turns = after and not before and not self.folds
        if not turns and (self.folds or not side_by_side.shrinks(shape, left, self.steps - step)):
            return
        self.jit |= turns
        keep = np.concatenate([np.arange(lane.members.start, lane.members.stop) for lane in self.active])
        state = [part[keep] if part.ndim == 3 else part for part in self.program.state()]
        for each in (self.since_report, self.since_validation, self.curves):
            each.keep(keep)
        self.early.keep(keep, self.active)
        side_by_side.move(self.active, shape, step)
        self._begin(self.active, state[: len(self.program.network.variables)])
        self.program.restore(state)

    def _advance(self, stretch: Stretch) -> BatchScores:
        start, stop = stretch.start, stretch.stop
        shape = self.program.shape
        order = np.zeros((stop - start, 0), np.int32) if shape.whole else self.order.take(start, stop)
        keys = noise_keys(self.config.batch_seed, start, stop, len(shape.widths) - 1)
        outcome = self.program.advance(order, self.rates.take(start, stop), keys)
        for meter in (self.since_report, self.since_validation):
            meter.add(outcome.loss, outcome.accuracy)
        return outcome

    def _report_progress(self, step: int) -> None:
        scores = self.judge.batches(*self.since_report.means())
        for lane in self.active:
            self.report(StepReport(lane.spec.key, step, self.steps, lane.scores(scores), self._seconds()["train"]))
        self.since_report.clear()

    def _validate(self, stretch: Stretch) -> None:
        step, trained = stretch.stop, self.judge.batches(*self.since_validation.means())
        judged = self.judge.validation(self.program, self.data, self.active)
        self._fail_where(self.active, ~np.isfinite(judged["loss"])[None] & ~self.early.stopped, step - 1)
        scores = self.early.held([*trained.values(), *(judged[name] for name in self.judge.names)])
        self.curves.add(step, self._seconds()["train"], list(scores))
        for lane in self.active:
            self._report_validation(lane, -1)
        self.since_validation.clear()
        if stretch.regular:
            measures = {f"validation.{name}": value for name, value in judged.items()}
            self.early.add(step, measures, scores, self.judge.right, self.program.network)
            self._finish([lane for lane in self.active if self.early.has_stopped(lane)], step)

    def _report_validation(self, lane: Lane, number: int) -> None:
        step, scores = int(self.curves.steps[number]), self.curves.scores[number]
        trained, lane.validation = self.judge.scores(lane, scores)
        epoch = step * self.program.shape.batch / self.examples
        rate = float(self.rates.take(step - 1, step)[0, lane.members.start])
        seconds = float(self.curves.seconds[number])
        self.report(EpochReport(lane.spec.key, step, epoch, trained, lane.validation, rate, seconds))

    def _fail_where(self, lanes: Sequence[Lane], bad: np.typing.NDArray[np.bool_], start: int) -> None:
        """Fail the trials with a bad member, [K, R], at the first bad step; the members of others never see it."""
        for lane in lanes:
            found = bad[:, lane.members].any(axis=1)
            if found.any():
                step = start + int(found.argmax()) + 1
                failure = Failure("not_finite", f"the loss is not finite at step {step}", step)
                self._end(lane, TrialStatus.FAILED, step, failure)

    def _stop(self, keys: Collection[str], step: int) -> None:
        for lane in self.active:
            if lane.spec.key in keys or 0 < lane.spec.until <= step:
                self._end(lane, TrialStatus.PRUNED, step)

    def _end(self, lane: Lane, status: TrialStatus, step: int, failure: Failure | None = None) -> None:
        """Give a trial's result before the others': its members are trained on, but nobody looks at them."""
        validation = None if failure else lane.validation
        result = replace(self._result(lane, step), status=status, validation=validation, failure=failure)
        self._conclude(lane, result)

    def _finish(self, lanes: Sequence[Lane], step: int) -> None:
        """Judge trials that have come to their end over the training split, save them, and make their results."""
        if not lanes:
            return
        network = self.program.network
        with self.early.best(lanes, network):
            judged = self.judge.training(self.program, self.data)
            self._fail_where(lanes, ~np.isfinite(judged["loss"])[None], step - 1)
            ended = [lane for lane in lanes if lane in self.active]
            for lane in ended:
                self.early.settle(lane, self.judge.scores)
            for lane, last in zip(ended, self.judge.last(self.program, self.data, ended), strict=True):
                result = replace(
                    self._result(lane, step),
                    train=lane.scores(judged),
                    **last,
                    weights=fingerprints(network, lane, self.data),
                    models=export(network, lane, self.data),
                    kept=lane.kept,
                )
                self._conclude(lane, result)

    def _conclude(self, lane: Lane, result: TrialResult) -> None:
        self.active = [other for other in self.active if other is not lane]
        self.results[lane.spec.key] = result
        self.report(result)

    def _result(self, lane: Lane, step: int) -> TrialResult:
        parameters = self.program.network.parameters
        return side_by_side.result(lane, self.program.shape, step, self._seconds(), parameters, self.split)

    def _seconds(self) -> dict[str, float]:
        now = time.perf_counter()
        return {"total": now - self.begun, "train": now - self.loop_begun, "compile": self.compile_seconds}
