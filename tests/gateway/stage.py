"""A stage for the gateway: its whole app on a database of its own, and visitors from addresses of their own."""

import asyncio
import random
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
from sqlalchemy import select
from starlette.types import ASGIApp

from chassis.event import Envelope, decode
from chassis.ids import new_id
from chassis.outbox import outbox
from chassis.service import Node
from gateway.app import Gateway, gateway_app
from gateway.identity.first_start import ensure_administrator
from gateway.pages import Document
from gateway.service import GATEWAY
from gateway.start_page.demo import Demo
from tests.chassis.engines import open_node

SECRET = "a secret for tests only"
ADMIN_EMAIL, ADMIN_PASSWORD = "admin@example.com", "a-password-for-tests"
PASSWORD = "mật-khẩu-đủ-dài-1"

T = TypeVar("T")


class Loop:
    """An event loop in a thread, for what must share one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="gateway-test", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of this, run there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@dataclass
class Visitor:
    """Calls the gateway. Paths are relative to ``/api/v1`` unless they begin with ``//``: ``//health``."""

    app: ASGIApp
    loop: Loop
    headers: dict[str, str] = field(default_factory=dict)
    address: str = field(default_factory=lambda: "203." + ".".join(str(random.randrange(1, 255)) for _ in range(3)))
    id: str = ""

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        """The answer to one request; further keywords are httpx's."""
        return self.loop.run(self.acall(method, path, headers=headers, **content))

    async def acall(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        address = path[1:] if path.startswith("//") else "/api/v1" + path
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(self.address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, address, headers={**self.headers, **(headers or {})}, **content)

    def get(self, path: str, **content: Any) -> httpx.Response:
        return self.call("GET", path, **content)

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self.call("POST", path, **content)

    def patch(self, path: str, **content: Any) -> httpx.Response:
        return self.call("PATCH", path, **content)

    def delete(self, path: str, **content: Any) -> httpx.Response:
        return self.call("DELETE", path, **content)

    def password(self, email: str, password: str) -> httpx.Response:
        """Sign in, from this address."""
        return self.post("/auth/token", data={"grant_type": "password", "username": email, "password": password})

    def refresh(self, token: str) -> httpx.Response:
        return self.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})


@dataclass
class House:
    """The gateway and those who call it."""

    node: Node
    app: Gateway
    loop: Loop
    admin: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.admin = self.signed_in(ADMIN_EMAIL, ADMIN_PASSWORD)

    def visitor(self, **headers: str) -> Visitor:
        """Somebody at an address of their own."""
        return Visitor(self.app, self.loop, headers)

    def signed_in(self, email: str, password: str) -> Visitor:
        """Somebody who gave this password."""
        visitor = self.visitor()
        answer = visitor.password(email, password)
        assert answer.status_code == 200, answer.text
        visitor.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return visitor

    def person(self, *roles: str, **fields: Any) -> Visitor:
        """A new user with these roles, signed in; ``id`` is theirs."""
        body = {"email": f"{new_id()}@example.com", "name": "Trần Thị Lan", "password": PASSWORD, "role_ids": roles}
        made = self.admin.post("/users", json=body | fields)
        assert made.status_code == 201, made.text
        person = self.signed_in(made.json()["email"], PASSWORD)
        person.id = made.json()["id"]
        return person

    def key(self, *scopes: str, **fields: Any) -> Visitor:
        """A program with a new key; ``id`` is the key's."""
        made = self.admin.post("/keys", json={"name": "a program", "scopes": scopes, **fields})
        assert made.status_code == 201, made.text
        program = self.visitor(authorization=f"Bearer {made.json()['secret']}")
        program.id = made.json()["id"]
        return program

    def announced(self, subject: str) -> list[Envelope]:
        """What was emitted about this subject, in order."""
        with self.node.read() as tx:
            rows = tx.scalars(select(outbox.c.envelope).where(outbox.c.subject == subject).order_by(outbox.c.position))
            return [decode(row) for row in rows]


@contextmanager
def open_house(
    engine: str,
    folder: Path,
    upstreams: Mapping[str, ASGIApp] | None = None,
    *,
    documents: Mapping[str, Document] | None = None,
    demo: Demo | None = None,
    **settings: Any,
) -> Iterator[House]:
    """A gateway on a fresh database, with its administrator."""
    known = {"secret": SECRET, "admin_email": ADMIN_EMAIL, "admin_password": ADMIN_PASSWORD, "var": folder}
    with open_node(engine, folder, GATEWAY, **{**known, **settings}) as node, Loop() as loop:
        ensure_administrator(node)
        app = gateway_app(node, upstreams or {}, documents=documents, demo=demo)
        try:
            yield House(node, app, loop)
        finally:
            loop.run(app.close())
