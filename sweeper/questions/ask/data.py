"""The data that a question stands on: read once, checked against every condition."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sweeper.config.schema import Config, Dataset, Validation
from sweeper.config.with_data import check_with_data, settled
from sweeper.errors import InputError
from sweeper.questions.ask.prepare import Condition, Prepared, check_folds
from sweeper.study.session import Data

if TYPE_CHECKING:
    from sweeper.data.summary import DataSummary


def _searched(condition: Condition) -> Iterable[Config]:
    return condition.space.examples() if condition.space else ()


@dataclass
class Ground:
    """What is to be known of the data sets of several questions; the examples themselves are not kept."""

    _known: dict[tuple[Dataset, Validation, str], DataSummary] = field(default_factory=dict)

    def data(self, prepared: Prepared, digest: str = "", *, free: Collection[str] = ()) -> Data:
        """The facts of a question's data: those of its first condition.

        Args:
            prepared: the question.
            digest: of the data that its study is bound to; see ``data.load``.
            free: keys that nobody asked for; what they shall be instead is in ``Data.settled``, where their usual
                value does not fit the data.

        Raises:
            InputError: the data are not there or are damaged, a condition asks of them what they cannot give, or
                conditions have different data, so that they cannot be compared.
        """
        first = prepared.conditions[0].config
        if first.validation.folds:
            check_folds(prepared.question)
        given: dict[str, int | str] = {}
        said: dict[str, None] = {}
        for condition in prepared.conditions:
            config = condition.config
            same = replace(config.dataset, train_size=0) == replace(first.dataset, train_size=0)
            if not same or config.validation != first.validation:
                raise InputError(
                    f"question {prepared.question.name}: its conditions have different data and cannot be compared",
                    hint="compare other keys; of the data only dataset.train_size may differ",
                    key="dataset" if not same else "validation",
                )
            found = self._summary(config.dataset, config.validation, digest)
            size = int(found.facts["sizes"]["train"])
            other, lines = settled(config, size, found.classes, free, _searched(condition))
            given, said = other | given, said | dict.fromkeys(lines)
            if not given:
                trained = next(iter(_searched(condition)), config)  # what is searched is not as usual in any trial
                check_with_data(trained, size, found.classes, in_file=found.in_file)
        found = self._summary(first.dataset, first.validation, digest)
        return Data(found.facts, (*found.notes, *said), earlier=found.earlier, settled=given, task=found.task)

    def check_draws(self, prepared: Prepared) -> None:
        """Check what a new question tries in its search against its data.

        Raises:
            InputError: trials would be refused.
        """
        for point in prepared.search():
            config = point.config
            found = self._summary(config.dataset, config.validation, "")
            check_with_data(config, int(found.facts["sizes"]["train"]), found.classes, in_file=found.in_file)

    def _summary(self, dataset: Dataset, validation: Validation, digest: str) -> DataSummary:
        from sweeper.data.summary import summary

        key = (dataset, validation, digest)
        if key not in self._known:
            self._known[key] = summary(dataset, validation, digest)
        return self._known[key]
