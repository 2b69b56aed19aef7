"""Why the output stays linear, and why the loss is computed from logits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sweeper.questions.analyses.conditions import compare
from sweeper.questions.analyses.parts import listed
from sweeper.questions.analyses.stability import Stability, breaks_at, stability
from sweeper.questions.experiment_results import Results
from sweeper.report.answer.answer import Answer
from sweeper.report.documents.model import Cell, Table, TableColumn
from sweeper.statistics import wilson
from sweeper.system.bits import unpack

RANGE = {"tanh": 2.0, "sigmoid": 1.0}
"""How far apart two scores can be at most."""


def output_nonlinearity(results: Results) -> Answer:
    """The comparison of output nonlinearities, what each does to the scores, and where a loss by hand breaks."""
    answer = compare(results)
    facts = measured(results)
    said = [_cut_off(facts), _narrow(facts), _by_hand()]
    return replace(
        answer,
        sentences=[*answer.sentences, *(sentence for sentence in said if sentence)],
        tables=[*answer.tables, _outputs(facts), _stability()],
    )


@dataclass(frozen=True, slots=True)
class Output:
    """What a condition's output nonlinearity did.

    Attributes:
        name: of the condition.
        activation: the nonlinearity.
        loss: on validation examples, the mean over seeds.
        surest: the greatest probability that softmax can give a class; 1 where the scores are not bounded.
        lost: of each repeat, the classes of which it has no example right.
    """

    name: str
    activation: str
    loss: float
    surest: float
    lost: tuple[tuple[str, ...], ...]


def measured(results: Results) -> list[Output]:
    """The outputs of every condition that is compared."""
    split = results.load()
    activations = {c.name: c.config.output_activation for c in results.prepared.conditions}
    made = []
    for name in results.names:
        right = [_right(results, name, seed) for seed in results.seeds]
        lost = [
            tuple(
                label for number, label in enumerate(split.classes) if not bits[split.validation_labels == number].any()
            )
            for bits in right
        ]
        surest = _surest(activations[name], len(split.classes))
        made.append(Output(name, activations[name], float(np.mean(results.losses(name))), surest, tuple(lost)))
    return made


def _right(results: Results, name: str, seed: int) -> np.typing.NDArray[np.bool_]:
    result = results.repeats[name][seed].result
    assert result is not None  # it finished
    return unpack(result.correct[0], int(results.data["sizes"]["validation"]))


def _surest(activation: str, classes: int) -> float:
    if activation not in RANGE:
        return 1.0
    power = math.exp(RANGE[activation])
    return power / (power + classes - 1)


def _cut_off(facts: Sequence[Output]) -> str:
    cut = [fact for fact in facts if fact.activation == "relu"]
    if not cut:
        return ""
    lost, runs = [classes for classes in cut[0].lost if classes], len(cut[0].lost)
    share = wilson(len(lost), runs)
    interval = f"95% interval {100 * share.low:.0f}% to {100 * share.high:.0f}% of runs"
    found = (
        f"in {len(lost)} of {runs} runs ({interval}) it lost classes altogether, up to {max(map(len, lost))} of them, "
        "of which it has no example right"
        if lost
        else f"here it lost no class altogether in any of {runs} runs ({interval})"
    )
    return f"A ReLU at the output cuts scores off at zero and passes no gradient where it does: {found}."


def _narrow(facts: Sequence[Output]) -> str:
    narrow = [fact for fact in facts if fact.surest < 1]
    free = [fact for fact in facts if fact.activation == "linear"]
    if not narrow or not free:
        return ""
    each = listed([f"{fact.name} {100 * fact.surest:.0f}%" for fact in narrow])
    losses = listed([f"{fact.loss:.2f} with {fact.name}" for fact in narrow])
    return (
        f"Bounded scores cannot be far apart, so that softmax can be sure of a class to no more than {each}: the "
        f"validation loss is {losses}, against {free[0].loss:.2f} with linear outputs, whatever the accuracy is."
    )


def _by_hand() -> str:
    return (
        f"Computed from logits the loss is right whatever they are; as a softmax followed by a logarithm, in 32-bit "
        f"floats, it is infinite from a difference of {breaks_at():g} between two logits on, and training ends there."
    )


def _outputs(facts: Sequence[Output]) -> Table:
    columns = (
        TableColumn("Output"),
        TableColumn("Validation loss", ".3f", "right"),
        TableColumn("Surest probability", ".0%", "right"),
        TableColumn("Runs that lost a class", align="right"),
        TableColumn("Classes lost"),
    )
    rows: list[list[Cell]] = []
    for fact in facts:
        broken = sum(1 for lost in fact.lost if lost)
        rows.append([fact.name, fact.loss, fact.surest, f"{broken} of {len(fact.lost)}", _counted(fact.lost) or None])
    return Table("What the output nonlinearity does to the scores", columns, rows)


def _counted(lost: Sequence[Sequence[str]]) -> str:
    """Each class that was lost, and in how many runs."""
    counts: Mapping[str, int] = {
        label: sum(label in classes for classes in lost)
        for label in sorted({one for classes in lost for one in classes})
    }
    return ", ".join(f"{label} ({count}×)" for label, count in counts.items())


def _stability() -> Table:
    columns = (
        TableColumn("Difference of two logits", "g", "right"),
        TableColumn("Loss, exact", ".4f", "right"),
        TableColumn("From logits", ".4f", "right"),
        TableColumn("Softmax, then logarithm", align="right"),
    )
    rows = [(s.gap, s.exact, s.from_logits, _hand(s)) for s in stability()]
    return Table("The loss of a wrong answer that the network is sure of, in 32-bit floats", columns, rows)


def _hand(found: Stability) -> str:
    text = "infinite" if found.by_hand == float("inf") else f"{found.by_hand:.4f}"
    return f"{text} (broken)" if found.broken else text
