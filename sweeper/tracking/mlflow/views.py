"""Views of MLflow's list of runs: which runs, in which order, with which columns.

MLflow keeps the views that somebody saves as tags of the experiment, lists them under *Views*, and opens one by an
address that names it. Those written here begin with ``sweeper.``; what anybody saved under another name stays.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from sweeper.system.addresses import sqlite_file
from sweeper.tracking.describe import clean

ALL = ""
"""The view of everything but trials."""

SHORT = "/sweeper"
"""Where the short addresses of views begin, on a server that ``sweeper ui`` started."""

_TAG = "mlflow.sharedViewState."
_OURS = "sweeper."
_LONGEST = 5000
"""MLflow's limit for the value of an experiment's tag, in characters."""


@dataclass(frozen=True, slots=True)
class View:
    """A view of the list of runs.

    Attributes:
        study: whose trials it shows; ``ALL`` for studies and single runs.
        name: in MLflow's menu.
        filter: which runs, in MLflow's words.
        order: the column by which they are sorted, as ``columns`` has it.
        ascending: whether the least comes first.
        columns: ``metrics.`score```, ``params.`hidden```, ``tags.`status```, ``attributes.`Dataset```, in order.
        created: seconds since the epoch; MLflow's menu has the latest first.
    """

    study: str
    name: str
    filter: str
    order: str
    ascending: bool
    columns: Sequence[str]
    created: float


def column(kind: str, key: str) -> str:
    """A column of the list; `kind` is ``metrics``, ``params``, ``tags`` or ``attributes``."""
    return f"{kind}.`{key}`"


def page(experiment_id: str, study: str = ALL) -> str:
    """The path of MLflow's list of runs with a view; of its list of experiments where there is no record yet."""
    if not experiment_id:
        return "/#/experiments"
    found = f"workflowType=machine_learning&viewStateShareKey={quote(view_key(study), safe='')}"
    return f"/#/experiments/{experiment_id}/runs?{found}"


def short_page(study: str = ALL) -> str:
    """The path of a view on a server that ``sweeper ui`` started, for people."""
    return f"{SHORT}/{quote(study, safe='')}" if study else SHORT


def view_key(study: str) -> str:
    """The name of a study's view in addresses, without what MLflow allows in no tag."""
    if study == ALL:
        return f"{_OURS}all"
    plain = clean(study)
    # Two names may differ only in characters that MLflow does not allow.
    told = plain if plain == study else f"{plain}.{hashlib.sha256(study.encode()).hexdigest()[:8]}"
    return f"{_OURS}study.{told}"


def write_views(uri: str, experiment_id: str, views: Sequence[View]) -> None:
    """Put views in place of those that were written before, where they differ."""
    tags = {_TAG + view_key(view.study): value for view in views if len(value := _value(view)) <= _LONGEST}
    file = sqlite_file(uri)
    if file is None:
        _write_through_mlflow(uri, experiment_id, tags)
        return
    with closing(sqlite3.connect(file, timeout=20)) as database, database:
        ours = "experiment_id = ? AND substr(key, 1, ?) = ?"
        where = (int(experiment_id), len(_TAG + _OURS), _TAG + _OURS)
        rows = dict(database.execute(f"SELECT key, value FROM experiment_tags WHERE {ours}", where))  # noqa: S608 - ours
        gone, new = rows.keys() - tags.keys(), [(key, value) for key, value in tags.items() if rows.get(key) != value]
        remove = "DELETE FROM experiment_tags WHERE experiment_id = ? AND key = ?"
        database.executemany(remove, [(int(experiment_id), key) for key in gone])
        put = "INSERT OR REPLACE INTO experiment_tags (experiment_id, key, value) VALUES (?, ?, ?)"
        database.executemany(put, [(int(experiment_id), *row) for row in new])


def _write_through_mlflow(uri: str, experiment_id: str, tags: dict[str, str]) -> None:
    from sweeper.tracking.mlflow import client_rows

    client = client_rows.connect(uri)
    known = client.get_experiment(experiment_id).tags
    for key, value in tags.items():
        if known.get(key) != value:
            client.set_experiment_tag(experiment_id, key, value)
    for key in known:
        if key.startswith(_TAG + _OURS) and key not in tags:
            client.delete_experiment_tag(experiment_id, key)


def _value(view: View) -> str:
    """A view as MLflow's page writes one: a name, a time, and the state of the page."""
    state = {
        "searchFilter": view.filter,
        "orderByKey": view.order,
        "orderByAsc": view.ascending,
        "selectedColumns": list(view.columns),
        "columnOrder": list(view.columns),
    }
    return json.dumps({"name": view.name, "createdAt": round(view.created * 1000), "state": json.dumps(state)})
