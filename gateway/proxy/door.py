"""The public door: every request passes here. Who asks, how often, and on to whoever answers. Plain ASGI."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import metrics
from chassis.errors import NotAllowed, NotFound, NotSignedIn, RelataError, TooLarge, TooMany
from chassis.http.trail import MIB
from chassis.i18n import Catalogue, choose_language, say
from chassis.problems import Unexpected, problem, refusal
from gateway.limits.limiter import Limiter
from gateway.limits.policy import Policy
from gateway.pages import Pages
from gateway.proxy.arrival import is_loopback, neighbourhood
from gateway.proxy.principals import Known, Principals
from gateway.proxy.public import PUBLIC_PREFIX, TOKEN_PATH, Strangers
from gateway.proxy.routing import API, Routes, Target
from gateway.proxy.visit import Visit

log = structlog.get_logger("door")

BODY_LIMIT = 21 * MIB
# Unknown credentials from one address: each costs a look into the database.
_GUESSES = Policy("credentials", 100, 1.0)
_METRICS_ROLES = frozenset({"operator", "administrator"})


class Door:
    """The ASGI app that faces the world. ``pages`` answer what lies outside ``/api/v1``."""

    def __init__(
        self,
        *,
        routes: Routes,
        system: ASGIApp,
        pages: Pages,
        principals: Principals,
        strangers: Strangers,
        limiter: Limiter,
        catalogue: Catalogue,
    ) -> None:
        self._routes, self._system, self._pages = routes, system, pages
        self._principals, self._strangers, self._limiter = principals, strangers, limiter
        self._catalogue = catalogue
        self._watches: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever goes wrong leaves as a problem, unless the answer has begun."""
        began = time.perf_counter()
        visit = Visit(scope, send)
        try:
            await self._serve(visit, scope, receive)
        except Exception as error:
            if visit.status:
                log.warning(
                    "answer broken off", route=visit.route, request_id=visit.trail.request_id, reason=repr(error)
                )
                raise
            await self._refuse(error, visit, scope, receive)
        finally:
            self._note(visit, scope["method"], time.perf_counter() - began)

    async def _serve(self, visit: Visit, scope: Scope, receive: Receive) -> None:
        path: str = scope["path"]
        if not path.startswith(API + "/"):
            return await self._beside(visit, scope, receive, path)
        target = self._routes.find(path)
        if target is None:
            return await self._beside(visit, scope, receive, path.removeprefix(API))
        visit.route = target.prefix
        if visit.arrival.length > BODY_LIMIT:
            raise TooLarge(say("The body is larger than {limit} bytes.", limit=BODY_LIMIT))
        if path.startswith(PUBLIC_PREFIX) or path == TOKEN_PATH:
            await self._let_stranger_pass(visit, scope, receive, target)
        else:
            await self._let_known_pass(visit, scope, receive, target)

    async def _let_known_pass(self, visit: Visit, scope: Scope, receive: Receive, target: Target) -> None:
        credential = visit.arrival.credential
        known = await self._who(credential, visit)
        visit.locale = known.caller.locale
        await self._count(visit, known.bucket, known.policy)
        headers = [*visit.arrival.passed, *visit.told(), *known.headers]
        if target.is_own and known.sign_in is not None:
            headers.append(known.sign_in)
        assert credential is not None
        watch = visit.watch(lambda: self._still_welcome(credential))
        try:
            await target.app({**scope, "headers": headers}, receive, visit.send)
        except asyncio.CancelledError:
            if not watch.ended_it:
                raise
            watch.task.uncancel()
            await visit.send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watch.stop()

    async def _let_stranger_pass(self, visit: Visit, scope: Scope, receive: Receive, target: Target) -> None:
        policy = self._strangers.policy(scope["path"], scope["method"])
        await self._count(visit, f"{policy.name}:{neighbourhood(visit.address)}", policy)
        headers = [*visit.arrival.passed, *visit.told(), self._strangers.header(visit.address)]
        if not target.is_own:  # providers sign in to their hooks by headers of their own
            headers += visit.arrival.credentials
        await target.app({**scope, "headers": headers}, receive, visit.send)

    async def _who(self, credential: str | None, visit: Visit) -> Known:
        if credential is None:
            raise NotSignedIn(say("Sign in first."), headers={"WWW-Authenticate": "Bearer"})
        known = self._principals.remembered(credential)
        if known is not None:
            return known
        await self._count(visit, f"credentials:{neighbourhood(visit.address)}", _GUESSES)
        visit.limits = []
        try:
            return await self._principals.find(credential)
        except NotSignedIn as error:
            error.headers.setdefault("WWW-Authenticate", 'Bearer error="invalid_token"')
            raise

    async def _still_welcome(self, credential: str) -> bool:
        try:
            await self._principals.find(credential)
        except NotSignedIn:
            return False
        except RelataError:
            return True  # the database is away: what was begun may go on
        return True

    async def _count(self, visit: Visit, bucket: str, policy: Policy) -> None:
        verdict = await self._limiter.take(bucket, policy)
        visit.limits = verdict.headers(policy)
        if not verdict.allowed:
            metrics.door_limited.labels(policy.name).inc()
            raise TooMany(
                say("More requests than {quota} in {seconds} s.", quota=policy.quota, seconds=round(policy.window_s)),
                headers={"Retry-After": str(int(verdict.wait_s) + 1)},
            )

    async def _beside(self, visit: Visit, scope: Scope, receive: Receive, path: str) -> None:
        """What is no route of a service: health, metrics, and the pages."""
        visit.route = path if path in ("/health", "/ready", "/version", "/metrics") else ""
        if not visit.route:
            if scope["path"].startswith(API + "/"):
                raise NotFound()
            visit.route = self._pages.prefix_of(scope["path"])
            await self._pages(scope, receive, visit.send)
            return
        if path == "/metrics":
            await self._check_may_see_metrics(visit)
        rewritten = {
            **scope,
            "path": path,
            "raw_path": path.encode(),
            "headers": [*visit.arrival.passed, *visit.told()],
        }
        await self._system(rewritten, receive, visit.send)

    async def _check_may_see_metrics(self, visit: Visit) -> None:
        # Behind a proxy of one's own everybody seems to be on this machine.
        if is_loopback(visit.address) and not visit.arrival.is_forwarded and visit.arrival.credential is None:
            return
        caller = (await self._who(visit.arrival.credential, visit)).caller
        if caller.roles.isdisjoint(_METRICS_ROLES) and "metrics:read" not in caller.scopes:
            raise NotAllowed()

    async def _refuse(self, error: Exception, visit: Visit, scope: Scope, receive: Receive) -> None:
        said = refusal(error)
        if isinstance(said, Unexpected):
            log.error("request failed", exc_info=error, route=visit.route, request_id=visit.trail.request_id)
        elif said.status in (401, 403):
            metrics.authz_denied.labels("door", visit.route or "unmatched").inc()
        if said.status != 404:
            log.info("request refused", route=visit.route, status=said.status, request_id=visit.trail.request_id)
        language = choose_language(visit.trail.accept_language, visit.locale)
        answer = problem(said, self._catalogue, language, visit.trail.trace_id)
        answer.headers["X-Request-Id"] = visit.trail.request_id
        with suppress(OSError):  # whoever hung up needs no answer
            await answer(scope, receive, visit.send)

    def _note(self, visit: Visit, method: str, seconds: float) -> None:
        key = (visit.route, method, visit.status // 100)
        watches = self._watches.get(key)
        if watches is None:
            route = visit.route or "unmatched"
            labels = ("door", route, method if visit.route else "other", f"{key[2]}xx")
            watches = metrics.http_requests.labels(*labels), metrics.http_seconds.labels("door", route)
            if visit.route:
                self._watches[key] = watches
        watches[0].inc()
        watches[1].observe(seconds)
