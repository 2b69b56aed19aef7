#!/usr/bin/env bash
# Library:   ray 2.60.0 (ray.init(log_to_driver=..., logging_level=...)).
# Guess:     with log_to_driver=False and logging_level="CRITICAL" a driver's
#            standard output has what the driver prints, and nothing else.
# Behaviour: when a worker's process is killed, a message about it is printed to
#            the driver's standard output, in a thread of Ray's, at any moment.
# Why the guess is wrong: log_to_driver is about what workers print, and the
#            level about Ray's logger; messages of the node's manager are
#            neither, and go through print().
# Seen:      a driver that prints one JSON document, and two actors that are lost
#            to SIGKILL: more lines before the document, which begin with
#            "(raylet)". With RAY_DEDUP_LOGS_SKIP_REGEX=. and the same settings
#            the document alone.
# For a sweep: the output of `tool --json` cannot be parsed once a worker died,
#            and only then.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq \
    "ray==2.60.0"
cd "$work"
export RAY_USAGE_STATS_ENABLED=0
cat > driver.py <<'PY'
import json
import os
import signal
import time

import ray

ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="CRITICAL")


@ray.remote
class Worker:
    def pid(self):
        return os.getpid()


for _ in range(2):
    worker = Worker.remote()
    os.kill(ray.get(worker.pid.remote()), signal.SIGKILL)
    time.sleep(3)
ray.shutdown()
print(json.dumps({"best": 0.9}))
PY
"$work/venv/bin/python" -W ignore driver.py 2>log >out || { tail -n 5 log >&2; exit 1; }
RAY_DEDUP_LOGS_SKIP_REGEX=. "$work/venv/bin/python" -W ignore driver.py 2>log >quiet || { tail -n 5 log >&2; exit 1; }
echo "standard output: $(wc -l <out) lines, of which $(grep -c raylet out || true) of Ray; the first:"
head -n 1 out | cut -c 1-100
echo "with the regular expression: $(wc -l <quiet) lines"
grep -q raylet out
tail -n 1 out | grep -q '"best"'
