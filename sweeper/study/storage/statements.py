"""The statements in which a driver's trials are created, changed and ended: SQLAlchemy's own, on Optuna's tables.

Optuna's storage makes objects of rows, looks a trial up before each of its attributes, and counts all trials for the
number of a new one. That was most of a driver's work. What is stored is the same; tests/study/test_cached.py compares.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from optuna.distributions import BaseDistribution, distribution_to_json
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import BindParameter, Connection, Table, bindparam, insert, select, update

_STUDIES, _TRIALS, _PARAMS, _REPORTS, _VALUES, _USER, _SYSTEM, _OF_STUDY = (
    model.metadata.tables[model.__tablename__]
    for model in (
        models.StudyModel,
        models.TrialModel,
        models.TrialParamModel,
        models.TrialIntermediateValueModel,
        models.TrialValueModel,
        models.TrialUserAttributeModel,
        models.TrialSystemAttributeModel,
        models.StudyUserAttributeModel,
    )
)
_ID: BindParameter[int] = bindparam("id")

_LOCK_STUDY = select(_STUDIES.c.study_id).where(_STUDIES.c.study_id == _ID).with_for_update()
_LOCK_TRIAL = select(_TRIALS.c.state).where(_TRIALS.c.trial_id == _ID).with_for_update()
_NEWER = (
    select(_TRIALS.c.trial_id)
    .where(_TRIALS.c.study_id == _ID, _TRIALS.c.trial_id > bindparam("last"))
    .order_by(_TRIALS.c.trial_id)
)
_LAST = select(_TRIALS.c.number).where(_TRIALS.c.study_id == _ID).order_by(_TRIALS.c.trial_id.desc()).limit(1)
_STUDY_ATTRIBUTE = select(_OF_STUDY.c.value_json).where(
    _OF_STUDY.c.study_id == _ID, _OF_STUDY.c.key == bindparam("name")
)
_CHANGE_STUDY = (
    update(_OF_STUDY)
    .where(_OF_STUDY.c.study_id == _ID, _OF_STUDY.c.key == bindparam("name"))
    .values(value_json=bindparam("text"))
)
_END = (
    update(_TRIALS)
    .where(_TRIALS.c.trial_id == _ID)
    .values(state=bindparam("now"), datetime_complete=bindparam("moment"))
)
_SET_STATE = update(_TRIALS).where(_TRIALS.c.trial_id == _ID).values(state=bindparam("now"))


@dataclass
class WriteBuffer:
    """The unsaved changes of one trial.

    Attributes:
        params: as Optuna keeps them inside, with their distributions.
        user, system: attributes.
        steps: reports.
    """

    params: dict[str, tuple[float, BaseDistribution]] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)
    steps: dict[int, float] = field(default_factory=dict)


def newer(connection: Connection, study_id: int, last: int) -> list[int]:
    """The ids of a study's trials that are newer than `last`."""
    return [int(row[0]) for row in connection.execute(_NEWER, {"id": study_id, "last": last})]


def create(connection: Connection, study_id: int, template: FrozenTrial) -> FrozenTrial:
    """A new trial like the template, which has nothing but attributes. Nobody creates another one until the commit.

    Raises:
        KeyError: there is no such study.
    """
    _found(connection.execute(_LOCK_STUDY, {"id": study_id}).scalar())
    last = connection.execute(_LAST, {"id": study_id}).scalar()
    trial = copy.copy(template)
    trial.number = 0 if last is None else last + 1
    trial.user_attrs, trial.system_attrs = dict(template.user_attrs), dict(template.system_attrs)
    trial.params, trial.distributions, trial.intermediate_values = {}, {}, {}
    row = {"number": trial.number, "study_id": study_id, "state": trial.state}
    moments = {"datetime_start": _stored(trial.datetime_start), "datetime_complete": _stored(trial.datetime_complete)}
    made = connection.execute(insert(_TRIALS), row | moments).inserted_primary_key
    assert made is not None
    trial._trial_id = int(made[0])  # noqa: SLF001
    for table, attributes in ((_USER, trial.user_attrs), (_SYSTEM, trial.system_attrs)):
        _insert(connection, table, _attributes(trial._trial_id, attributes))  # noqa: SLF001
    return trial


def locked_study_attribute(connection: Connection, study_id: int, key: str) -> Any:
    """An attribute of a study, None where there is none; nobody changes it in this way until the commit.

    Raises:
        KeyError: there is no such study.
    """
    _found(connection.execute(_LOCK_STUDY, {"id": study_id}).scalar())
    text = connection.execute(_STUDY_ATTRIBUTE, {"id": study_id, "name": key}).scalar()
    return None if text is None else json.loads(text)


def set_study_attribute(connection: Connection, study_id: int, key: str, value: Any, *, new: bool) -> None:
    """Write an attribute of a study, which has none of that name yet, or another one."""
    text = json.dumps(value)
    if new:
        connection.execute(insert(_OF_STUDY), {"study_id": study_id, "key": key, "value_json": text})
    else:
        connection.execute(_CHANGE_STUDY, {"id": study_id, "name": key, "text": text})


def locked(connection: Connection, trial_id: int) -> TrialState:
    """A trial's state, which nobody changes until the commit.

    Raises:
        KeyError: there is no such trial.
    """
    state = _found(connection.execute(_LOCK_TRIAL, {"id": trial_id}).scalar())
    assert isinstance(state, TrialState)
    return state


def add(connection: Connection, trial_id: int, unsaved: WriteBuffer) -> None:
    """Write a trial's changes; parameters and reports are written once and never changed."""
    _insert(connection, _PARAMS, (_param(trial_id, name, *found) for name, found in unsaved.params.items()))
    _insert(connection, _REPORTS, (_report(trial_id, step, value) for step, value in unsaved.steps.items()))
    _set(connection, _USER, trial_id, unsaved.user)
    _set(connection, _SYSTEM, trial_id, unsaved.system)


def end(connection: Connection, trial_id: int, state: TrialState, values: Sequence[float]) -> None:
    """End a trial that has not ended."""
    kind = models.TrialValueModel
    rows = []
    for objective, value in enumerate(values):
        stored, of_kind = kind.value_to_stored_repr(value)
        rows.append({"trial_id": trial_id, "objective": objective, "value": stored, "value_type": of_kind})
    _insert(connection, _VALUES, rows)
    connection.execute(_END, {"id": trial_id, "now": state, "moment": _stored(datetime.now())})  # noqa: DTZ005


def set_state(connection: Connection, trial_id: int, state: TrialState) -> None:
    """Let a trial run, or wait."""
    connection.execute(_SET_STATE, {"id": trial_id, "now": state})


def user_attributes(connection: Connection, trial_id: int) -> dict[str, Any]:
    """What a trial has."""
    rows = connection.execute(_ATTRIBUTES[_USER], {"id": trial_id})
    return {key: json.loads(text) for key, text in rows}


def set_user_attribute(connection: Connection, trial_id: int, key: str, value: Any) -> None:
    """Write one."""
    _set(connection, _USER, trial_id, {key: value})


def _set(connection: Connection, table: Table, trial_id: int, attributes: Mapping[str, Any]) -> None:
    if not attributes:
        return
    there = {key for key, _ in connection.execute(_ATTRIBUTES[table], {"id": trial_id})}
    _insert(connection, table, _attributes(trial_id, {k: v for k, v in attributes.items() if k not in there}))
    for key in there & attributes.keys():
        connection.execute(_CHANGES[table], {"id": trial_id, "name": key, "text": json.dumps(attributes[key])})


_ATTRIBUTES = {
    table: select(table.c.key, table.c.value_json).where(table.c.trial_id == _ID) for table in (_USER, _SYSTEM)
}
_CHANGES = {
    table: update(table)
    .where(table.c.trial_id == _ID, table.c.key == bindparam("name"))
    .values(value_json=bindparam("text"))
    for table in (_USER, _SYSTEM)
}
_INSERTS = {table: insert(table) for table in (_PARAMS, _REPORTS, _VALUES, _USER, _SYSTEM)}


def _insert(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    if found := list(rows):
        connection.execute(_INSERTS[table], found)


def _attributes(trial_id: int, attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"trial_id": trial_id, "key": key, "value_json": json.dumps(value)} for key, value in attributes.items()]


def _param(trial_id: int, name: str, value: float, kind: BaseDistribution) -> dict[str, Any]:
    text = distribution_to_json(kind)
    return {"trial_id": trial_id, "param_name": name, "param_value": value, "distribution_json": text}


def _report(trial_id: int, step: int, value: float) -> dict[str, Any]:
    stored, kind = models.TrialIntermediateValueModel.intermediate_value_to_stored_repr(value)
    return {"trial_id": trial_id, "step": step, "intermediate_value": stored, "intermediate_value_type": kind}


def _stored(moment: datetime | None) -> datetime | None:
    """As Optuna 5 stores a moment: naive, in UTC; outside it is naive, in local time."""
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def _found(value: Any) -> Any:
    if value is None:
        raise KeyError(models.NOT_FOUND_MSG)
    return value
