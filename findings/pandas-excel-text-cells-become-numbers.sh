#!/usr/bin/env bash
# Library:   pandas 3.1.1 (read_excel) with openpyxl 3.1.5.
# Guess:     a workbook says of each cell whether it holds text or a number, and
#            dtype=object, or the default, keeps what it says.
# Behaviour: cells of text that look like numbers become numbers: "01", "1" and
#            "001" are all 1. With dtype=object these stay texts, but the texts
#            "NA", "None" and "null" are missing still; keep_default_na=False makes
#            them texts and turns empty cells into "" unless na_values='' is given.
# Why the guess is wrong: the cells' types are read, and then the sheet goes through
#            the parser of CSV files, which guesses the types anew.
# Seen:      three classes of text cells come back as one number, and a class "NA"
#            as missing labels.
# For a sweep: classes are merged or lost before anything is trained:
#            read_excel(path, dtype=object, keep_default_na=False, na_values='')
#            and then infer_objects().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    pandas==3.1.1 numpy==2.4.6 openpyxl==3.1.5
cd "$work"
"$work/venv/bin/python" - <<'PY'
import openpyxl
import pandas as pd

table = pd.DataFrame({"kind": ["01", "1", "001"], "land": ["NA", "None", "DE"], "size": [1.5, None, 2.5]})
table.to_excel("table.xlsx", index=False)
sheet = openpyxl.load_workbook("table.xlsx").active
typed = {column[0].value: [cell.data_type for cell in column[1:]] for column in sheet.iter_cols(max_col=2)}
print(f"cells in the file: {typed}")
assert all(kind == "s" for kinds in typed.values() for kind in kinds)

usual = pd.read_excel("table.xlsx")
objects = pd.read_excel("table.xlsx", dtype=object)
kept = pd.read_excel("table.xlsx", dtype=object, keep_default_na=False, na_values="").infer_objects()
for name, read in (("as usual", usual), ("dtype=object", objects), ("with na_values, too", kept)):
    print(f"{name}: kind {read['kind'].tolist()}, land {read['land'].tolist()}")
assert usual["kind"].tolist() == [1, 1, 1] and usual["land"].isna().sum() == 2
assert objects["kind"].tolist() == table["kind"].tolist() and objects["land"].isna().sum() == 2
pd.testing.assert_frame_equal(kept, table, check_dtype=False)
assert kept["size"].dtype == float
PY
