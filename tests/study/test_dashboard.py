from __future__ import annotations

import optuna
import pytest

from sweeper.errors import InputError
from sweeper.study.dashboard import check_installed, copied
from tests.study import targets
from tests.study.helpers import carry_out, plan


def test_it_has_every_study_with_the_names_of_its_objectives_and_writes_nothing(tmp_path):
    carry_out(plan(4), tmp_path, targets.trivial)
    carry_out(plan(3, study="other", objective="validation.loss"), tmp_path, targets.trivial)
    before = (tmp_path / "studies" / "s.db").read_bytes()
    memory = copied(tmp_path, "s")
    found = {study.study_name: study for study in optuna.get_all_study_summaries(memory)}
    assert found.keys() == {"s", "other"}
    assert found["other"].direction == optuna.study.StudyDirection.MINIMIZE
    study = optuna.load_study(study_name="s", storage=memory)
    assert study.metric_names == ["validation.accuracy"]
    assert len(study.trials) == 4
    assert study.best_value > 0
    assert not study.trials[0].user_attrs
    assert (tmp_path / "studies" / "s.db").read_bytes() == before


def test_what_is_not_there_is_said(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no studies"):
        copied(tmp_path)
    carry_out(plan(2), tmp_path, targets.trivial)
    with pytest.raises(InputError, match="frist"):
        copied(tmp_path, "frist")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError, match="not installed") as caught:
        check_installed()
    assert "sweeper[dashboard]" in str(caught.value.hint)
