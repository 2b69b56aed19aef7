import numpy as np
import pytest

from sweeper.report import figures
from sweeper.report.facts import LOSS, Estimate, Measure, TrialRow, best_trial
from sweeper.report.figures.gantt import LANE, bars
from sweeper.report.figures.style import BLUE, FAINT, STATE_COLOURS


def _line(axes, label):
    return next(line for line in axes.lines if line.get_label() == label)


def _legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_history_shows_the_best_so_far_of_finished_trials_only():
    scores = [("finished", 0.90), ("pruned", 0.99), ("finished", 0.95), ("failed", None), ("finished", 0.93)]
    trials = [TrialRow(number, state, score) for number, (state, score) in enumerate(scores)]
    (axes,) = figures.history(trials).axes
    assert _line(axes, "best so far").get_ydata() == pytest.approx([90, 95, 95, 95])
    assert _legend(axes) == ["finished (3)", "pruned (1)", "failed (1)", "best so far"]
    assert "trial 2: 95.00%" in {text.get_text() for text in axes.texts}


def test_history_of_a_loss_falls():
    trials = [TrialRow(0, "finished", 0.5), TrialRow(1, "finished", 0.3), TrialRow(2, "finished", 0.4)]
    (axes,) = figures.history(trials, measure=LOSS).axes
    assert _line(axes, "best so far").get_ydata().tolist() == [0.5, 0.3, 0.3, 0.3]
    assert axes.get_ylabel() == "Validation loss"


def test_history_draws_failed_trials_at_the_worse_edge_and_says_how_many_lie_beyond():
    trials = [TrialRow(n, "finished", 0.97 + n / 1000) for n in range(6)]
    trials += [TrialRow(6, "finished", 0.1), TrialRow(7, "failed", None), TrialRow(8, "failed", float("nan"))]
    (axes,) = figures.history(trials).axes
    bottom = axes.get_ylim()[0]
    failed = next(c for c in axes.collections if c.get_label() == "failed (2)")
    assert failed.get_offsets()[:, 1].tolist() == [bottom, bottom]
    assert any(text.get_text().startswith("1 below") for text in axes.texts)


@pytest.mark.parametrize("trials", [[], [TrialRow(0, "failed", None)], [TrialRow(3, "pruned", 0.5)]])
def test_history_of_next_to_nothing(trials):
    assert figures.png(figures.history(trials))


def test_best_trial_is_the_earliest_of_equals_and_never_a_pruned_one():
    trials = [TrialRow(0, "pruned", 0.99), TrialRow(2, "finished", 0.9), TrialRow(1, "finished", 0.9)]
    assert best_trial(trials).number == 1
    assert best_trial(trials[:1]) is None
    assert best_trial([TrialRow(0, "finished", float("nan")), *trials]).number == 1


def test_importance_has_the_largest_on_top_with_its_interval_and_the_evaluator():
    found = [Estimate("small", 0.1), Estimate("large", 0.7, 0.5, 0.8), Estimate("middle", 0.2)]
    (axes,) = figures.importance(found, evaluator="PED-ANOVA").axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["small", "middle", "large"]
    assert [bar.get_width() for bar in axes.patches] == [0.1, 0.2, 0.7]
    assert [list(line.get_xdata()) for line in axes.lines] == [[0.5, 0.8]]
    assert "PED-ANOVA" in axes.get_xlabel()


def test_pareto_joins_and_names_the_front():
    points = [("a", 1e3, 0.9, True), ("b", 1e4, 0.95, True), ("c", 2e4, 0.94, False)]
    (axes,) = figures.pareto(points, x=Measure("Parameters", percent=False, maximize=False)).axes
    assert axes.get_xscale() == "log"
    assert axes.lines[0].get_xdata() == pytest.approx([1e3, 1e4])
    assert {text.get_text() for text in axes.texts} == {"a", "b"}
    assert [c.get_facecolor()[0][:3].tolist() for c in axes.collections] == [
        pytest.approx([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for colour in (FAINT, BLUE)
    ]


def test_pareto_drops_names_that_would_overlap():
    crowd = [(f"a long name {n}", 1e3 + n, 0.95 + n * 1e-5, True) for n in range(10)]
    crowd.append(("far", 1e5, 0.99, True))
    (axes,) = figures.pareto(crowd, x=Measure("Parameters", percent=False, maximize=False)).axes
    assert 2 <= len(axes.texts) < 10
    assert {"far", "a long name 9"} <= {text.get_text() for text in axes.texts}


def _overlap(a, b):
    in_time = a.start < b.start + b.seconds - 1e-9 and b.start < a.start + a.seconds - 1e-9
    in_row = a.top < b.top + b.height - 1e-9 and b.top < a.top + a.height - 1e-9
    return in_time and in_row


def test_timing_never_lays_one_trial_over_another():
    rng = np.random.default_rng(0)
    begun = rng.uniform(0, 20, 60)
    trials = [
        TrialRow(n, "finished", 0.9, started=float(s), ended=float(s + rng.uniform(0.1, 5)), worker=f"w{n % 2}")
        for n, s in enumerate(begun)
    ]
    placed = bars(trials, ["w0", "w1"])
    assert len(placed) == 60
    assert not any(_overlap(a, b) for i, a in enumerate(placed) for b in placed[:i])
    for bar in placed:
        lane = int(bar.trial.worker[1])
        assert lane - LANE / 2 - 1e-9 <= bar.top
        assert bar.top + bar.height <= lane + LANE / 2 + 1e-9


def test_timing_of_one_after_another_fills_the_row():
    trials = [TrialRow(n, "finished", 0.9, started=10.0 + n, ended=11.0 + n, worker="w") for n in range(3)]
    assert [(bar.start, bar.seconds, bar.height) for bar in bars(trials, ["w"])] == [
        (0, 1, LANE),
        (1, 1, LANE),
        (2, 1, LANE),
    ]


def test_timing_names_workers_states_and_seconds(trials):
    (axes,) = figures.timing(trials).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["worker 0", "worker 1"]
    assert _legend(axes) == ["finished", "pruned", "failed"]
    assert "Seconds" in axes.get_xlabel()
    assert set(STATE_COLOURS) == {"finished", "pruned", "failed"}


def test_timing_without_any_times():
    assert figures.png(figures.timing([TrialRow(0, "failed", None)]))
