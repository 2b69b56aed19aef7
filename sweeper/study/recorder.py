"""Records a study in the tracker: each trial that has ended, now or at the next start."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from sweeper.study.converters import DRIVER, ended, read_trial, to_record
from sweeper.study.open_study import OpenStudy
from sweeper.tracking.base import StudyStatus, Tracker
from sweeper.trial import Trial

RECORDS = "records"
"""The study's attribute with the driver that makes its record in the tracker, if there is none: one for all."""


class Recorder:
    """Records trials, without waiting for the tracker before the end.

    Args:
        opened: the study.
        tracker: where its trials are recorded.

    Attributes:
        run: the study's own record, to be.
    """

    def __init__(self, opened: OpenStudy, tracker: Tracker) -> None:
        """Opens the study's record, and begins to ask what it has already."""
        self._opened, self._tracker = opened, tracker
        self._study = opened.study.study_name
        self.run = tracker.open_study(self._study, flat(opened.facts), makes=opened.has(RECORDS))
        self._recorded: Future[set[int]] = Future()
        self._mine: set[int] = set()
        self._complete = False
        threading.Thread(target=self._ask, name="recorder", daemon=True).start()

    def add(self, trial: Trial) -> None:
        """Record a trial that has just ended."""
        self._mine.add(trial.number)
        self._tracker.record(to_record(trial, self._study))

    def catch_up(self) -> None:
        """Record the trials that other drivers ended and did not record, once that the tracker has said what it has."""
        if self._complete or not self._recorded.done():
            return
        self._complete = True
        if self._recorded.exception() is not None:
            return  # the record is out of reach; the tracker keeps what it is given, and the next driver catches up
        alive = self._opened.alive()
        have = self._recorded.result() | self._mine
        for trial in ended(self._opened.study.get_trials(deepcopy=False)):
            if trial.number not in have and not alive(trial.user_attrs.get(DRIVER, "")):
                self._tracker.record(to_record(read_trial(self._opened.store, trial), self._study))

    def close(self, status: StudyStatus, summary: Mapping[str, float]) -> bool:
        """Record what is missing, end the study's record, and wait; whether all of it is written now."""
        failed = self._recorded.exception() is not None  # waits
        if not self._opened.broken:
            self.catch_up()
        self._tracker.close_study(self._study, status, summary)
        return self._tracker.flush() == 0 and not failed and not self._opened.broken

    def _ask(self) -> None:
        try:
            self._tracker.reconcile()
            self._recorded.set_result(set(self._tracker.recorded(self._study)))
        except Exception as error:  # noqa: BLE001 - raised again where the result is asked for
            self._recorded.set_exception(error)


def flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a study is bound to, as values for tags."""
    return {key: value if isinstance(value, str | int | float) else json.dumps(value) for key, value in facts.items()}
