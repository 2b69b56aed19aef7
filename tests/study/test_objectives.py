from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.config.checks import parameters
from sweeper.config.schema import Config
from sweeper.config.space import Choice, Float, Space
from sweeper.errors import InputError
from sweeper.study.objectives import constraint, front, measured, violations
from sweeper.study.plan import Past
from sweeper.study.study_record import load_study
from sweeper.trial import EpochReport, Scores, TrialResult
from tests.study.helpers import SPACE, carry_out, plan

WIDTHS = Space(
    {"hidden": Choice(("[2]", "[8]", "[64]")), "learning_rate": Float(0.01, 1.0, log=True)}, base={"steps": 5}
)
SIZES = {2: 52, 8: 178, 64: 1354}
"""Parameters of 10 features, one hidden layer, 10 classes."""

trained = []


def wide(group, report, stopped):
    """The wider the better, and the slower."""
    found = []
    for spec in group:
        width = spec.config["hidden"][0]
        trained.append(width)
        scored = Scores((1 / width,), (1 - 1 / width,))
        report(EpochReport(spec.key, 5, 1.0, scored, scored, 0.1, 0.1))
        seconds = {"train": width / 10 * len(group)}
        size = parameters(Config(hidden=(width,)), 10, 10)
        found.append(TrialResult(spec.key, "finished", 5, scored, scored, seconds, len(group), parameters=size))
    return found


@pytest.fixture(autouse=True)
def forget():
    trained.clear()


def search(tmp_path, trials=20, **more):
    asked = plan(trials, space=WIDTHS, inputs=10, classes=10, **more)
    return carry_out(asked, tmp_path, wide)[0], load_study(tmp_path, "s")


class TestOfNumbers:
    @pytest.mark.parametrize("hidden", [(), (3,), (50, 30)])
    def test_parameters_are_weights_and_biases(self, hidden):
        widths = [784, *hidden, 10]
        expected = sum(a * b + b for a, b in pairwise(widths))
        assert parameters(Config(hidden=hidden), 784, 10) == expected

    def test_the_tutorials_network_has_41_090(self):
        assert parameters(Config(), 784, 10) == 41_090

    def test_seconds_are_a_share_of_the_groups(self):
        result = TrialResult("k", "finished", seconds={"train": 8.0}, group=16)
        assert measured("seconds", result, 2) == 1.0
        assert measured("seconds", replace(result, group=1), 2) == 8.0
        assert measured("seconds", TrialResult("k", "pruned")) is None
        assert measured("parameters", None) is None

    @pytest.mark.parametrize(
        ("text", "kept", "missed"), [("parameters<=100", 100, 101), ("validation.accuracy >= 0.9", 0.9, 0.89)]
    )
    def test_a_constraint_is_kept_at_its_limit(self, text, kept, missed):
        one = constraint(text)
        assert one.violation(kept) <= 0 < one.violation(missed)

    @pytest.mark.parametrize("text", ["parameters<100", "size<=3", "parameters<=many", "", "seconds", "seconds<=1<=2"])
    def test_what_is_no_constraint_is_refused(self, text):
        with pytest.raises(InputError, match=r"constraint|number"):
            constraint(text)

    def test_what_is_not_known_is_not_missed(self):
        both = [constraint("parameters<=100"), constraint("seconds<=1")]
        assert violations(both, TrialResult("k", "pruned", parameters=150)) == {"parameters<=100": 0.5}

    @given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
    def test_the_front_is_optunas(self, values):
        study = optuna.create_study(directions=["maximize", "minimize"], sampler=optuna.samplers.RandomSampler(seed=0))
        study.add_trials([optuna.trial.create_trial(values=list(map(float, pair))) for pair in values])
        expected = sorted(trial.number for trial in study.best_trials)
        assert front(dict(enumerate(values)), [True, False]) == expected


class TestTheSearch:
    @pytest.mark.parametrize("sampler", ["tpe", "random", "qmc"])
    def test_two_objectives_give_a_front(self, tmp_path, sampler):
        outcome, record = search(tmp_path, sampler=sampler, more=("parameters",))
        assert outcome.counts.finished == 20
        assert record.objectives == ("validation.accuracy", "parameters")
        on_front = {record.trials[number].config["hidden"][0] for number in record.front()}
        assert on_front == {trial.config["hidden"][0] for trial in record.trials}
        points = record.points()
        assert all(points[n][1] == SIZES[record.trials[n].config["hidden"][0]] for n in points)
        assert outcome.best.score == max(point[0] for point in points.values())
        assert outcome.importance

    def test_a_trial_that_is_too_large_is_never_trained(self, tmp_path):
        outcome, record = search(tmp_path, constraints=("parameters<=200",))
        assert 64 not in trained
        assert outcome.counts.finished + outcome.counts.pruned == 20
        assert outcome.counts.pruned == sum(s.config["hidden"] == [64] for s in record.trials) > 0
        assert outcome.best.score == 1 - 1 / 8
        large = next(trial for trial in record.trials if trial.config["hidden"] == [64])
        assert large.result.parameters == 1354
        assert not record.feasible(large)

    def test_what_shows_only_afterwards_is_not_the_best(self, tmp_path):
        outcome, record = search(tmp_path, constraints=("seconds<=1",), group_limit=1)
        assert 64 in trained
        assert outcome.counts.finished == 20
        assert {trial.result.parameters for trial in outcome.top} <= {52, 178}
        assert outcome.top == record.leaders(10)
        assert outcome.best.result.parameters == 178

    def test_tpe_learns_where_the_constraint_is_kept(self, tmp_path):
        _, record = search(tmp_path, 60, sampler="tpe", constraints=("parameters<=60",))
        late = [trial.config["hidden"] for trial in record.trials[30:]]
        assert late.count([2]) > len(late) / 2

    def test_a_study_is_bound_to_its_objectives_and_constraints(self, tmp_path):
        search(tmp_path, 4, more=("parameters",), constraints=("seconds<=9",))
        for change in ({}, {"more": ("parameters",)}, {"more": ("seconds",), "constraints": ("seconds<=9",)}):
            with pytest.raises(InputError, match=r"another (objective|constraints)"):
                search(tmp_path, 4, **change)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"more": ("size",)}, "no objective 'size'"),
            ({"more": ("validation.accuracy",)}, "given twice"),
            ({"more": ("parameters",), "sampler": "cmaes"}, "cmaes is for one objective"),
            ({"objective": "parameters"}, "first objective is parameters"),
            ({"constraints": ("parameters",)}, "not a constraint"),
        ],
    )
    def test_what_cannot_be_searched_for_is_refused(self, tmp_path, change, message):
        with pytest.raises(InputError, match=message):
            search(tmp_path, 4, **change)
        assert not list(tmp_path.rglob("*.db"))


class TestThePast:
    PAST = tuple(
        Past(
            f"before:{n}",
            {"hidden": ("[2]", "[8]", "[64]")[n % 3], "learning_rate": 0.3},
            (0.9 if n % 3 == 1 else 0.1,),
        )
        for n in range(24)
    )

    @pytest.mark.parametrize(("past", "least", "most"), [(PAST, 8, 12), ((), 0, 7)])
    def test_a_sampler_that_learns_knows_it(self, tmp_path, past, least, most):
        firsts = [search(tmp_path / str(s), 1, sampler="tpe", seed=s, past=past)[1].trials[0] for s in range(12)]
        assert least <= sum(trial.config["hidden"] == [8] for trial in firsts) <= most

    def test_it_is_no_trial_of_this_study(self, tmp_path):
        outcome, record = search(tmp_path, 5, sampler="tpe", past=self.PAST)
        assert outcome.counts.finished == 5
        assert [trial.number for trial in record.trials] == [24, 25, 26, 27, 28]
        assert len(outcome.top) == 5
        again, record = search(tmp_path, 7, sampler="tpe", past=self.PAST[:5])
        assert again.counts.finished == len(record.trials) == 7

    LARGE_IS_GOOD = tuple(
        Past(
            f"before:{n}",
            {"hidden": ("[2]", "[8]", "[64]")[n % 3], "learning_rate": 0.3},
            ((0.5, 0.6, 0.9)[n % 3],),
            {"parameters<=200": ((52, 178, 1354)[n % 3] - 200) / 200},
        )
        for n in range(24)
    )

    def test_a_sampler_knows_which_of_it_miss_a_new_constraint(self, tmp_path):
        def too_large(past, runs):
            asked = {"sampler": "tpe", "past": past, "constraints": ("parameters<=200",)}
            firsts = [search(runs / str(seed), 1, seed=seed, **asked)[1].trials[0] for seed in range(12)]
            return sum(trial.config["hidden"] == [64] for trial in firsts)

        forgetful = tuple(replace(one, violations={}) for one in self.LARGE_IS_GOOD)
        assert too_large(self.LARGE_IS_GOOD, tmp_path / "known") <= 2
        assert too_large(forgetful, tmp_path / "unknown") >= 8  # Optuna takes them as ones that keep it

    def test_it_stays_out_of_the_importances(self, tmp_path):
        outcome, _ = search(tmp_path, 5, sampler="tpe", past=self.PAST)
        assert outcome.importance == ()
        assert outcome.no_importance == (
            "importances need 10 finished trials, and this study has 5; 24 of an earlier study do not count"
        )

    def test_a_study_is_bound_to_the_earlier_one(self, tmp_path):
        search(tmp_path, 2, sampler="tpe", past=self.PAST)
        with pytest.raises(InputError, match="another earlier study: before, not"):
            search(tmp_path, 3, sampler="tpe")


def test_one_objective_without_constraints_is_as_it_was(tmp_path):
    asked = plan(6, space=SPACE)
    outcome, _ = carry_out(asked, tmp_path, lambda group, report, stopped: [done(spec) for spec in group])
    assert load_study(tmp_path, "s").facts["objective"] == "validation.accuracy"
    assert outcome.top == load_study(tmp_path, "s").leaders(10)


def done(spec):
    scored = Scores((0.5,), (spec.config["learning_rate"],))
    return TrialResult(spec.key, "finished", 5, scored, scored)
