"""A storage whose studies are Optuna's own business, read and written seldom; a database that is away is waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optuna.storages import BaseStorage, RDBStorage
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial

from sweeper.study.storage.transactions import Change, Patience, Transactions


class DelegatingStorage(BaseStorage):
    """A storage whose studies are those of another one, which is waited for while it is away.

    Args:
        backend: the other one.

    Attributes:
        patience: with the other one.
    """

    def __init__(self, backend: RDBStorage) -> None:
        """Nothing is read yet."""
        self.backend = backend
        self.patience = Patience()
        self._transactions = Transactions(backend, self.patience)
        self._directions: dict[int, list[StudyDirection]] = {}

    def close(self) -> None:
        """Let go of the database."""
        self.backend.scoped_session.remove()
        self.backend.engine.dispose()

    def read(self, trial_id: int) -> FrozenTrial:
        """A trial as it is stored, with everything."""
        return self.patience.call(self.backend.get_trial, trial_id)

    def create_new_study(self, directions: Sequence[StudyDirection], study_name: str | None = None) -> int:
        """Create a study."""
        return self.patience.call(self.backend.create_new_study, directions, study_name)

    def delete_study(self, study_id: int) -> None:
        """Delete a study."""
        self.backend.delete_study(study_id)

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> None:
        """Set an attribute of a study."""
        self.patience.call(self.backend.set_study_user_attr, study_id, key, value)

    def change_study_user_attr(self, study_id: int, key: str, change: Change) -> Any:
        """Make of an attribute of a study what `change` makes of it, while no other driver does; what it is then.

        Args:
            study_id: of the study.
            key: of the attribute.
            change: is given the value, None where there is none, and may be called again; None changes nothing.
        """
        return self._transactions.change(study_id, key, change)

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        """Set an attribute of Optuna's own."""
        self.patience.call(self.backend.set_study_system_attr, study_id, key, value)

    def get_study_id_from_name(self, study_name: str) -> int:
        """The id of a study."""
        return self.patience.call(self.backend.get_study_id_from_name, study_name)

    def get_study_name_from_id(self, study_id: int) -> str:
        """The name of a study."""
        return self.patience.call(self.backend.get_study_name_from_id, study_id)

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """What is made larger, and what smaller; read once."""
        if study_id not in self._directions:
            self._directions[study_id] = self.patience.call(self.backend.get_study_directions, study_id)
        return self._directions[study_id]

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """All attributes of a study."""
        return self.patience.call(self.backend.get_study_user_attrs, study_id)

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """All attributes of Optuna's own."""
        return self.patience.call(self.backend.get_study_system_attrs, study_id)

    def get_all_studies(self) -> list[FrozenStudy]:
        """All studies that are in the same database."""
        return self.patience.call(self.backend.get_all_studies)
