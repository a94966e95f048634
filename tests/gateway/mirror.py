"""An upstream that answers with what reached it."""

import asyncio

import orjson
from starlette.types import Receive, Scope, Send


class Mirror:
    """Tells the request's head and body as JSON. ``/…/stream`` sends an event every 50 ms until nobody reads."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        if scope["path"].endswith("/stream"):
            return await self._stream(scope, receive, send)
        if scope["path"].endswith("/explode"):
            raise RuntimeError("the mirror broke")
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        told = {
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode(),
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
            "length": len(body),
            "body": body[:1000].decode("latin-1"),
        }
        headers = [(b"content-type", b"application/json"), (b"x-mirror", b"one"), (b"x-mirror", b"two")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": orjson.dumps(told)})

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.create_task(_until_gone(receive))
        number = 0
        try:
            while not gone.done():
                await send({"type": "http.response.body", "body": b"data: %d\n\n" % number, "more_body": True})
                number += 1
                await asyncio.sleep(0.05)
        finally:
            gone.cancel()
            self.ended.append(scope["path"])

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
