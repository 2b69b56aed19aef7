"""The ledger: append-only, chained, and honest about what happened to it."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeper.data import ledger
from sweeper.errors import InputError


@pytest.fixture
def book(tmp_path):
    """A ledger of five lines."""
    path = tmp_path / "runs" / "ledger.jsonl"
    for number in range(5):
        ledger.append(path, {"event": "opened", "run": f"run-{number}"})
    return path


def kinds(path):
    return [(problem.line, problem.kind) for problem in ledger.verify(path)]


def test_each_line_is_bound_to_the_one_before(book):
    prev = "0" * 64
    for line in book.read_text().splitlines():
        entry = json.loads(line)
        found = entry.pop("hash")
        assert entry["prev"] == prev
        # By the description, without sweeper's code.
        canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(canonical.encode()).hexdigest() == found
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", entry["when"])
        prev = found
    assert kinds(book) == []


def test_what_is_appended_is_returned_and_read_back(book):
    entry = ledger.append(book, {"event": "result", "result": {"accuracy": 0.9, "worst": float("nan")}, "who": "é"})
    assert ledger.entries(book)[-1] == entry
    assert entry["result"] == {"accuracy": 0.9, "worst": None}


def test_no_ledger_is_an_empty_one(tmp_path):
    assert ledger.entries(tmp_path / "none") == []
    assert ledger.verify(tmp_path / "none") == []


def test_a_changed_line_is_reported_where_it_stands(book):
    lines = book.read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace("run-2", "run-9")
    book.write_text("".join(lines))
    assert kinds(book) == [(3, "changed")]


def test_a_changed_line_with_a_hash_of_its_own_breaks_the_next(book):
    lines = book.read_text().splitlines()
    entry = json.loads(lines[2]) | {"run": "run-9"}
    del entry["hash"]
    canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"))
    entry["hash"] = hashlib.sha256(canonical.encode()).hexdigest()
    lines[2] = json.dumps(entry)
    book.write_text("\n".join(lines) + "\n")
    assert kinds(book) == [(4, "changed")]


@pytest.mark.parametrize("gone", [0, 1, 3])
def test_a_line_taken_out_is_reported(book, gone):
    lines = book.read_text().splitlines(keepends=True)
    book.write_text("".join(lines[:gone] + lines[gone + 1 :]))
    assert kinds(book) == [(gone + 1, "changed")]


def test_lines_put_in_or_swapped_are_reported(book):
    lines = book.read_text().splitlines(keepends=True)
    book.write_text("".join([*lines[:2], lines[0], *lines[2:]]))
    assert (3, "changed") in kinds(book)
    book.write_text("".join([lines[0], lines[2], lines[1], *lines[3:]]))
    assert (2, "changed") in kinds(book)
    book.write_text("".join([*lines[:2], "a note\n", *lines[2:]]))
    assert kinds(book) == [(3, "changed")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.data())
def test_any_byte_changed_is_noticed(book, data):
    whole = book.read_bytes()
    position = data.draw(st.integers(0, len(whole) - 2))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[position]))
    changed = bytearray(whole)
    changed[position] = byte
    try:
        book.write_bytes(bytes(changed))
        # The same JSON in other words (a blank for a blank) is the same entry; nothing else may pass.
        assert ledger.verify(book) or [json.loads(x) for x in changed.split(b"\n") if x] == [
            json.loads(x) for x in whole.split(b"\n") if x
        ]
    finally:
        book.write_bytes(whole)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.data())
def test_a_torn_last_line_is_kept_and_the_chain_goes_on(book, data):
    whole = book.read_bytes()
    ends = [position + 1 for position, byte in enumerate(whole) if byte == ord("\n")]
    cut = data.draw(st.integers(1, len(whole) - 1).filter(lambda value: value not in ends and value + 1 not in ends))
    try:
        book.write_bytes(whole[:cut])
        line = whole[:cut].count(b"\n") + 1
        assert kinds(book) == [(line, "torn")]
        ledger.append(book, {"event": "opened", "run": "after"})
        assert book.read_bytes().startswith(whole[:cut] + b"\n")
        assert kinds(book) == [(line, "torn")]
        assert ledger.entries(book)[-1]["run"] == "after"
        assert len(ledger.entries(book)) == line
        ledger.append(book, {"event": "opened", "run": "later"})
        assert kinds(book) == [(line, "torn")]
    finally:
        book.write_bytes(whole)


def test_a_line_that_lacks_its_newline_alone_is_whole(book):
    book.write_bytes(book.read_bytes()[:-1])
    assert kinds(book) == []
    assert len(ledger.entries(book)) == 5
    ledger.append(book, {"event": "opened", "run": "after"})
    assert len(ledger.entries(book)) == 6
    assert kinds(book) == []


def test_a_torn_line_cannot_be_changed_or_taken_out_later(book):
    whole = book.read_bytes()
    book.write_bytes(whole[:-30])
    ledger.append(book, {"event": "opened", "run": "after"})
    lines = book.read_bytes().split(b"\n")
    book.write_bytes(b"\n".join([*lines[:4], lines[4][:-1] + b"x", *lines[5:]]))
    assert kinds(book) == [(5, "changed")]
    book.write_bytes(b"\n".join([*lines[:4], *lines[5:]]))
    assert kinds(book) == [(5, "changed")]


def start(code, *arguments):
    """Python in a process of its own, which a test's threads cannot disturb."""
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)])


WRITER = """
import sys
from pathlib import Path
from sweeper.data import ledger
for number in range(25):
    ledger.append(Path(sys.argv[1]), {"event": "opened", "run": f"{sys.argv[2]}-{number}"})
"""


def test_many_writers_at_once_make_one_chain(tmp_path):
    path = tmp_path / "ledger.jsonl"
    writers = [start(WRITER, path, name) for name in "abcd"]
    assert [writer.wait() for writer in writers] == [0] * 4
    runs = [entry["run"] for entry in ledger.entries(path)]
    assert sorted(runs) == sorted(f"{name}-{number}" for name in "abcd" for number in range(25))
    assert kinds(path) == []


@pytest.mark.parametrize("where", ["a-file/ledger.jsonl", "a-folder"])
def test_where_it_cannot_be_written_is_said(tmp_path, where):
    (tmp_path / "a-file").write_text("")
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        ledger.append(tmp_path / where, {"event": "opened"})


def test_a_device_is_no_ledger():
    with pytest.raises(InputError, match="no ordinary file"):
        ledger.append(Path("/dev/null"), {"event": "opened"})


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from sweeper.data import ledger
from sweeper.errors import SweeperError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    ledger.append(Path(sys.argv[1]), {"event": "opened", "run": "x" * 500})
except SweeperError:
    sys.exit(7)
"""


@pytest.mark.parametrize("room", [0, 100])
def test_a_full_disk_is_an_error_and_leaves_a_sound_chain(book, room):
    assert start(FULL_DISK, book, book.stat().st_size + room).wait() == 7
    ledger.append(book, {"event": "opened", "run": "after"})
    assert {kind for _, kind in kinds(book)} <= {"torn"}
    assert ledger.entries(book)[-1]["run"] == "after"


def test_who_asks_is_a_person_at_a_machine():
    assert re.fullmatch(r"[^@]+@[^@]+", ledger.who())
