from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState

from sweeper.study.converters import SLOT, VOID
from sweeper.study.slots import Slots


def attempt(number, slot, state, **attributes):
    return FrozenTrial(
        number=number,
        state=state,
        value=1.0 if state == TrialState.COMPLETE else None,
        datetime_start=datetime(2024, 6, 7, tzinfo=UTC),
        datetime_complete=None,
        params={},
        distributions={},
        user_attrs={SLOT: slot} | attributes,
        system_attrs={},
        intermediate_values={},
        trial_id=number,
    )


RUNNING, COMPLETE, PRUNED, FAIL = TrialState.RUNNING, TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL


def test_slots_open_in_order_and_fill_up():
    slots = Slots()
    assert slots.open_slot(2) == 0
    slots.update([attempt(0, 0, RUNNING)])
    assert slots.open_slot(2) == 1
    slots.update([attempt(1, 1, RUNNING)])
    assert slots.open_slot(2) is None
    assert set(slots.open) == {0, 1}
    slots.update([attempt(0, 0, COMPLETE), attempt(1, 1, PRUNED)])
    assert (slots.finished, slots.pruned, slots.failed, slots.open) == ({0}, {1}, set(), {})
    assert slots.open_slot(2) is None


def test_a_gap_is_filled_first():
    slots = Slots()
    slots.update([attempt(0, 0, COMPLETE), attempt(1, 2, COMPLETE)])
    assert slots.open_slot(4) == 1
    slots.update([attempt(2, 1, RUNNING)])
    assert slots.open_slot(4) == 3


def test_of_two_attempts_at_a_slot_the_first_has_it():
    slots = Slots()
    first, second = attempt(4, 0, RUNNING), attempt(5, 0, RUNNING)
    slots.update([second, first])
    assert slots.owns(first)
    assert not slots.owns(second)
    slots.update([attempt(5, 0, FAIL, **{VOID: True})])
    assert set(slots.open) == {4}
    assert slots.failed == set()


def test_a_failed_attempt_keeps_its_slot():
    slots = Slots()
    slots.update([attempt(0, 0, FAIL)])
    assert slots.failed == {0}
    assert slots.open_slot(1) is None


def test_trials_of_other_programs_do_not_count():
    slots = Slots()
    foreign = attempt(0, 0, COMPLETE)
    foreign.user_attrs.clear()
    slots.update([foreign])
    assert slots == Slots()


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([COMPLETE, PRUNED, FAIL, RUNNING])), max_size=12))
def test_what_is_known_does_not_depend_on_how_it_was_learnt(ends):
    trials = [attempt(number, slot, state) for number, (slot, state) in enumerate(ends)]
    at_once, bit_by_bit = Slots(), Slots()
    at_once.update(trials)
    for trial in trials:
        bit_by_bit.update([attempt(trial.number, trial.user_attrs[SLOT], RUNNING)])
        bit_by_bit.update([trial])
        bit_by_bit.update([trial])
    assert at_once.finished == bit_by_bit.finished
    assert at_once.failed == bit_by_bit.failed
    assert set(at_once.open) == set(bit_by_bit.open)
    taken = {slot for slot, _ in ends}
    expected = next((slot for slot in range(6) if slot not in taken), None)
    assert at_once.open_slot(6) == bit_by_bit.open_slot(6) == expected
