"""What becomes of the trials of a worker that was lost: run again, alone, anew, or not any more."""

from __future__ import annotations

from sweeper.study.attempts import Attempt
from sweeper.study.checkpoints import Checkpoints
from sweeper.study.dispatch import Dispatch
from sweeper.study.evaluation import Evaluation
from sweeper.study.events import Notes
from sweeper.study.queue import Queue
from sweeper.trial import WorkerLost


class Recovery:
    """Runs a lost worker's trials again, but for one that has cost too many workers.

    Args:
        evaluation: ends a trial that may not try again.
        queue: takes those that may.
        dispatch: has them.
        checkpoints: that they may go on from.
        notes: what a person should see.
    """

    def __init__(
        self, evaluation: Evaluation, queue: Queue, dispatch: Dispatch, checkpoints: Checkpoints, notes: Notes
    ) -> None:
        self._evaluation, self._queue, self._dispatch = evaluation, queue, dispatch
        self._checkpoints, self._notes = checkpoints, notes

    def lose(self, lost: WorkerLost) -> None:
        """Queue the trials of a lost worker again.

        Where somebody else killed it, they go on from their checkpoint, if there is one, or begin again; else alone.
        """
        keys = self._dispatch.known(lost.keys)
        self._notes.say(f"a worker was lost ({lost.reason}); its trials are run again: {', '.join(keys)}")
        again = [attempt for key in keys if self._may_go_on(attempt := self._dispatch.take_back(key), lost)]
        suspect = any(attempt.losses.suspect for attempt in again)
        if suspect:
            self._checkpoints.forget(again[0].group)
        resumed = set() if suspect else self._queue.resume(again)
        for attempt in again:
            attempt.stopping = False
            if attempt.key not in resumed:
                attempt.done = 0.0
                self._queue.add(attempt)

    def _may_go_on(self, attempt: Attempt, lost: WorkerLost) -> bool:
        """Keep that a trial has cost a worker; whether it may try again."""
        self._evaluation.attempts.note_loss(attempt, lost)
        fatal = attempt.losses.fatal
        if fatal:
            self._notes.say(f"trial {attempt.number} is set aside: it {fatal.message}")
            self._evaluation.fail(attempt, fatal)
        return fatal is None
