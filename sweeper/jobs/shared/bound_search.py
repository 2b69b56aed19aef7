"""The plan of a search whose study may have been begun by other rules than today's: it goes on by those."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from sweeper.config.grammar import types, untyped
from sweeper.config.rates import RATE
from sweeper.config.schema import Config
from sweeper.config.space import Space
from sweeper.config.with_data import FLOOR, GIVE_WAY, PATIENCE, STOP, as_before, check_with_data
from sweeper.errors import InputError
from sweeper.jobs.shared.search import Search, make_plan, study_name
from sweeper.study.plan import Plan
from sweeper.study.search.pruners import DEFAULT, FORMER
from sweeper.study.session import Data, read_data
from sweeper.workers.base import Pool


def bound_plan(
    search: Search, space: Space, runs: Path, config_dir: Path | None = None, pool: Pool | None = None
) -> tuple[Plan, list[str]]:
    """The plan of a search on its data as they are read today; where its study is bound to an earlier rule, by that.

    Args:
        search: how to search.
        space: what.
        runs: where its study may be.
        config_dir: a user's own config folder.
        pool: of workers that will want the examples.

    Raises:
        InputError: as ``make_plan``, or the data are of no use.
    """
    from sweeper.study.study_record import Bound, bound_to

    config = space.first()
    free = [key for key in untyped(space.fixed, GIVE_WAY) if key == RATE or key not in space.dimensions]
    if pool:
        pool.prepare(config.dataset, config.validation)
    where = Whereabouts(search.study, search.storage, runs)
    data, refused = read_for(where, config, free, list(space.examples()), pool)
    rules = _rules(search, space, data, runs)
    bound_once = cache(lambda name: bound_to(runs, name, search.storage))
    today = str(data.facts["digest"])
    for pruner, digest, rule in product(_pruners(search), (today, *data.earlier), rules):
        asked, meant = replace(search, pruner=pruner), _settled(space, rule)
        then = replace(rule, facts=data.facts | {"digest": digest})
        plan, _ = make_plan(replace(asked, warm_start=""), meant, then, runs, config_dir)
        bound = Bound(digest, plan.pruner, meant.base.get(FLOOR, 0), meant.base.get(STOP, 0))
        if bound_once(search.study or study_name(plan, search)) == bound:
            read = rule if digest == today else read_data(meant.first(), digest)
            return make_plan(asked, meant, read, runs, config_dir)
    if refused is not None:
        raise refused
    meant = _settled(space, rules[0])
    _check_ends(meant, rules[0])
    return make_plan(search, meant, rules[0], runs, config_dir)


def _check_ends(space: Space, data: Data) -> None:
    """Check what a new search may try against its data: every option, and the ends of every range.

    Raises:
        InputError: its trials would be refused.
    """
    dataset = space.first().dataset
    for config in space.examples():
        if config.dataset == dataset:  # another part of the training examples may be searched
            check_with_data(config, int(data.facts["sizes"]["train"]), data.labels, in_file=data.in_file)


def _rules(search: Search, space: Space, data: Data, runs: Path) -> list[Data]:
    """The data with what gives way to them: as it does today, and then as in studies that were begun by other rules."""
    if FLOOR not in data.settled:
        return [data]
    before = [data, replace(data, settled=as_before(data.settled))]
    asked = types(space.fixed, STOP) or STOP in {**space.base, **space.dimensions}
    if search.more or asked or _begins_from_one_that_does_not_stop(search, runs):
        return before
    note = f"trials end after {PATIENCE} validations without a gain, with their best weights (stop_after=0: at the end)"
    return [replace(data, settled={**data.settled, STOP: PATIENCE}, notes=(*data.notes, note)), *before]


def _begins_from_one_that_does_not_stop(search: Search, runs: Path) -> bool:
    """Whether the trials of an earlier study, which this search shall know, went to their end."""
    from sweeper.study.study_record import bound_to

    return bool(search.warm_start) and not bound_to(runs, search.warm_start, search.storage).patience


def _settled(space: Space, data: Data) -> Space:
    """The space with what gave way to the data."""
    return replace(space, base={**space.base, **data.settled}, fixed=(*space.fixed, *data.overrides))


def _pruners(search: Search) -> Sequence[str]:
    """What a study of this search may be pruned by: where nobody says, also what was usual when it was begun."""
    return (search.pruner,) if search.pruner or search.more else (DEFAULT, *FORMER)


class Whereabouts(NamedTuple):
    """Where the study may be: its name, if one was given, its storage and the runs folder."""

    study: str
    storage: str
    runs: Path


def read_for(
    asked: Whereabouts, config: Config, free: Sequence[str], others: Sequence[Config], pool: Pool | None = None
) -> tuple[Data, InputError | None]:
    """The data; and why they are refused, where only a study of before may be divided so.

    Args:
        asked: where that study may be.
        config: with the data set.
        free: keys that nobody asked for.
        others: more configurations of the search.
        pool: of workers that will want the examples.

    Raises:
        InputError: they are of no use, and there is no such study.
    """
    from sweeper.study.study_record import bound_to, list_studies

    try:
        return read_data(config, free=free, others=others, pool=pool), None
    except InputError as error:
        known = [asked.study] if asked.study else list_studies(asked.runs)
        for name in known if error.key == "validation.time" else ():
            if digest := bound_to(asked.runs, name, asked.storage).digest:
                with suppress(InputError):
                    return read_data(config, digest, free=free, others=others), error
        raise
