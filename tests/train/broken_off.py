"""Trainings that are broken off in the middle, as by a kill, and go on from their checkpoint."""

from __future__ import annotations

from dataclasses import replace

from sweeper.trial import EpochReport, Remark, StepReport, TrialSpec


class BrokenOffError(Exception):
    """Leaves the trainer in the middle, as a kill would."""


def train(
    split, configs, path="", *, keys="0123456789", until=None, break_at=0, stop=None, models="", every=0.0, **more
):
    """Train a group, over the split's folds where it has some: its results, and what was reported.

    Args:
        split: of data.
        configs: of the trials, which are called by `keys`.
        path: of the checkpoint.
        keys: a letter for each trial.
        until: the steps after which trials end, by key.
        break_at: train only to the first report after so many steps; there are no results then.
        stop: the steps at which trials are stopped from outside, by key.
        models: the folder of their models; none are kept without one.
        every: seconds between two checkpoints.
        more: fields of their specifications.
    """
    events = []
    specs = [
        TrialSpec(
            key,
            config.to_dict(),
            until=(until or {}).get(key, 0),
            checkpoint=str(path),
            checkpoint_every=every,
            model_dir=models and f"{models}/{key}",
            **more,
        )
        for key, config in zip(keys, configs, strict=False)
    ]

    def report(event):
        if break_at and isinstance(event, StepReport | EpochReport) and event.step > break_at:
            raise BrokenOffError
        events.append(event)

    def stopped():
        latest = max((event.step for event in events if isinstance(event, StepReport)), default=0)
        return {key for key, step in (stop or {}).items() if latest >= step}

    try:
        return _trainer(split)(specs, split, report, stopped), events
    except BrokenOffError:
        return None, events


def curve(events, key="0"):
    """The validations as they are recorded: each step once, with everything but the time."""
    by_step = {e.step: e for e in events if isinstance(e, EpochReport) and e.key == key}
    return [replace(by_step[step], seconds=0.0) for step in sorted(by_step)]


def remarks(events):
    """What was said of the checkpoints."""
    return [event.text for event in events if isinstance(event, Remark)]


def _trainer(split):
    from sweeper.train import folds, loop

    return folds.train_folds if split.folds else loop.train
