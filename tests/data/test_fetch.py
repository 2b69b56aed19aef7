"""Downloads, from a mirror on this machine: only what is right is kept, and nothing by halves."""

from __future__ import annotations

import gzip
import http.server
import os
import threading
import time
from dataclasses import replace

import pytest

from sweeper.config.schema import Dataset, Validation
from sweeper.data import catalog, fetch, load, sealed
from sweeper.errors import InputError, SweeperError

IMAGES = "train-images-idx3-ubyte"


def fetched(name, say=lambda _: None):
    return fetch.fetch(name, sealed.files(name), say)


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers with what ``pages`` holds for a path: bytes, or a function that writes the answer itself."""

    def do_GET(self):
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path)
        if callable(page):
            page(self)
            return
        self.send_response(200 if page else 404)
        self.send_header("Content-Length", str(len(page or b"")))
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def mirrors(small, monkeypatch):
    """Two mirrors of the stand-in, /first and /second; what is asked of them is kept in ``asked``."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.asked = []
    server.pages = {
        f"/{mirror}/{name}.gz": gzip.compress(content)
        for mirror in ("first", "second")
        for name, content in small.files.items()
    }
    root = f"http://127.0.0.1:{server.server_port}"
    entry = replace(catalog.KNOWN["mnist"], mirrors=(f"{root}/first", f"{root}/second"))
    monkeypatch.setitem(catalog.KNOWN, "mnist", entry)
    monkeypatch.setenv("no_proxy", "*")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_fetched_set_is_loaded(mirrors, bare_machine):
    lines = []
    document = fetched("mnist", lines.append)
    assert document["folder"] == str(bare_machine / "runs" / "data" / "mnist")
    assert [file["downloaded"] for file in document["files"]] == [True] * 4
    assert len(lines) == 4
    assert load(Dataset("mnist"), Validation(20)).name == "mnist"


def test_what_is_here_is_not_downloaded_again_and_a_damaged_file_is(mirrors, bare_machine):
    fetched("mnist")
    mirrors.asked.clear()
    path = bare_machine / "runs" / "data" / "mnist" / f"{IMAGES}.gz"
    path.write_bytes(path.read_bytes()[:-9])
    assert [file["downloaded"] for file in fetched("mnist")["files"]] == [True, False, False, False]
    assert mirrors.asked == [f"/first/{IMAGES}.gz"]


def trickle(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        pass


def cut_short(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"only this")


def silent(handler):
    time.sleep(1)


@pytest.mark.parametrize(
    "fault",
    [None, b"<html>sorry</html>", gzip.compress(b"other"), gzip.compress(b"x")[:-4], cut_short, trickle, silent],
    ids=["missing", "html", "other", "torn", "cut short", "trickle", "silent"],
)
def test_a_faulty_mirror_is_passed_over(mirrors, monkeypatch, fault):
    monkeypatch.setattr(fetch, "TIMEOUT", 0.3)
    monkeypatch.setattr(fetch, "PATIENCE", 0.3)
    mirrors.pages[f"/first/{IMAGES}.gz"] = fault
    fetched("mnist")
    assert f"/second/{IMAGES}.gz" in mirrors.asked
    assert load(Dataset("mnist"), Validation(20)).name == "mnist"


def test_too_large_an_answer_is_not_read_to_its_end(mirrors, monkeypatch):
    monkeypatch.setattr(fetch, "_MOST_BYTES", 5000)
    mirrors.pages[f"/first/{IMAGES}.gz"] = os.urandom(50_000)
    fetched("mnist")
    assert f"/second/{IMAGES}.gz" in mirrors.asked


def test_with_no_good_mirror_nothing_is_kept_and_each_is_told_of(mirrors, bare_machine):
    mirrors.pages[f"/first/{IMAGES}.gz"] = None
    mirrors.pages[f"/second/{IMAGES}.gz"] = gzip.compress(b"other")
    with pytest.raises(SweeperError, match="could not be downloaded") as caught:
        fetched("mnist")
    assert caught.value.exit_code == 1
    assert "Not Found" in caught.value.message
    assert "SHA-256 is wrong" in caught.value.message
    assert "SWEEPER_DATA" in caught.value.hint
    assert [path for path in (bare_machine / "runs").rglob("*") if path.is_file()] == []


def test_without_a_network_the_error_comes_at_once(small):
    """The stand-in's own mirrors are at a port where nothing listens."""
    with pytest.raises(SweeperError, match="refused"):
        fetched("mnist")


@pytest.mark.parametrize("name", ["digits", "mnist_5k", "diabetes"])
def test_a_set_inside_a_package_is_not_fetched(name):
    with pytest.raises(InputError, match="needs no download") as caught:
        fetched(name)
    assert "mnist, fashion_mnist" in caught.value.hint


@pytest.mark.parametrize("name", ["npz", "minst"])
def test_what_is_no_set_of_the_catalog_is_refused(name):
    with pytest.raises(InputError):
        fetched(name)


def test_loading_leaves_the_network_alone_unless_told(mirrors, monkeypatch):
    assert load(Dataset("mnist"), Validation()).name == "mnist_5k"
    assert mirrors.asked == []
    monkeypatch.setenv("SWEEPER_DOWNLOAD", "1")
    assert load(Dataset("mnist"), Validation(20)).name == "mnist"
    assert len(mirrors.asked) == 4


def test_a_folder_that_cannot_be_written_is_named(mirrors, bare_machine):
    (bare_machine / "runs").write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        fetched("mnist")
