#!/usr/bin/env bash
# Library:   scikit-learn 1.9.1 (HalvingGridSearchCV).
# Guess:     as in GridSearchCV, the row of cv_results_ with rank_test_score 1 is
#            the best candidate, and best_score_ is the largest mean_test_score.
# Behaviour: cv_results_ has a row for each candidate and round, ranked together
#            whatever number of examples a round had; best_index_ is of the last
#            round alone. So rank 1 may be a candidate that did well on the few
#            examples of the first round and was dropped since.
# Why the guess is wrong: the table looks the same as that of the other searches,
#            and a score on 63 examples stands beside one on 567 without a mark
#            but for the columns iter and n_resources.
# Seen:      breast cancer, 18 numbers of neighbours: rank 1 is 1 neighbour with
#            0.950 on 63 examples; the search names 4 neighbours, whose row has
#            rank 8 with 0.922 on 567.
# For a sweep: a report that sorts by rank names another winner than the search,
#            and a score that is flattered by the small sample.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1
"$work/venv/bin/python" - <<'PY'
from sklearn.datasets import load_breast_cancer
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV
from sklearn.neighbors import KNeighborsClassifier

grid = {"n_neighbors": list(range(1, 19))}
search = HalvingGridSearchCV(KNeighborsClassifier(), grid, random_state=0)
search.fit(*load_breast_cancer(return_X_y=True))
rows = search.cv_results_
first, named = int(rows["rank_test_score"].argmin()), int(search.best_index_)
for what, row in (("rank 1", first), ("named", named)):
    score, count = rows["mean_test_score"][row], rows["n_resources"][row]
    print(f"{what}: {rows['params'][row]}, {score:.3f} on {count} examples, rank {rows['rank_test_score'][row]}")
assert rows["rank_test_score"][named] > 1
assert rows["params"][first] != search.best_params_
assert rows["n_resources"][first] < rows["n_resources"][named] == max(rows["n_resources"])
assert search.best_score_ < max(rows["mean_test_score"])
PY
