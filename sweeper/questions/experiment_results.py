"""What a question's experiment came to: plain data that an analysis makes an answer of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sweeper.config.space import Value
from sweeper.data.split import Split
from sweeper.questions.ask.prepare import Prepared
from sweeper.report.facts import ACCURACY, Measure
from sweeper.report.hits import Parts, parts
from sweeper.trial import Scores, Trial


@dataclass(frozen=True)
class Tested:
    """What the sealed test split said, opened once for all conditions.

    Attributes:
        scores: of each condition, by seed; by the measure of the question.
        examples: in the test split.
        ledger: says which opening it was.
    """

    scores: Mapping[str, Mapping[int, float]]
    examples: int
    ledger: str


@dataclass(frozen=True)
class Results:
    """All trials of a question.

    Attributes:
        prepared: the question and its conditions.
        search: of each condition, the trials of the nuisance search, in the order of the draws.
        chosen: of each condition, the nuisance values that were best; conditions whose search found none are missing.
        repeats: of each condition, the finished trials on fresh seeds, by seed; the seeds are the same for all.
        failed: trials that failed, search and repeats.
        data: name, digest and sizes of the data set.
        load: loads the training and validation examples, for analyses that need them.
        command: that runs the question again.
        seconds: of the experiment.
        tested: where the sealed split was opened.
        earlier: repeats with which the same question was answered before: each was an analysis of these seeds.
        measure: of what is compared.
    """

    prepared: Prepared
    search: Mapping[str, Sequence[Trial]]
    chosen: Mapping[str, Mapping[str, Value]]
    repeats: Mapping[str, Mapping[int, Trial]]
    failed: Sequence[Trial]
    data: Mapping[str, Any]
    load: Callable[[], Split]
    command: str
    seconds: float
    tested: Tested | None = field(default=None)
    earlier: Sequence[int] = ()
    measure: Measure = ACCURACY

    @property
    def names(self) -> tuple[str, ...]:
        """The conditions that can be compared, in order: those of which half of the repeats finished, two at least."""
        least = max(2, self.prepared.question.repeats // 2)
        return tuple(name for name, trials in self.repeats.items() if len(trials) >= least)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that every one of these conditions finished, so that comparisons are paired."""
        finished = [set(self.repeats[name]) for name in self.names]
        return tuple(sorted(set.intersection(*finished))) if finished else ()

    def validated(self, name: str) -> list[float]:
        """A condition's score on validation examples for each of the shared seeds, [R]."""
        return [self.scores(name, seed, "validation").mean(self.measure.key) for seed in self.seeds]

    def trained(self, name: str) -> list[float] | None:
        """Its score on training examples, [R]; None where that is not known."""
        found = [self.scores(name, seed, "train").known.get(self.measure.key) for seed in self.seeds]
        return [each[0] for each in found if each] if all(found) else None

    def losses(self, name: str) -> list[float]:
        """Validation loss of a condition for each of the shared seeds, [R]."""
        return [self.scores(name, seed, "validation").mean("loss") for seed in self.seeds]

    def parts(self, name: str) -> Parts | None:
        """What each validation example adds to each seed's score, such as being right, [R, N]; None if not recorded."""
        results = [self.repeats[name][seed].result for seed in self.seeds]
        found = [each[0] for result in results if result and (each := parts(result, self.measure))]
        return np.stack(found) if len(found) == len(results) else None

    @property
    def examples(self) -> int:
        """In the validation split."""
        return int(self.data["sizes"]["validation"])

    def scores(self, name: str, seed: int, part: str) -> Scores:
        """The scores of one repeat, on ``train`` or ``validation``."""
        result = self.repeats[name][seed].result
        assert result is not None  # it finished
        scores: Scores = getattr(result, part)
        return scores
