"""Work for pools that needs no TensorFlow. Found by worker processes through the path that conftest adds."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

from sweeper.checkpoint import About, Checkpoint, SavedTrial, write
from sweeper.errors import InputError
from sweeper.trial import EpochReport, Failure, Scores, StepReport, TrialResult

STEPS = 5


def score(config):
    """A smooth function of the configuration, with its best at a learning rate of 0.3."""
    return round(max(0.0, 1.0 - abs(config["learning_rate"] - 0.3) - 0.1 * config.get("dropout", 0.0)), 12)


def trivial(group, report, stopped, *, pause=0.0, steps=STEPS):
    """Learns a little each step; answers each trial with its score."""
    live = {spec.key: spec for spec in group}
    done = []
    for step in range(1, steps + 1):
        time.sleep(pause)
        for key, spec in list(live.items()):
            value = score(spec.config) * step / steps
            report(StepReport(key, step, steps, _scores(value), 0.01 * step))
            report(EpochReport(key, step, float(step), _scores(value), _scores(value), 0.1, 0.01 * step))
            if key in stopped():
                done.append(_result(spec, "pruned", step, value, group))
                del live[key]
    return done + [_result(spec, "finished", steps, score(spec.config), group) for spec in live.values()]


def saving(group, report, stopped):
    """Like ``trivial``, with a file for each model."""
    for spec in group:
        Path(spec.model_dir).mkdir(parents=True)
        Path(spec.model_dir, "model.keras").write_text("weights")
    done = trivial(group, report, stopped)
    folders = {spec.key: spec.model_dir for spec in group}
    return [replace(result, models=(f"{folders[result.key]}/model.keras",)) for result in done]


def diverging(group, report, stopped, *, above=0.5):
    """Like ``trivial``, but a learning rate above some value ends in a failure."""
    bad = [spec for spec in group if spec.config["learning_rate"] > above]
    good = [spec for spec in group if spec not in bad]
    failed = [
        TrialResult(spec.key, "failed", steps=3, failure=Failure("diverged", f"the loss was nan at step {3}", 3))
        for spec in bad
    ]
    return failed + list(trivial(good, report, stopped))


def raising(group, report, stopped):
    """Fails each time in the same way."""
    raise RuntimeError(f"no such file, says process {os.getpid()}")


def changed_data(group, report, stopped):
    """From the third trial on, the data are others."""
    for each in group:
        if int(each.key.split("/")[1]) > 1:
            raise InputError("x.npy was changed while it was read", key="dataset.path")
    return trivial(group, report, stopped)


def fussy(group, report, stopped, *, above=0.5):
    """A learning rate above some value spoils its whole group."""
    if any(spec.config["learning_rate"] > above for spec in group):
        raise ValueError("too fast")
    return trivial(group, report, stopped)


def deadly(group, report, stopped, *, code=3, above=0.5):
    """A learning rate above some value takes the worker with it."""
    if any(spec.config["learning_rate"] > above for spec in group):
        os._exit(code)
    return trivial(group, report, stopped)


def hanging(group, report, stopped, *, above=0.5):
    """A learning rate above some value never comes back."""
    if any(spec.config["learning_rate"] > above for spec in group):
        time.sleep(3600)
    return trivial(group, report, stopped)


def signalled(group, report, stopped):
    """The worker is killed by somebody else, once: a file says that it was."""
    mark = Path(os.environ["SWEEPER_TEST_MARK"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), 9)
    return trivial(group, report, stopped)


def lost_after_a_checkpoint(group, report, stopped, *, number=9):
    """The first time: writes a checkpoint at step 2, stops its first trial at step 3, and ends with its worker.

    After that it says whom it was given. Signal 0 stands for a fault of its own.
    """
    mark = Path(os.environ["SWEEPER_TEST_MARK"])
    path = Path(group[0].checkpoint)
    if mark.exists():
        line = [[spec.key, spec.until, path.exists()] for spec in group]
        with mark.open("a") as file:
            file.write(json.dumps(line) + "\n")
        return [_result(spec, "finished", STEPS, score(spec.config), group) for spec in group]
    mark.touch()
    saved = tuple(SavedTrial(spec.key, spec.config, running=True) for spec in group)
    write(path, Checkpoint(About(2, saved, {}, {}, {}, jit=False), {}))
    report(_result(group[0], "pruned", 3, 0.5, group))
    if not number:
        os._exit(3)
    os.kill(os.getpid(), number)
    raise AssertionError("it was to be killed")


def marked(group, report, stopped, *, mark):
    """Like ``lost_after_a_checkpoint``, with its file given; and it dies of a fault of its own."""
    os.environ["SWEEPER_TEST_MARK"] = mark
    for spec in group:
        Path(spec.checkpoint).parent.mkdir(parents=True, exist_ok=True)
    report(StepReport(group[0].key, 1, STEPS, _scores(0.1), 0.1))
    return lost_after_a_checkpoint(group, _but_results(report), stopped, number=0)


def _but_results(report):
    return lambda event: None if isinstance(event, TrialResult) else report(event)


def greedy(group, report, stopped):
    """Wants more memory than there is."""
    block = bytearray(1 << 40)
    return trivial(group, report, stopped) if block else []


def free_workers(group, report, stopped):
    """Takes more and more memory, a megabyte at a time."""
    held = []
    while len(held) < 4096:
        held.append(bytearray(1 << 20))
    return trivial(group, report, stopped)


def crashing(group, report, stopped):
    """Dies of a fault of its own."""
    os.kill(os.getpid(), 11)


def half_done(group, report, stopped):
    """Answers for the first trial and dies."""
    report(_result(group[0], "finished", STEPS, score(group[0].config), group))
    os._exit(1)


def talkative(group, report, stopped):
    """Prints, as a library might."""
    print("hello from a worker", flush=True)
    return trivial(group, report, stopped)


def threads(group, report, stopped):
    """Says what it was told of threads."""
    told = (os.environ[name] for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"))
    raise RuntimeError(" ".join(told))


def surroundings(group, report, stopped):
    """Says where this worker stands, on standard error as well."""
    umask = os.umask(0)
    os.umask(umask)
    told = f"{os.environ.get('MINE')} {os.environ.get('ONCE')} {Path.cwd().name} {umask:o}"
    print(told, flush=True)
    raise RuntimeError(told)


def folder_of_output(group, report, stopped):
    """Says where output goes."""
    raise RuntimeError(os.environ["SWEEPER_RUNS"])


def place(group, report, stopped, *, pause=0.0):
    """Says which place among the workers this one has, which GPUs it may see, and how nice it is."""
    time.sleep(pause)
    gpus = os.environ.get("CUDA_VISIBLE_DEVICES")
    raise RuntimeError(f"place {os.environ.get('SWEEPER_PLACE')} gpus {gpus} nice {os.nice(0)}")


def _scores(value):
    return Scores((1.0 - value,), (value,))


def _result(spec, status, steps, value, group):
    return TrialResult(
        spec.key,
        status,
        steps=steps,
        train=_scores(value) if status == "finished" else None,
        validation=_scores(value),
        seconds={"total": 0.02, "train": 0.01, "compile": 0.0},
        group=len(group),
        parameters=10,
        data={"name": "digits", "digest": "d", "sizes": {}},
    )


_LEFT: list[bytes] = []


def leaking(group, report, stopped, *, size):
    """Like ``trivial``, and so many bytes are never freed; the first group of a process loads as many."""
    _LEFT.append(os.urandom(4096) * (size // 4096))
    return trivial(group, report, stopped)
