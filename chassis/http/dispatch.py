"""From a path to its route, and from there to the function, by the shortest way.

FastAPI still reads the signatures, checks parameters and writes the OpenAPI document. What it would put around every
call, two exit stacks, an exception wrapper and a walk over all routes, took longer than the work of a small request.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute, APIRouter
from pydantic_core import PydanticUndefined
from starlette._utils import get_route_path
from starlette.convertors import StringConvertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.http.endpoint import Endpoint, Media
from chassis.http.route import RawBody
from chassis.http.trail import API
from chassis.problems import UnexpectedStatus


class CheckedRoute(APIRoute):
    """FastAPI's route, preceded by our own checks. A plain function's route also serves itself."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.own: Endpoint = endpoint.relata  # type: ignore[attr-defined]
        super().__init__(path, endpoint, **options)
        if not self.own.is_async:
            if self.dependant.dependencies or self.dependant.response_param_name:
                raise TypeError(
                    f"{self.own.route.name}: no Depends (it hops threads), no Response (answer with a Reply)"
                )
            self.app = self.serve

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Admit the request before FastAPI looks at it."""
        handler = super().get_route_handler()
        self._names = frozenset(field.alias for field in self.dependant.query_params)
        self._media = self._media_of_body()

        async def checked(request: Request) -> Response:
            await self._admit(request)
            return await handler(request)

        return checked

    def _media_of_body(self) -> Media | None:
        if self.body_field is not None:
            return "form" if isinstance(self.body_field.field_info, Form) else "json"
        # An async function reads its own body; another's is needed whole, if only for the idempotency key.
        unread = self.own.route.method == "GET" or self.own.is_async
        return None if unread and RawBody not in self.own.wanted else "bytes"

    async def _admit(self, request: Request) -> None:
        await self.own.admit(request, self._names, self._media)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to a plain function."""
        request = Request(scope, receive, send)
        await self._admit(request)
        if self._media == "form":
            async with request.form() as form:
                response = await self.own.hop(request, await self._arguments(request, form))
        else:
            body = getattr(request, "_json", PydanticUndefined)
            response = await self.own.hop(request, await self._arguments(request, body))
        await response(scope, receive, send)

    async def _arguments(self, request: Request, body: Any) -> dict[str, Any]:
        declared = self.dependant
        values, errors = request_params_to_args(declared.path_params, request.path_params)
        for fields, received in (
            (declared.query_params, request.query_params),
            (declared.header_params, request.headers),
            (declared.cookie_params, request.cookies if declared.cookie_params else {}),
        ):
            if fields:
                more, wrong = request_params_to_args(fields, received)
                values.update(more)
                errors += wrong
        if declared.body_params:
            more, wrong = await request_body_to_args(declared.body_params, body, self._embed_body_fields)
            values.update(more)
            errors += wrong
        if errors:
            raise RequestValidationError(errors)
        return values


class Dispatch:
    """Finds a route by method, number of segments and noun, and leaves everything else to the router."""

    def __init__(self, router: APIRouter, fallback: ASGIApp) -> None:
        self._fallback = fallback
        self._routes: dict[tuple[str, int, str], list[CheckedRoute]] = defaultdict(list)
        for route in router.routes:
            if isinstance(route, CheckedRoute) and not route.own.is_async and _is_plain(route):
                noun = route.path[len(API) + 1 :].partition("/")[0]
                self._routes[route.own.route.method, route.path.count("/"), noun].append(route)
        self._served = [(each.path_regex, each.methods or set()) for each in router.routes if isinstance(each, Route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            path = get_route_path(scope)
            noun = path[len(API) + 1 :].partition("/")[0]
            for route in self._routes.get((scope["method"], path.count("/"), noun), ()):
                if (match := route.path_regex.match(path)) is not None:
                    scope["path_params"], scope["route"] = match.groupdict(), route
                    await route.serve(scope, receive, send)
                    return
            self._check_method(scope["method"], path)
        await self._fallback(scope, receive, send)

    def _check_method(self, method: str, path: str) -> None:
        # The router would name only the methods of the first route that has this path.
        served = {each for regex, methods in self._served if regex.match(path) for each in methods}
        if served and method not in served:
            raise UnexpectedStatus(405, {"Allow": ", ".join(sorted(served))})


def _is_plain(route: CheckedRoute) -> bool:
    """Whether the path begins with a fixed noun, and no parameter is converted or spans segments."""
    noun = route.path[len(API) + 1 :].partition("/")[0]
    return "{" not in noun and all(isinstance(each, StringConvertor) for each in route.param_convertors.values())
