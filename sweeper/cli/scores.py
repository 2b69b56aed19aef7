"""Scores of a run or an opening as people see them: a table, what they have to be held against, and each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sweeper.cli.render import number, table

MOST_CLASSES = 10
"""Classes that are listed, those of the lowest recall first; the documents have them all."""

_SHORT = {
    "balanced_accuracy": "balanced accuracy",
    "f1_macro": "F1 macro",
    "auc": "AUC",
    "log_loss": "log loss",
    "calibration": "calibration error",
}


def score(value: float | None) -> str:
    """A score with four decimals, or four digits where it is large."""
    if value is None:
        return ""
    return f"{value:.4f}" if abs(value) < 10 else number(value)


def measured(objective: str, value: float | None) -> str:
    """A score as it is shown everywhere: a share as a percentage, anything else in its own digits."""
    from sweeper.study.objectives import OBJECTIVES

    if value is None:
        return ""
    row = OBJECTIVES.get(objective)
    return f"{value:.1%}" if row and row.share else format(value, row.digits if row else ".4f")


def ends(interval: Sequence[float] | None) -> str:
    """An interval, or nothing."""
    return f"{score(interval[0])} to {score(interval[1])}" if interval else ""


def scores_table(parts: Mapping[str, Mapping[str, Any]]) -> str:
    """One row for each part of the data: loss, the scores, and the interval of the first of them."""
    of_classes = any("accuracy" in part for part in parts.values())
    names = ("loss", "accuracy") if of_classes else ("rmse", "mae", "r2")
    shown = {"rmse": "RMSE", "mae": "MAE", "r2": "R²"}
    rows = [
        (name, *(score(part.get(one)) for one in names), ends(part.get("interval"))) for name, part in parts.items()
    ]
    interval = "95% interval" if of_classes else "95% interval of the RMSE"
    return table(("", *(shown.get(one, one) for one in names), interval), rows)


def score_names(first: str, part: Mapping[str, Any]) -> list[str]:
    """What trials are listed with: the metric that they were searched for, then accuracy and loss, or RMSE and R²."""
    found = ["accuracy", "loss"] if "accuracy" in part else ["rmse", "r2"]
    return list(dict.fromkeys([first, *found] if first else found))


def scores_of(part: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """The scores of these names."""
    known = part["more"] | dict(part)
    return [score(known.get(name)) for name in names]


def ground(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a score has to be held against, and the further metrics of classes."""
    rows = []
    if "largest" in part:
        share = f"{part['share']:.1%} of the examples"
        rows.append(("largest", f"class {part['largest']}, {share}: so often its name alone is right"))
    if "spread" in part:
        rows.append(("spread", f"{score(part['spread'])}, the standard deviation of {part['target']} there"))
    more = {name: value for name, value in part.get("more", {}).items() if name in _SHORT}
    texts = [f"{_SHORT[name]} {score(value)}" for name, value in more.items()]
    rows += [("also", ", ".join(texts[:3])), ("", ", ".join(texts[3:]))] if texts else []
    return rows


def target_of(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What scores on some data have to be held against: the largest class with the counts of all, or the spread."""
    if "target" in data:
        return ground({"spread": data["target"]["spread"], "target": data["target"]["name"]})
    known = data.get("classes")
    if not known:
        return []
    rows = ground({"largest": known["largest"], "share": known["share"]})
    counts = known.get("rows", {})
    if len(counts) <= MOST_CLASSES:
        # Over folds, whoever is trained on is validated on, too.
        all_of = {name: trained if data.get("folds") else trained + seen for name, (trained, seen) in counts.items()}
        rows.append(("classes", ", ".join(f"{name}: {count:,}" for name, count in all_of.items())))
    return rows


def classes_table(part: Mapping[str, Any], split: str = "validation") -> str:
    """Precision and recall of each class on the examples of a split; of many classes, the hardest."""
    classes = part.get("by_class", ())
    hardest = sorted(classes, key=lambda one: one["recall"])[:MOST_CLASSES]
    shown = [one for one in classes if one in hardest]
    rows = [(one["name"], one["examples"], score(one["precision"]), score(one["recall"])) for one in shown]
    if not rows:
        return ""
    more = f"\n{len(classes) - len(rows)} more classes have a higher recall" if len(classes) > len(rows) else ""
    return table(("class", f"{split} examples", "precision", "recall"), rows) + more
