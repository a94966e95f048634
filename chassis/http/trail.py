"""What a request carries along: its ids, its limits, and what the edge needs to know afterwards."""

import os
import re
from dataclasses import dataclass

from starlette.types import Scope

from chassis.caller import Caller
from chassis.context import Context
from chassis.ids import new_id
from chassis.paging import ListRequest

API = "/api/v1"
SCOPE_KEY = "relata.trail"
MIB = 1024 * 1024

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?")


@dataclass(slots=True)
class Trail:
    """``request_id`` is the correlation id of every event that follows from this request."""

    request_id: str
    trace_id: str
    traceparent: str
    accept_language: str
    caller: Caller | None = None
    asked: ListRequest | None = None
    route: str = ""
    body_limit: int = MIB

    def context(self) -> Context:
        """The context of the transaction that serves this request."""
        actor = self.caller.actor if self.caller else None
        return Context(correlation_id=self.request_id, actor=actor, traceparent=self.traceparent)

    @property
    def locale(self) -> str | None:
        """The caller's own language, once it is known who calls."""
        return self.caller.locale if self.caller else None


def trail_of(scope: Scope) -> Trail:
    """The trail that the edge laid for this request."""
    trail: Trail = scope[SCOPE_KEY]
    return trail


def lay_trail(request_id: str, traceparent: str, accept_language: str) -> Trail:
    """A trail from the request's headers; a missing or malformed one is replaced, never refused."""
    match = _TRACEPARENT.fullmatch(traceparent)
    trace_id, flags = (match[1], match[2]) if match else (os.urandom(16).hex(), "01")
    return Trail(
        request_id=request_id if _REQUEST_ID.fullmatch(request_id) else new_id(),
        trace_id=trace_id,
        traceparent=f"00-{trace_id}-{os.urandom(8).hex()}-{flags}",
        accept_language=accept_language,
    )
