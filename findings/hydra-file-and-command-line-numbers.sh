#!/usr/bin/env bash
# Library:   hydra-core 1.3.8, omegaconf 2.3.1.
# Guess:     `key: VALUE` in a config file and `key=VALUE` on the command line
#            are read by the same rules.
# Behaviour: files are YAML 1.1 (OmegaConf's loader), the command line has a
#            grammar of its own. Leading zeros, hexadecimal, binary, base sixty
#            and yes/no/on/off are numbers and booleans in a file and words on
#            the command line; nan and inf are the other way round.
# Why the guess is wrong: both agree on what one tries first: 1, 0.1, 1e-3,
#            true, null, 1_000.
# Seen:      010 -> 8 or '010'; 0x10 -> 16 or '0x10'; 1:30 -> 90 or '1:30';
#            0b11 -> 3 or '0b11'; on -> True or 'on'; nan -> 'nan' or nan.
# For a sweep: a setting copied from a command into a config file trains
#            something else (`seed: 010` is seed 8), and a time or a ratio
#            written as 1:30 becomes ninety.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    hydra-core==1.3.8 omegaconf==2.3.1
cd "$work"
"$work/venv/bin/python" - <<'PY'
from hydra import compose, initialize_config_dir
from pathlib import Path

WORDS = ["010", "0x10", "0b11", "1:30", "on", "nan", "inf", "1", "0.1", "1e-3", "true", "null", "1_000"]
folder = Path("conf").resolve()
folder.mkdir()
folder.joinpath("base.yaml").write_text("".join(f"k{i}: {word}\n" for i, word in enumerate(WORDS)))
with initialize_config_dir(str(folder), version_base="1.3"):
    in_file = compose("base")
    on_line = compose("base", overrides=[f"k{i}={word}" for i, word in enumerate(WORDS)])
pairs = {word: (repr(in_file[f"k{i}"]), repr(on_line[f"k{i}"])) for i, word in enumerate(WORDS)}
for word, (file, line) in pairs.items():
    print(f"{word:6} file {file:8} command line {line:8} {'' if file == line else 'DIFFERENT'}")

assert pairs["010"] == ("8", "'010'")
assert pairs["0x10"] == ("16", "'0x10'")
assert pairs["0b11"] == ("3", "'0b11'")
assert pairs["1:30"] == ("90", "'1:30'")
assert pairs["on"] == ("True", "'on'")
assert pairs["nan"] == ("'nan'", "nan") and pairs["inf"] == ("'inf'", "inf")
assert all(file == line for file, line in list(pairs.values())[7:])
PY
