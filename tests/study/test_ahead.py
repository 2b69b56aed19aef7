"""How far ahead a sampler that learns is asked, by whether what it gives forms groups."""

from __future__ import annotations

import pytest

from sweeper.config.space import Choice, Float, Int, Space
from sweeper.study.scheduler import AT_ONCE
from sweeper.study.slots import Attempts
from sweeper.trial import Scores, TrialResult
from sweeper.workers.inline import InlinePool
from tests.study.helpers import carry_out, plan


@pytest.mark.parametrize(
    ("width", "ahead"), [(Int(2, 2000), 2), (Choice(("[5]", "[9]")), 12)], ids=["each its own", "two structures"]
)
def test_trials_that_form_no_groups_are_not_asked_far_ahead(tmp_path, width, ahead):
    """A sampler that is asked for a quarter of the sweep at once learns of none of it."""
    waiting, ended = [], 0

    def target(group, report, stopped):
        nonlocal ended
        for spec in group:
            waiting.append(int(spec.key.rpartition("/")[2]) - ended)
            ended += 1
            scored = Scores((0.1,), (0.9,))
            yield TrialResult(spec.key, "finished", 5, scored, scored)

    name = "hidden.0" if isinstance(width, Int) else "hidden"
    dimensions = {name: width, "learning_rate": Float(0.01, 1.0, log=True)}
    if isinstance(width, Int):
        dimensions = {"hidden.depth": Int(1, 1)} | dimensions
    space = Space(dimensions, base={"steps": 5})
    asked = plan(48, space=space, sampler="tpe", group_limit=16)
    carry_out(asked, tmp_path, lambda *args: list(target(*args)))
    assert max(waiting[24:]) <= ahead


class ManyWorkers(InlinePool):
    """It says that it has many; how many trials it was given when they ran."""

    size = 1000

    @property
    def free_workers(self):
        return self.size


def test_the_first_of_many_workers_do_not_wait_for_the_groups_of_all_others(tmp_path):
    asked, at_first = [], []
    begin = Attempts.begin

    def count(attempts, slots):
        asked.append(slots)
        return begin(attempts, slots)

    def target(group, report, stopped):
        at_first.append(len(asked))
        scored = Scores((0.1,), (0.9,))
        return [TrialResult(spec.key, "finished", 5, scored, scored) for spec in group]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Attempts, "begin", count)
        outcome, _ = carry_out(plan(300), tmp_path, target, pool=ManyWorkers(target))
    assert outcome.counts.finished == 300
    assert at_first[0] == AT_ONCE < 300
