"""What is compared: a run, a trial, a study's winner or a configuration, with what is known of each."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweeper.config.build import to_text
from sweeper.config.compose import compose
from sweeper.config.datasets import FILES
from sweeper.config.grammar import untyped
from sweeper.config.schema import Config
from sweeper.config.with_data import FLOOR, GIVE_WAY
from sweeper.data.catalog import KNOWN
from sweeper.errors import InputError
from sweeper.jobs.shared.subjects import is_study, subject
from sweeper.report.comparison.comparison import Seed, Side
from sweeper.report.facts import Measure
from sweeper.report.folds import fold_means, overlap
from sweeper.report.hits import Parts, parts
from sweeper.study.session import read_data
from sweeper.tracking import open_reader
from sweeper.tracking.describe import flatten
from sweeper.tracking.recorded import OWN, Recorded, runs_like
from sweeper.trial import TrialResult

LARGE = 10_000
"""Training examples of a set of the catalog from which every epoch is long enough."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One of those that are compared.

    Attributes:
        name: as it is shown.
        config: without regard to its seeds.
        overrides: that make it.
        records: of its trainings, as far as there are any.
        chosen: it was chosen among others by the score that is recorded, which therefore flatters it.
        title: of the run that it is; empty for a configuration.
        typed: its overrides as one string, as they were typed; empty for a run.
    """

    name: str
    config: Config
    overrides: tuple[str, ...]
    records: tuple[Recorded, ...] = ()
    chosen: bool = False
    title: str = ""
    typed: str = ""

    @property
    def data(self) -> Mapping[str, Any]:
        """That it was recorded on; empty where it was not."""
        return self.records[0].record.result.data if self.records else {}

    def side(self, measure: Measure) -> Side:
        """What is recorded of it, by a measure."""
        scores: dict[Seed, float] = {}
        by_example: dict[Seed, Parts] = {}
        for record in self.records:
            mine, parts_of = _by_seed(record, measure)
            scores |= mine
            by_example |= parts_of
        parameters = self.records[0].record.result.parameters if self.records else 0
        chosen_on = "validation" if self.chosen else ""
        side = Side(self.name, scores, by_example, parameters, self.again(0).digest, chosen_on)
        return with_folds(side, [record.record.result for record in self.records], measure)

    def again(self, seed: int) -> Config:
        """The same with one member, everything random in it by this seed."""
        return replace(self.config, seed=seed, batch_seed=seed, repeats=1)


def with_folds(side: Side, results: Sequence[TrialResult], measure: Measure) -> Side:
    """A side with what its results say of each fold, where there are any."""
    means = fold_means(results, measure.key)
    return replace(side, folds=means, overlap=overlap(results[0].data)) if means else side


def contenders(
    called: Sequence[str], runs: Path, config_dir: Path | None = None, shared: Sequence[str] = ()
) -> list[Contender]:
    """What is meant by each name, or by overrides such as ``activation=tanh hidden=[50]``.

    Args:
        called: of each of them.
        runs: where they are recorded.
        config_dir: a user's own config folder.
        shared: overrides of all that are given as overrides, beneath their own.

    Raises:
        InputError: there is no such thing, there are fewer than two, or two are the same.
    """
    _check_shared(called, shared)
    found = _named(
        [_configured(one, runs, config_dir, shared) if "=" in one else _recorded(one, runs) for one in called]
    )
    names = [one.name for one in found]
    twice = next((name for name in names if names.count(name) > 1), "")
    if len(found) < 2 or twice:
        why = f"{twice} is named twice" if twice else f"{len(found)} cannot be compared: name another"
        raise InputError(why, hint="name two runs, studies or configurations, such as 'activation=tanh'", key="names")
    return found


def _named(found: list[Contender]) -> list[Contender]:
    """Configurations by that in which they differ, which is shorter than what was typed, and says more."""
    typed = {one.name: dict(flatten(one.config.to_dict())) for one in found if not one.title}
    keys = dict.fromkeys(key for values in typed.values() for key in values)
    own = [key for key in keys if key not in OWN and len({repr(values.get(key)) for values in typed.values()}) > 1]
    own = [key for key in own if key != FLOOR] or own
    if not own or len(typed) < 2:
        return found
    short = {
        name: " ".join(f"{key.removesuffix('.name')}={to_text(values[key])}" for key in own if key in values)
        for name, values in typed.items()
    }
    return [replace(one, name=short.get(one.name, one.name)) for one in found]


def _recorded(called: str, runs: Path) -> Contender:
    found = subject(called, runs)
    if found.record.result.validation is None or found.record.result.status != "finished":
        raise InputError(
            f"the run {found.title} did not finish, and cannot be compared", hint="name another", key="run"
        )
    chosen = is_study(called, runs)
    return Contender(found.title, found.config, tuple(found.record.overrides), (found,), chosen, found.title)


def _check_shared(called: Sequence[str], shared: Sequence[str]) -> None:
    recorded = [one for one in called if "=" not in one]
    if shared and recorded:
        raise InputError(
            f"--with is for configurations: {recorded[0]} is recorded, and its keys are what they were",
            hint="leave --with out, or give overrides instead of names",
            key="--with",
        )


def _configured(typed: str, runs: Path, config_dir: Path | None, shared: Sequence[str] = ()) -> Contender:
    try:
        typed_here = shlex.split(typed)
        keys = {text.partition("=")[0] for text in typed_here}
        overrides = (*(text for text in shared if text.partition("=")[0] not in keys), *typed_here)
    except ValueError as error:
        raise InputError(f"{typed!r} cannot be read: {error}", hint="put it in one pair of quotes") from error
    config = compose(overrides, config_dir)
    if _may_be_small(config) and (data := read_data(config, free=untyped(overrides, GIVE_WAY))).settled:
        overrides = (*overrides, *data.overrides)
        config = compose(overrides, config_dir)
    return Contender(typed, config, overrides, tuple(runs_like(open_reader(runs), config)), typed=typed)


def _may_be_small(config: Config) -> bool:
    """Whether the data may be such as usual values give way to; of large sets of the catalog nothing need be read."""
    return config.dataset.name in FILES or bool(config.dataset.train_size) or KNOWN[config.dataset.name].train < LARGE


def _by_seed(found: Recorded, measure: Measure) -> tuple[dict[Seed, float], dict[Seed, Parts]]:
    result, config = found.record.result, found.config
    assert result.validation is not None  # it finished
    keys = [(seed, config.batch_seed) for seed in config.seeds]
    values = result.validation.known.get(measure.key)
    if values is None:
        raise InputError(
            f"{found.title} was recorded without {measure.noun}",
            hint="--repeats 5 runs each of them anew",
            key="objective",
        )
    return dict(zip(keys, values, strict=True)), dict(zip(keys, parts(result, measure), strict=False))
