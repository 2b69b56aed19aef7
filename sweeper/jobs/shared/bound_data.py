"""The data of a search, also where only a study that was begun by an earlier rule may have them so."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from sweeper.config.schema import Config
from sweeper.errors import InputError
from sweeper.study.session import Data, read_data


class Whereabouts(NamedTuple):
    """Where the study may be: its name, if one was given, its storage and the runs folder."""

    study: str
    storage: str
    runs: Path


def read_for(
    asked: Whereabouts, config: Config, free: Sequence[str], others: Sequence[Config]
) -> tuple[Data, InputError | None]:
    """The data; and why they are refused, where only a study of before may be divided so.

    Args:
        asked: where that study may be.
        config: with the data set.
        free: keys that nobody asked for.
        others: more configurations of the search.

    Raises:
        InputError: they are of no use, and there is no such study.
    """
    from sweeper.study.study_record import bound_to, list_studies

    try:
        return read_data(config, free=free, others=others), None
    except InputError as error:
        known = [asked.study] if asked.study else list_studies(asked.runs)
        for name in known if error.key == "validation.time" else ():
            if digest := bound_to(asked.runs, name, asked.storage).digest:
                with suppress(InputError):
                    return read_data(config, digest, free=free, others=others), error
        raise
