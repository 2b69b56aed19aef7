"""A study's beginning, where most can go wrong: killed, with a full disk, and by several drivers at once.

The long forms: ``SWEEPER_BEGINNINGS=50`` kills and ``SWEEPER_TOGETHER=100`` rounds of four drivers.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

BEGINNING = Path(__file__).with_name("beginning.py")
KILLS = int(os.environ.get("SWEEPER_BEGINNINGS", "5"))
ROUNDS = int(os.environ.get("SWEEPER_TOGETHER", "4"))
TRIALS = 4


def rounds(kind, folder, count, seed=1):
    command = [sys.executable, str(BEGINNING), kind, str(folder), str(count), str(seed)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60 + 60 * count, check=False)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_a_study_whose_creation_is_killed_is_begun_by_the_same_command(tmp_path):
    found = rounds("killed", tmp_path, KILLS)
    assert len(found) == KILLS
    for each in found:
        (first, _), (second, said) = each["ends"]
        assert first in {-signal.SIGKILL, 0}
        assert (second, said) == (0, "")
        assert len(each["trials"]) == TRIALS
        assert len({json.dumps(values) for values in each["trials"]}) == TRIALS
    assert sum(each["ends"][0][0] != 0 for each in found) >= KILLS / 2  # most of them were killed in time
    print(f"\n{KILLS} kills, after which there was: {sorted({tuple(each['known']) for each in found})}")


def test_four_drivers_begin_a_study_together_and_none_dies(tmp_path):
    found = rounds("together", tmp_path, ROUNDS)
    assert len(found) == ROUNDS
    for each in found:
        assert each["ends"] == [[0, ""]] * 4
        assert len(each["trials"]) == TRIALS
        assert len({json.dumps(values) for values in each["trials"]}) == TRIALS
