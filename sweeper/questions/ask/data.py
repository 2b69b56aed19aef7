"""The data that a question stands on: read once, checked against every condition."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sweeper.config.checks import check_with_data, fitting_batch
from sweeper.config.schema import Dataset, Validation
from sweeper.data import load
from sweeper.errors import InputError
from sweeper.questions.ask.prepare import Prepared
from sweeper.study.session import Data


@dataclass
class Ground:
    """Facts of the data sets of several questions; the examples themselves are not kept."""

    _known: dict[tuple[Dataset, Validation, str], tuple[Data, int]] = field(default_factory=dict)

    def data(self, prepared: Prepared, digest: str = "", *, typed: bool = True) -> Data:
        """The facts of a question's data: those of its first condition.

        Args:
            prepared: the question.
            digest: of the data that its study is bound to; see ``data.load``.
            typed: whether somebody asked for the batch size; else what it shall be is in ``Data.batch``, where the
                usual one is larger than the data.

        Raises:
            InputError: the data are not there or are damaged, a condition asks of them what they cannot give, or
                conditions have different data, so that they cannot be compared.
        """
        first = prepared.conditions[0].config
        if first.validation.folds:
            hint = "leave it out; run, tune and compare know folds"
            raise InputError("questions are answered on one validation split", hint=hint, key="validation.folds")
        for condition in prepared.conditions:
            config = condition.config
            same = replace(config.dataset, train_size=0) == replace(first.dataset, train_size=0)
            if not same or config.validation != first.validation:
                raise InputError(
                    f"question {prepared.question.name}: its conditions have different data and cannot be compared",
                    hint="compare other keys; of the data only dataset.train_size may differ",
                    key="dataset" if not same else "validation",
                )
            data, classes = self._facts(config.dataset, config.validation, digest)
            batch = fitting_batch(config, int(data.facts["sizes"]["train"])) if not typed else 0
            if batch:
                said = f"a batch holds all {batch} training examples, not the usual {config.batch_size}"
                return replace(data, batch=batch, notes=(*data.notes, said))
            check_with_data(config, int(data.facts["sizes"]["train"]), classes)
        return self._facts(first.dataset, first.validation, digest)[0]

    def _facts(self, dataset: Dataset, validation: Validation, digest: str) -> tuple[Data, int]:
        key = (dataset, validation, digest)
        if key not in self._known:
            split = load(dataset, validation, digest)
            self._known[key] = Data(split.facts, split.notes, earlier=split.earlier), len(split.classes)
        return self._known[key]
