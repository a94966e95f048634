"""The outermost layer of every request: its trail, limits, metrics, log line, and the problem when it fails.

Plain ASGI and only one layer: Starlette's BaseHTTPMiddleware would cost a task and two queues per request.
"""

import logging
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import metrics
from chassis.errors import TooLarge
from chassis.http.face import Face
from chassis.http.trail import SCOPE_KEY, Trail, lay_trail
from chassis.i18n import choose_language, say
from chassis.logs import lines
from chassis.problems import Unexpected, problem, refusal

_log = logging.getLogger(__name__)
_QUIET = frozenset({"/health", "/ready", "/metrics"})


class Edge:
    """ASGI middleware over the whole app of one face."""

    def __init__(self, app: ASGIApp, face: Face) -> None:
        self.app = app
        self.face = face
        self._watches: dict[tuple[str, str, str], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever goes wrong leaves as a problem, unless the answer has begun."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        trail = scope[SCOPE_KEY] = _trail(scope)
        status, received = 0, 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > trail.body_limit:
                raise TooLarge(say("The body is larger than {limit} bytes.", limit=trail.body_limit))
            return message

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", trail.request_id.encode())]
            await send(message)

        try:
            await self.app(scope, counted, marked)
        except ClientDisconnect:
            status = status or 499
        except Exception as error:
            if status:  # the answer has begun: only the connection can say that it is broken
                _log.exception("answer broken off", extra=self._about(trail))
                raise
            await self._refuse(error, trail, scope, counted, marked)
        finally:
            self._note(scope, trail, status, time.perf_counter() - began)

    async def _refuse(self, error: Exception, trail: Trail, scope: Scope, receive: Receive, send: Send) -> None:
        said = refusal(error)
        if isinstance(said, Unexpected):
            _log.error("request failed", exc_info=error, extra=self._about(trail))
        language = choose_language(trail.accept_language, trail.locale)
        await problem(said, self.face.catalogue, language, trail.trace_id)(scope, receive, send)

    def _about(self, trail: Trail) -> dict[str, str]:
        service = self.face.node.name
        return {"service": service, "route": trail.route, "request_id": trail.request_id, "trace_id": trail.trace_id}

    def _note(self, scope: Scope, trail: Trail, status: int, seconds: float) -> None:
        route, method = trail.route or "unmatched", scope["method"]
        status_class = f"{status // 100}xx"
        watches = self._watches.get((route, method, status_class))
        if watches is None:
            # A method is whatever a client writes there: only those of known routes become a label.
            labels = (self.face.node.name, route, method if trail.route else "other", status_class)
            watches = metrics.http_requests.labels(*labels), metrics.http_seconds.labels(*labels[:2])
            if trail.route:
                self._watches[route, method, status_class] = watches
        watches[0].inc()
        watches[1].observe(seconds)
        if status in (401, 403):
            metrics.authz_denied.labels(self.face.node.name, route).inc()
        if route not in _QUIET or status >= 400:
            lines.write(
                {
                    "event": "request",
                    "service": self.face.node.name,
                    "method": method,
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    "request_id": trail.request_id,
                    "trace_id": trail.trace_id,
                    "actor": trail.caller.actor if trail.caller else None,
                }
            )


def _trail(scope: Scope) -> Trail:
    request_id = traceparent = language = b""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            request_id = value
        elif name == b"traceparent":
            traceparent = value
        elif name == b"accept-language":
            language = value
    return lay_trail(request_id.decode("latin-1"), traceparent.decode("latin-1"), language.decode("latin-1"))
