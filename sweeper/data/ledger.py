"""The ledger of openings of test splits: an append-only file of JSON lines, each bound to the one before it.

A line's ``hash`` is the SHA-256 of its other fields as canonical JSON, and ``prev`` is the hash of the last whole
line before it (64 zeros for the first): a line that was changed, taken out or put in breaks the chain there. What
the chain cannot show is that lines are missing from the very end.

A line that a crash tore (what is left is no JSON) is never dropped: the next line starts on a line of its own,
goes on from the last whole one, and carries in ``torn`` the SHA-256 of the bytes between, so that these too can be
changed no more.
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import json
import math
import os
import socket
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sweeper.data.row_sample import shared
from sweeper.errors import InputError, SweeperError

Entry = dict[str, Any]

SAME_ROWS = 0.1
"""Test splits that share so much of the smaller one's rows are counted as one."""

START = "0" * 64
"""The ``prev`` of the first line."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with a ledger.

    Attributes:
        line: its number, from 1.
        kind: ``torn`` by a crash (bytes are kept, the chain holds); ``changed`` by someone.
        message: one line for people.
    """

    line: int
    kind: Literal["torn", "changed"]
    message: str


def append(path: Path, fields: Mapping[str, Any]) -> Entry:
    """Write one line, on disk before this returns, whoever else is writing; the line with all its fields.

    Args:
        path: of the ledger; made, with its folder, if it is not there.
        fields: JSON values; ``when`` (UTC), ``prev`` and ``hash`` are added. Numbers that are not finite become null.

    Raises:
        InputError: the ledger cannot be written there.
        SweeperError: the disk refused the line.
    """
    with _locked(path) as descriptor:
        content = _content(descriptor)
        whole, torn = _tail(content)
        entry: Entry = {"when": datetime.now(UTC).isoformat(timespec="seconds"), **_finite(fields)}
        if torn:
            entry["torn"] = hashlib.sha256(torn).hexdigest()
        entry["prev"] = whole
        entry["hash"] = _hash(entry)
        gap = b"\n" if content and not content.endswith(b"\n") else b""
        _write(descriptor, gap + _canonical(entry) + b"\n", path)
    return entry


def entries(path: Path) -> list[Entry]:
    """Every line that is whole, in order; none where there is no ledger. Says nothing of the chain: see ``verify``."""
    return [entry for _, _, entry in _lines(_stored(path)) if entry is not None]


def openings(path: Path, digests: Collection[str], rows: str = "") -> list[Entry]:
    """The lines "opened" of a test split, in order: of these data, and of others that share its rows.

    A table that was saved anew, or has more rows, has another digest and the same sealed rows (see ``row_sample``).

    Args:
        path: of the ledger.
        digests: of the data, by this and by earlier rules.
        rows: a sample of the sealed rows' keys; "" for those that the ledger has of these digests.
    """
    opened = [
        entry for entry in entries(path) if entry.get("event") == "opened" and isinstance(entry.get("data"), dict)
    ]
    samples = {rows} | {_rows(entry) for entry in opened if entry["data"].get("digest") in digests}
    samples.discard("")
    return [
        entry
        for entry in opened
        if entry["data"].get("digest") in digests or any(shared(_rows(entry), known) >= SAME_ROWS for known in samples)
    ]


def verify(path: Path) -> list[Problem]:
    """Everything wrong with a ledger, in order of lines; an empty list for a sound one, or none."""
    problems: list[Problem] = []
    prev, torn, first_torn = START, b"", 0
    for number, line, entry in _lines(_stored(path)):
        if entry is None:
            torn, first_torn = torn + line, first_torn or number
            continue
        problems += _judge_gap(entry, torn, first_torn or number)
        problems += _judge(number, entry, prev)
        prev, torn, first_torn = str(entry["hash"]), b"", 0
    if torn:
        problems.append(Problem(first_torn, "torn", f"line {first_torn} is torn: {len(torn)} bytes that are no entry"))
    return problems


def who() -> str:
    """The person and machine of this process, as ``user@host``."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def _rows(entry: Entry) -> str:
    return str(entry["data"].get("rows", ""))


def _judge(number: int, entry: Entry, prev: str) -> list[Problem]:
    if entry["hash"] != _hash(entry):
        return [Problem(number, "changed", f"line {number} was changed: its hash is not that of its fields")]
    if entry["prev"] != prev:
        why = "does not follow the line before it: lines were changed, taken out or put in"
        return [Problem(number, "changed", f"line {number} {why}")]
    return []


def _judge_gap(entry: Entry, torn: bytes, number: int) -> list[Problem]:
    if not torn:
        why = f"a torn line before line {number} was taken out"
        return [Problem(number, "changed", why)] if "torn" in entry else []
    if entry.get("torn") == hashlib.sha256(torn).hexdigest():
        return [Problem(number, "torn", f"line {number} was torn by a crash and is kept; the chain goes on after it")]
    return [Problem(number, "changed", f"line {number} is no entry: it was changed, or put in")]


def _lines(content: bytes) -> Iterator[tuple[int, bytes, Entry | None]]:
    """Each line's number, bytes without the newline, and entry, None where it is no whole one.

    A line that lacks its newline alone is whole.
    """
    for number, line in enumerate(content.split(b"\n"), 1):
        if line:
            yield number, line, _entry(line)


def _entry(line: bytes) -> Entry | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and {"prev", "hash"} <= value.keys() else None


def _tail(content: bytes) -> tuple[str, bytes]:
    """The hash of the last whole line, and the bytes of the torn ones behind it."""
    prev, torn = START, b""
    for _, line, entry in _lines(content):
        prev, torn = (prev, torn + line) if entry is None else (str(entry["hash"]), b"")
    return prev, torn


def _hash(entry: Entry) -> str:
    return hashlib.sha256(_canonical({key: value for key, value in entry.items() if key != "hash"})).hexdigest()


def _canonical(entry: Entry) -> bytes:
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _unwritable(path, "it is no ordinary file")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)  # and with it the lock


def _content(descriptor: int) -> bytes:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return file.read()


def _stored(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise InputError(f"the ledger {path} cannot be read: {error.strerror}", key=str(path)) from error


def _write(descriptor: int, line: bytes, path: Path) -> None:
    try:
        written = os.write(descriptor, line)
        os.fsync(descriptor)
    except OSError as error:
        raise SweeperError(f"the ledger {path} could not be written: {error.strerror}", key=str(path)) from error
    if written != len(line):
        raise SweeperError(f"the ledger {path} took only a part of a line: is the disk full?", key=str(path))


def _unwritable(path: Path, why: str) -> InputError:
    return InputError(
        f"the ledger {path} cannot be written: {why}",
        hint="no test split is opened without its ledger; `--runs` names another folder",
        key=str(path),
    )
