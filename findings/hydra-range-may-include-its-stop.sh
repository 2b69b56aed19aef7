#!/usr/bin/env bash
# Library:   hydra-core 1.3.8, omegaconf 2.3.1 (sweep grammar, `range` with a
#            fractional step).
# Guess:     range(start,stop,step) stops before `stop`, as in Python, and
#            holds the decimal numbers one would write down.
# Behaviour: the binary values of start and step are summed exactly, compared
#            with the stop, and rounded to a float afterwards. Where the exact
#            sum lies a hair below the stop, the rounded one is the stop.
# Why the guess is wrong: whole-number ranges do exactly what Python does, and
#            range(0,1,0.1) does leave 1.0 out.
# Seen:      range(0.1,1.0,0.3) is 0.1 0.4 0.7 1.0 and range(1.0,1.3,0.1) ends
#            with 1.3, while range(0.2,0.8,0.2) ends with 0.6000000000000001
#            and range(0,1,0.1) holds 0.7000000000000001.
# For a sweep: a grid is one run longer than planned, at a value that was
#            excluded, and its 0.7 is not equal to the 0.7 of another sweep.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    hydra-core==1.3.8 omegaconf==2.3.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
from hydra.core.override_parser.overrides_parser import OverridesParser

parser = OverridesParser.create()


def values(start, stop, step):
    override = parser.parse_overrides([f"x=range({start},{stop},{step})"])[0]
    found = [float(value) for value in override.sweep_iterator()]
    print(f"range({start},{stop},{step}): {found}")
    return found


assert values(0.1, 1.0, 0.3) == [0.1, 0.4, 0.7, 1.0]
assert values(1.0, 1.3, 0.1)[-1] == 1.3
assert values(0.2, 0.8, 0.2) == [0.2, 0.4, 0.6000000000000001]
tenths = values(0, 1, 0.1)
assert tenths[-1] == 0.9 and 0.7 not in tenths and 0.7000000000000001 in tenths
PY
