"""The gateway's own questions to an upstream, such as for its description: a GET without a caller, in bounded time."""

import asyncio
from typing import Any

import orjson
from starlette.types import ASGIApp, Message

_MOST_BYTES = 16 * 1024 * 1024


async def ask(app: ASGIApp, path: str, *, within_s: float) -> tuple[int, Any]:
    """Status and decoded JSON of ``path``; 503 and None when there is no good answer in time."""
    try:
        async with asyncio.timeout(within_s):
            status, body = await _get(app, path)
            return status, orjson.loads(body)
    except Exception:  # whatever is wrong with it: it does not answer
        return 503, None


async def _get(app: ASGIApp, path: str) -> tuple[int, bytes]:
    status, parts = 500, []
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # nobody hangs up before the answer is complete
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))
            if sum(map(len, parts)) > _MOST_BYTES:
                raise ValueError("the answer is too long")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"gateway")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
    await app(scope, receive, send)
    return status, b"".join(parts)
