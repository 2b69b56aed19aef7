"""Optuna's samplers and pruners, seeded by slot, so that an interrupted sweep asks what it would have asked."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.pruners import HyperbandPruner
from optuna.samplers import BaseSampler, QMCSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from sweeper.study.converters import SLOT


class SlotSampler(BaseSampler):
    """Seeds another sampler anew for each trial, from the sweep's seed and the trial's slot.

    Args:
        delegate: the sampler that does the work.
        seed: of the sweep.
    """

    def __init__(self, delegate: BaseSampler, seed: int) -> None:
        """Nothing is drawn yet."""
        self._delegate = delegate
        self._seed = seed

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Seed every random generator of the delegate."""
        slot = int(trial.user_attrs.get(SLOT, trial.number))
        sequence = np.random.SeedSequence([self._seed, slot])
        _reseed(self._delegate, [int(word) for word in sequence.generate_state(8)])
        self._delegate.before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The delegate's."""
        return self._delegate.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The delegate's."""
        return self._delegate.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The delegate's."""
        return self._delegate.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """The delegate's."""
        self._delegate.after_trial(study, trial, state, values)


class SlotQMC(QMCSampler):
    """Optuna's quasi-random sequence, with a trial's slot as its place in the sequence.

    Optuna learns the space from the first trial that has ended and counts places in the study; both would make a trial
    depend on when it was asked.
    """

    def __init__(self, seed: int, distributions: Mapping[str, BaseDistribution]) -> None:
        """Nothing is drawn yet."""
        super().__init__(scramble=True, seed=seed, warn_asynchronous_seeding=False, warn_independent_sampling=False)
        self._space = {name: kind for name, kind in distributions.items() if not kind.single()}
        self._slot = 0

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Take the trial's slot."""
        self._slot = int(trial.user_attrs.get(SLOT, trial.number))
        super().before_trial(study, trial)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:  # noqa: ARG002
        """The dimensions that every trial has."""
        return self._space

    def _find_sample_id(self, study: Study, search_space: dict[str, BaseDistribution]) -> int:  # noqa: ARG002
        return self._slot


class SlotHyperband(HyperbandPruner):
    """Optuna's Hyperband, with the bracket drawn from a trial's slot: its number depends on what was interrupted.

    Attributes:
        drawn_by: the name of the study that brackets are drawn by; its own where empty.
    """

    drawn_by = ""

    def _get_bracket_id(self, study: Study, trial: FrozenTrial) -> int:
        slot = SimpleNamespace(number=int(trial.user_attrs.get(SLOT, trial.number)))
        named = SimpleNamespace(study_name=self.drawn_by or study.study_name)
        return super()._get_bracket_id(cast(Study, named), cast(FrozenTrial, slot))


def _reseed(sampler: BaseSampler, words: Sequence[int]) -> None:
    """Seed the generators of a sampler, and of the samplers that it holds, in the order of their names."""
    source = random.Random(f"{words}")  # noqa: S311 - seeds, not secrets
    for _, value in sorted(vars(sampler).items()):
        if isinstance(value, BaseSampler):
            _reseed(value, [source.getrandbits(32) for _ in words])
        elif isinstance(getattr(value, "rng", None), np.random.RandomState):
            value.rng.seed([source.getrandbits(32) for _ in words])
