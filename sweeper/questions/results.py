"""What a question's experiment came to: plain data that an analysis makes an answer of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweeper.config.space import Value
from sweeper.data.split import Split
from sweeper.questions.prepare import Prepared
from sweeper.study.plan import Trial
from sweeper.study.story import Story


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
        load: loads the training and validation examples, for analyses that look at them.
        command: that runs the question again.
        seconds: of the experiment.
        test: of each condition, test accuracies by seed, where the sealed split was opened.
        ledger: says which look at the test split that was.
    """

    prepared: Prepared
    search: Mapping[str, Sequence[Trial]]
    chosen: Mapping[str, Mapping[str, Value]]
    repeats: Mapping[str, Mapping[int, Story]]
    failed: Sequence[Trial]
    data: Mapping[str, Any]
    load: Callable[[], Split]
    command: str
    seconds: float
    test: Mapping[str, Sequence[float]] = field(default_factory=dict)
    ledger: str = ""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that every condition finished, so that comparisons are paired."""
        finished = [set(stories) for stories in self.repeats.values()]
        return tuple(sorted(set.intersection(*finished))) if finished else ()

    def accuracies(self, name: str) -> list[float]:
        """Validation accuracy of a condition for each of the shared seeds, [R]."""
        return [_score(self.repeats[name][seed].trial, "validation") for seed in self.seeds]

    def train_accuracies(self, name: str) -> list[float]:
        """Training accuracy of a condition for each of the shared seeds, [R]."""
        return [_score(self.repeats[name][seed].trial, "train") for seed in self.seeds]


def _score(trial: Trial, part: str) -> float:
    """Mean accuracy over members."""
    assert trial.result is not None
    scores = getattr(trial.result, part)
    return float(scores.mean_accuracy)
