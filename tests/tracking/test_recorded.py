from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sweeper.config.schema import Config
from sweeper.errors import InputError, SweeperError
from sweeper.tracking import RunRecord, open_reader
from sweeper.tracking.mlflow.tracker import MlflowTracker
from sweeper.tracking.models import model_files
from sweeper.tracking.recorded import find_run, find_trial, runs_like
from sweeper.trial import EpochReport, Failure, Scores
from tests.old_runs import BEST, RUN, STUDY, unpack

Make = Callable[..., RunRecord]
THIRD = Scores((1 / 3, 2 / 3), (1 / 7, 5 / 7))


@pytest.fixture(autouse=True)
def no_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return unpack(tmp_path)


def put(runs: Path, *records: RunRecord) -> list[str]:
    with MlflowTracker(runs) as tracker:
        ids = [tracker.record(record) for record in records]
        return [run_id.result() for run_id in ids]


def test_a_record_comes_back_as_it_went_in(runs: Path, make: Make) -> None:
    config = Config(repeats=2, seed=3, learning_rate=0.1 + 0.2).to_dict()
    history = [EpochReport("k", step, step / 3, THIRD, THIRD, 0.1, 0.0) for step in (7, 11)]
    place = {"members": 5, "first": 1, "input_dropout": "own", "jit": True}
    kept = make(config=config, overrides=["learning_rate=0.1", "dataset.path='a b'"], validation=THIRD, train=THIRD,
                place=place, weights=("a", "b"), correct=("xx", "yy"), machine={"cpu": "c"})  # fmt: skip
    record = replace(kept, history=history)
    (run_id,) = put(runs, record)
    found = find_run(open_reader(runs), run_id)
    assert found.config == Config.from_dict(config)
    assert (found.run_id, found.title) == (run_id, run_id[:8])
    assert found.record == replace(record, tags={})
    assert "host" in found.facts


def test_a_run_of_one_member_too(runs: Path, make: Make) -> None:
    record = make(config=Config().to_dict())
    (run_id,) = put(runs, record)
    found = find_run(open_reader(runs), run_id[:9]).record
    assert [replace(report, seconds=0.0) for report in record.history] == found.history
    assert found.result == record.result


def test_a_run_is_found_by_the_beginning_of_its_id_its_name_and_as_a_trial(runs: Path, make: Make) -> None:
    config = Config().to_dict()
    first, second, trial = put(
        runs, make("one", config=config), make("two", config=config), make("s/4", study="s", number=4, config=config)
    )
    assert find_run(open_reader(runs), first[:6]).run_id == first
    assert find_run(open_reader(runs), "two").run_id == second
    assert find_run(open_reader(runs), "s/4").run_id == trial
    assert find_trial(open_reader(runs), "s", 4).run_id == trial
    assert find_trial(open_reader(runs), "s", 4).title == "s:4"


def test_what_is_not_one_run_is_refused(runs: Path, make: Make) -> None:
    put(runs, *(make("same", config=Config().to_dict()) for _ in range(2)))
    for called, message in (("same", "2 runs are called 'same'"), ("nope", "no run 'nope'"), ("", "no run ''")):
        with pytest.raises(InputError, match=message):
            find_run(open_reader(runs), called)
    with pytest.raises(InputError, match="no run 's:1'"):
        find_trial(open_reader(runs), "s", 1)


def test_a_failed_run_says_why(runs: Path, make: Make) -> None:
    failure = Failure("diverged", "the loss is not finite", 7)
    (run_id,) = put(runs, make(config=Config().to_dict(), status="failed", failure=failure, validation=None))
    assert find_run(open_reader(runs), run_id).record.result.failure == failure


def test_runs_from_before_there_was_a_schema_still_open(old: Path) -> None:
    found = find_run(open_reader(old), RUN)
    assert (found.config.hidden, found.config.repeats, found.config.dataset.name) == ((6,), 2, "digits")
    result = found.record.result
    assert (result.status, result.steps, result.parameters, result.group) == ("finished", 40, 460, 2)
    assert result.validation == Scores(
        (2.2462785243988037, 2.2589664459228516), (0.20333333313465118, 0.20666666328907013)
    )
    assert found.record.history[-1].validation == result.validation
    assert [report.step for report in found.record.history] == [12, 23, 35, 40]
    assert result.data["sizes"] == {"train": 1138, "validation": 300, "test": 359}
    assert found.record.overrides[0] == "dataset=digits"
    assert [path.exists() for path in model_files(open_reader(old), RUN)] == [True, True]


def test_and_so_do_their_trials(old: Path) -> None:
    found = find_trial(open_reader(old), STUDY, BEST)
    assert found.record.number == BEST
    assert found.config.learning_rate == 0.2
    assert found.record.result.validation is not None
    assert find_trial(open_reader(old), STUDY, 2).record.result.status == "pruned"


def test_a_run_of_a_newer_version_is_refused_with_the_reason(old: Path) -> None:
    with closing(sqlite3.connect(old / "mlflow.db")) as database, database:
        database.execute("INSERT INTO tags VALUES ('sweeper.schema', '99', ?)", (RUN,))
    with pytest.raises(InputError, match="newer version: its records are of schema 99") as caught:
        find_run(open_reader(old), RUN)
    assert caught.value.hint == "open it with sweeper 0.1.0"


def test_damage_is_told_in_one_line(old: Path) -> None:
    file = old / "artifacts" / RUN / "artifacts" / "result.json"
    file.write_text('{"key": "x", "sta')
    with pytest.raises(SweeperError, match="the record of the run 5081e4a2 is damaged"):
        find_run(open_reader(old), RUN)
    file.write_text(json.dumps({"key": "x", "status": "finished", "colour": 1}))
    with pytest.raises(SweeperError, match="colour"):
        find_run(open_reader(old), RUN)
    (file.parent / "config.yaml").unlink()
    with pytest.raises(SweeperError, match="files of the run 5081e4a2 are not there"):
        find_run(open_reader(old), RUN)


def test_runs_of_one_configuration_are_those_without_further_keys(runs: Path, make: Make) -> None:
    plain, early = Config(), Config(stop_after=3)
    ids = put(runs, *(make(config=config.to_dict()) for config in (plain, early)))
    for config, run_id in zip((plain, early), ids, strict=True):
        assert [found.run_id for found in runs_like(open_reader(runs), config)] == [run_id]


def test_how_often_was_looked_makes_no_other_configuration_unless_that_stops(runs: Path, make: Make) -> None:
    plain, early = Config(), Config(stop_after=3)
    ids = put(runs, *(make(config=config.to_dict()) for config in (plain, early)))
    rare = replace(plain, validate_min_steps=50)
    assert [found.run_id for found in runs_like(open_reader(runs), rare)] == ids[:1]
    assert runs_like(open_reader(runs), replace(early, validate_min_steps=50)) == []
