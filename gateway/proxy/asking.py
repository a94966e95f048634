"""The gateway's own questions to an upstream, such as for its description, in bounded time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.types import ASGIApp, Message

Headers = Sequence[tuple[bytes, bytes]]

_MOST_BYTES = 16 * 1024 * 1024
_HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, whole."""

    status: int
    headers: Headers
    body: bytes


async def ask(
    app: ASGIApp, path: str, *, within_s: float, headers: Headers = (), query: str = "", content: Any = None
) -> tuple[int, Any]:
    """Status and decoded JSON of ``path``; 503 and None when there is no good answer in time.

    A GET without a caller, unless ``headers`` name one; a POST when there is ``content`` to send as JSON.
    """
    method, sent = ("GET", b"") if content is None else ("POST", orjson.dumps(content))
    about = [] if content is None else [(b"content-type", b"application/json")]
    try:
        async with asyncio.timeout(within_s):
            heard = await exchange(app, method, path, headers=[*headers, *about], query=query, sent=sent)
            return heard.status, orjson.loads(heard.body)
    except Exception:  # whatever is wrong with it: it does not answer
        return 503, None


async def exchange(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Headers = (),
    query: str = "",
    sent: bytes = b"",
    address: str = _HERE,
) -> Heard:
    """The answer to one request that an app of this process is asked, as if ``address`` had asked it.

    Raises whatever the app raises, and ValueError when the answer is too long. The caller bounds the time.
    """
    status = 500
    told: Headers = ()
    parts: list[bytes] = []
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # nobody hangs up before the answer is complete
        asked = True
        return {"type": "http.request", "body": sent, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, told
        if message["type"] == "http.response.start":
            status, told = message["status"], message["headers"]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))
            if sum(map(len, parts)) > _MOST_BYTES:
                raise ValueError("the answer is too long")

    length = [(b"content-length", str(len(sent)).encode())] if sent or method != "GET" else []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"gateway"), *headers, *length],
        "client": (address, 0),
        "server": (_HERE, 0),
    }
    await app(scope, receive, send)
    return Heard(status, told, b"".join(parts))
