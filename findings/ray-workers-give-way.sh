#!/usr/bin/env bash
# Library:   ray 2.60.0 (worker processes, RAY_worker_niceness).
# Guess:     a task with num_cpus=1 computes as fast as the same function in a
#            process of one's own.
# Behaviour: worker processes run at niceness 15 (added to the driver's). Of a
#            core that another busy program wants they get a thirtieth.
# Why the guess is wrong: on an idle machine both take equally long; num_cpus
#            counts what is scheduled, it reserves nothing; and the niceness is
#            a setting of Ray's node, not of the task.
# Seen:      niceness 15 in a task of a driver of niceness 0. On a core shared with
#            a busy loop, on a machine with other work besides, the task had
#            0.9 % of the core, and 9.6 % with RAY_worker_niceness=0.
# For a sweep: on a machine that does other things, too, trials on Ray take many
#            times as long as in processes, and run into time limits.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq \
    "ray==2.60.0"
cd "$work"
export RAY_USAGE_STATS_ENABLED=0
cat > driver.py <<'PY'
import os
import subprocess
import sys
import time

import ray

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="CRITICAL")
CORE = min(os.sched_getaffinity(0))
BUSY = f"import os\nos.sched_setaffinity(0, {{{CORE}}})\nprint(flush=True)\nwhile True: pass"


@ray.remote
def work(seconds):
    os.sched_setaffinity(0, {CORE})
    began, used = time.monotonic(), time.process_time()
    while time.monotonic() < began + seconds:
        pass
    return os.nice(0), (time.process_time() - used) / (time.monotonic() - began)


ray.get(work.remote(0.1))
other = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE)
other.stdout.readline()
niceness, share = ray.get(work.remote(5.0))
other.kill()
ray.shutdown()
print(niceness - os.nice(0), round(share, 3))
PY
read -r nice share < <("$work/venv/bin/python" -W ignore driver.py 2>log || tail -n 5 log >&2)
read -r nice0 share0 < <(RAY_worker_niceness=0 "$work/venv/bin/python" -W ignore driver.py 2>log || tail -n 5 log >&2)
echo "as it comes: niceness $nice more than the driver's, $share of a core beside a busy program"
echo "RAY_worker_niceness=0: $nice0 more, $share0 of the core"
test "$nice" = 15
test "$nice0" = 0
awk "BEGIN { exit !($share0 > 3 * $share) }"
