"""optuna-dashboard over every study of a runs folder, from a copy in memory: nothing that is done there is kept."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from copy import copy
from pathlib import Path

import optuna
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState

from sweeper.config.registry import unknown
from sweeper.errors import InputError
from sweeper.study.converters import quiet_optuna
from sweeper.study.objectives import DEFAULT
from sweeper.study.opening import IDENTITY
from sweeper.study.storage.connect import find, reading
from sweeper.study.storage.location import list_studies, locate


def copied(runs: Path, first: str = "") -> InMemoryStorage:
    """All studies of a folder as they stand, each objective under its name.

    Args:
        runs: the folder.
        first: the study that comes first in the list, which is the one that was made last.

    Raises:
        InputError: there is no such study, or none at all.
        SweeperError: one cannot be read.
    """
    names = list_studies(runs)
    if first and first not in names:
        raise unknown("study", first, names, key="study")
    if not names:
        raise InputError(f"there are no studies in {runs}", hint="sweeper tune starts one", key="study")
    memory = InMemoryStorage()
    with quiet_optuna():
        for name in sorted(names, key=lambda name: name == first):
            _copy(runs, name, memory)
    return memory


def serve(storage: InMemoryStorage, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve the dashboard until Ctrl-C; `ready` is called before.

    Raises:
        InputError: it is not installed, or the port is taken.
    """
    check_installed()
    from optuna_dashboard import run_server

    ready()
    try:
        run_server(storage, host=host, port=port)
    except KeyboardInterrupt:
        return
    except OSError as error:
        raise InputError(
            f"Port {port} on {host} cannot be used", hint="give another with --port", key="--port"
        ) from error


def check_installed() -> None:
    """Raises InputError where optuna-dashboard is not installed."""
    if importlib.util.find_spec("optuna_dashboard") is None:
        raise InputError("optuna-dashboard is not installed", hint="pip install 'sweeper[dashboard]'", key="--optuna")


def _copy(runs: Path, name: str, memory: InMemoryStorage) -> None:
    with reading(locate(runs, name)) as backend:
        study_id = find(backend, name)
        directions = backend.get_study_directions(study_id)
        identity = backend.get_study_user_attrs(study_id).get(IDENTITY, {})
        trials = backend.get_all_trials(study_id)
    made = optuna.create_study(storage=memory, study_name=name, directions=directions)
    made.set_metric_names(str(identity.get("objective", DEFAULT)).split(","))
    for trial in trials:
        if trial.state != TrialState.WAITING:
            plain = copy(trial)
            plain.user_attrs = {}  # whole records, which the dashboard would have as columns
            made.add_trial(plain)
