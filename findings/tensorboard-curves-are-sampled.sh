#!/usr/bin/env bash
# Library:   tensorboard 2.21.0 (EventAccumulator).
# Guess:     Scalars(tag) of the accumulator, by which programs read event files,
#            gives every value that was logged.
# Behaviour: it keeps 10,000 values of a tag, drawn at random (always the same
#            ones), and the last. Of a longer curve the others are gone without a
#            word, the best of it among them, if luck has it so.
# Why the guess is wrong: the limit is the viewer's, which needs no more points
#            than a picture shows; it stands in DEFAULT_SIZE_GUIDANCE. With
#            size_guidance={"scalars": 0} all come.
# Seen:      20,000 steps, the accuracy 0.99 at step 3 and 0.5 elsewhere: 10,000
#            values, the largest 0.5; with the option 20,000, the largest 0.99.
# For a sweep: a score that is the best of a curve is read too low in one trial
#            and not in the next: read the whole curve, or log the best.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    tensorboard==2.21.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - 2> log <<'PY' || { cat log >&2; exit 1; }
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

STEPS = 20_000
writer = EventFileWriter("logs")
for step in range(STEPS):
    value = Summary.Value(tag="accuracy", simple_value=0.99 if step == 3 else 0.5)
    writer.add_event(Event(wall_time=1e9 + step, step=step, summary=Summary(value=[value])))
writer.close()


def read(**options):
    events = EventAccumulator("logs", **options)
    events.Reload()
    found = events.Scalars("accuracy")
    return len(found), round(max(one.value for one in found), 2), found[-1].step


usual, whole = read(), read(size_guidance={"scalars": 0})
print(f"values, the largest, the last step: {usual} as usual, {whole} without a limit")
assert usual == (10_000, 0.5, STEPS - 1)
assert whole == (STEPS, 0.99, STEPS - 1)
PY
