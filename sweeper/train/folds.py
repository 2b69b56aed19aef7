"""Trials over folds: a training for each, all of them side by side, and their reports and results made one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from statistics import fmean
from typing import Any

import numpy as np

from sweeper.checkpoint import About, Checkpoint, SavedTrial
from sweeper.config.schema import Config, as_long, epoch_steps, epochs_between, total_steps
from sweeper.data.split import Split
from sweeper.system.bits import pack, unpack
from sweeper.train import saving
from sweeper.train.fold_saving import Heard, apart, together
from sweeper.train.loop import Report, Stopped, Training, train
from sweeper.train.machine import memory_errors
from sweeper.train.saving import Saver
from sweeper.trial import EpochReport, Remark, Scores, StepReport, TrialResult, TrialSpec, TrialStatus

Told = StepReport | EpochReport


def train_folds(group: Sequence[TrialSpec], split: Split, report: Report, stopped: Stopped) -> list[TrialResult]:
    """Train trials of one structure on each fold, and those whose models are wanted on all of the examples at last.

    Each fold has a program of its own, in which all trials of the group are trained together; the folds take turns,
    stretch by stretch, so that a validation is of all of them. (As one program with inputs of its own for each fold it
    would be slower: the trials could not share the product of the first layer.) A checkpoint is of
    all folds together.

    Args:
        group: trials with equal ``structure(config)``.
        split: their data, with folds.
        report: is given every validation, as the mean over folds, and at once a trial that has ended.
        stopped: keys of the trials that shall stop.

    Raises:
        InputError: configuration and data do not fit.
        MemoryError: the group needs more memory than there is.
    """
    with memory_errors():
        return _Folds(group, split, report).run(stopped)


class _Folds:
    def __init__(self, group: Sequence[TrialSpec], split: Split, report: Report) -> None:
        self.group, self.split, self.report = group, split, report
        self.count = len(split.folds)
        self.results: dict[str, TrialResult] = {}
        self.stop: Collection[str] = ()
        self.said: set[str] = set()
        self.saver = Saver(group, split)
        if not self._go_on():
            self._begin()

    def run(self, stopped: Stopped) -> list[TrialResult]:
        rounds = {fold: training.rounds(lambda: self.stop) for fold, training in self.trainings.items()}
        self._conclude()
        while rounds:
            self.stop = {*stopped(), *(key for key, heard in self.heard.items() if heard.is_over)}
            steps = {fold: step for fold, each in rounds.items() if (step := next(each, None)) is not None}
            rounds = {fold: rounds[fold] for fold in steps}
            self._tell()
            self._save(steps)
            self._conclude()
        return [self.results[spec.key] for spec in self.group]

    def _begin(self, parts: Mapping[int, Checkpoint] | None = None, heard: Mapping[str, Heard] | None = None) -> None:
        """Make the trainings of all folds, or of those that a checkpoint has parts of."""
        self.heard = dict(heard or {spec.key: Heard() for spec in self.group})
        self.reports: dict[tuple[type, str, int], dict[int, Told]] = {}
        own = [_own(spec, self.split, self.group) for spec in self.group]
        self.trainings = {
            fold: Training(going_on, part, partial(self._hear, fold), fold, self.count, found)
            for fold, part in enumerate(self.split.folds)
            for found in [parts.get(fold) if parts is not None else None]
            for going_on in [[spec for spec in own if fold not in self.heard[spec.key].ended]]
            if parts is None or found is not None
        }

    def _go_on(self) -> bool:
        """Go on from the checkpoint, if there is one; what was reported until then is reported again."""
        try:
            found = self.saver.find()
            if found is None:
                return False
            self._begin(*apart(found, [spec.key for spec in self.group]))
        except ValueError as error:
            self._remark(saving.no_use(error))
            return False
        self.reports.clear()
        self._remark(saving.goes_on(found.about.step, self._steps()))
        for heard in self.heard.values():
            for told in heard.told:
                self.report(told)
        return True

    def _save(self, steps: Mapping[int, int]) -> None:
        """Keep a checkpoint of what goes on after these steps, by fold, if it is time for one."""
        last = self._steps()
        if not self.saver.due or last in steps.values():
            return
        trials = tuple(SavedTrial(spec.key, spec.config, spec.key not in self.results) for spec in self.group)
        about = About(max(steps.values(), default=last), trials, self.saver.ground, {}, {}, jit=False)
        parts = {fold: self.trainings[fold].packed(step) for fold, step in steps.items()}
        self._remark(self.saver.save(together(about, parts, self.heard)))

    def _steps(self) -> int:
        """Steps of each fold's training."""
        config = Config.from_dict(_own(self.group[0], self.split, self.group).config)
        return total_steps(config, len(self.split.folds[0].train_labels))

    def _remark(self, text: str) -> None:
        """Once is enough; nothing where there is none."""
        if text and text not in self.said:
            self.said.add(text)
            self.report(Remark(tuple(spec.key for spec in self.group), text))

    def _hear(self, fold: int, event: StepReport | EpochReport | TrialResult | Remark) -> None:
        if isinstance(event, Remark):
            self._remark(event.text)
            return
        heard = self.heard[event.key]
        if isinstance(event, TrialResult):
            heard.ended[fold] = event
            return
        if isinstance(event, EpochReport):
            heard.latest[fold] = event
        self.reports.setdefault((type(event), event.key, event.step), {})[fold] = event

    def _tell(self) -> None:
        """Report what all folds have come to in this round; of one that has stopped early, what it came to then."""
        for (_, key, _), by_fold in self.reports.items():
            heard = self.heard[key]
            if heard.is_over:
                continue
            one = next(iter(by_fold.values()))
            every = [by_fold.get(fold) or self._kept(heard, fold, one) for fold in range(self.count)]
            scores = {name: _mean([getattr(each, name) for each in every]) for name in _SCORES if hasattr(one, name)}
            made = replace(one, **scores)
            if isinstance(made, EpochReport):
                heard.told.append(made)
            self.report(made)
        self.reports.clear()

    def _conclude(self) -> None:
        """Make the results of trials that have ended on every fold."""
        for spec in self.group:
            if spec.key not in self.results and len(self.heard[spec.key].ended) == self.count:
                self.results[spec.key] = self._whole(spec)
                self.report(self.results[spec.key])

    def _kept(self, heard: Heard, fold: int, like: Told) -> Told:
        last = heard.latest[fold]
        if isinstance(like, StepReport):
            return replace(like, train=last.train)
        return replace(last, validation=heard.ended[fold].validation or last.validation)

    def _whole(self, spec: TrialSpec) -> TrialResult:
        """A trial's result out of those of its folds."""
        ended = self.heard[spec.key].ended
        every = [ended[fold] for fold in range(self.count)]
        failed = next((each for each in every if each.status == TrialStatus.FAILED), None)
        status = failed.status if failed else max((each.status for each in every), key=_LAST.index)
        made = replace(
            every[0],
            status=status,
            steps=failed.steps if failed else max(each.steps for each in every),
            seconds={name: max(each.seconds[name] for each in every) for name in every[0].seconds},
            data=self.split.facts,
            residuals=(),
            by_class=_summed([each.by_class for each in every]),
            failure=failed.failure if failed else None,
        )
        if failed:
            return replace(made, train=None, validation=None, correct=(), weights=(), kept={})
        made = replace(made, validation=_mean([each.validation for each in every]))
        if status == TrialStatus.PRUNED:
            return replace(made, train=None, correct=(), weights=(), kept={})
        made = replace(made, **_together(every, self.split))
        return self._with_models(spec, made) if spec.model_dir else made

    def _with_models(self, spec: TrialSpec, made: TrialResult) -> TrialResult:
        """Beside them, models of the same configuration that are trained on all examples."""
        config = as_long(Config.from_dict(spec.config), made.steps, made.kept, self.split.sizes["train"])
        alone = replace(spec, config=config.to_dict(), checkpoint="", marks=(), until=0)
        all_of_it = replace(self.split, folds=())
        (trained,) = train([alone], all_of_it, lambda _: None, lambda: (), self.count)
        if trained.failure:
            return replace(trained, data=made.data, validation=None)
        return replace(made, models=trained.models)


_SCORES = ("train", "validation")
_LAST = (TrialStatus.FINISHED, TrialStatus.PRUNED)


def _own(spec: TrialSpec, split: Split, group: Sequence[TrialSpec]) -> TrialSpec:
    """A trial for one fold; where folds are of different sizes, as many steps for each, and as many validations.

    It is validated at the marks of the whole group, some of whose trials a fold may no longer have.
    """
    config = Config.from_dict(spec.config)
    if len({len(part.train_labels) for part in split.folds}) > 1:
        size = split.sizes["train"]
        every = config.validate_every or epochs_between(config, size) * epoch_steps(config, size)
        config = replace(config, steps=total_steps(config, size), epochs=None, validate_every=every)
    marks = tuple(sorted({mark for each in group for mark in each.marks}))
    return replace(spec, config=config.to_dict(), checkpoint="", model_dir="", marks=marks)


def _together(every: Sequence[TrialResult], split: Split) -> dict[str, Any]:
    """Scores, weights and right answers of trials that finished on every fold."""
    kept = every[0].kept
    steps = [step for each in every for step in each.kept.get("steps", ())]
    sizes = [len(part.validation_labels) for part in split.folds]
    return {
        "train": _mean([each.train for each in every]),
        "folds": tuple(each.validation for each in every),
        "correct": _joined([each.correct for each in every], sizes),
        "weights": tuple(weight for each in every for weight in each.weights),
        "kept": kept | {"steps": steps} if kept else {},
    }


def _summed(counts: Sequence[Sequence[tuple[int, int, int]]]) -> tuple[tuple[int, int, int], ...]:
    """Counts of each class over all folds."""
    if not all(counts):
        return ()
    return tuple(
        (sum(n), sum(taken), sum(right))
        for own in zip(*counts, strict=True)
        for n, taken, right in [tuple(zip(*own, strict=True))]
    )


def _joined(correct: Sequence[Sequence[str]], sizes: Sequence[int]) -> tuple[str, ...]:
    """Which examples of all folds together each member has right, packed, out of those of each fold."""
    return tuple(pack(np.concatenate(list(map(unpack, own, sizes)))) for own in zip(*correct, strict=True))


def _mean(values: Sequence[Any]) -> Any:
    """The mean over folds of scores, or of what scores are made of."""
    first = values[0]
    if isinstance(first, Scores):
        return Scores(**{f.name: _mean([getattr(each, f.name) for each in values]) for f in fields(Scores)})
    if isinstance(first, Mapping):
        # The result of a fold that has ended has more metrics than the reports of those that go on.
        return {name: _mean([each[name] for each in values]) for name in first if all(name in each for each in values)}
    return tuple(map(fmean, zip(*values, strict=True)))
