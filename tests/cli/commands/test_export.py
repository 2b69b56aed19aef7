"""``sweeper export`` as it is typed."""

from __future__ import annotations

import json

import pytest

from sweeper.cli.app import invoke
from tests.old_runs import RUN, unpack

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def typed(tmp_path, monkeypatch, capfd):
    """Runs the command on a recorded model of digits; exit code, standard output, standard error."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("SWEEPER_RUNS", str(unpack(tmp_path)))
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = invoke(["export", RUN[:8], *arguments])
        out = capfd.readouterr()
        return code, out.out, out.err

    return run


def test_a_folder_and_what_to_do_with_it(typed, tmp_path):
    code, out, err = typed("model", "--register", "digits")
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == [
        "folder      model",
        "networks    the mean of 2 members",
        "registered  digits, version 1",
        "serve it    mlflow models serve -m model --env-manager local",
    ]
    assert (tmp_path / "model" / "MLmodel").is_file()


def test_one_document(typed):
    code, out, _ = typed("model", "--json")
    found = json.loads(out)
    assert code == 0
    assert "artifacts/member-1.keras" in found["files"]
    assert found["registered"] is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["."], "is there, and not empty"),
        (["model", "--register", "a/b"], "'a/b' is no name for a model"),
    ],
)
def test_mistakes_are_one_line(typed, tmp_path, arguments, told):
    before = sorted(tmp_path.iterdir())
    code, out, err = typed(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert len(err.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before
