from __future__ import annotations

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from sweeper.config.schema import OPTIMIZERS, Config, Cosine, Dataset, Exponential, Init
from sweeper.config.structure import Companion, companions, graph_steps
from sweeper.errors import InputError
from sweeper.trial import EpochReport, Scores, StepReport, TrialResult, result_from_json, to_json
from tests.train.conftest import run

pytestmark = pytest.mark.tensorflow


def assert_close(ours: Scores, theirs: Scores, rtol=1e-4):
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=rtol, atol=1e-6)
    # One example may fall on the other side of the border by rounding.
    np.testing.assert_allclose(ours.accuracy, theirs.accuracy, atol=0.026)


def test_a_run_learns_and_says_how_it_went(digits):
    config = Config(hidden=(30,), steps=150, log_every=50, dataset=Dataset(name="digits"))
    went = run(digits, [config])
    (result,) = went.results
    assert result.status == "finished"
    assert result.steps == 150
    assert result.train.mean("accuracy") > 0.85
    assert result.validation.mean("accuracy") > 0.8
    right = [np.unpackbits(np.frombuffer(base64.b64decode(bits), np.uint8))[:300] for bits in result.correct]
    assert [bits.mean() for bits in right] == list(result.validation.accuracy)
    assert result.parameters == 64 * 30 + 30 + 30 * 10 + 10
    assert result.data == digits.facts
    assert result.data["classes"]["rows"]["3"] == [
        int(np.sum(each == 3)) for each in (digits.train_labels, digits.validation_labels)
    ]
    assert set(result.versions) == {"python", "tensorflow", "keras", "numpy"}
    assert result.seconds["total"] >= result.seconds["train"] + result.seconds["compile"] > 0
    assert result.models == ()
    assert [r.step for r in went.of(StepReport)] == [50, 100, 150]
    epochs = went.of(EpochReport)
    size = len(digits.train)
    assert [r.step for r in epochs] == [*(-(-k * size // 100) for k in range(1, 150 * 100 // size + 1)), 150]
    assert epochs[-1].validation == replace(result.validation, more={})
    assert set(result.validation.more) == {"balanced_accuracy", "f1_macro", "auc", "log_loss", "calibration"}
    assert epochs[-1].epoch == 150 * 100 / size
    assert epochs[-1].learning_rate == np.float32(0.1)


def test_reports_are_means_over_the_batches_since_the_last(blobs, small):
    fine = run(blobs, [replace(small, log_every=1, validate_every=1)])
    coarse = run(blobs, [replace(small, log_every=5, validate_every=4)])
    losses = [r.train.loss[0] for r in fine.of(StepReport)]
    assert [r.step for r in coarse.of(StepReport)] == [5, 10, 12]
    for report, since in zip(coarse.of(StepReport), (slice(0, 5), slice(5, 10), slice(10, 12)), strict=True):
        np.testing.assert_allclose(report.train.loss[0], np.mean(losses[since]), rtol=1e-6)
    for report, since in zip(coarse.of(EpochReport), (slice(0, 4), slice(4, 8), slice(8, 12)), strict=True):
        np.testing.assert_allclose(report.train.loss[0], np.mean(losses[since]), rtol=1e-6)


def test_the_same_twice_is_the_same_to_the_last_bit(digits):
    config = Config(hidden=(20, 10), steps=60, dropout=0.2, l2=1e-4, repeats=2, dataset=Dataset(name="digits"))
    first, second = (run(digits, [config]) for _ in range(2))
    assert first.results[0].train == second.results[0].train
    assert first.results[0].validation == second.results[0].validation
    assert [r.train for r in first.of(StepReport)] == [r.train for r in second.of(StepReport)]


GROUPS = [
    {"activation": ("tanh", "relu")},
    {"hidden": ()},
    {"hidden": (6,), "loss": "mse", "output_activation": "sigmoid"},
    {"loss": "full_cross_entropy", "batch_size": "full"},
    {"loss": "categorical_hinge", "batch_size": 90, "activation": "selu"},
    {"dropout": (0.1, 0.4)},
    {"dropout": 0.2, "input_dropout": 0.2},
    {"l1": 1e-3, "optimizer": OPTIMIZERS["momentum"](clipnorm=0.3)},
    {"optimizer": OPTIMIZERS["adam"](), "learning_rate": 0.01, "hidden": (4, 5, 6)},
    {"optimizer": OPTIMIZERS["nadam"](name="nadam"), "learning_rate": 0.01},
    {"optimizer": OPTIMIZERS["rmsprop"](momentum=0.5, centered=True), "learning_rate": 0.01},
    {"optimizer": OPTIMIZERS["adamw"](), "learning_rate": 0.01, "steps": None, "epochs": 2.5},
]


@pytest.mark.parametrize("change", GROUPS, ids=str)
def test_a_trial_comes_to_the_same_alone_or_in_a_group(blobs, small, change):
    base = replace(small, **change)
    others = [
        base,
        replace(base, seed=7, repeats=2, learning_rate=base.learning_rate * 2, lr_decay=Cosine(warmup_steps=3)),
        replace(base, l2=0.01, lr_decay=Exponential(rate=0.5, decay_steps=5), init=Init(name="he_normal", bias=0.0)),
        replace(base, dropout=0.3 if base.hidden else 0.0, l1=1e-3, activation="gelu"),
    ]
    together = run(blobs, others)
    for number, config in enumerate(others):
        (alone,) = run(blobs, [config]).results
        grouped = together.results[number]
        assert (grouped.status, grouped.steps, grouped.group) == ("finished", alone.steps, 5)
        assert_close(grouped.train, alone.train)
        assert_close(grouped.validation, alone.validation)


@pytest.mark.parametrize("rates", [(0.0, 0.4), (0.3, 0.3)])
def test_input_dropout_is_the_same_alone_or_in_a_group(blobs, small, rates):
    configs = [replace(small, input_dropout=rate, seed=n) for n, rate in enumerate(rates)]
    for config, grouped in zip(configs, run(blobs, configs).results, strict=True):
        assert_close(grouped.train, run(blobs, [config]).results[0].train)


def test_repeats_are_single_runs_with_seeds_one_after_another(blobs, small):
    (together,) = run(blobs, [replace(small, seed=3, repeats=3)]).results
    assert len(together.validation.loss) == 3
    for member in range(3):
        (alone,) = run(blobs, [replace(small, seed=3 + member)]).results
        np.testing.assert_allclose(together.train.loss[member], alone.train.loss[0], rtol=1e-5)


def test_a_trial_that_diverges_fails_alone_and_names_the_step(blobs, small):
    wild = replace(small, learning_rate=1e30, activation="linear")
    calm = replace(small, activation="linear")
    went = run(blobs, [calm, wild, replace(calm, seed=2)])
    first, failed, last = went.results
    assert failed.status == "failed"
    assert failed.failure.kind == "not_finite"
    assert failed.failure.step == failed.steps > 1
    assert str(failed.failure.step) in failed.failure.message
    assert failed.train is failed.validation is None
    assert went.of(TrialResult, "1") == [failed]
    assert_close(first.train, run(blobs, [calm]).results[0].train)
    assert_close(last.train, run(blobs, [replace(calm, seed=2)]).results[0].train)


def test_weights_that_the_last_step_breaks_are_seen(blobs, small):
    config = replace(small, steps=1, learning_rate=3e38, activation="linear")
    (result,) = run(blobs, [config]).results
    assert (result.status, result.failure.step) == ("failed", 1)


def test_a_stopped_trial_keeps_its_last_validation_and_the_rest_go_on(blobs, small):
    def after_the_first_validation(events):
        return {"0"} if any(isinstance(e, EpochReport) for e in events) else set()

    went = run(blobs, [small, replace(small, seed=1)], stopped=after_the_first_validation)
    stopped, finished = went.results
    assert (stopped.status, stopped.steps) == ("pruned", 6)
    assert stopped.validation == went.of(EpochReport, "0")[-1].validation
    assert stopped.train is None
    assert went.of(TrialResult, "0") == [stopped]
    assert [e.step for e in went.of(EpochReport, "0")] == [6]
    assert (finished.status, finished.steps) == ("finished", 12)


def test_a_group_shrinks_when_that_pays_and_the_rest_go_on_as_they_were(blobs, small, monkeypatch):
    from sweeper.train import group

    monkeypatch.setattr(group, "WORTH", 0.0)
    base = replace(small, optimizer=OPTIMIZERS["nadam"](name="nadam"), learning_rate=0.01, validate_every=5)
    configs = [replace(base, seed=n, repeats=1 + n % 2, dropout=0.1 * n) for n in range(4)]
    gone = {"0": 2, "2": 4, "3": 4}

    def stopped(events):
        latest = max((e.step for e in events if isinstance(e, StepReport)), default=0)
        return {key for key, step in gone.items() if latest >= step}

    shrunk = run(blobs, [replace(c, log_every=2) for c in configs], stopped=stopped)
    whole = run(blobs, [replace(c, log_every=2) for c in configs])
    assert [r.steps for r in shrunk.results] == [2, 12, 4, 4]
    place = shrunk.results[1].place
    assert [(p["members"], p["first"], p["until"]) for p in place["earlier"]] == [(6, 1, 4)]
    assert (place["members"], place["first"]) == (2, 0)
    assert "earlier" not in whole.results[1].place
    assert_close(shrunk.results[1].train, whole.results[1].train)
    for mine, theirs in zip(shrunk.of(EpochReport, "1"), whole.of(EpochReport, "1"), strict=True):
        assert_close(mine.train, theirs.train)
        assert_close(mine.validation, theirs.validation)


@pytest.mark.parametrize("change", [{}, {"dropout": 0.2, "input_dropout": 0.3}])
def test_the_same_places_one_after_the_other_give_the_same_bits(blobs, small, monkeypatch, change):
    from sweeper.train import group

    monkeypatch.setattr(group, "WORTH", 0.0)
    config = replace(small, seed=5, log_every=2, **change)
    kinds = ("relu", "tanh", "relu")
    others = [replace(config, seed=n, repeats=2, dropout=0.1 * n, l2=1e-3, activation=kinds[n]) for n in range(3)]
    group, until = [others[0], config, others[1], others[2]], [2, 0, 8, 4]
    first = run(blobs, group, until=until).results[1]
    assert [p["members"] for p in first.place["earlier"]] == [7, 3]
    before, behind = companions(config, first.place)
    replayed = [*before, Companion(config, 0), *behind]
    again = run(blobs, [c.config for c in replayed], until=[c.until for c in replayed]).results[len(before)]
    assert again.place == first.place
    assert again.weights == first.weights
    assert (again.train, again.validation) == (first.train, first.validation)


def test_a_graph_goes_on_as_xla_and_the_same_again_gives_the_same_bits(blobs, small, monkeypatch):
    from sweeper.train import plan

    monkeypatch.setattr(plan, "XLA_FROM", 1)
    config = replace(small, seed=5, log_every=2, dropout=0.2)
    group, until = [replace(config, seed=1), config, replace(config, seed=2, activation="tanh")], [3, 0, 0]
    first = run(blobs, group, until=until, graph_until=5)
    mine = first.results[1].place
    assert [(one["jit"], one["members"], one["until"]) for one in mine["earlier"]] == [(False, 3, 6)]
    assert (mine["jit"], mine["members"]) == (True, 2)
    assert_close(first.results[1].train, run(blobs, group, until=until).results[1].train)

    graph = graph_steps(mine, 12)
    assert graph == 6
    before, behind = companions(config, mine)
    replayed = [*before, Companion(config, 0), *behind]
    again = run(blobs, [c.config for c in replayed], until=[c.until for c in replayed], graph_until=graph)
    result = again.results[len(before)]
    assert (result.place, result.weights) == (mine, first.results[1].weights)
    assert again.of(EpochReport, str(len(before)))[-1].validation == first.of(EpochReport, "1")[-1].validation


def test_one_that_was_stopped_before_xla_was_a_graph_all_along(blobs, small, monkeypatch):
    from sweeper.train import plan

    monkeypatch.setattr(plan, "XLA_FROM", 1)
    first = run(blobs, [small], until=[4], marks=(4,), graph_until=9).results[0]
    assert (first.place["jit"], graph_steps(first.place, first.steps)) == (False, 4)
    assert graph_steps(run(blobs, [small], until=[4], marks=(4,)).results[0].place, 4) == 0


def test_a_trial_ends_where_it_was_told_to_in_advance(blobs, small):
    went = run(blobs, [replace(small, log_every=1), replace(small, log_every=1, seed=1)], until=[5, 0])
    assert [(r.status, r.steps) for r in went.results] == [("pruned", 5), ("finished", 12)]


def test_a_trial_that_is_told_to_stop_after_its_last_step_has_finished(blobs, small):
    def at_the_end(events):
        return {"0"} if any(isinstance(e, EpochReport) and e.step == 12 for e in events) else set()

    (result,) = run(blobs, [small], stopped=at_the_end).results
    assert (result.status, result.steps) == ("finished", 12)
    assert result.train is not None


def test_a_result_is_plain_values_and_no_numpy(blobs, small):
    (result,) = run(blobs, [small]).results
    assert result_from_json(json.loads(json.dumps(to_json(result)))) == result


def test_marks_are_validated_besides_and_change_nothing(blobs, small):
    plain, marked = run(blobs, [small]), run(blobs, [small], marks=(2, 5, 6, 40))
    assert [e.step for e in plain.of(EpochReport, "0")] == [6, 12]
    assert [e.step for e in marked.of(EpochReport, "0")] == [2, 5, 6, 12]
    assert marked.results[0].weights == plain.results[0].weights
    assert marked.results[0].validation == plain.results[0].validation


def test_when_all_are_stopped_the_training_ends(blobs, small):
    went = run(blobs, [small, replace(small, seed=1)], stopped=lambda _events: {"0", "1", "unknown"})
    assert [(r.status, r.steps, r.validation) for r in went.results] == [("pruned", 4, None)] * 2


def test_a_batch_larger_than_the_data_is_bad_input(blobs, small):
    with pytest.raises(InputError, match="batch_size"):
        run(blobs, [replace(small, batch_size=91)])


@pytest.mark.parametrize(
    "change", [{}, {"dropout": 0.2}, {"input_dropout": 0.3}, {"l2": 1e-3}, {"optimizer": OPTIMIZERS["adam"]()}]
)
def test_the_same_place_beside_other_members_gives_the_same_bits(blobs, small, change):
    config = replace(small, seed=5, repeats=2, **change)
    others = [
        replace(config, repeats=1, dropout=0.4, l2=1e-3, activation=("elu", "tanh")),
        replace(config, input_dropout=0.1, repeats=3, activation=("relu", "gelu")),
    ]
    first = run(blobs, [others[0], config, others[1]]).results[1]
    assert first.place["members"] == first.group == 6
    before, behind = ([one.config for one in some] for some in companions(config, first.place))
    again = run(blobs, [*before, config, *behind]).results[len(before)]
    assert again.place == first.place
    assert again.weights == first.weights
    assert len(set(first.weights)) == 2
    assert (again.train, again.validation) == (first.train, first.validation)


def test_running_out_of_memory_is_told_as_such(blobs, small, monkeypatch):
    from sweeper.train.program import Program
    from sweeper.train.quiet import tf

    def too_much(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating a tensor\nand much more")

    monkeypatch.setattr(Program, "advance", too_much)
    with pytest.raises(MemoryError, match=r"^OOM when allocating a tensor$"):
        run(blobs, [small])


def test_other_weights_have_another_fingerprint(blobs, small):
    weights = {run(blobs, [replace(small, steps=steps)]).results[0].weights for steps in (11, 12)}
    assert len(weights) == 2


def test_a_result_says_what_machine_made_it(blobs, small):
    (result,) = run(blobs, [small]).results
    assert result.machine.keys() == {"cpu", "system", "threads"}
    assert all(result.machine.values())
