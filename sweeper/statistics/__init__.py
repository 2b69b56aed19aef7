"""Statistics for honest results: pure functions on numbers, each naming its method and its source.

Which method where, and how each was checked: docs/explanation/statistics.md and verdicts.md.
"""

from sweeper.statistics.bands import quantile_ranks
from sweeper.statistics.cautions import (
    Caution,
    best_on_edge,
    many_failed,
    spread_hides_leaders,
    too_few_trials,
    validation_too_small,
)
from sweeper.statistics.crossed import (
    difference_over_seeds_and_examples,
    seeds_and_examples,
    seeds_and_examples_from_means,
    shared_part,
)
from sweeper.statistics.failures import Shared, shared_by_failures
from sweeper.statistics.importance import Importance, importance_uncertainty
from sweeper.statistics.improvement import (
    Improvement,
    probability_of_improvement,
    probability_of_improvement_unpaired,
)
from sweeper.statistics.intervals import Interval, bootstrap_interval, t_interval, wilson
from sweeper.statistics.multiple import Ranking, compare_all, holm, rank
from sweeper.statistics.paired import PairVerdict, paired, unpaired
from sweeper.statistics.proportions import McNemar, mcnemar, newcombe, newcombe_paired
from sweeper.statistics.racing import Dropped, Race, race
from sweeper.statistics.selection import (
    Flattery,
    accuracy_noise,
    expected_maximum,
    interval_of_best,
    selection_bias,
)
from sweeper.statistics.tuning_curve import TuningCurve, expected_best, tuning_curve, validity
from sweeper.statistics.verdict import MARGIN, Verdict, judge, repeats_needed, repeats_to_settle

__all__ = [
    "MARGIN",
    "Caution",
    "Dropped",
    "Flattery",
    "Importance",
    "Improvement",
    "Interval",
    "McNemar",
    "PairVerdict",
    "Race",
    "Ranking",
    "Shared",
    "TuningCurve",
    "Verdict",
    "accuracy_noise",
    "best_on_edge",
    "bootstrap_interval",
    "compare_all",
    "difference_over_seeds_and_examples",
    "expected_best",
    "expected_maximum",
    "holm",
    "importance_uncertainty",
    "interval_of_best",
    "judge",
    "many_failed",
    "mcnemar",
    "newcombe",
    "newcombe_paired",
    "paired",
    "probability_of_improvement",
    "probability_of_improvement_unpaired",
    "quantile_ranks",
    "race",
    "rank",
    "repeats_needed",
    "repeats_to_settle",
    "seeds_and_examples",
    "seeds_and_examples_from_means",
    "selection_bias",
    "shared_by_failures",
    "shared_part",
    "spread_hides_leaders",
    "t_interval",
    "too_few_trials",
    "tuning_curve",
    "unpaired",
    "validation_too_small",
    "validity",
    "wilson",
]
