"""uvicorn's HTTP protocol with an end to a request's head, and with refusals that look like all others.

What is no HTTP reaches no application, so this is the one place that can bound and answer it: a head without an end, or
one that arrives a byte at a time.
"""

import asyncio
import os
from functools import cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.errors import BadRequest, RelataError
from chassis.i18n import Catalogue, say
from chassis.problems import RequestTimeout, problem

HEAD_BYTES = 64 * 1024
HEAD_WITHIN_S = 30.0
LISTENS_ON_S = 1.0
_REASONS = {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}


class HeadTooLarge(RelataError):
    """Address and headers together are larger than anybody needs."""

    status, code = 431, "head_too_large"


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Costs a request one look at a flag for each piece that arrives."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_is_open = False
        self._head_bytes = 0
        self._is_refused = False
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._patience = self.loop.call_later(HEAD_WITHIN_S, self._run_out)

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        super().data_received(data)
        if self._head_is_open:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(HeadTooLarge(say("Address and headers are larger than {limit} bytes.", limit=HEAD_BYTES)))
            elif self._patience is None:
                self._patience = self.loop.call_later(HEAD_WITHIN_S, self._run_out)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_is_open, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._head_is_open = False
        self._calm()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(BadRequest(say("This is not HTTP as it should be.")))

    def _run_out(self) -> None:
        self._patience = None
        if self._head_is_open:
            late = say("Address and headers took longer than {seconds} seconds to arrive.", seconds=int(HEAD_WITHIN_S))
            self._refuse(RequestTimeout(late))
        elif not self._has_asked():
            self.transport.close()  # connected, and never said a word

    def _may_be_told(self) -> bool:
        """Not in the midst of another answer, nor instead of the one to the request before."""
        if not self._has_asked() or self.cycle.response_complete:
            return True
        is_about_this_one = self.cycle.more_body and not self.cycle.response_started and not self.pipeline
        if is_about_this_one:
            self.cycle.disconnected = True  # what the application says from now on is not sent
            self.cycle.message_event.set()
        return is_about_this_one

    def _has_asked(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever its type says
        return cycle is not None

    def _calm(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self, error: RelataError) -> None:
        self._head_is_open, self._is_refused = False, True
        self._calm()
        if self.transport.is_closing():
            return
        if self._may_be_told():
            self.transport.write(_answer(error))
        # Closed at once, while more is coming in, the connection would be reset and the answer lost.
        self.loop.call_later(LISTENS_ON_S, self.transport.close)


def _answer(error: RelataError) -> bytes:
    """The whole answer. In English: nobody knows yet which language was asked for."""
    response = problem(error, _catalogue(), "en", os.urandom(16).hex())
    head = [f"HTTP/1.1 {error.status} {_REASONS[error.status]}".encode(), b"connection: close"]
    head += [name + b": " + value for name, value in response.raw_headers]
    return b"\r\n".join([*head, b"", bytes(response.body)])


@cache
def _catalogue() -> Catalogue:
    return Catalogue()
