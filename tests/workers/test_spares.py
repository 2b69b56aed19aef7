"""Workers of a warm server that wait for the next driver: who gets them, how they stand then, and how they end."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from multiprocessing import Pipe
from pathlib import Path

import pytest
import targets
import warming
from helpers import alive, drain, results, spec
from helpers import until as until_within

from sweeper.jobs import warm as job
from sweeper.system.warm.standing import standing
from sweeper.workers import pools, worker_main
from sweeper.workers.pools import PoolOptions
from sweeper.workers.spare import may_stand
from sweeper.workers.worker_main import LARGEST, ROOM

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs SO_PEERCRED and pidfd")
ONE = PoolOptions(size=1, target=targets.trivial)
until = partial(until_within, timeout=30.0)

DRIVER = """
import sys, time
sys.path.insert(0, sys.argv[1])
import helpers, targets
from sweeper.workers import pools
from sweeper.workers.pools import PoolOptions

with pools.lend_pool(PoolOptions(size=1, target=targets.trivial)) as pool:
    pool.submit([helpers.spec(0)])
    helpers.drain(pool, 1)
    helpers.until(lambda: pool.pids)
    print(pool.server_pid, *pool.pids, flush=True)
    time.sleep(float(sys.argv[2]))
"""


def drive(options=ONE, *, groups=1, wrong=None, **config):
    """A driver's whole work; the process ids of its workers, and their results."""
    with pools.lend_pool(options) as pool:
        for number in range(groups):
            pool.submit([spec(number, **config)])
        found = results(drain(pool, groups))
        pids = born(pool)
        if wrong:
            raise wrong
    return pids, found


def born(pool):
    """The process ids of all its workers; one that waited may have done its work before it is said to be there."""
    until(lambda: len(pool.pids) == pool.size)
    return list(pool.pids)


def spares():
    return [one["pid"] for one in job.status()["spares"]]


def driver(seconds):
    """A driver in a process of its own, which ends so many seconds after its work."""
    command = [sys.executable, "-c", DRIVER, str(Path(targets.__file__).parent), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_the_next_driver_is_given_the_worker_of_the_last_one_and_status_names_it(warm):
    pids, _ = drive()
    assert spares() == pids
    assert job.status()["spares"][0]["memory"] > 1e6
    assert job.status()["in_use"] == 0
    for _ in range(3):
        again, found = drive()
        assert again == pids
        assert found["s/0"].status == "finished"
        assert found["s/0"].worker == str(pids[0])


def test_it_stands_where_the_next_driver_stands(warm, tmp_path, monkeypatch, capfd):
    options = replace(ONE, target=targets.surroundings)
    seen = []
    for name, umask in (("first", 0o027), ("second", 0o077)):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        monkeypatch.setenv("MINE", name)
        monkeypatch.setenv("ONCE", "1") if name == "first" else monkeypatch.delenv("ONCE")
        before = os.umask(umask)
        try:
            seen.append(drive(options))
        finally:
            os.umask(before)
    (one, first), (other, second) = seen
    assert one == other
    said = [found["s/0"].failure.message for found in (first, second)]
    assert said == ["first 1 first 27", "second None second 77"]
    assert capfd.readouterr() == ("", "".join(f"{line}\n" for line in said))


def test_its_threads_stay_what_they_were(warm):
    for _ in range(2):
        _, found = drive(replace(ONE, target=targets.threads, threads=3))
        assert found["s/0"].failure.message == "3 3 3"


def test_while_it_waits_it_holds_no_folder_no_terminal_and_goes_first(warm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (pid,), _ = drive()
    for one in (pid, int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])):
        place = Path(f"/proc/{one}")
        until(lambda place=place: (place / "oom_score_adj").read_text() == "900\n")
        until(lambda place=place: all((place / "fd" / n).readlink() == Path(os.devnull) for n in "012"))
        assert (place / "cwd").readlink() == Path("/")
    with pools.lend_pool(ONE) as pool:
        pool.submit([spec(0)])
        drain(pool, 1)
        assert born(pool) == [pid]
        assert Path(f"/proc/{pid}/oom_score_adj").read_text() == Path("/proc/self/oom_score_adj").read_text()


def test_other_threads_another_target_and_other_code_do_without_it(warm, monkeypatch):
    for options in (replace(ONE, threads=2), replace(ONE, target=targets.talkative), replace(ONE, memory=2**31)):
        pids, _ = drive()
        others, found = drive(options)
        assert found["s/0"].status == "finished"
        assert set(others).isdisjoint(pids)
        until(lambda pids=pids: not any(map(alive, pids)))  # the last that ended well waits, and it alone
        assert spares() == others
    with monkeypatch.context() as changed:
        changed.setattr("sweeper.system.warm.identity._code", lambda: "changed since")
        assert set(drive()[0]).isdisjoint(others)
        assert job.status()["refused"] == "another code"
    assert spares() == others


def test_another_limit_of_the_driver_does_without_it(warm):
    import resource

    pids, _ = drive()
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, before[1]) if before[0] else (1, before[1]))
    try:
        assert drive()[0] != pids
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.mark.parametrize(("seconds", "may"), [(-1, True), (3600, False)])
def test_a_limit_of_processor_seconds_is_for_new_workers(seconds, may):
    now = standing()
    now["limits"]["RLIMIT_CPU"] = (seconds, -1)
    assert may_stand(now, now) is may


def test_after_a_mistake_and_while_a_trial_runs_nobody_waits(warm):
    with pytest.raises(ValueError, match="mistake"):
        drive(wrong=ValueError("mistake"))
    assert spares() == []
    with pools.lend_pool(replace(ONE, target=targets.hanging)) as pool:
        pool.submit([spec(0, learning_rate=0.9)])
        until(lambda: pool.pids)
    assert spares() == []


@pytest.mark.parametrize("had", [0, 1])
def test_the_worker_of_a_driver_that_was_killed_ends(warm, had):
    first = ""
    if had:
        with driver(0) as process:
            first = process.stdout.read()
    with driver(60) as process:
        line = process.stdout.readline()
        assert line == (first or line)
        copy, pid = map(int, line.split())
        process.kill()
    until(lambda: not alive(copy) and not alive(pid))
    assert job.status()["spares"] == []
    assert drive()[0] != [pid]


def test_two_wait_at_most_and_no_worker_has_two_drivers(warm):
    many = PoolOptions(size=4, target=partial(targets.trivial, pause=0.02))
    pids, _ = drive(many, groups=8)
    assert len(pids) == 4
    until(lambda: sum(map(alive, pids)) == 2)
    left = set(spares())
    assert left < set(pids)
    with pools.lend_pool(many) as one, pools.lend_pool(many) as other:
        for pool in (one, other):
            for number in range(8):
                pool.submit([spec(number)])
        for pool in (one, other):
            drain(pool, 8)
        first, second = set(born(one)), set(born(other))
        assert first.isdisjoint(second)
        assert left < first
        all_of_them = first | second
    until(lambda: sum(map(alive, all_of_them)) == 2)
    assert set(spares()) < all_of_them


@pytest.mark.parametrize("end", ["stop", "SIGTERM", "SIGKILL", "folder"])
def test_the_end_of_the_server_is_the_end_of_who_waits(warm, folder, end):
    pids, _ = drive()
    copy = int(Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()[1])
    if end == "stop":
        job.stop()
    elif end == "folder":
        (folder / "workers").unlink()
    else:
        warm.send_signal(signal.Signals[end])
    until(lambda: not any(map(alive, [copy, *pids])))
    assert drive()[1]["s/0"].status == "finished"


def test_it_waits_no_longer_than_the_server(folder):
    with warming.server(folder, idle=1.0) as process:
        pids, _ = drive()
        assert process.wait(20) == 0
        until(lambda: not any(map(alive, pids)))
    assert not folder.exists()


def test_a_server_that_was_stopped_takes_nothing_from_a_driver_and_keeps_no_worker_of_it(warm):
    with pools.lend_pool(ONE) as pool:
        pool.submit([spec(0)])
        drain(pool, 1)
        job.stop()
        pool.submit([spec(1)])
        assert results(drain(pool, 1))["s/1"].status == "finished"
        pids = [*born(pool), pool.server_pid]
    until(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize(
    ("whom", "number"), [("worker", signal.SIGKILL), ("copy", signal.SIGKILL), ("copy", signal.SIGSTOP)]
)
def test_one_that_is_killed_or_stopped_while_it_waits_is_done_without(warm, number, whom):
    (pid,), _ = drive()
    copy = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(pid if whom == "worker" else copy, number)
    began = time.monotonic()
    pids, found = drive()
    assert found["s/0"].status == "finished"
    assert pids != [pid]
    assert time.monotonic() - began < 20
    if number == signal.SIGSTOP:
        os.kill(copy, signal.SIGCONT)
    until(lambda: not alive(pid))
    assert spares() == pids


def test_one_that_has_grown_does_not_wait(warm):
    target = partial(targets.leaking, size=ROOM * 3 // 5)
    served = [drive(replace(ONE, target=target))[1]["s/0"].worker for _ in range(4)]
    assert served[0] == served[1] == served[2] != served[3]  # growth is counted over all drivers


@pytest.mark.parametrize(("size", "waits"), [(LARGEST - 1, True), (LARGEST, False)])
def test_a_large_one_does_not_wait(monkeypatch, size, waits):
    monkeypatch.setattr(worker_main, "_own_memory", lambda: size)
    ours, theirs = Pipe()
    life = worker_main._Life(targets.trivial)
    from sweeper.workers.base import HERE

    ours.send(("group", ([spec(0)], HERE)))
    ours.send(("wait", None))
    assert life.work(theirs) is waits


def test_one_that_was_given_nothing_does_not_wait(warm):
    with pools.lend_pool(ONE) as pool:
        until(lambda: pool.pids)
    assert spares() == []


@pytest.mark.tensorflow
@pytest.mark.slow
def test_it_comes_to_the_same_numbers_and_sees_that_a_file_has_changed(folder, tmp_path, monkeypatch):
    from sweeper.jobs.run import run

    file = tmp_path / "table.csv"
    rows = [f"{number % 7},{number % 5},{'ab'[number % 2]}\n" for number in range(300)]
    other = [f"{number % 5},{number % 7},{'ab'[number % 3 % 2]}\n" for number in range(300)]
    words = ["dataset=csv", f"dataset.path={file}", "dataset.target=kind", "hidden=[5]", "steps=20"]

    def numbers(lines, name):
        file.write_text("one,two,kind\n" + "".join(lines))
        found = run(words, runs=tmp_path / name)
        return [found["dataset"]["digest"], found["train"], found["validation"]]

    with warming.server(folder, program=warming.LOADED):
        pids, warm = [], []
        for lines in (rows, rows, other, rows):
            warm.append(numbers(lines, "warm"))
            pids.append(spares())
    monkeypatch.setenv("SWEEPER_WARM", "")
    with pools.keeping():
        cold = {name: numbers(lines, "cold") for name, lines in (("rows", rows), ("other", other))}
    pools.close()
    assert pids == [pids[0]] * 4
    assert warm == [cold["rows"], cold["rows"], cold["other"], cold["rows"]]
    assert cold["rows"] != cold["other"]
