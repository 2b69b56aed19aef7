"""What a browser is answered while MLflow's application is still being imported, and everything else once it is there.

MLflow takes some three seconds of a processor to import, and its page as long until it asks for the first run. The
page's files need nothing of MLflow but its folder: a second processor can be at them in the meantime.
"""

from __future__ import annotations

import asyncio
import fnmatch
import mimetypes
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import Future
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from sweeper.tracking.mlflow.views import SHORT

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_FILES = "/static-files/"
_KEPT = {"Cache-Control": "public, max-age=2419200"}
"""As MLflow has it: each file's name has a digest of what is in it."""


class EarlyPage:
    """An ASGI application: the short addresses, MLflow's page and its files at once, the rest by MLflow, once loaded.

    Args:
        loading: gives MLflow's application, or what went wrong with it.
        hosts: the names that are answered, as patterns; whatever has another waits for MLflow's own refusal.
        short_page: the text of the page at the short address of a study.
        files: the folder of MLflow's page; None if there is none, for whatever MLflow says then.
        headers: of each answer given at once.
    """

    def __init__(
        self,
        loading: Future[Application],
        hosts: Sequence[str],
        short_page: Callable[[str], str],
        files: Path | None,
        headers: Mapping[str, str],
    ) -> None:
        self._loading, self._hosts, self._short_page = loading, hosts, short_page
        self._files, self._headers = files, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._at_once(scope) or await self._loaded()
        await answer(scope, receive, send)

    def _at_once(self, scope: Scope) -> Application | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or not self._is_known(scope):
            return None
        path = scope["path"]
        if path == SHORT or path.startswith(f"{SHORT}/"):
            return HTMLResponse(self._short_page(path[len(SHORT) + 1 :]), headers=self._headers)
        if path == "/":
            return self._file("index.html", {"Cache-Control": "no-cache"})
        return self._file(path[len(_FILES) :], _KEPT) if path.startswith(_FILES) else None

    def _is_known(self, scope: Scope) -> bool:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        return any(fnmatch.fnmatchcase(host, pattern) for pattern in self._hosts)

    def _file(self, name: str, headers: dict[str, str]) -> Response | None:
        """A file of the page, whole: parts would each wait for the import to give way."""
        if self._files is None:
            return None
        try:
            file = (self._files / name).resolve()
            if not file.is_relative_to(self._files) or not file.is_file():
                return None
        except (OSError, ValueError):  # no file can have such a name
            return None
        kind = mimetypes.guess_type(file.name)[0]
        return Response(file.read_bytes(), media_type=kind, headers={**self._headers, **headers})

    async def _loaded(self) -> Application:
        try:
            return await asyncio.wrap_future(self._loading)
        except Exception:  # noqa: BLE001 - whatever it was, the process says it as it ends
            return PlainTextResponse("MLflow did not start", status_code=503)


def page_files() -> Path | None:
    """The folder of MLflow's page, which is found without importing MLflow."""
    found = find_spec("mlflow")
    places = found.submodule_search_locations if found else None
    folder = Path(places[0]).resolve() / "server" / "js" / "build" if places else None
    return folder if folder and (folder / "index.html").is_file() else None
