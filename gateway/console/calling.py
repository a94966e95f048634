"""Calls of the public API, as the person who is looking and with their rights alone."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import structlog
from starlette.types import ASGIApp

from chassis.http import etag
from gateway.console.sessions import Granted
from gateway.proxy.asking import Heard, exchange
from gateway.proxy.routing import API

log = structlog.get_logger("console")

WITHIN_S = 20.0
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Params = Mapping[str, object]
Record = dict[str, Any]


class Refused(Exception):
    """The API said no. ``detail`` is a sentence in the reader's language; ``errors`` are sentences by JSON pointer."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}")
        self.status = status
        self.code: str = problem.get("code") or ""
        self.title: str = problem.get("title") or ""
        self.detail: str = problem.get("detail") or ""
        self.trace_id: str = problem.get("trace_id") or ""
        self.errors: dict[str, str] = {
            each["pointer"]: each["message"] for each in problem.get("errors") or () if each.get("message")
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list."""

    items: list[Record]
    next_cursor: str | None = None
    total: int | str | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """The public API as one person sees it. Paths are relative to ``/api/v1``; every call may raise Refused.

    ``address`` is the person's own: the API counts and locks out by it.
    """

    app: ASGIApp
    language: str
    address: str
    token: str = ""
    _more: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def get(self, path: str, **params: object) -> Any:
        """Read. Parameters that are None or empty are left out."""
        return _content(await self._call("GET", path, query=_query(params)))

    async def file(self, path: str) -> Heard:
        """Read something that is no JSON, such as a PDF."""
        heard = await self._call("GET", path)
        if heard.status >= 300:
            _content(heard)
        return heard

    async def page(self, path: str, **params: object) -> Page:
        """Read part of a list."""
        told = await self.get(path, **params)
        return Page(told["items"], told.get("next_cursor"), told.get("total"))

    async def post(self, path: str, body: object = None, *, key: str = "", version: str = "") -> Any:
        """Do something, once for each ``key``. ``version`` is that of the record which the person saw."""
        return await self._change("POST", path, body, key, version)

    async def patch(self, path: str, body: object, *, version: str = "") -> Any:
        """Change fields of the record whose ``version`` the person saw."""
        return await self._change("PATCH", path, body, "", version)

    async def delete(self, path: str, *, version: str = "") -> None:
        """Delete the record whose ``version`` the person saw."""
        await self._change("DELETE", path, None, "", version)

    async def sign_in(self, email: str, password: str) -> Granted:
        """Tokens for a password."""
        return await self._tokens({"grant_type": "password", "username": email, "password": password})

    async def renew(self, refresh_token: str) -> Granted | None:
        """New tokens for a refresh token; None when it is good no more."""
        try:
            return await self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token})
        except Refused as refused:
            if refused.status == 401:
                return None
            raise

    async def _tokens(self, form: Mapping[str, str]) -> Granted:
        told = _content(
            await self._call("POST", "/auth/token", urlencode(form).encode(), b"application/x-www-form-urlencoded")
        )
        return Granted(told["access_token"], told["refresh_token"], float(told["expires_in"]))

    async def _change(self, method: str, path: str, body: object, key: str, version: str) -> Any:
        more = [(b"idempotency-key", key.encode("ascii", "ignore"))] if key else []
        if version.isdigit():
            more.append((b"if-match", etag(int(version)).encode()))
        sent = b"" if method == "DELETE" else orjson.dumps({} if body is None else body)
        return _content(await self._call(method, path, sent, b"application/json", more=more))

    async def _call(
        self,
        method: str,
        path: str,
        sent: bytes = b"",
        media_type: bytes = b"",
        *,
        query: str = "",
        more: list[tuple[bytes, bytes]] | None = None,
    ) -> Heard:
        headers = [(b"accept-language", self.language.encode()), *(more or ())]
        if sent:
            headers.append((b"content-type", media_type))
        if self.token:
            headers.append((b"authorization", b"Bearer " + self.token.encode()))
        try:
            async with asyncio.timeout(WITHIN_S):
                return await exchange(
                    self.app,
                    method,
                    API + quote(path),
                    headers=headers,
                    query=query,
                    sent=sent,
                    address=self.address,
                )
        except TimeoutError:
            raise Refused(503, {"code": "unavailable"}) from None


def is_id(text: object) -> bool:
    """Whether this is an id and nothing else, so that it may stand in a path."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


async def if_allowed(asking: Any, otherwise: Any) -> Any:
    """What was asked for, or ``otherwise`` when the person may not see it or whoever knows it is away."""
    try:
        return await asking
    except Refused as refused:
        if refused.status in (403, 404, 503):
            return otherwise
        raise


def _query(params: Params) -> str:
    given = {name.rstrip("_"): value for name, value in params.items() if value not in (None, "")}
    return urlencode({name: _spelled(value) for name, value in given.items()})


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _content(heard: Heard) -> Any:
    if heard.status < 300:
        return orjson.loads(heard.body) if heard.body else None
    try:
        problem = orjson.loads(heard.body)
    except orjson.JSONDecodeError:
        problem = {}
    raise Refused(heard.status, problem if isinstance(problem, dict) else {})
