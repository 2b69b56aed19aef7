"""The trial, and what crosses a boundary between the parts: frozen, small, and all of it JSON and back.

Shape letters, used in every docstring: R members (seeds) of a trial, B examples in a batch,
F features, H units, C classes, N examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from statistics import fmean
from typing import Any

Value = int | float | str
"""A hyperparameter's, as a sampler gives it."""


class TrialStatus(StrEnum):
    """How a trial ended; one word each, for workers, studies, records and documents."""

    FINISHED = "finished"
    PRUNED = "pruned"
    """Stopped early, on request."""
    FAILED = "failed"

    @classmethod
    def _missing_(cls, value: object) -> TrialStatus | None:
        """``stopped`` is what workers once called a pruned trial, as older records do."""
        return cls.PRUNED if value == "stopped" else None


CHECKPOINT_EVERY = 60.0
"""Seconds of training from one checkpoint to the next, where nobody asks for others."""


@dataclass(frozen=True, slots=True)
class TrialSpec:
    """One trial, with everything that a worker needs to run it and nothing about the study.

    Attributes:
        key: names the trial among all that are under way, such as ``"tanh-sweep/17"``.
        config: the resolved configuration, as ``Config.to_dict`` gives it.
        data_digest: what the data set's digest must be; empty for any.
        model_dir: name of the folder for the trained ``.keras`` files, one a member; empty for none. Names are those
            of the port by which a driver and its workers exchange files (``workers.files``).
        refit: train on the validation examples too, for a model that nothing is to be chosen by any more.
        until: stop after so many steps; 0 to go all the way.
        marks: steps after which it is validated besides.
        graph_until: steps that are not worth XLA's compiling, as it may be stopped in them; the group's largest counts.
        checkpoint: name of the file to keep the training of the whole group in while it lasts, and to go on from where
            it is there; the same for each trial of a group. Empty for none.
        checkpoint_every: seconds of training from one checkpoint to the next.
        objective: by which it stops early, where its configuration says so.
        maximize: whether more of that is better.
        metrics: further metrics to compute at every validation, beside those of the configuration.
        sealed: which rows must be sealed, as ``data.raw.Raw`` has it; empty for any.
    """

    key: str
    config: dict[str, Any]
    data_digest: str = ""
    model_dir: str = ""
    refit: bool = False
    until: int = 0
    marks: tuple[int, ...] = ()
    graph_until: int = 0
    checkpoint: str = ""
    checkpoint_every: float = CHECKPOINT_EVERY
    objective: str = "validation.accuracy"
    maximize: bool = True
    metrics: tuple[str, ...] = ()
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class Scores:
    """What each member of a trial scores on some examples, [R].

    Attributes:
        loss: of the configured loss, without weights and penalties; of a regression, for the standardised target.
        accuracy: 0 to 1; empty where numbers are predicted.
        more: further metrics (``config.metrics``), by name; those of a regression are in the target's unit.
    """

    loss: tuple[float, ...]
    accuracy: tuple[float, ...]
    more: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, tuple[float, ...]]:
        """All of them by name, loss first."""
        return {"loss": self.loss} | ({"accuracy": self.accuracy} if self.accuracy else {}) | dict(self.more)

    @property
    def main(self) -> str:
        """The name of what a person looks at first: accuracy, or the error of numbers."""
        return "accuracy" if self.accuracy else "rmse"

    def mean(self, name: str) -> float:
        """The mean over members of one that is known."""
        return fmean(self.known[name])


@dataclass(frozen=True, slots=True)
class StepReport:
    """How training goes, every ``log_every`` steps: means over the batches since the last report."""

    key: str
    step: int
    steps: int
    train: Scores
    seconds: float


@dataclass(frozen=True, slots=True)
class EpochReport:
    """A validation, every epoch (or ``validate_every`` steps) and after the last step.

    Attributes:
        step: steps done so far.
        epoch: passes over the training set so far, with its fraction.
        train: means over the training batches since the last validation, dropout on.
        validation: over the whole validation split.
        learning_rate: of the last step.
        seconds: of training so far.
    """

    key: str
    step: int
    epoch: float
    train: Scores
    validation: Scores
    learning_rate: float
    seconds: float


NO_ROOM = "no room"
"""The kind of a failure that is the disk's and not the trial's: it is full."""

OTHER_DATA = "other data"
"""The kind of a failure that is the data's: since the command read them they were changed, or can be read no more."""

NOBODYS = frozenset({NO_ROOM, OTHER_DATA})
"""Failures for which no trial is to blame: whoever runs next would fail as well, so that all are run again later."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial failed: a kind that can be counted, one line for people, and the step (0: before training)."""

    kind: str
    message: str
    step: int = 0


@dataclass(frozen=True, slots=True)
class TrialResult:
    """How a trial ended.

    Attributes:
        status: of a pruned trial, the scores are the last validation's.
        steps: steps done.
        train: over the whole training split, dropout off; None for a failed or pruned trial.
        validation: over the whole validation split; None for a failed trial.
        seconds: ``total``, ``train`` (the loop alone) and ``compile``, of the group that it was trained in.
        group: how many members were trained together, this trial's own among them.
        place: the program that it was trained in, and where in it: what else the last bit of a number depends on
            (``train.group.place_of``). Empty where nothing was trained.
        parameters: trainable parameters of one member.
        weights: SHA-256 of each member's trained weights.
        models: the ``.keras`` files, one a member: paths, or names on the way from a worker.
        correct: for each member, which validation examples it has right: bits, packed, in base 64 (``report.hits``).
        residuals: for each member of a regression, predicted less true value of each validation example, in standard
            deviations of the training target: 16-bit floats in base 64; empty for classes and for many examples.
        by_class: each class's validation examples, predictions and hits, over all members; empty for many classes.
        data: ``name``, ``digest`` and ``sizes`` of the data that it was trained on.
        versions: of the libraries that trained it.
        machine: what trained it: ``cpu``, ``system``, ``threads``.
        worker: the process that did.
        kept: of a trial that may stop early, whose weights and scores are those of its best validation: ``objective``
            and ``maximize``, by which it is the best, and the ``steps`` done then, one number a member (and fold).
        folds: the validation scores of each fold, of which ``validation`` is the mean; empty where there are none.
    """

    key: str
    status: TrialStatus
    steps: int = 0
    train: Scores | None = None
    validation: Scores | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    group: int = 1
    place: dict[str, Any] = field(default_factory=dict)
    parameters: int = 0
    weights: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    correct: tuple[str, ...] = ()
    residuals: tuple[str, ...] = ()
    by_class: tuple[tuple[int, int, int], ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)
    worker: str = ""
    failure: Failure | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    folds: tuple[Scores, ...] = ()

    def __post_init__(self) -> None:
        """Take the status by its name, too, as JSON has it."""
        object.__setattr__(self, "status", TrialStatus(self.status))


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration of a sweep with its result, made once when it has ended.

    Attributes:
        number: in the study, from 0; numbers of attempts that were interrupted are missing.
        state: how it ended.
        score: the objective; a pruned trial's is its last validation's; None for a failed one.
        values: what the sampler or the point gave, by key.
        overrides: as they would be typed, one ``KEY=VALUE`` each.
        result: everything that the worker said; None where it never answered.
        started, ended: seconds since the epoch.
        config: resolved, as plain values; empty where the values made none.
        history: its validations.
        schema: of the configuration (``config.history``); 0 where it was not kept.
        same_as: number of the earlier trial of the same configuration whose result this is; None where it was trained.
    """

    number: int
    state: TrialStatus
    score: float | None
    values: Mapping[str, Value]
    overrides: tuple[str, ...]
    result: TrialResult | None
    started: float
    ended: float
    failure: Failure | None = None
    config: dict[str, Any] = field(default_factory=dict)
    history: tuple[EpochReport, ...] = ()
    schema: int = 0
    same_as: int | None = None

    def __post_init__(self) -> None:
        """Take the state by its name, too, as JSON has it."""
        object.__setattr__(self, "state", TrialStatus(self.state))


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person should know of trials under way, such as that they go on from a checkpoint; or of the workers.

    Attributes:
        keys: of the trials; none where it is about the workers.
    """

    keys: tuple[str, ...]
    text: str


def to_json(record: object) -> dict[str, Any]:
    """A record as plain JSON values; scores without further metrics say nothing of them."""
    made: dict[str, Any] = asdict(record)  # type: ignore[call-overload]
    for part in (made, made.get("train"), made.get("validation")):
        if isinstance(part, dict) and part.get("more") == {}:
            del part["more"]
    return made


def scores_from_json(value: dict[str, Any] | None) -> Scores | None:
    """Scores out of what ``to_json`` made of them."""
    if value is None:
        return None
    more = {name: tuple(each) for name, each in value.get("more", {}).items()}
    return Scores(tuple(value["loss"]), tuple(value["accuracy"]), more)


def result_from_json(value: dict[str, Any]) -> TrialResult:
    """A trial's result out of what ``to_json`` made of it."""
    failure = value.get("failure")
    return TrialResult(
        **value
        | {name: tuple(value.get(name, ())) for name in ("weights", "models", "correct", "residuals")}
        | {
            "train": scores_from_json(value.get("train")),
            "validation": scores_from_json(value.get("validation")),
            "folds": tuple(made for each in value.get("folds", ()) if (made := scores_from_json(each))),
            "by_class": tuple(tuple(each) for each in value.get("by_class", ())),
            "failure": Failure(**failure) if failure else None,
        }
    )


def report_from_json(value: dict[str, Any]) -> EpochReport:
    """A validation out of what ``to_json`` made of it."""
    return EpochReport(**value | {part: scores_from_json(value[part]) for part in ("train", "validation")})
