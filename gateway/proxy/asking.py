"""The gateway's own questions to an upstream, such as for its description, in bounded time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.types import ASGIApp, Message

Headers = Sequence[tuple[bytes, bytes]]

_MOST_BYTES = 16 * 1024 * 1024


async def ask(
    app: ASGIApp, path: str, *, within_s: float, headers: Headers = (), query: str = "", content: Any = None
) -> tuple[int, Any]:
    """Status and decoded JSON of ``path``; 503 and None when there is no good answer in time.

    A GET without a caller, unless ``headers`` name one; a POST when there is ``content`` to send as JSON.
    """
    try:
        async with asyncio.timeout(within_s):
            status, body = await _ask(app, path, headers, query, None if content is None else orjson.dumps(content))
            return status, orjson.loads(body)
    except Exception:  # whatever is wrong with it: it does not answer
        return 503, None


async def _ask(app: ASGIApp, path: str, headers: Headers, query: str, sent: bytes | None) -> tuple[int, bytes]:
    status = 500
    parts: list[bytes] = []
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # nobody hangs up before the answer is complete
        asked = True
        return {"type": "http.request", "body": sent or b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))
            if sum(map(len, parts)) > _MOST_BYTES:
                raise ValueError("the answer is too long")

    about_body = []
    if sent is not None:
        about_body = [(b"content-type", b"application/json"), (b"content-length", str(len(sent)).encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET" if sent is None else "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"gateway"), *headers, *about_body],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
    await app(scope, receive, send)
    return status, b"".join(parts)
