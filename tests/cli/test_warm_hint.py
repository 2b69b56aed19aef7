import pytest

from sweeper.cli.warm_hint import hint_at_warm
from sweeper.system.warm import place

pytestmark = pytest.mark.skipif(not hasattr(place.os, "pidfd_open"), reason="there is no warm server here")
WAITED = {"total": 8.0, "train": 0.5}


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """No warm server, and a folder for states of this test's own."""
    monkeypatch.setenv("SWEEPER_WARM", str(tmp_path / "warm"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_it_is_said_once_in_one_line(capsys):
    hint_at_warm(WAITED)
    out, err = capsys.readouterr()
    assert (out, err) == (
        "",
        "Starting took 8 of 8 s: sweeper warm keeps that done for the next commands (said once)\n",
    )
    hint_at_warm(WAITED)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("seconds", [{"total": 8.0, "train": 4.5}, {"total": 2.0, "train": 0.1}, {}])
def test_a_run_that_did_not_wait_uses_it_up_for_nobody(seconds, capsys):
    hint_at_warm(seconds)
    assert capsys.readouterr() == ("", "")
    hint_at_warm(WAITED)
    assert "sweeper warm" in capsys.readouterr().err


def test_where_no_mark_can_be_left_nothing_is_said(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    hint_at_warm(WAITED)
    assert capsys.readouterr() == ("", "")


def test_whoever_has_switched_it_off_or_has_it_is_not_told(monkeypatch, capsys):
    monkeypatch.setattr("sweeper.cli.warm_hint.place.inode", lambda name: 7)
    hint_at_warm(WAITED)
    monkeypatch.undo()
    monkeypatch.setenv("SWEEPER_WARM", "")
    hint_at_warm(WAITED)
    assert capsys.readouterr() == ("", "")
