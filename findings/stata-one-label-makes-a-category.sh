#!/usr/bin/env bash
# Library:   pandas 3.1.1 (read_stata), files of Stata.
# Guess:     a column of numbers of which one code has a label, such as 99 for
#            "refused", stays a column of numbers.
# Behaviour: it becomes an ordered category of every value that occurs, numbers
#            and the label's text side by side; no warning. Numbers alone come
#            with convert_categoricals=False.
# Why the guess is wrong: the labels that Stata keeps are for single values, and
#            surveys label the codes of what was not answered in any column;
#            pandas takes a labelled column for a category as a whole.
# Seen:      ages of 200 people, 99 labelled "refused": a category of 62 values;
#            one-hot it makes 62 features, and select_dtypes("number") leaves the
#            age out.
# For a sweep: the age is no number any more and its order is lost in one-hot
#            features. Read as numbers, 99 is an age: name it as missing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    pandas==3.1.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import numpy as np
import pandas as pd

random = np.random.default_rng(0)
age = random.integers(18, 80, 200).astype("int16")
age[::20] = 99
survey = pd.DataFrame({"age": age, "voted": random.integers(0, 2, 200).astype("int8")})
survey.to_stata("survey.dta", write_index=False, value_labels={"age": {99: "refused"}})

usual = pd.read_stata("survey.dta")
plain = pd.read_stata("survey.dta", convert_categoricals=False)
values = usual["age"].cat.categories
print(f"as usual: {usual['age'].dtype} of {len(values)}: {values[0]!r} to {values[-1]!r}, ordered {usual['age'].cat.ordered}")
print(f"one-hot: {pd.get_dummies(usual[['age']]).shape[1]} features; numbers: {list(usual.select_dtypes('number'))}")
print(f"convert_categoricals=False: {plain['age'].dtype}, the largest {plain['age'].max()}")
assert str(usual["age"].dtype) == "category" and "refused" in values and 18 in values
assert len(values) == len(np.unique(age)) == pd.get_dummies(usual[["age"]]).shape[1]
assert list(usual.select_dtypes("number")) == ["voted"]
assert plain["age"].dtype == np.int16 and plain["age"].max() == 99
PY
