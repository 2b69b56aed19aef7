"""Everything that a study's report says, gathered by whoever reads the records; the report computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sweeper.report.facts import ACCURACY, Dimension, Measure, Provenance, TrialRow, Value
from sweeper.statistics.cautions import Caution
from sweeper.statistics.collapse import Collapses
from sweeper.statistics.failures import Shared
from sweeper.statistics.importance import Importance
from sweeper.statistics.intervals import Interval
from sweeper.statistics.tuning_curve import TuningCurve
from sweeper.trial import EpochReport


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A leading trial, run again on fresh seeds.

    Attributes:
        number: the trial's.
        original: the score that it was chosen by, which flatters it.
        value: mean over the fresh seeds that did not collapse.
        interval: of that mean: of an accuracy over seeds and examples, allowing for the search.
        points: the score for each fresh seed.
        standing: how it came out: ``best``, ``tied with the best``, ``behind``, ``dropped after 3 seeds``.
        parameters: trainable parameters, by which ties are broken.
        params: its hyperparameters.
        over_seeds: the narrower interval on these examples; None for what is no accuracy.
        collapses: how many runs collapsed; None for what is no accuracy, or with one seed.
    """

    number: int
    original: float
    value: float
    interval: Interval | None
    points: Sequence[float]
    standing: str
    parameters: int = 0
    params: Mapping[str, Value] = field(default_factory=dict)
    over_seeds: Interval | None = None
    collapses: Collapses | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of the test split of the study's data, as the ledger has it.

    Attributes:
        score: by the measure `tested` of the study's facts, the mean over members.
        interval: of it.
    """

    when: str
    who: str
    run: str
    score: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """Trials by two objectives: of each its name, its value by `x` and by the study's measure, and if none beats it."""

    x: Measure
    points: Sequence[tuple[str, float, float, bool]]


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """A study, whole.

    Attributes:
        name: the study's.
        trials: all that ended.
        dimensions: the space.
        provenance: where the numbers come from.
        measure: of the trials' scores.
        sampler: which chose the trials.
        pruner: which stopped them, or ``none``.
        named: the sentence that names the winner, or says who is tied.
        confirmed: the leaders on fresh seeds, best first; empty without confirmation.
        importance: largest first; empty with too few trials.
        evaluator: the method that the importance is by.
        importance_note: what importance by it is, or why there is none.
        variance: importance by a second method, of variance; largest first, empty with too few trials.
        variance_note: what that is.
        curves: validations by name of the trials worth drawing.
        tuning: tuning curves by name; bands are drawn for those that are valid.
        shared: what failed trials have in common.
        cautions: warnings.
        front: where there were two objectives.
        openings: of the test split of this data, oldest first.
        tested: what their scores are.
        commands: what to run next, by what it does.
        notes: lines that a person should see.
    """

    name: str
    trials: Sequence[TrialRow]
    dimensions: Sequence[Dimension]
    provenance: Provenance
    measure: Measure = ACCURACY
    sampler: str = ""
    pruner: str = "none"
    named: str = ""
    confirmed: Sequence[Confirmed] = ()
    importance: Sequence[Importance] = ()
    evaluator: str = ""
    importance_note: str = ""
    variance: Sequence[tuple[str, float]] = ()
    variance_note: str = ""
    curves: Mapping[str, Sequence[EpochReport]] = field(default_factory=dict)
    tuning: Mapping[str, TuningCurve] = field(default_factory=dict)
    shared: Sequence[Shared] = ()
    cautions: Sequence[Caution] = ()
    front: Front | None = None
    openings: Sequence[Opening] = ()
    tested: Measure = ACCURACY
    commands: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)
