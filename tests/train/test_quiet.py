from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.tensorflow


def test_importing_training_and_saving_say_nothing_and_threads_are_settable(tmp_path):
    script = """
import sys
from sweeper.train.quiet import tf, threads
threads(1)
threads(1)
assert tf.config.threading.get_inter_op_parallelism_threads() == 1
import numpy as np
from sweeper.config.schema import Config
from sweeper.data.split import Split
from sweeper.trial import TrialSpec
from sweeper.train.loop import train
x, y = np.random.rand(30, 4).astype("f"), np.arange(30) % 3
split = Split("s", "0", x, y, x, y, ("a", "b", "c"), (4,), 0)
config = Config(hidden=(3,), batch_size=10, steps=3)
(result,) = train([TrialSpec("t", config.to_dict(), model_dir=sys.argv[1])], split, lambda e: None, lambda: ())
assert result.status == "finished", result
from sweeper.train.quiet import OPTIONAL
assert not {*OPTIONAL} & {*sys.modules}
import pandas, scipy.stats
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "KERAS"))}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False, env=environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_standard_error_comes_back_after_a_failure():
    from sweeper.train.quiet import muted

    before = os.fstat(2)
    with pytest.raises(ZeroDivisionError), muted():
        os.write(2, b"%d" % (1 // int(os.path.samestat(os.fstat(2), before))))
    assert os.path.samestat(os.fstat(2), before)
