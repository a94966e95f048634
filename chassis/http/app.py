"""A service's HTTP face: its routes under ``/api/v1``; beside them health, readiness, metrics, description."""

import asyncio
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as PlainRoute
from starlette.types import ASGIApp

from chassis.http.dispatch import CheckedRoute, Dispatch
from chassis.http.edge import Edge
from chassis.http.endpoint import Endpoint
from chassis.http.face import Face
from chassis.http.openapi import describe, finish
from chassis.http.operating import operating_routes
from chassis.http.route import Route, Router
from chassis.http.trail import API, trail_of
from chassis.i18n import Catalogue
from chassis.service import Node

_READY_WITHIN_S = 2.0


class ServiceApp(FastAPI):
    """FastAPI with two layers instead of six: the edge, then the routes. Middleware added to it stands before both."""

    def build_middleware_stack(self) -> ASGIApp:
        """The edge answers every error itself, so that neither Starlette's nor FastAPI's error layers are needed."""
        app: ASGIApp = Edge(Dispatch(self.router, AsyncExitStackMiddleware(self.router)), self.state.face)
        for cls, args, kwargs in reversed(self.user_middleware):
            app = cls(app, *args, **kwargs)
        return app


def http_app(node: Node) -> FastAPI:
    """The service's ASGI app. ``app.state.face`` is its Face; close the node after the server has stopped."""
    face = Face(node, Catalogue(*([node.service.messages] if node.service.messages else [])))
    app = ServiceApp(
        title=f"Relata {node.name}",
        version=product_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.face = face
    app.router.routes.extend(_system_routes(app, face))
    app.router.route_class = CheckedRoute
    for route in _in_order(node.service.routers):
        endpoint = Endpoint(face, route)
        app.add_api_route(
            API + route.path,
            endpoint.callable(),
            methods=[route.method],
            response_model=endpoint.answers,
            status_code=endpoint.status,
            **describe(endpoint),
        )
    finish(app)
    return app


@cache
def product_version() -> str:
    """The installed version of Relata."""
    try:
        return version("relata")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"


def _in_order(routers: tuple[Router, ...]) -> list[Route]:
    """Fixed segments before parameters, so that ``/leads/export`` is never taken for a lead."""
    routes = [route for router in routers for route in router.routes]
    return sorted(routes, key=lambda route: [part.startswith("{") for part in route.path.split("/")])


def _system_routes(app: FastAPI, face: Face) -> list[PlainRoute]:
    async def health(request: Request) -> Response:
        return _plain(request, "/health", {"status": "ok"})

    async def ready(request: Request) -> Response:
        """Whether this process can do its work: its database answers. The broker may be away, events wait for it."""
        try:
            async with asyncio.timeout(_READY_WITHIN_S):
                await asyncio.to_thread(_ask_database, face.node)
        except Exception:  # whatever it is, the answer is no
            return _plain(request, "/ready", {"status": "unavailable", "database": "unavailable"}, 503)
        return _plain(request, "/ready", {"status": "ok", "database": "ok"})

    async def metrics(request: Request) -> Response:
        trail_of(request.scope).route = "/metrics"
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    async def about(request: Request) -> Response:
        return _plain(request, "/version", {"name": "relata", "service": face.node.name, "version": product_version()})

    async def openapi(request: Request) -> Response:
        return _plain(request, "/openapi.json", app.openapi())

    named = {"/health": health, "/ready": ready, "/metrics": metrics, "/version": about, "/openapi.json": openapi}
    routes = [PlainRoute(path, function, methods=["GET"]) for path, function in named.items()]
    return [*routes, *operating_routes(face)]


def _plain(request: Request, route: str, content: Any, status: int = 200) -> Response:
    trail_of(request.scope).route = route
    return JSONResponse(content, status)


def _ask_database(node: Node) -> None:
    with node.read() as tx:
        tx.execute(text("SELECT 1"))
