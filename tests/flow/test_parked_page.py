"""The page of something parked, whatever it is that was parked."""

import asyncio
import time
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from chassis.settings import Settings
from gateway.console.app import Console
from gateway.console.sessions import COOKIE, Session, Sessions

_FOUND = {
    **dict.fromkeys(("reaction", "receiver", "type", "subject", "sequence")),
    "service": "sales",
    "id": "un:1",
    "kind": "undecodable",
    "reason": "no event",
    "attempts": 0,
    "behind": 0,
    "since": "2026-11-22T07:00:00Z",
}
_ME = {"id": "1", "name": "Vận hành", "locale": "en", "time_zone": "UTC", "roles": [{"key": "operator", "label": ""}]}


@pytest.mark.parametrize("body", [{}, {"hello": 1}, [], "bytes", None, {"correlationid": "push-1"}])
def test_what_is_no_event_of_ours_can_be_looked_at(body: Any) -> None:
    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        path = Request(scope).url.path.removeprefix("/api/v1")
        answers = {
            "/me": {**_ME, "email": "o@example.com", "teams": [], "privileges": {}, "work_areas": []},
            "/flow/acts": {"items": []},
        }
        await JSONResponse(answers.get(path, {**_FOUND, "body": body}))(scope, receive, send)

    settings = Settings(secret=SecretStr("s" * 40))
    cookie = Sessions(settings).write(Session("csrf", "access", "refresh", time.time() + 900))

    async def look() -> httpx.Response:
        transport = httpx.ASGITransport(Console(api, settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", cookies={COOKIE: cookie}) as client:
            return await client.get("/app/flow/parked/sales/un:1")

    page = asyncio.run(look())
    assert page.status_code == 200, page.text
    assert ("/flow/journeys/push-1" in page.text) == (body == {"correlationid": "push-1"})
