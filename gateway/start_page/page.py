"""``/``: what this is, how to try it, and where to go. No secrets, nothing from elsewhere, in the reader's language."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from chassis.http import product_version
from chassis.i18n import LANGUAGES, Catalogue, choose_language
from gateway.console.visits import PREFIX
from gateway.pages import SAFE, Page
from gateway.proxy.neighbours import Neighbours
from gateway.start_page.demo import PARTNER, SIGN_IN_PATH, Demo
from gateway.start_page.tours import PARTS, TOURS

_HERE = Path(__file__).parent
_CSP = "Content-Security-Policy"
# Without a referrer a browser would not say either where a form comes from.
_FORMS = {_CSP: SAFE[_CSP].replace("form-action 'none'", "form-action 'self'"), "Referrer-Policy": "same-origin"}


class StartPage:
    """The front door. ``links``: further documents to point to, path and what it is; ``has``: paths of the console."""

    def __init__(
        self,
        neighbours: Neighbours,
        catalogue: Catalogue,
        links: list[tuple[str, str]],
        *,
        demo: Demo | None,
        has: Callable[[str], bool],
    ) -> None:
        self._neighbours, self._catalogue, self._links = neighbours, catalogue, links
        self._demo, self._has = demo, has
        self._templates = Environment(loader=FileSystemLoader(_HERE), autoescape=True)

    async def show(self, request: Request) -> Response:
        """The page."""
        people = self._demo.people() if self._demo else {}
        return self._render(
            request,
            request.query_params.get("language", ""),
            "start.html",
            standings=await self._neighbours.standings(),
            links=self._links,
            parts={part: told for part, told in PARTS.items() if part in people},
            tours=TOURS,
            has=self._has,
            partner=PARTNER,
        )

    async def show_partner(self, request: Request, language: str, key: str) -> Response:
        """The key of a partner of the demo company, and how to push with it."""
        return self._render(request, language, "partner.html", key=key)

    def _render(self, request: Request, chosen: str, template: str, **values: object) -> Response:
        language = chosen if chosen in LANGUAGES else choose_language(request.headers.get("accept-language", ""))
        content = self._templates.get_template(template).render(
            say=lambda text: self._catalogue.text(text, language),
            language=language,
            version=product_version(),
            app=PREFIX,
            sign_in_path=SIGN_IN_PATH,
            base=f"{request.url.scheme}://{request.headers.get('host', 'localhost')}",
            **values,
        )
        headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store", **_FORMS}
        return HTMLResponse(content, headers=headers)


def standings_json(neighbours: Neighbours) -> Page:
    """What the page asks again and again while somebody looks: ``{"services": {"sales": "ok"}}``."""

    async def page(_request: Request) -> Response:
        told = {each.name: "ok" if each.is_ready else "unavailable" for each in await neighbours.standings()}
        return JSONResponse({"services": told}, headers={"Cache-Control": "no-store"})

    return page


def script() -> bytes:
    """What keeps the page up to date."""
    return (_HERE / "start.js").read_bytes()
