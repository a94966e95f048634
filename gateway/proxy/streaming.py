"""A service in another process, as an ASGI app: both bodies are streamed, whatever hangs is bounded."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from starlette.types import Message, Receive, Scope, Send
from yarl import URL

from chassis.errors import Unavailable
from chassis.i18n import say
from chassis.problems import RequestTimeout

# What belongs to one connection and not to the message (RFC 9110, 7.6.1), and what each server says for itself.
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_ANSWERS_OWN = _HOP_BY_HOP | {b"date", b"server"}
_ASKS_OWN = _HOP_BY_HOP | {b"content-length", b"expect"}
_WHOLE = 256 * 1024  # a body up to this size is sent in one piece
_BODY_WITHIN_S = 30.0
# Shorter than our services keep an idle connection (30 s): whoever reuses one that is being closed loses a request.
_KEEP_ALIVE_S = 15.0
_LISTEN_AFTER_S = 0.25
_MOST_CONNECTIONS = 500


class UpstreamAway(Unavailable):
    """The service cannot be reached, or did not answer in time; whether it did the work is not known."""

    code = "upstream_unavailable"


class StreamingProxy:
    """Forwards to the service at ``base_url``. Raises UpstreamAway while the answer has not begun."""

    def __init__(self, base_url: str, *, connect_within_s: float = 2.0, answer_within_s: float = 60.0) -> None:
        self.base_url = base_url.rstrip("/")
        self._answer_within_s = answer_within_s
        self._timeout = aiohttp.ClientTimeout(total=None, connect=5.0, sock_connect=connect_within_s)
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        client = _Client(receive)
        try:
            await self._forward(scope, client, send)
        except asyncio.CancelledError:
            if not client.is_gone:
                raise
            client.task.uncancel()
        finally:
            client.forget()

    async def _forward(self, scope: Scope, client: "_Client", send: Send) -> None:
        headers, body = await _request(scope, client)
        query = scope["query_string"].decode("latin-1")
        path = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        began = False
        try:
            async with asyncio.timeout(self._answer_within_s) as patience:
                request = self._open().request(
                    scope["method"],
                    URL(self.base_url + path, encoded=True),
                    headers=headers,
                    data=body,
                    allow_redirects=False,
                    skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
                )
                async with request as answer:
                    patience.reschedule(None)
                    began = True
                    await self._answer(answer, send)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if began:
                raise
            message = say("This part of Relata is not answering. Try again shortly.")
            raise UpstreamAway(message, headers={"Retry-After": "1"}) from error

    async def _answer(self, answer: aiohttp.ClientResponse, send: Send) -> None:
        own = _own_names(_ANSWERS_OWN, answer.raw_headers)
        headers = [(name.lower(), value) for name, value in answer.raw_headers if name.lower() not in own]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        quiet_s = None if answer.content_type == "text/event-stream" else self._answer_within_s
        while True:
            async with asyncio.timeout(quiet_s):
                chunk = await answer.content.readany()
            last = answer.content.at_eof()
            await send({"type": "http.response.body", "body": chunk, "more_body": not last})
            if last:
                return

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS, keepalive_timeout=_KEEP_ALIVE_S),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    async def close(self) -> None:
        """Give the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class _Client:
    """The other end of a request. When it hangs up, the request is cancelled, and with it the work upstream.

    Listening for that costs a task, so it begins only for requests that last a while.
    """

    def __init__(self, receive: Receive) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.is_gone = False
        self.is_sending = False
        self._receive = receive
        self._listener: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_LISTEN_AFTER_S, self._listen)

    async def message(self) -> Message:
        """The next part of the body."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.is_gone = True
            raise asyncio.CancelledError
        return message

    def _listen(self) -> None:
        if self.is_sending:
            self._timer = asyncio.get_running_loop().call_later(_LISTEN_AFTER_S, self._listen)
        else:
            self._listener = asyncio.create_task(self._wait_until_gone())

    async def _wait_until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        self.task.cancel()

    def forget(self) -> None:
        """The request is over."""
        self._timer.cancel()
        if self._listener is not None:
            self._listener.cancel()


async def _request(scope: Scope, client: _Client) -> tuple[list[tuple[str, str]], Any]:
    """The headers to send on, and the body: None, bytes, or a stream."""
    raw: list[tuple[bytes, bytes]] = scope["headers"]
    own = _own_names(_ASKS_OWN, raw)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw if name not in own]
    given = {name: value for name, value in raw if name in (b"content-length", b"transfer-encoding")}
    length = int(given.get(b"content-length", b"0"))
    if b"transfer-encoding" not in given and length == 0:
        return headers, None
    client.is_sending = True
    if b"transfer-encoding" not in given and length <= _WHOLE:
        return headers, await _whole_body(client)
    if length:
        headers.append(("Content-Length", str(length)))
    return headers, _stream(client)


async def _whole_body(client: _Client) -> bytes:
    parts = []
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for part in _stream(client):
                parts.append(part)
    except TimeoutError:
        message = say("The body took longer than {seconds} seconds to arrive.", seconds=int(_BODY_WITHIN_S))
        raise RequestTimeout(message) from None
    return b"".join(parts)


async def _stream(client: _Client) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await client.message()
        more = message.get("more_body", False)
        if part := message.get("body", b""):
            yield part
    client.is_sending = False


def _own_names(always: frozenset[bytes], headers: Any) -> frozenset[bytes]:
    """The names of headers that end here: the usual ones, and those that ``Connection`` names."""
    named: frozenset[bytes] = frozenset()
    for name, value in headers:
        if name.lower() == b"connection" and value.lower() not in (b"keep-alive", b"close"):
            named |= {each.strip().lower() for each in value.split(b",")}
    return always | named if named else always
