"""The leaders of a search on fresh seeds: raced, named, and remembered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sweeper.config.space import Choice, Space
from sweeper.errors import InterruptedRunError
from sweeper.jobs.confirm.affordable import affordable
from sweeper.jobs.confirm.confirm import confirm
from sweeper.jobs.confirm.confirmation import candidates, confirmation, fresh
from sweeper.jobs.confirm.seeds import PLANNED, rounds
from sweeper.jobs.shared.subjects import winner
from sweeper.questions.ask.prepare import FRESH
from sweeper.statistics.racing import FIRST_LOOK
from sweeper.study.driver import tune
from sweeper.study.plan import Plan
from sweeper.study.seeds import MOST_SEEDS
from sweeper.study.session import Session
from sweeper.study.study_record import load_study
from sweeper.tracking.memory import MemoryTracker
from sweeper.trial import EpochReport, Failure, Scores, TrialResult
from sweeper.workers.inline import InlinePool

DATA = {"name": "digits", "digest": "d", "sizes": {"train": 1000, "validation": 5000, "test": 20}}
WIDTHS = ("[2]", "[4]", "[8]", "[16]")


class World:
    """Networks of four widths, whose accuracy is `truth`, plus luck by seed; the search's seed is 0."""

    def __init__(self, runs, truth, luck=None, spread=0.001, objective="validation.accuracy", failing=()):
        self.runs, self.truth, self.luck, self.spread = runs, truth, luck or {}, spread
        self.failing, self.trained = failing, []
        space = Space({"hidden": Choice(WIDTHS)}, base={"steps": 5})
        self.plan = Plan("s", len(WIDTHS), DATA, space=space, sampler="grid", objective=objective)
        self.tracker = MemoryTracker()

    def target(self, group, report, stopped):
        return [self.result(spec) for spec in group]

    def result(self, spec):
        width, seed = spec.config["hidden"][0], spec.config["seed"]
        self.trained.append((width, seed))
        assert spec.config["batch_seed"] == seed
        if (width, seed) in self.failing:
            return TrialResult(spec.key, "failed", failure=Failure("diverged", "the loss is not finite", 3))
        draw = np.random.default_rng([width, seed]).normal() * self.spread
        value = self.truth[width] + (self.luck.get(width, 0.0) if seed == 0 else draw)
        scored = Scores((1 - value,), (value,))
        return TrialResult(spec.key, "finished", 5, scored, scored, parameters=100 * width)

    def search(self):
        with InlinePool(self.target) as pool:
            tune(self.plan, Session(self.runs, pool, self.tracker))
        return self

    def confirm(self, count=3, **more):
        with InlinePool(self.target) as pool:
            return confirm(self.plan, count, Session(self.runs, pool, self.tracker), **more)

    @property
    def record(self):
        return load_study(self.runs, "s")

    def number(self, width):
        return next(s.number for s in self.record.trials if s.config["hidden"] == [width])


TRUTH = {2: 0.80, 4: 0.90, 8: 0.95, 16: 0.93}


def test_the_lucky_one_is_found_out(tmp_path):
    world = World(tmp_path, TRUTH, luck={4: 0.06}).search()
    assert world.record.leaders(1)[0].number == world.number(4)
    found = world.confirm()
    assert found.winner == world.number(8)
    assert [one.number for one in found.trials] == [world.number(width) for width in (8, 16, 4)]
    best = found.trials[0]
    assert best.interval.low < 0.95 < best.interval.high
    assert (best.standing, len(best.points)) == ("best", PLANNED)
    lucky = found.trials[-1]
    assert lucky.original == pytest.approx(0.96)
    assert lucky.value == pytest.approx(0.90, abs=0.003)
    assert f"Best: trial {found.winner}, " in found.sentence
    assert winner("s", tmp_path) == found.winner


def test_losers_drop_out_as_soon_as_they_cannot_win(tmp_path):
    world = World(tmp_path, TRUTH).search()
    found = world.confirm()
    assert {one.standing for one in found.trials[1:]} == {"dropped after 3 seeds"}
    again = [width for width, seed in world.trained if seed >= FRESH]
    assert {width: again.count(width) for width in set(again)} == {8: PLANNED, 16: 3, 4: 3}


def test_seeds_are_fresh_and_shared(tmp_path):
    world = World(tmp_path, TRUTH).search()
    world.confirm()
    seeds = {seed for _, seed in world.trained}
    assert seeds == {0, *range(FRESH, FRESH + PLANNED)}


def test_a_seed_of_the_search_is_not_fresh(tmp_path):
    world = World(tmp_path, TRUTH)
    space = replace(world.plan.space, base={"steps": 5, "seed": FRESH + 1, "batch_seed": FRESH + 1})
    world.plan = replace(world.plan, space=space)
    world.search()
    assert FRESH + 1 not in fresh(candidates(world.record, 3))
    assert len(fresh(candidates(world.record, 3))) == PLANNED


def test_three_that_are_tied_name_the_smallest(tmp_path):
    world = World(
        tmp_path, dict.fromkeys((2, 4, 8, 16), 0.95), luck={16: 0.01, 8: 0.009, 4: 0.008}, spread=3e-4
    ).search()
    found = world.confirm()
    assert found.tied
    assert set(found.tied) == {world.number(width) for width in (4, 8, 16)}
    assert found.winner == world.number(4)
    others = " and ".join(str(world.number(width)) for width in (16, 8))
    assert found.sentence.startswith(f"Best: trial {world.number(4)}, ")
    assert f"Trials {others} are tied with it, and it is the smallest." in found.sentence
    assert {one.standing for one in found.trials} == {"highest mean", "tied with the best"}


def test_what_few_seeds_cannot_tell_is_undecided(tmp_path):
    world = World(tmp_path, TRUTH | {16: 0.945}, spread=0.006).search()
    found = world.confirm(2)
    assert found.undecided
    assert found.sentence.startswith(f"Best: trial {found.winner}, ")
    other = found.trials[1].number
    assert found.telling > PLANNED
    assert f"Trial {other} may be as good; `--confirm 2 --repeats {found.telling}` would tell." in found.sentence
    assert found.trials[0].standing == "highest mean"
    assert found.trials[1].standing == "undecided"


def test_asked_for_more_seeds_it_goes_on_and_tells(tmp_path):
    world = World(tmp_path, TRUTH | {16: 0.94}, spread=0.006).search()
    first = world.confirm(2)
    assert first.undecided
    trained = len(world.trained)
    again = world.confirm(2, repeats=first.telling)
    more = world.trained[trained:]
    assert len(more) == len(set(more)) <= 2 * (first.telling - PLANNED)
    assert again.study == first.study
    assert (again.undecided, again.winner, again.telling) == ((), world.number(8), None)
    assert confirmation(tmp_path, world.record) == again
    trained = len(world.trained)
    assert world.confirm(2) == again  # as many as before
    assert world.confirm(2, repeats=4) == again  # what was trained counts
    assert len(world.trained) == trained


def test_who_had_dropped_out_may_come_back(tmp_path):
    """More looks are planned, so that each may err less often."""
    world = World(tmp_path, TRUTH, spread=0.004).search()
    first = world.confirm()
    dropped = {one.number: len(one.points) for one in first.trials if one.standing.startswith("dropped")}
    assert dropped
    again = world.confirm(repeats=40)
    assert again.winner == first.winner
    assert len(world.trained) < 4 + 3 * 40  # who is beaten, or alone, does not go on to the end
    points = {one.number: len(one.points) for one in again.trials}
    assert all(points[number] >= count for number, count in dropped.items())
    assert confirmation(tmp_path, world.record) == again


def test_beyond_reason_nothing_is_promised(tmp_path):
    found = World(tmp_path, TRUTH | {16: 0.949}, spread=0.2).search().confirm(2)
    assert (found.undecided, found.telling) == ((found.undecided[0],), None)
    assert f"even {MOST_SEEDS} seeds might not tell" in found.sentence


def test_the_same_again_trains_nothing_and_says_the_same(tmp_path):
    world = World(tmp_path, TRUTH).search()
    first = world.confirm()
    trained = len(world.trained)
    assert world.confirm() == first
    assert confirmation(tmp_path, world.record) == first
    assert len(world.trained) == trained


def test_other_leaders_are_another_confirmation(tmp_path):
    world = World(tmp_path, TRUTH).search()
    first = world.confirm(2)
    assert world.confirm(3).study != first.study
    assert confirmation(tmp_path, world.record).study != first.study


def test_a_candidate_that_fails_on_a_fresh_seed_is_out(tmp_path):
    world = World(tmp_path, TRUTH, failing={(8, FRESH + 1)}).search()
    found = world.confirm()
    assert found.winner == world.number(16)
    assert found.trials[-1].standing == "failed on a fresh seed"
    assert found.trials[-1].interval is None


def test_losses_are_made_small(tmp_path):
    world = World(tmp_path, TRUTH, objective="validation.loss").search()
    found = world.confirm()
    assert found.winner == world.number(8)
    assert found.trials[0].value == pytest.approx(0.05, abs=0.003)


def test_one_alone_gets_an_interval(tmp_path):
    world = World(tmp_path, TRUTH).search()
    found = world.confirm(1)
    assert len(found.trials[0].points) == PLANNED
    assert found.trials[0].standing == "best"


def test_nothing_finished_is_nothing_to_confirm(tmp_path):
    world = World(tmp_path, TRUTH, failing={(width, 0) for width in TRUTH})
    world.search()
    assert world.confirm() is None
    assert confirmation(tmp_path, world.record) is None


def test_interrupted_it_goes_on(tmp_path):
    import os
    import signal

    world = World(tmp_path, TRUTH).search()

    def interrupt(group, report, stopped):
        for spec in group:
            if len(world.trained) == len(WIDTHS) + 4:
                os.kill(os.getpid(), signal.SIGINT)
            scored = Scores((0.1,), (0.9,))
            report(EpochReport(spec.key, 1, 1.0, scored, scored, 0.1, 0.1))
        return world.target(group, report, stopped)

    with InlinePool(interrupt) as pool, pytest.raises(InterruptedRunError):
        confirm(world.plan, 3, Session(tmp_path, pool, world.tracker))
    assert world.confirm().winner == world.number(8)
    again = [each for each in world.trained if each[1] >= FRESH]
    assert len(again) <= 3 * PLANNED


def test_killed_when_its_study_was_made_and_bound_to_nothing_yet_it_begins(tmp_path, monkeypatch):
    def killed(*_):
        raise SystemExit

    world = World(tmp_path, TRUTH).search()
    with monkeypatch.context() as when:
        when.setattr("sweeper.study.opening._bind", killed)
        with pytest.raises(SystemExit):
            world.confirm()
    assert world.confirm().winner == world.number(8)


def test_without_time_what_is_there_is_said(tmp_path):
    world = World(tmp_path, TRUTH).search()
    found = world.confirm(timeout=0.0)
    assert found is None or found.repeats < PLANNED


def test_what_was_dropped_late_does_not_change_what_the_same_again_asks_for(tmp_path):
    """Two go on after three seeds, and after five one of them is dropped, too."""
    world = World(tmp_path, TRUTH | {16: 0.94}, spread=0.003).search()
    first = world.confirm()
    assert "dropped after 5 seeds" in {one.standing for one in first.trials}
    again = [width for width, seed in world.trained if seed >= FRESH]
    assert again.count(16) > 3
    assert world.confirm() == first


def test_the_winners_interval_is_over_seeds_and_examples_which_also_chose_it(tmp_path):
    world = World(tmp_path, TRUTH).search()
    best = world.confirm().trials[0]
    assert (best.interval.over, best.interval.examples, best.interval.chosen_on) == (
        "seeds and examples",
        5000,
        "validation",
    )
    assert "chosen of 4" in best.interval.method
    assert best.interval.half_width > 2 * best.over_seeds.half_width
    sentence = world.confirm().sentence
    assert sentence.startswith(f"Best: trial {best.number}, ")
    assert "over seeds and validation examples (5,000), which also chose it; " in sentence
    assert "5 good runs do not exclude that up to 45% of runs collapse." in sentence
    assert (best.collapses.seen, best.collapses.runs) == (0, 5)


class Timed(World):
    """The same, where each training takes a second."""

    def result(self, spec):
        return replace(super().result(spec), seconds={"total": 1.0, "train": 1.0, "compile": 0.0})


@pytest.mark.parametrize(
    ("share", "leaders", "seeds"), [(0.25, 1, 3), (1.5, 2, 3), (2.25, 3, 3), (3.0, 3, 4), (3.7, 3, 4), (9.0, 3, 5)]
)
def test_what_a_share_of_the_searchs_time_pays_for(tmp_path, share, leaders, seeds):
    world = Timed(tmp_path, TRUTH | {16: 0.949, 4: 0.948}, spread=0.02).search()
    assert affordable(world.record, candidates(world.record, 3), share) == (leaders, seeds)
    found = world.confirm(share=share)
    again = [width for width, seed in world.trained if seed >= FRESH]
    assert {again.count(width) for width in set(again)} == {seeds}
    assert (len(found.trials), found.repeats) == (leaders, seeds)
    assert f"over {seeds} fresh seeds" in found.sentence
    trained = len(world.trained)
    assert world.confirm(share=share) == found == confirmation(tmp_path, world.record)
    assert len(world.trained) == trained


def test_a_trial_that_took_anothers_result_cost_nothing_and_a_group_shares_its_time(tmp_path):
    world = Timed(tmp_path, TRUTH).search()
    record = world.record
    first, *others = record.trials
    shared = replace(first, result=replace(first.result, group=4))
    found = candidates(record, 1)
    assert affordable(record, found, 0.7) == (1, 3)
    assert affordable(record, found, 1.0) == (1, 4)
    assert affordable(replace(record, trials=(shared, *others)), found, 1.25) == (1, 4)
    assert affordable(replace(record, trials=(replace(first, same_as=2), *others)), found, 1.25) == (1, 3)


def test_who_asks_for_more_gets_all_seeds(tmp_path):
    world = Timed(tmp_path, TRUTH | {16: 0.949, 4: 0.948}, spread=0.02).search()
    short = world.confirm(share=0.25)
    full = world.confirm()
    assert (len(short.trials), len(full.trials), full.repeats) == (1, 3, PLANNED)
    assert confirmation(tmp_path, world.record) == full


def test_it_is_asked_again_and_again_who_goes_on():
    assert [rounds(most) for most in (3, 4, 5, 12, 40)] == [[3], [3, 4], [3, 5], [3, 5, 10, 12], [3, 5, 10, 20, 40]]
    assert rounds(50)[0] == FIRST_LOOK
