"""One request's work, all of it in one thread: transaction, idempotency, action, answer, commit."""

import random
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
import structlog
from pydantic import BaseModel, TypeAdapter
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from chassis import metrics
from chassis.access import acting, as_system
from chassis.caller import Caller
from chassis.context import Context
from chassis.database import is_away, is_conflict
from chassis.errors import RelataError, Unavailable
from chassis.http.conditions import etag
from chassis.i18n import say
from chassis.idempotency import REPLAYED, Answer, Key, Overtaken, Running, claim, look_up, running, store
from chassis.paging import Page
from chassis.service import Node

T = TypeVar("T")

_TRIES = 3
_JSON = "application/json"
# What a repeated answer needs besides its body.
_KEPT_HEADERS = ("location", "etag", "content-type", "content-disposition", "content-language")


@dataclass(slots=True, frozen=True)
class Reply(Generic[T]):
    """An answer with a status or headers of its own. Annotate the route ``-> Reply[LeadView]``."""

    body: T
    status: int | None = None
    headers: dict[str, str] | None = None


@dataclass(slots=True, frozen=True)
class Refused:
    """Keep what was written, and refuse all the same: a failed login that is counted."""

    error: RelataError


@dataclass(slots=True, frozen=True)
class Plan:
    """What all requests to one route have in common. ``wants_tx`` is the name of the transaction's parameter."""

    node: Node
    running: Running
    function: Callable[..., Any]
    wants_tx: str | None
    writes: bool
    status: int
    adapter: TypeAdapter[Any] | None
    secret: tuple[str, ...]


@dataclass(slots=True)
class Work:
    """One request, ready for its thread. ``values`` are the function's arguments but for the transaction."""

    plan: Plan
    values: dict[str, Any]
    caller: Caller
    context: Context
    key: Key | None
    path: str
    committing: bool = False

    def run(self) -> Response:
        """The answer, committed before it is returned. A conflict with other transactions is tried three times."""
        structlog.contextvars.bind_contextvars(
            request_id=self.context.correlation_id, traceparent=self.context.traceparent, actor=self.context.actor
        )
        try:
            if self.key is None:
                return self._with_patience(self._once)
            with self.plan.running.enter(self.key) as mine:
                return self._with_patience(self._once if mine else self._replay_only)
        finally:
            structlog.contextvars.clear_contextvars()

    def _with_patience(self, attempt: Callable[[], Response]) -> Response:
        for number in range(_TRIES):
            try:
                return attempt()
            except Exception as error:
                if is_away(error) and not self.committing and number == 0:
                    continue  # a connection that died while idle; the pool has dropped its like
                if not (isinstance(error, Overtaken) or is_conflict(error)):
                    raise
                metrics.http_conflicts.labels(self.plan.node.name).inc()
                if number < _TRIES - 1:
                    time.sleep(random.uniform(0.005, 0.02) * 2**number)
        raise Unavailable(say("Others kept changing the same records. Try again."), headers={"Retry-After": "1"})

    def _once(self) -> Response:
        if self.plan.writes:
            opened: Any = self.plan.node.begin(self.context)
        else:
            opened = self.plan.node.read() if self.plan.wants_tx or self.key else nullcontext()
        with opened as tx:
            if tx is not None:
                self._say_who_asks(tx)
            if self.key is not None and (known := claim(tx, self.key)) is not None:
                return self._replayed(known)
            result = self.plan.function(**self.values, **({self.plan.wants_tx: tx} if self.plan.wants_tx else {}))
            response = None if isinstance(result, Refused) else self._answer(result)
            if self.key is not None and response is not None:
                self._keep(tx, self.key, response, result)
            self.committing = self.plan.writes  # from here on nobody knows whether a lost connection did it
        if response is None:
            raise result.error  # after the commit
        return response

    def _say_who_asks(self, tx: Session) -> None:
        if self.caller.kind == "system":
            as_system(tx, f"{self.caller.actor} asks")
        else:
            acting(tx, self.caller, teams=self.caller.own_team_ids)

    def _replay_only(self) -> Response:
        # The twin in this process may have finished long ago and be replaying too: then its answer is there.
        assert self.key is not None
        with self.plan.node.read() as tx:
            known = look_up(tx, self.key)
        if known is None:
            raise running()
        return self._replayed(known)

    def _replayed(self, known: Answer) -> Response:
        metrics.idempotent_replays.labels(self.plan.node.name).inc()
        return Response(known.body, known.status, {**known.headers, REPLAYED: "true"})

    def _keep(self, tx: Session, key: Key, response: Response, result: Any) -> None:
        if not 200 <= response.status_code < 300 or isinstance(response, StreamingResponse):
            return
        body = bytes(response.body)
        if self.plan.secret:
            body = _without(body, self.plan.secret)
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        store(tx, key, Answer(response.status_code, headers, body))

    def _answer(self, result: Any) -> Response:
        """The bytes, made while the transaction is open, so that nothing can fail after the commit."""
        if isinstance(result, Response):
            return result
        status, headers = self.plan.status, {}
        if isinstance(result, Reply):
            status, headers = result.status or status, dict(result.headers or {})
            result = result.body
        if result is None and status == 204:
            return Response(status_code=204, headers=headers)
        version = getattr(result, "version", None)
        if isinstance(version, int):
            headers.setdefault("ETag", etag(version))
        if status == 201 and (made := getattr(result, "id", None)) is not None:
            headers.setdefault("Location", f"{self.path}/{made}")
        return Response(self._json(result), status, headers, _JSON)

    def _json(self, result: Any) -> bytes:
        if isinstance(result, Page):
            return result.to_json()
        if isinstance(result, BaseModel):
            return result.model_dump_json(by_alias=True).encode()
        if self.plan.adapter is not None:
            return self.plan.adapter.dump_json(result, by_alias=True)
        return orjson.dumps(result)


def _without(body: bytes, names: tuple[str, ...]) -> bytes:
    content = orjson.loads(body)
    return orjson.dumps({name: value for name, value in content.items() if name not in names})
