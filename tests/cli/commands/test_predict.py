"""``sweeper predict`` as it is typed."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from sweeper.cli.app import invoke
from tests.old_runs import RUN, unpack

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def typed(tmp_path, monkeypatch, capfd):
    """Runs the command on a recorded model of digits; exit code, standard output, standard error."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("SWEEPER_RUNS", str(unpack(tmp_path)))
    np.save(tmp_path / "new.npy", np.zeros((30, 8, 8), np.uint8))
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = invoke(["predict", RUN[:8], *arguments])
        out = capfd.readouterr()
        return code, out.out, out.err

    return run


def test_csv_on_standard_output_and_a_line_beside_it(typed):
    code, out, err = typed("new.npy")
    assert code == 0
    head, *lines = out.splitlines()
    assert head == f"class,probability,{','.join(f'P({digit})' for digit in range(10))},note"
    assert len(lines) == 30
    assert "30 rows, the mean of 2 members; none looks unlike training" in err


def test_one_document(typed):
    code, out, _ = typed("new.npy", "--json")
    found = json.loads(out)
    assert (code, found["rows"], len(found["predictions"])) == (0, 30, 30)
    assert found["predictions"][0]["class"] in found["classes"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_written_once(typed, tmp_path, ending):
    output = tmp_path / f"out.{ending}"
    assert typed("new.npy", "-o", output.name)[:2] == (0, f"30 rows in {output.name}\n")
    answers = pd.read_csv(output) if ending == "csv" else pd.read_parquet(output)
    assert len(answers) == 30
    before = output.read_bytes()
    code, _, err = typed("new.npy", "-o", output.name)
    assert code == 2
    assert "exists (--force replaces it)" in err
    assert output.read_bytes() == before
    assert typed("new.npy", "-o", output.name, "--force")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["new.npy", "-o", "out.txt"], "out.txt ends in none of .csv, .parquet"),
        (["absent.npy"], "absent.npy cannot be read"),
        (["new.npy", "-o", "nowhere/out.csv"], "nowhere is no folder"),
    ],
)
def test_mistakes_are_one_line(typed, tmp_path, arguments, told):
    code, out, err = typed(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert len(err.splitlines()) == 1


def test_on_a_terminal_there_is_a_table_that_fits(typed, tmp_path):
    main, side = pty.openpty()
    command = [sys.executable, "-P", "-m", "sweeper", "predict", RUN[:8], "new.npy"]
    subprocess.run(command, stdout=side, stderr=subprocess.DEVNULL, check=True, env=os.environ | {"NO_COLOR": "1"})
    os.close(side)
    lines = os.read(main, 2**16).decode().splitlines()
    assert lines[0].split() == ["row", "class", "probability"]
    assert len(lines) == 22
    assert "10 more rows" in lines[-1]
    assert max(map(len, lines)) <= 80
