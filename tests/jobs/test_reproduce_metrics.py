"""What else than loss and accuracy is compared when a run is reproduced."""

from sweeper.jobs.reproduce import _of_scores
from sweeper.trial import Scores


def test_a_further_metric_that_is_not_the_same_is_named():
    then = Scores((0.5, 0.4), (), {"rmse": (2.0, 3.0), "mae": (1.0, 1.5)})
    now = Scores((0.5, 0.4), (), {"rmse": (2.0, 3.25), "mae": (1.0, 1.5)})
    [row] = _of_scores("final validation", then, now)
    assert row == {"what": "final validation rmse of member 1", "recorded": 3.0, "now": 3.25}
    assert not list(_of_scores("final validation", then, then))


def test_a_metric_that_was_not_recorded_then_is_no_difference():
    then = Scores((0.5,), (0.9,))
    now = Scores((0.5,), (0.9,), {"auc": (0.8,)})
    assert not list(_of_scores("final validation", then, now))


def test_a_metric_that_is_not_computed_any_more_is_one():
    then = Scores((0.5,), (0.9,), {"auc": (0.8,)})
    [row] = _of_scores("final validation", then, Scores((0.5,), (0.9,)))
    assert (row["recorded"], row["now"]) == (0.8, None)
