"""What figures and reports are made from: plain records of trials, dimensions and measures, JSON-able."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, Literal

from sweeper.statistics.verdict import MARGIN, Verdict
from sweeper.trial import TrialStatus

Value = str | int | float | bool | None

STATES = tuple(TrialStatus)


@dataclass(frozen=True, slots=True)
class Measure:
    """What trials are scored by, and how its numbers are shown.

    Attributes:
        name: begins an axis label or a table heading.
        percent: a share of 1, shown times 100.
        maximize: whether more is better.
        unit: for an axis label: ``"s"``, ``"percentage points"``; percent needs none.
        key: names it among the scores of a trial.
        share: it is the share of examples that are right, which can be counted.
        margin: the smallest difference that matters; 0 for a twentieth of the best.
        least, most: that there can be; None for no limit, or those of a percentage.
    """

    name: str = "Validation accuracy"
    percent: bool = True
    maximize: bool = True
    unit: str = ""
    key: str = "accuracy"
    share: bool = True
    margin: float = MARGIN
    least: float | None = None
    most: float | None = None

    @property
    def noun(self) -> str:
        """What it is called within a sentence."""
        return self.name[:1].lower() + self.name[1:]

    @property
    def of_both(self) -> Measure:
        """The same, of training and validation in one figure."""
        name = self.name.removeprefix("Validation ")
        return replace(self, name=name[:1].upper() + name[1:])

    def on(self, split: str) -> Measure:
        """The same of another split, such as ``Test``."""
        return replace(self, name=f"{split} {self.name.removeprefix('Validation ')}")

    @property
    def label(self) -> str:
        """The name with its unit, for an axis."""
        unit = self.unit or ("%" if self.percent else "")
        return f"{self.name} ({unit})" if unit else self.name

    def shown(self, value: float) -> float:
        """The number as an axis shows it."""
        return 100 * value if self.percent else value

    def text(self, value: float, digits: int = 2) -> str:
        """The number as a sentence or a label says it: ``97.21%``, ``0.0931``."""
        if self.percent:
            return f"{100 * value:.{digits}f}%"
        return f"{value:.{digits + 2}g}" + (f" {self.unit}" if self.unit else "")

    def ends(self, low: float, high: float) -> str:
        """An interval, as a sentence says it."""
        return f"{self.text(self.clipped(low))} to {self.text(self.clipped(high))}"

    def apart(self, value: float, digits: int = 2, *, sign: str = "") -> str:
        """A difference of two such numbers, without its unit: in percentage points where it is a percentage."""
        shown = f"{100 * value:{sign}.{digits}f}" if self.percent else f"{value:{sign}.3g}"
        return shown.replace("-", "−")

    @property
    def step(self) -> str:
        """The unit of differences, behind the number: `` percentage points``; nothing for plain numbers."""
        return " percentage points" if self.percent else f" {self.unit}" if self.unit else ""

    def matters(self, values: Sequence[float]) -> float:
        """The smallest difference between such numbers that matters."""
        return self.margin or 0.05 * abs(self.best(values))

    def clipped(self, value: float) -> float:
        """The number within what there can be; Student's interval knows nothing of 0 and 1."""
        least, most = (self.least, self.most) if not self.percent else (0.0, 1.0)
        above = value if least is None else max(least, value)
        return above if most is None else min(most, above)

    def best(self, values: Sequence[float]) -> float:
        """The best of some values."""
        return max(values) if self.maximize else min(values)


ACCURACY = Measure()
RMSE = Measure("Validation RMSE", percent=False, maximize=False, key="rmse", share=False, margin=0.0)
LOSS = Measure("Validation loss", percent=False, maximize=False, key="loss", share=False, margin=0.0)


METRIC_NAMES = {
    "balanced_accuracy": "Balanced accuracy",
    "f1_macro": "F1, macro",
    "auc": "AUC",
    "log_loss": "Log loss",
    "calibration": "Calibration error",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
}
"""How further metrics are called in tables."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One hyperparameter that was searched.

    Attributes:
        name: its key, such as ``learning_rate``.
        low, high: the ends of a numeric range; None for a choice.
        log: searched on a logarithmic scale.
        choices: the categories, in order; empty for a range.
        whole: a range of whole numbers.
    """

    name: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Value, ...] = ()
    whole: bool = False

    @property
    def text(self) -> str:
        """The range or the choices, as a reader says them."""
        if self.choices:
            return ", ".join(str(choice) for choice in self.choices)
        scale = ", logarithmic" if self.log else ""
        return f"{self.low:g} to {self.high:g}{scale}"


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial of a study, as reports see it.

    Attributes:
        number: in the study, from 0.
        state: how it ended.
        score: the measure's value; a pruned trial's is its last validation's; None for a failed one.
        params: what was searched, by key; a conditional key may be missing.
        started, ended: seconds, since any one moment for all trials.
        worker: who ran it.
        failure: ``kind: message`` of a failed one.
        chosen: it is the one that is named, by fresh seeds, whatever its score was.
    """

    number: int
    state: TrialStatus
    score: float | None
    params: Mapping[str, Value] = field(default_factory=dict)
    started: float | None = None
    ended: float | None = None
    worker: str = ""
    failure: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A named curve with a band where there is one; `y`, `low` and `high` are as long as `x`."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Estimate:
    """A named value with its interval, and the single values (one a seed) where there are some.

    Attributes:
        verdict: against the reference or the best, where a comparison was made.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    points: Sequence[float] = ()
    verdict: Verdict | Literal["", "reference", "leads", "best"] = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where numbers come from: enough to make them again.

    Attributes:
        command: the command line that makes this again.
        dataset: its name.
        digest: SHA-256 of its training data.
        sizes: examples in each split.
        steps: of one training, or what it was given in (``10 epochs``).
        seeds: of the initial weights.
        trials: trainings in all.
        seconds: of the whole work.
        versions: of the libraries, by name.
        more: anything else, such as the code's commit or the host.
    """

    command: str
    dataset: str
    digest: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    steps: int | str = ""
    seeds: Sequence[int] = ()
    trials: int = 0
    seconds: float | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)


def scope(over: str, examples: int = 0, chosen_on: str = "", split: str = "validation") -> str:
    """What an interval of an accuracy or a difference is over, in words; arguments as of ``Interval``."""
    count = f" ({examples:,})" if examples else ""
    words = {
        "seeds": f"over seeds, on these {f'{examples:,} ' if examples else ''}{split} examples",
        "examples": f"over {split} examples{count}, of this one model",
        "seeds and examples": f"over seeds and {split} examples{count}",
    }
    said = words.get(over, f"over {over}" if over else "")
    return said + (", which also chose it" if said and chosen_on else "")


def not_excluded(runs: int, share: float) -> str:
    """What a few good runs leave open."""
    good = "one good run does" if runs == 1 else f"{runs} good runs do"
    return f"{good} not exclude that up to {share:.0%} of runs collapse"


def short(value: Any) -> str:
    """A hyperparameter's value as a table shows it: three significant digits."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.3g}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def finished(trials: Sequence[TrialRow]) -> list[TrialRow]:
    """Those that finished with a score that is a number."""
    return [t for t in trials if t.state == "finished" and t.score is not None and isfinite(t.score)]


def best_trial(trials: Sequence[TrialRow], measure: Measure = ACCURACY) -> TrialRow | None:
    """The trial that is named: the chosen one, or else the finished one with the best score, the earliest of equals.

    None where none has finished.
    """
    done = finished(trials)
    if not done:
        return None
    if named := next((trial for trial in done if trial.chosen), None):
        return named
    sign = 1 if measure.maximize else -1
    return max(done, key=lambda trial: (sign * (trial.score or 0.0), -trial.number))
