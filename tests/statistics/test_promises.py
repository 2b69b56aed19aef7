"""Every interval covers, every false alarm stays rare: the checks of benchmarks/promises.py, simulated."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SIMULATIONS = 1000


def _checks():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        return runpy.run_path(str(ROOT / "benchmarks" / "promises.py"))["CHECKS"]
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


CHECKS = _checks()


@pytest.mark.parametrize("number", range(len(CHECKS)), ids=[f"{check.name}: {check.setting}" for check in CHECKS])
def test_promise_is_kept(number):
    check = CHECKS[number]
    kept = check.kept(SIMULATIONS)
    low, high = check.bounds
    # A rate that is exactly at its bound is simulated beyond it half of the time: three standard errors are chance.
    below, above = (1.5 * check.chance(bound, SIMULATIONS) if 0 < bound < 1 else 0.0 for bound in (low, high))
    assert low - below <= kept <= high + above


def test_the_table_in_the_docs_has_every_check_and_shows_it_kept():
    text = (ROOT / "docs" / "explanation" / "statistics.md").read_text()
    for check in CHECKS:
        row = re.escape(f"| {check.name} | {check.setting} | {check.promise} |") + r" (\d+\.\d) ± \d+\.\d % \|"
        shown = re.findall(row, text)
        assert len(shown) == 1
        assert check.bounds[0] <= float(shown[0]) / 100 <= check.bounds[1]
