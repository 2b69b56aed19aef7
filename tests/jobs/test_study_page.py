from __future__ import annotations

import re
import shlex
import shutil

import pytest

from sweeper.data import ledger
from sweeper.jobs.shared.opening import LEDGER
from sweeper.jobs.shared.study_page import describe, description
from sweeper.study.study_record import load_study
from sweeper.tracking.memory import MemoryTracker
from tests.study import targets
from tests.study.helpers import DATA, carry_out, plan


@pytest.fixture
def study(tmp_path):
    carry_out(plan(6), tmp_path, targets.trivial)
    return load_study(tmp_path, "s")


@pytest.fixture
def tracker():
    made = MemoryTracker()
    made.open_study("s", {})
    return made


def test_it_says_the_verdict_the_counts_the_openings_and_the_commands(study, tmp_path):
    text = description(study, None, tmp_path)
    best = study.leaders()[0]
    assert text.startswith(f"Trial {best.number} is the best of 6")  # MLflow's list shows the beginning as it is
    (typed, *_) = re.findall(r"```\n(.*?)\n```", text, re.DOTALL)
    assert max(map(len, typed.splitlines())) < 110
    assert shlex.split(typed.replace("\\\n", ""))[:2] == ["sweeper", "run"]
    assert "6 trials: 6 finished" in text
    assert "not opened yet" in text
    assert f"sweeper run {best.overrides[0]}" in text
    assert f"--runs {tmp_path}" in " ".join(text.replace("\\\n", " ").split())
    opened = {"event": "opened", "data": DATA, "when": "", "who": "", "run": ""}
    ledger.append(tmp_path / LEDGER, opened)
    ledger.append(tmp_path / LEDGER, opened)
    assert "opened 2 times" in description(study, None, tmp_path)


def test_what_a_person_wrote_there_stays(study, tmp_path, tracker):
    describe(study, None, tmp_path, tracker)
    (run,) = tracker.reader.runs(study="s")
    ours = run.tags["mlflow.note.content"]
    shutil.rmtree(tmp_path / "studies", ignore_errors=True)
    ledger.append(tmp_path / LEDGER, {"event": "opened", "data": DATA, "when": "", "who": "", "run": ""})
    describe(study, None, tmp_path, tracker)
    assert run.tags["mlflow.note.content"] != ours  # what this wrote is brought up to date
    run.tags["mlflow.note.content"] = "mine"
    describe(study, None, tmp_path, tracker)
    assert run.tags["mlflow.note.content"] == "mine"


def test_the_report_is_among_its_files(study, tmp_path, tracker):
    page = tmp_path / "report.html"
    page.write_text("<p>all of it")
    describe(study, None, tmp_path, tracker, report=page)
    (run,) = tracker.reader.runs(study="s")
    assert tracker.artifacts[run.run_id] == [(page, "report")]


def test_a_study_without_a_record_is_left_alone(study, tmp_path):
    tracker = MemoryTracker()
    describe(study, None, tmp_path, tracker)
    assert tracker.reader.runs() == []
