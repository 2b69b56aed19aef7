"""How the members of a group do on the examples, by every metric, and what is kept of that with each trial."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sweeper.config.metrics import CLASSIFICATION, REGRESSION, metrics_of
from sweeper.data.split import Labels, Numbers, Split
from sweeper.train.from_file import PartInFile
from sweeper.train.group import Lane
from sweeper.train.metrics import Classified, Predicted, scored
from sweeper.train.program import Program
from sweeper.train.resident import Part, Resident
from sweeper.trial import Scores

Values = dict[str, npt.NDArray[np.float64]]
"""One of each member, [R], by name of the score."""

MOST_RESIDUALS = 10_000
"""Validation examples whose errors are kept with a trial: 27 kB a member."""

MOST_CLASSES = 100
"""Classes of which it is kept how often each is predicted."""


class Judge:
    """Scores members by the metrics that are asked for at each validation, and by all of them at the end.

    Args:
        split: the data.
        lanes: the trials, which say what further metrics each validation needs; of numbers all are computed anyway.

    Attributes:
        right: which validation examples members had right at the last one, [N, R]; [0, R] of numbers.
        trained: names of the scores over training batches.
        names: names of the scores of a validation.
    """

    def __init__(self, split: Split, lanes: Sequence[Lane]) -> None:
        """Nothing has been judged."""
        asked = [name for lane in lanes for name in (*lane.config.metrics, *lane.spec.metrics)]
        self.right = np.zeros((0, 0), np.bool_)
        for lane in lanes if split.target else ():
            if lane.spec.objective == "validation.accuracy":  # what a spec has where nobody said anything
                lane.judged_by("validation.rmse", maximize=False)
        self._split, self._target = split, split.target
        self._all = metrics_of(REGRESSION if split.target else CLASSIFICATION)
        self._asked = self._all if split.target else tuple(dict.fromkeys(asked))
        self.trained = ("loss", "rmse") if split.target else ("loss", "accuracy")
        self.names = ("loss", *([] if split.target else ["accuracy"]), *self._asked)

    def batches(self, loss: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> Values:
        """The scores over training batches, out of the two means that a program gives."""
        return {"loss": loss, self.trained[1]: np.sqrt(second) * self._target.scale if self._target else second}

    def scores(self, lane: Lane, values: npt.NDArray[np.float64]) -> tuple[Scores, Scores]:
        """A trial's scores over training batches and of a validation, out of those of all members, [K, R].

        Of further metrics it has those that it asked for itself, whatever others asked for.
        """
        own = {*self.names[:2], *(self._all if self._target else ()), *lane.config.metrics, *lane.spec.metrics}
        trained = dict(zip(self.trained, values[:2], strict=True))
        judged = dict(zip(self.names, values[2:], strict=True))
        return lane.scores(trained), lane.scores({name: value for name, value in judged.items() if name in own})

    def validation(self, program: Program, data: Resident, lanes: Sequence[Lane]) -> Values:
        """The scores of the validation examples; each trial keeps which of them its members have right."""
        judged = program.evaluate(data.validation)
        found = {"loss": judged.loss.astype(np.float64)}
        if self._target is None:
            found["accuracy"] = judged.accuracy
            self.right = judged.right.astype(np.bool_, copy=False)
            for lane in lanes:
                lane.correct = lane.bits(self.right)
        else:
            self.right = np.zeros((0, len(judged.loss)), np.bool_)
        if not self._asked:
            return found
        return found | _scored(self._seen(program, data.validation, self._split.validation_labels), self._asked)

    def training(self, program: Program, data: Resident) -> Values:
        """The scores of all training examples, dropout off."""
        judged = program.evaluate(data.train)
        found = {"loss": judged.loss.astype(np.float64)}
        if self._target is None:
            return found | {"accuracy": judged.accuracy}
        return found | _scored(self._seen(program, data.train, self._split.train_labels), self._all)

    def last(self, program: Program, data: Resident, lanes: Sequence[Lane]) -> list[dict[str, Any]]:
        """What is kept of each trial that has come to its end, in order: fields of its result.

        These are ``validation``, by all metrics, ``correct``, ``residuals`` and ``by_class``.
        """
        seen = self._seen(program, data.validation, self._split.validation_labels)
        return [self._kept(lane, seen[lane.members]) for lane in lanes]

    def _kept(self, lane: Lane, own: Sequence[Classified | Predicted]) -> dict[str, Any]:
        assert lane.validation is not None  # the last step ended with one
        more = {name: tuple(map(float, values)) for name, values in _scored(own, self._all).items()}
        return {
            "validation": replace(lane.validation, more=more),
            "correct": lane.correct,
            "residuals": self._residuals(own),
            "by_class": _by_class(own),
        }

    def _residuals(self, own: Sequence[Classified | Predicted]) -> tuple[str, ...]:
        if self._target is None or len(self._split.validation_labels) > MOST_RESIDUALS:
            return ()
        errors = [seen.errors / self._target.scale for seen in own if isinstance(seen, Predicted)]
        return tuple(base64.b64encode(each.astype("<f2").tobytes()).decode() for each in errors)

    def _seen(self, program: Program, part: Part | PartInFile, truth: Labels | Numbers) -> list[Classified | Predicted]:
        """What each member says of some examples, [R]."""
        outputs = program.outputs(part)
        if self._target is None:
            return [Classified(own, truth.astype(np.int64)) for own in outputs]
        numbers = truth.astype(np.float64)
        return [Predicted(self._target.restored(own[:, 0]), numbers) for own in outputs]


def _scored(seen: Sequence[Classified | Predicted], names: Sequence[str]) -> Values:
    # A member that diverged is failed by its loss; its metrics are nothing to warn of.
    with np.errstate(all="ignore"):
        each = [scored(own, names) for own in seen]
    return {name: np.array([values[name] for values in each]) for name in each[0]} if each else {}


def _by_class(own: Sequence[Classified | Predicted]) -> tuple[tuple[int, int, int], ...]:
    counts = [seen.counts for seen in own if isinstance(seen, Classified)]
    if not counts or len(counts[0]) > MOST_CLASSES:
        return ()
    predicted, right = (np.array([[each[n] for each in one] for one in counts]).sum(axis=0) for n in (1, 2))
    return tuple((n, int(p), int(r)) for (n, *_), p, r in zip(counts[0], predicted, right, strict=True))
