"""The few pages that the gateway shows itself, by exact paths. Beside them the console, a whole app."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.errors import NotFound
from chassis.problems import UnexpectedStatus

Page = Callable[[Request], Awaitable[Response]]
Document = tuple[str, bytes]
"""A media type and the bytes."""

SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


class Pages:
    """An ASGI app over a table of pages. Anything else is NotFound.

    ``forms`` are what is sent by POST. ``apps`` answer whatever lies under their prefix, such as ``/app``, by rules of
    their own.
    """

    def __init__(
        self, pages: Mapping[str, Page], apps: Mapping[str, ASGIApp], forms: Mapping[str, Page] | None = None
    ) -> None:
        self._pages, self._apps, self._forms = pages, apps, forms or {}

    def prefix_of(self, path: str) -> str:
        """The prefix of the app that answers this path; "" when none does."""
        first = "/" + path.split("/", 2)[1]
        return first if first in self._apps else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one page."""
        if prefix := self.prefix_of(scope["path"]):
            await self._apps[prefix](scope, receive, send)
            return
        methods, page = ["GET", "HEAD"], self._pages.get(scope["path"])
        if page is None:
            methods, page = ["POST"], self._forms.get(scope["path"])
        if page is None:
            raise NotFound()
        if scope["method"] not in methods:
            raise UnexpectedStatus(405, {"Allow": ", ".join(methods)})
        response = await page(Request(scope, receive))
        for name, value in SAFE.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)


def fixed(document: Document) -> Page:
    """A page that is always these bytes."""

    async def page(_request: Request) -> Response:
        media_type, content = document
        return Response(content, media_type=media_type, headers={"Cache-Control": "max-age=300"})

    return page
