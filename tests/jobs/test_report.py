"""A study's evidence and its report, from what was recorded and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from sweeper.config.space import Choice, Float, Space
from sweeper.data import ledger
from sweeper.errors import InputError
from sweeper.jobs.confirm.confirm import confirm
from sweeper.jobs.confirm.confirmation import confirmation
from sweeper.jobs.report import report, study_facts
from sweeper.jobs.shared.evidence import cautions, evidence, expected
from sweeper.jobs.shared.opening import LEDGER
from sweeper.statistics import tuning_curve
from sweeper.study.session import Session
from sweeper.study.study_record import load_study
from sweeper.tracking.memory import MemoryTracker
from sweeper.workers.inline import InlinePool
from tests.study import targets
from tests.study.helpers import DATA, SPACE, carry_out, plan
from tests.study.test_objectives import WIDTHS, wide

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(autouse=True)
def no_uri(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def searched(runs, trials=30, target=targets.trivial, **more):
    carry_out(plan(trials, **more), runs, target)
    return load_study(runs, "s")


def kinds(record, confirmed=None):
    return {caution.kind for caution in cautions(record, confirmed)}


class TestCautions:
    def test_where_all_is_well_nothing_is_said(self, tmp_path):
        many = DATA | {"sizes": {"train": 100, "validation": 1_000_000, "test": 9}}
        assert kinds(searched(tmp_path, 40, data=many)) == set()

    def test_the_best_on_the_edge_of_the_space(self, tmp_path):
        steps = Float(0.1, 0.2, step=0.05)
        space = Space({"learning_rate": steps, "activation": Choice(("relu", "tanh"))}, base={"steps": 5})
        record = searched(tmp_path, 6, space=space, sampler="grid")
        [edge] = [caution for caution in cautions(record, None) if caution.kind == "edge"]
        assert edge.message.endswith("learning_rate=0.2")

    def test_too_few_examples_and_trials(self, tmp_path):
        assert {"validation-size", "few-trials"} <= kinds(searched(tmp_path, 5))

    def test_only_trained_trials_are_counted(self, tmp_path):
        asked = {"space": WIDTHS, "constraints": ("parameters<=200",), "inputs": 10, "classes": 10}
        record = searched(tmp_path, 12, wide, **asked)
        trained = sum(trial.config["hidden"] != [64] for trial in record.trials)
        [few] = [caution for caution in cautions(record, None) if caution.kind == "few-trials"]
        assert few.facts["finished"] == trained < 12

    def test_many_failures_and_what_they_share(self, tmp_path):
        record = searched(tmp_path, 30, target=partial(targets.diverging, above=0.3))
        [failures] = [caution for caution in cautions(record, None) if caution.kind == "failures"]
        assert "learning_rate" in failures.message

    def test_a_confirmation_says_itself_who_may_be_as_good(self, tmp_path):
        record = searched(tmp_path, 10)
        with InlinePool(noisy) as pool:
            found = confirm(plan(10), 3, Session(tmp_path, pool, MemoryTracker()))
        assert "spread" not in kinds(record)
        assert "spread" not in kinds(record, found)

    def test_a_list_of_points_was_not_drawn(self, tmp_path):
        record = replace(searched(tmp_path, 5), facts={"objective": "validation.accuracy", "space": None})
        assert kinds(record) == set()
        assert expected(record) is None


def noisy(group, report, stopped):
    """Scores that hang on the seed alone."""
    found = targets.trivial(group, report, stopped)
    by_key = {spec.key: (spec.config["seed"] % 5) / 10 for spec in group}
    return [
        replace(r, validation=replace(r.validation, accuracy=(0.3 + by_key[r.key],)) if r.validation else None)
        for r in found
    ]


class TestTheTuningCurve:
    def test_it_is_that_of_the_scores(self, tmp_path):
        record = searched(tmp_path)
        scores = [trial.score for trial in record.trials]
        assert expected(record) == tuning_curve(scores, sampler="random")
        assert expected(record).valid

    def test_a_search_that_learns_or_prunes_or_was_told_values_has_no_valid_band(self, tmp_path):
        for number, more in enumerate(
            (
                {"sampler": "tpe"},
                {"pruner": "median"},
                {"enqueue": [{"learning_rate": 0.2, "dropout": 0.1, "activation": "tanh"}]},
            )
        ):
            curve = expected(searched(tmp_path / str(number), **more))
            assert not curve.valid
            assert curve.why

    def test_a_failed_trial_counts_as_the_worst(self, tmp_path):
        record = searched(tmp_path, 30, target=partial(targets.diverging, above=0.3))
        failed = sum(trial.state == "failed" for trial in record.trials)
        scores = [trial.score for trial in record.trials if trial.score is not None]
        assert expected(record).median == tuning_curve([*scores, *[0.0] * failed], sampler="random").median

    def test_of_losses_it_falls(self, tmp_path):
        curve = expected(searched(tmp_path, objective="validation.loss"))
        assert curve.median[0] > curve.median[-1]
        assert curve.low[0] <= curve.median[0] <= curve.high[0]

    def test_one_trial_has_none(self, tmp_path):
        assert evidence(searched(tmp_path, 1), None)["tuning_curve"] is None


class TestTheReport:
    def test_it_is_one_page_that_says_all_of_it(self, tmp_path):
        searched(tmp_path, 24, target=partial(targets.diverging, above=0.6))
        ledger.append(tmp_path / LEDGER, opened())
        ledger.append(tmp_path / LEDGER, opened() | {"event": "result", "examples": 20, "look": 1, "result": SCORED})
        document = report("s", runs=tmp_path, flags=["--runs", "here"])
        text = Path(document["report"]["markdown"]).read_text()
        for heading in ("The best trials", "How the search went", "What mattered", "Failures", "The test split"):
            assert f"## {heading}" in text
        assert "1st opening of this test set" in text
        assert "sweeper test s --runs here" in text
        assert document["openings"] == 1
        html = Path(document["report"]["html"]).read_text()
        assert "<img" in html
        assert 'src="data:' in html
        assert 'src="http' not in html

    def test_the_confirmed_winner_leads(self, tmp_path):
        record = searched(tmp_path, 10)
        with InlinePool(targets.trivial) as pool:
            found = confirm(plan(10), 2, Session(tmp_path, pool, MemoryTracker()))
        facts = study_facts(record, confirmation(tmp_path, record), tmp_path)
        assert facts.named == found.sentence
        assert facts.confirmed == found.trials
        assert f"s:{found.winner}" in " ".join(facts.commands.values())

    def test_importance_has_a_spread(self, tmp_path):
        facts = study_facts(searched(tmp_path, 40), None, tmp_path)
        assert facts.importance[0].name == "learning_rate"
        assert facts.importance[0].low <= facts.importance[0].value <= facts.importance[0].high
        assert facts.evaluator == "PED-ANOVA"
        assert facts.variance[0][0] == "learning_rate"
        page = Path(report("s", runs=tmp_path)["report"]["markdown"]).read_text()
        assert "no share of variance" in page
        assert "Share of variance" in page

    def test_too_few_trials_have_no_importance(self, tmp_path):
        facts = study_facts(searched(tmp_path, 5), None, tmp_path)
        assert facts.importance == facts.variance == ()
        page = Path(report("s", runs=tmp_path)["report"]["markdown"]).read_text()
        assert "Importances need 10 finished trials, and this study has 5." in page

    def test_two_objectives_have_a_front(self, tmp_path):
        record = searched(tmp_path, 12, wide, space=WIDTHS, more=("parameters",), inputs=10, classes=10)
        front = study_facts(record, None, tmp_path).front
        assert front.x.name == "Parameters"
        assert sum(on for _, _, _, on in front.points) == len(record.front()) > 0
        assert "Accuracy against cost" in Path(report("s", runs=tmp_path)["report"]["markdown"]).read_text()

    def test_constraints_are_told(self, tmp_path):
        record = searched(tmp_path, 12, wide, space=WIDTHS, constraints=("parameters<=200",), inputs=10, classes=10)
        [note] = study_facts(record, None, tmp_path).notes
        assert "parameters<=200" in note

    def test_a_baseline_is_drawn_beside(self, tmp_path):
        searched(tmp_path, 12, sampler="tpe")
        carry_out(plan(12, study="base"), tmp_path, targets.trivial)
        carry_out(plan(3, study="other", objective="validation.loss"), tmp_path, targets.trivial)
        assert set(report("s", runs=tmp_path, baseline="base")["tuning_curves"]) == {"s", "base"}
        with pytest.raises(InputError, match="other is of another objective"):
            report("s", runs=tmp_path, baseline="other")

    def test_workers_are_named_in_order(self, tmp_path):
        facts = study_facts(searched(tmp_path, 4), None, tmp_path)
        assert {trial.worker for trial in facts.trials} == {"worker 1"}

    def test_what_is_not_there_is_said(self, tmp_path):
        with pytest.raises(InputError, match="no study 'nothing'"):
            report("nothing", runs=tmp_path)


def opened():
    return {"event": "opened", "who": "ann@lab", "run": "r" * 32, "config_digest": "c", "data": {"digest": "d"}}


SCORED = {"members": 1, "loss.0": 0.1, "accuracy.0": 0.95}


def test_every_number_of_the_space_is_in_the_dimensions(tmp_path):
    facts = study_facts(searched(tmp_path, 4), None, tmp_path)
    assert [dimension.name for dimension in facts.dimensions] == list(SPACE.dimensions)
    assert facts.dimensions[0].log
    assert facts.dimensions[2].choices == ("relu", "tanh", "sigmoid")
