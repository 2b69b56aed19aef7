from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from sweeper.tracking.mlflow.early_page import EarlyPage, page_files

HOSTS = ["localhost:*", "127.0.0.1"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "build"
    (folder / "static").mkdir(parents=True)
    (folder / "index.html").write_text("<title>the page</title>")
    (folder / "static" / "main.js").write_text("begin()")
    (tmp_path / "secret").write_text("nobody's")
    return folder


@pytest.fixture
def loading() -> Future[Any]:
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


@pytest.fixture
def front(loading: Future[Any], files: Path) -> EarlyPage:
    return EarlyPage(loading, HOSTS, lambda study: f"to {study}", files, {"X-Frame-Options": "SAMEORIGIN"})


async def asked(front: EarlyPage, path: str, host: str = "localhost:5000", method: str = "GET") -> tuple[int, str, Any]:
    """The status, text and headers of an answer."""
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        said.append(message)

    headers = [(b"host", host.encode())] if host else []
    await front({"type": "http", "method": method, "path": path, "headers": headers}, receive, send)
    text = b"".join(each.get("body", b"") for each in said[1:]).decode()
    return said[0]["status"], text, {key.decode(): value.decode() for key, value in said[0]["headers"]}


def soon(front: EarlyPage, path: str, **how: Any) -> tuple[int, str, Any]:
    return asyncio.run(asyncio.wait_for(asked(front, path, **how), 0.3))


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("/", "<title>the page</title>", "text/html"),
        ("/static-files/static/main.js", "begin()", "javascript"),
        ("/sweeper", "to ", "text/html"),
        ("/sweeper/a b/c", "to a b/c", "text/html"),
    ],
)
def test_the_page_is_there_before_mlflow_is(front: EarlyPage, path: str, text: str, kind: str) -> None:
    status, body, headers = soon(front, path)
    assert (status, body) == (200, text)
    assert kind in headers["content-type"]
    assert headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/ajax-api/2.0/mlflow/runs/search", {"method": "POST"}),
        ("/health", {}),
        ("/", {"host": "evil.example"}),
        ("/sweeper/first", {"host": "evil.example"}),
        ("/", {"host": ""}),
        ("/static-files/gone.js", {}),
        ("/static-files/../../secret", {}),
        ("/static-files/%2e%2e/%2e%2e/secret", {}),
        ("/static-files//etc/passwd", {}),
        ("/static-files/a\0b", {}),
        (f"/static-files/{'a' * 5000}", {}),
        ("/static-files/static", {}),
    ],
)
def test_all_else_waits_for_mlflow_and_is_answered_by_it(
    front: EarlyPage, loading: Future[Any], path: str, how: dict[str, str]
) -> None:
    with pytest.raises(TimeoutError):
        soon(front, path, **how)
    assert not loading.cancelled()  # a browser that goes away takes nothing along

    async def both() -> tuple[int, str, Any]:
        waiting = asyncio.create_task(asked(front, path, **how))
        await asyncio.sleep(0.05)
        loading.set_result(PlainTextResponse("by MLflow", status_code=418))
        return await waiting

    assert asyncio.run(both())[:2] == (418, "by MLflow")


def test_who_waits_for_an_mlflow_that_fails_is_told(front: EarlyPage, loading: Future[Any]) -> None:
    loading.set_exception(RuntimeError("out of date"))
    assert soon(front, "/health")[0] == 503


def test_a_page_that_is_not_where_it_was_is_left_to_mlflow(loading: Future[Any]) -> None:
    loading.set_result(PlainTextResponse("by MLflow"))
    assert soon(EarlyPage(loading, HOSTS, str, None, {}), "/")[1] == "by MLflow"


def test_the_page_of_this_mlflow_is_found() -> None:
    folder = page_files()
    assert folder is not None
    assert 'src="static-files/static/js/main.' in (folder / "index.html").read_text()
    assert list((folder / "static" / "js").glob("main.*.js"))
