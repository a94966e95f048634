"""The gateway's ASGI app: the public door over the gateway's own routes and everybody else's."""

from collections.abc import Mapping
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http import Face, http_app
from chassis.service import Node
from gateway.console.app import Console
from gateway.console.visits import PREFIX
from gateway.flow.tour import Tour
from gateway.identity.access_tokens import AccessTokens
from gateway.limits.limiter import Limiter
from gateway.openapi.collected import Collected
from gateway.openapi.pages import docs_page, openapi_json
from gateway.pages import Document, Page, Pages, fixed
from gateway.proxy.door import Door
from gateway.proxy.neighbours import Neighbours
from gateway.proxy.principals import Principals
from gateway.proxy.public import Strangers
from gateway.proxy.routing import Routes
from gateway.start_page.page import script, standings_json, start_page

# Requests per second for one user or key that has no rate of its own: enough for any single system, not for a flood.
USUAL_RATE = 2_000


def gateway_app(
    node: Node,
    upstreams: Mapping[str, ASGIApp],
    *,
    documents: Mapping[str, Document] | None = None,
    tour: Tour | None = None,
) -> "Gateway":
    """The public door. ``upstreams``: ``{"/leads": app}``, prefixes as they stand after ``/api/v1``, each an ASGI app.

    ``documents``: further fixed answers by path, ``{"/api/asyncapi.yaml": ("application/yaml", b"…")}``. ``tour``: what
    shows a demo company how nothing is lost, where there is one. Raises
    SettingsError when the settings have no secret.
    """
    own = http_app(node)
    face: Face = own.state.face
    own.state.tour = tour
    secret = _secret(node)
    routes = Routes(own, _own_prefixes(node), upstreams)
    neighbours = own.state.neighbours = Neighbours(routes.upstreams())
    principals = Principals(face, AccessTokens.of(node.settings), USUAL_RATE)
    principals.watch(node.db)
    limiter = Limiter(node.settings.cache_url, node.settings.prefix)
    apps: dict[str, ASGIApp] = {}
    pages = Pages(_pages(neighbours, face, documents or {}), apps)
    door = Door(
        routes=routes,
        system=own,
        pages=pages,
        principals=principals,
        strangers=Strangers(face.seal, secret),
        limiter=limiter,
        catalogue=face.catalogue,
    )
    # The console is behind the door, and asks at the door like everybody else.
    apps[PREFIX] = Console(door, node.settings, *_messages(node))
    return Gateway(door, limiter, [app for app, _ in routes.upstreams()])


class Gateway:
    """The ASGI app. Its lifespan ends with every connection given back."""

    def __init__(self, door: Door, limiter: Limiter, upstreams: list[ASGIApp]) -> None:
        self.door, self._limiter, self._upstreams = door, limiter, upstreams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or the server's start and stop. There are no web sockets here."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await self.door(_as_get(scope), receive, _without_body(send))
        elif scope["type"] == "http":
            await self.door(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def close(self) -> None:
        """Give all connections back."""
        await self._limiter.close()
        for upstream in self._upstreams:
            close = getattr(upstream, "close", None)
            if close is not None:
                await close()


def _as_get(scope: Scope) -> Scope:
    """The same question with an answer; without ``Accept``, since a stream that is followed has no end."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept"]
    return {**scope, "method": "GET", "headers": headers}


def _without_body(send: Send) -> Send:
    async def heads(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return heads


def _secret(node: Node) -> str:
    return node.settings.secret.get_secret_value() if node.settings.secret else ""


def _messages(node: Node) -> list[Path]:
    return [node.service.messages] if node.service.messages else []


def _own_prefixes(node: Node) -> list[str]:
    paths = {route.path for router in node.service.routers for route in router.routes}
    return sorted({"/" + path.strip("/").split("/")[0] for path in paths})


def _pages(neighbours: Neighbours, face: Face, documents: Mapping[str, Document]) -> dict[str, Page]:
    collected = Collected(neighbours)
    links = [(path, "every event, for programs (AsyncAPI 3)") for path in documents if "asyncapi" in path]
    return {
        "/": start_page(neighbours, face.catalogue, links),
        "/start.js": fixed(("text/javascript", script())),
        "/services.json": standings_json(neighbours),
        "/api/docs": docs_page(collected),
        "/api/openapi.json": openapi_json(collected),
        **{path: fixed(document) for path, document in documents.items()},
    }
