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
from sweeper.statistics.collapse import Collapses, collapsed, collapses, unseen
from sweeper.statistics.crossed import (
    difference_over_seeds_and_examples,
    gap_change_over_seeds_and_examples,
    gap_over_seeds_and_examples,
    seeds_and_examples,
    seeds_and_examples_from_means,
    shared_part,
)
from sweeper.statistics.failures import Shared, shared_by_failures
from sweeper.statistics.folds import fold_interval
from sweeper.statistics.importance import Importance, importance_uncertainty
from sweeper.statistics.improvement import Improvement, probability_of_improvement
from sweeper.statistics.interim import level_of
from sweeper.statistics.intervals import Interval, spread, t_interval, wilson
from sweeper.statistics.multiple import Ranking, compare_all, holm, rank
from sweeper.statistics.paired import PairVerdict, analyses_of, paired, rescaled
from sweeper.statistics.proportions import McNemar, mcnemar, newcombe_paired
from sweeper.statistics.racing import Dropped, Race, race
from sweeper.statistics.search_luck import search_luck
from sweeper.statistics.selection import interval_of_best, selection_bias
from sweeper.statistics.summary import Summary, summary, summary_of_scores
from sweeper.statistics.tables import ByExample, by_example, difference_of_tables, mean_of_table
from sweeper.statistics.tuning_curve import TuningCurve, expected_best, tuning_curve, validity
from sweeper.statistics.verdict import MARGIN, Verdict, judge, repeats_likely, repeats_needed

__all__ = [
    "MARGIN",
    "ByExample",
    "Caution",
    "Collapses",
    "Dropped",
    "Importance",
    "Improvement",
    "Interval",
    "McNemar",
    "PairVerdict",
    "Race",
    "Ranking",
    "Shared",
    "Summary",
    "TuningCurve",
    "Verdict",
    "analyses_of",
    "best_on_edge",
    "by_example",
    "collapsed",
    "collapses",
    "compare_all",
    "difference_of_tables",
    "difference_over_seeds_and_examples",
    "expected_best",
    "fold_interval",
    "gap_change_over_seeds_and_examples",
    "gap_over_seeds_and_examples",
    "holm",
    "importance_uncertainty",
    "interval_of_best",
    "judge",
    "level_of",
    "many_failed",
    "mcnemar",
    "mean_of_table",
    "newcombe_paired",
    "paired",
    "probability_of_improvement",
    "quantile_ranks",
    "race",
    "rank",
    "repeats_likely",
    "repeats_needed",
    "rescaled",
    "search_luck",
    "seeds_and_examples",
    "seeds_and_examples_from_means",
    "selection_bias",
    "shared_by_failures",
    "shared_part",
    "spread",
    "spread_hides_leaders",
    "summary",
    "summary_of_scores",
    "t_interval",
    "too_few_trials",
    "tuning_curve",
    "unseen",
    "validation_too_small",
    "validity",
    "wilson",
]
