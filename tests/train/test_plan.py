from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sweeper.config.schema import Config, batch_size, total_steps
from sweeper.train.plan import CAPACITY, stretches


def test_full_batch_is_the_training_split():
    assert batch_size(Config(batch_size="full"), 55_000) == 55_000
    assert batch_size(Config(), 55_000) == 100


def test_epochs_become_the_first_whole_number_of_steps_that_covers_them():
    def steps(epochs: float, size: int) -> int:
        return total_steps(Config(steps=None, epochs=epochs), size)

    assert steps(2, 55_000) == 1100
    assert steps(1, 101) == 2
    assert steps(0.5, 1000) == 5
    assert steps(0.001, 1000) == 1
    assert steps(0.1, 55_000) == 55


def test_steps_are_taken_as_they_are():
    assert total_steps(Config(steps=7), 55_000) == 7


def test_the_tutorials_run_reports_every_100_steps_and_validates_every_epoch():
    plan = list(stretches(Config(), 55_000))
    assert [s.stop for s in plan if s.report] == list(range(100, 5001, 100))
    assert [s.stop for s in plan if s.validate] == [*range(550, 5000, 550), 5000]


configs = st.builds(
    Config,
    batch_size=st.one_of(st.just("full"), st.integers(1, 60)),
    steps=st.integers(1, 400),
    log_every=st.integers(1, 500),
    validate_every=st.integers(0, 150),
)


def test_marks_are_validations_wherever_the_run_goes_on():
    config = Config(batch_size=64, steps=5000)
    plain = {s.stop for s in stretches(config, 55_000) if s.validate}
    for start in (0, 186, 400):
        marked = {s.stop for s in stretches(config, 55_000, start, (186, 558, 6000)) if s.validate}
        assert marked == {step for step in plain | {186, 558} if step > start}


@given(configs, st.integers(60, 300), st.integers(0, 399))
def test_stretches_cover_every_step_once_from_wherever_they_start(config, size, start):
    plan = list(stretches(config, size, start))
    assert [s for stretch in plan for s in range(stretch.start, stretch.stop)] == list(range(start, config.steps or 0))
    assert all(0 < s.stop - s.start <= CAPACITY for s in plan)
    if plan:
        assert plan[-1].report
        assert plan[-1].validate


@given(configs, st.integers(60, 300))
def test_validations_come_when_they_are_due(config, size):
    validated = {s.stop for s in stretches(config, size) if s.validate}
    total = config.steps or 0
    if config.validate_every:
        due = set(range(config.validate_every, total, config.validate_every))
    else:
        batch = batch_size(config, size)
        # The last step of an epoch is the first after which all of its examples have been seen.
        due = {step for step in range(1, total) if step * batch // size > (step - 1) * batch // size}
    assert validated == due | {total}


def test_the_driver_knows_how_many_steps_go_by_until_a_trial_stops():
    from sweeper.study.dispatch import LATE

    assert LATE == CAPACITY


def test_short_epochs_validate_after_as_many_as_take_the_fewest_steps():
    def validations(**keys) -> list[int]:
        return [s.stop for s in stretches(Config(**keys), 119) if s.validate]

    assert len(validations(batch_size=64, steps=5000)) == 2689  # each epoch is 1.86 steps
    floor = validations(batch_size=64, steps=5000, validate_min_steps=50)
    assert floor[:3] == [51, 101, 151]  # the ends of epochs 27, 54 and 81
    assert len(floor) == 100
    assert floor[-1] == 5000
    assert validations(batch_size="full", steps=120, validate_min_steps=50) == [50, 100, 120]
    assert validations(batch_size=64, steps=30, validate_every=7, validate_min_steps=50) == [7, 14, 21, 28, 30]


def test_an_epoch_of_more_steps_is_as_it_was():
    assert list(stretches(Config(validate_min_steps=50), 55_000)) == list(stretches(Config(), 55_000))
