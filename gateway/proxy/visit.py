"""One request on its way through the door, and the watch over answers that never end."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message, Scope, Send

from chassis.http.trail import Trail, lay_trail
from gateway.proxy.arrival import Arrival, Headers, sort_headers

_RECHECK_S = 0.5
StillWelcome = Callable[[], Awaitable[bool]]


class Visit:
    """One request on its way through the door."""

    __slots__ = ("_on_stream", "_send", "address", "arrival", "limits", "locale", "route", "scheme", "status", "trail")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.arrival: Arrival = sort_headers(scope["headers"])
        self.trail: Trail = lay_trail(self.arrival.request_id, self.arrival.traceparent, self.arrival.accept_language)
        self.address: str = scope["client"][0] if scope.get("client") else ""
        self.scheme: str = scope.get("scheme", "http")
        self.limits: Headers = []
        self.locale: str | None = None
        self.route, self.status = "", 0
        self._send = send
        self._on_stream: Watch | None = None

    def told(self) -> Headers:
        """What we say about the request to whoever answers it."""
        return [
            (b"x-request-id", self.trail.request_id.encode()),
            (b"traceparent", self.trail.traceparent.encode()),
            (b"x-forwarded-for", self.address.encode()),
            (b"x-forwarded-proto", self.scheme.encode()),
        ]

    def watch(self, still_welcome: StillWelcome) -> "Watch":
        """A watch that begins if the answer turns out to be a stream without an end."""
        self._on_stream = Watch(still_welcome)
        return self._on_stream

    async def send(self, message: Message) -> None:
        """Send on; the head gets the rate limit's headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.limits:
                message["headers"] = [*message["headers"], *self.limits]
            if self._on_stream is not None and self.status == 200:
                self._on_stream.begin_for(message["headers"])
        await self._send(message)


class Watch:
    """Ends a live stream soon after its reader lost the right to it."""

    __slots__ = ("_asking", "_still_welcome", "ended_it", "task")

    def __init__(self, still_welcome: StillWelcome) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.ended_it = False
        self._still_welcome = still_welcome
        self._asking: asyncio.Task[None] | None = None

    def begin_for(self, headers: Headers) -> None:
        """Begin if these are the headers of an event stream."""
        if any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers):
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        while await self._still_welcome():  # noqa: ASYNC110 - another gateway may have ended it
            await asyncio.sleep(_RECHECK_S)
        self.ended_it = True
        self.task.cancel()

    def stop(self) -> None:
        """The answer is over."""
        if self._asking is not None:
            self._asking.cancel()
