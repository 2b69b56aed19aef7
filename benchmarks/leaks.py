"""Are leaks said, and are clean tables left in peace? Eight kinds of leak, and twenty public tables.

Each kind is planted into scikit-learn's breast cancer table, by itself; it counts as caught where the table is refused,
or a warning or the line on columns left out names what was planted. The public tables lie inside packages: five in
scikit-learn, the others in statsmodels and vega_datasets, which need not be installed:

    pip install --target FOLDER --no-deps statsmodels==0.15.0 vega_datasets==0.9.0
    python benchmarks/leaks.py FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

from sweeper.config.schema import Dataset, Validation
from sweeper.data import load
from sweeper.errors import InputError

OWN = ("iris", "wine", "breast_cancer", "digits", "diabetes")
PUBLIC = {
    "ccard": "OWNRENT", "fair": "affairs", "fair_pt": "sex", "grunfeld": "invest", "heart": "survival",
    "randhie": "mdvis", "star98": "MATHTOT", "statecrime": "murder", "stackloss": "STACKLOSS", "engel": "foodexp",
    "macrodata": "infl", "cancer": "cancer", "scotvote": "YES", "strikes": "duration", "seattle-weather": "weather",
}  # fmt: skip
"""Files of the packages, with the column that is predicted."""
REGRESSION = {*PUBLIC} - {"ccard", "fair_pt", "seattle-weather"} | {"diabetes"}


def main(folder: str) -> None:
    """Print what is said of each table."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "table.csv"
        planted = leaks(datasets.load_breast_cancer(as_frame=True).frame)
        caught = [_caught(kind, *table, place) for kind, table in planted.items()]
        print(f"{sum(caught)} of {len(caught)} planted leaks are caught\n")
        for known in OWN:
            getattr(datasets, f"load_{known}")(as_frame=True).frame.to_csv(Path(name) / f"{known}.csv", index=False)
        files = {path.stem: path for path in Path(folder).glob("*/*data*/**/*.csv") if "src" not in path.parts}
        tables = {known: Path(name) / f"{known}.csv" for known in OWN} | {known: files[known] for known in PUBLIC}
        false = [_warned(known, path, PUBLIC.get(known, "target")) for known, path in tables.items()]
        print(f"{sum(false)} of {len(false)} public tables are warned of")


def leaks(clean: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Kind of leak to the table as CSV, and the word that has to be said of it."""
    random = np.random.default_rng(0)
    clean = clean.sample(frac=1, random_state=0).rename(columns={"target": "label"})
    noise = clean.assign(**{name: random.normal(size=len(clean)) for name in clean.columns if name != "label"})
    ordered = noise.sort_values("label")
    persons = np.arange(len(ordered)) // 6
    days = pd.date_range("2024-01-01", periods=len(ordered)).strftime("%Y-%m-%d")
    copies = noise.head(80).loc[lambda rows: rows.index.repeat(6)]
    twice = clean.assign(again=clean["label"]).rename(columns={"again": "label"})
    tables = {
        "a second column of the label's name": (twice, "label"),
        "the label as text": (clean.assign(outcome=np.where(clean["label"] > 0, "benign", "malignant")), "outcome"),
        "the label as another number": (clean.assign(code=clean["label"] * 4 + 3), "code"),
        "an index of sorted rows": (ordered.reset_index(drop=True).reset_index(names=""), "nameless"),
        "an identifier of sorted rows": (ordered.assign(visit=np.arange(len(ordered)) * 3), "visit"),
        "rows of one person": (ordered.assign(patient=[f"P{one:03}" for one in persons]), "patient"),
        "equal rows": (copies, "equal"),
        "an order in time": (ordered.assign(day=days), "day"),
    }
    return {kind: (table.to_csv(index=False), word) for kind, (table, word) in tables.items()}


def _caught(kind: str, text: str, word: str, place: Path) -> bool:
    place.write_text(text, encoding="utf-8")
    said = [line for line in _said(place, "label", regression=False) if word in line]
    print(f"{kind:36} {said[0][:150] if said else 'NOTHING IS SAID'}")
    return bool(said)


def _warned(name: str, path: Path, target: str) -> bool:
    said = [line for line in _said(path, target, regression=name in REGRESSION) if "left out" not in line]
    print(f"{name:16} {said[0][:170] if said else '-'}")
    return bool(said)


def _said(path: Path, target: str, *, regression: bool) -> list[str]:
    """Refusals, warnings and the line on columns left out."""
    dataset = Dataset("csv", path=str(path), target=target, task="regression" if regression else "auto")
    try:
        notes = load(dataset, Validation()).notes
    except InputError as error:
        return [f"refused: {error.message}"]
    return [note for note in notes if note.startswith(("warning", "columns left out"))]


if __name__ == "__main__":
    main(sys.argv[1])
