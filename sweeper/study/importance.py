"""Importance of hyperparameters by two measures: of a study that is open, or of one that was read back."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import optuna
from optuna.storages import InMemoryStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from sweeper.study.converters import SAME_AS, distribution, is_warm, quiet_optuna
from sweeper.study.objectives import OBJECTIVES
from sweeper.study.study_record import StudyRecord
from sweeper.system.python import spared, without
from sweeper.trial import TrialStatus

with without(["sklearn"]):  # which takes a second, and only the second measure needs it
    from optuna.importance import BaseImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances

ENOUGH = 10
"""Finished trials below which nothing can be said of importance."""

ENOUGH_FOR_VARIANCE = 20
"""Finished trials below which a forest would fit single trials."""

EVALUATOR = "PED-ANOVA"
"""Watanabe et al. 2023: how much a parameter's values among the best tenth differ from its values among all."""

MEANING = (
    "how far the values of the best tenth of the trials differ from those of all; no share of variance. Conditional "
    "hyperparameters take part, and a switch is understated beside what it switches on"
)
"""What importance by ``EVALUATOR`` is."""

VARIANCE_EVALUATOR = "mean decrease in impurity"
"""Breiman 2001: what the splits on a parameter take off the squared error in a random forest."""

VARIANCE_MEANING = (
    "share of the score's variance that a random forest explains by splits on it; only of hyperparameters that every "
    "trial has"
)
"""What importance by ``VARIANCE_EVALUATOR`` is."""

Shares = tuple[tuple[str, float], ...]
Direction = Literal["minimize", "maximize"] | StudyDirection
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Importances:
    """The importance of the hyperparameters of a study, the largest first.

    Attributes:
        best_tenth: by ``EVALUATOR``, adding up to 1; empty where nothing can be said.
        variance: by ``VARIANCE_EVALUATOR``, adding up to 1; empty with fewer trials or with several objectives.
        why: why there are none; empty where there are.
    """

    best_tenth: Shares = ()
    variance: Shares = ()
    why: str = ""


def importances(study: optuna.Study) -> Importances:
    """Importances by the study's own trials that were trained and finished; those of an earlier study do not count.

    With several objectives they are for coming near their front.
    """
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    own = [trial for trial in complete if not is_warm(trial) and SAME_AS not in trial.user_attrs]
    why = _why_none([tuple(trial.values or ()) for trial in own], warm=sum(map(is_warm, complete)))
    if why or not own[0].params:
        return Importances(why=why)
    alone = _study_of(own, study.directions)
    return Importances(_best_tenth(alone), _variance(alone))


class RecordImportances:
    """The importance of the hyperparameters of a study that was read back; its trials are made Optuna's once.

    Args:
        record: of the study.
    """

    def __init__(self, record: StudyRecord) -> None:
        self._record, self._trials = record, _frozen(record)
        self._none = _why_none([trial.value for trial in self._trials])

    @property
    def why_none(self) -> str:
        """Why there are none; empty where there are, or where nothing was searched."""
        return "" if self._record.space is None else self._none

    @property
    def variance(self) -> Shares:
        """The second measure; empty with too few trials or with several objectives."""
        if self._none or len(self._record.objectives) > 1:
            return ()
        with quiet_optuna():
            return _variance(_study_of(self._trials, [OBJECTIVES[self._record.objective].direction]))

    def evaluator(self) -> tuple[Callable[[Indices], Mapping[str, float]], int] | None:
        """A function from indices into the finished trials to importance by name, and how many trials there are.

        None where there are too few to say anything, or nothing was searched.
        """
        if self._none:
            return None
        direction = OBJECTIVES[self._record.objective].direction

        def evaluate(indices: Indices) -> Mapping[str, float]:
            with quiet_optuna():
                study = _study_of([self._trials[index] for index in indices], [direction])
                if len({trial.value for trial in study.get_trials(deepcopy=False)}) < 2:
                    return {}
                return dict(_best_tenth(study))

        return evaluate, len(self._trials)


def _why_none(values: Sequence[object], warm: int = 0) -> str:
    if len(values) < ENOUGH:
        others = f"; {warm} of an earlier study do not count" if warm else ""
        return f"importances need {ENOUGH} finished trials, and this study has {len(values)}{others}"
    return "" if len(set(values)) > 1 else "all finished trials have one score, and nothing explains a difference"


def _frozen(record: StudyRecord) -> list[FrozenTrial]:
    """The finished trials as Optuna's; none where no space was searched."""
    if record.space is None:
        return []
    kinds = {name: distribution(domain) for name, domain in record.space.dimensions.items()}
    return [
        create_trial(
            value=trial.score,
            params=dict(trial.values),
            distributions={name: kinds[name] for name in trial.values},
        )
        for trial in record.trials
        if trial.state == TrialStatus.FINISHED and trial.score is not None and trial.same_as is None
    ]


def _study_of(trials: Iterable[FrozenTrial], directions: Sequence[Direction]) -> optuna.Study:
    given = [_numbered(trial, number) for number, trial in enumerate(trials)]
    return optuna.create_study(directions=list(directions), storage=_GivenTrials(given))


def _numbered(trial: FrozenTrial, number: int) -> FrozenTrial:
    """A trial of another number and id, by which evaluators tell trials apart; what it holds is shared."""
    made = FrozenTrial.__new__(FrozenTrial)  # as copy() does, in a third of the time
    made.__dict__.update(trial.__dict__)
    made.number = made._trial_id = number  # noqa: SLF001 - what evaluators go by
    return made


class _GivenTrials(InMemoryStorage):
    """A study that has the trials it is given: added one by one, Optuna would check and copy thousands a resample."""

    def __init__(self, given: list[FrozenTrial]) -> None:
        super().__init__()
        self.given = given

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        del study_id, deepcopy
        return [trial for trial in self.given if states is None or trial.state in states]


def _best_tenth(study: optuna.Study) -> Shares:
    """The scores must not all be equal."""
    return tuple(get_param_importances(study, evaluator=PedAnovaImportanceEvaluator()).items())


def _variance(study: optuna.Study) -> Shares:
    if len(study.directions) > 1 or len(study.get_trials(deepcopy=False)) < ENOUGH_FOR_VARIANCE:
        return ()
    return tuple((name, float(share)) for name, share in get_param_importances(study, evaluator=_forest()).items())


def load_forest() -> None:
    """Load what the second measure takes: scikit-learn, and SciPy's statistics with it."""
    with spared(["matplotlib", "pandas", "pyarrow"]):  # it takes them in where they are, for tables that nobody has
        importlib.import_module("sklearn.ensemble")


def _forest() -> BaseImportanceEvaluator:
    """Optuna's evaluator, whose module is loaded again if it was loaded without scikit-learn."""
    load_forest()
    module = importlib.import_module("optuna.importance._mean_decrease_impurity")
    if not hasattr(module, "RandomForestRegressor"):
        module = importlib.reload(module)
    forest: BaseImportanceEvaluator = module.MeanDecreaseImpurityImportanceEvaluator(seed=0)
    return forest
