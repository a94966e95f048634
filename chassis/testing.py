"""For tests of services: a node on a scratch database, and a client that calls its routes as somebody.

    with scratch_node(sales, f"sqlite:///{tmp_path}/{{service}}.db") as node:
        with AppClient(http_app(node), as_=SALESPERSON) as client:
            lead = client.post("/leads", json={...}).json()

Nothing here pretends: requests go through the whole app, transactions commit.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Self

import httpx
from fastapi import FastAPI

from chassis.caller import HEADER, Caller
from chassis.database import chassis_metadata
from chassis.http import API, Face
from chassis.service import Node, Service
from chassis.settings import Settings

SECRET = "a secret for tests only"


@contextmanager
def scratch_node(service: Service, url: str, **settings: Any) -> Iterator[Node]:
    """A node whose tables exist. ``url`` may hold ``{service}``; a PostgreSQL database must exist already."""
    node = Node(service, Settings(**{"database_url": url, "secret": SECRET, **settings}))
    chassis_metadata.create_all(node.db.engine)
    service.metadata.create_all(node.db.engine)
    try:
        yield node
    finally:
        node.close()


class AppClient:
    """Calls an app in this process. Paths are relative to ``/api/v1`` unless they begin with ``//``: ``//health``.

    Answers are ``httpx.Response``. It may be used from several threads at once; all requests share one event loop.
    """

    def __init__(self, app: FastAPI, *, as_: Caller | None = None, headers: dict[str, str] | None = None) -> None:
        self.app = app
        self.caller = as_
        self.headers = headers or {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="app-client", daemon=True)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://test")
        self._owner = True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._owner:
            self._wait(self._client.aclose())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def as_(self, caller: Caller | None, **headers: str) -> "AppClient":
        """The same app, called by somebody else; None is nobody. Valid while this client is open."""
        other = object.__new__(AppClient)
        other.__dict__.update(self.__dict__)
        other.caller, other.headers, other._owner = caller, {**self.headers, **headers}, False
        return other

    def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        """The answer to one request; further keywords are httpx's (json, data, files, params, content)."""
        address = path[1:] if path.startswith("//") else path if path.startswith(API) else API + path
        sent = {**self.headers, **(headers or {})}
        if self.caller is not None:
            face: Face = self.app.state.face
            sent.setdefault(HEADER, face.seal.sign(self.caller))
        response: httpx.Response = self._wait(self._client.request(method, address, headers=sent, **content))
        return response

    def get(self, path: str, **content: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **content)

    def post(self, path: str, **content: Any) -> httpx.Response:
        """POST."""
        return self.request("POST", path, **content)

    def patch(self, path: str, **content: Any) -> httpx.Response:
        """PATCH."""
        return self.request("PATCH", path, **content)

    def put(self, path: str, **content: Any) -> httpx.Response:
        """PUT."""
        return self.request("PUT", path, **content)

    def delete(self, path: str, **content: Any) -> httpx.Response:
        """DELETE."""
        return self.request("DELETE", path, **content)

    def _wait(self, awaitable: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(awaitable, self._loop)
        return future.result()
