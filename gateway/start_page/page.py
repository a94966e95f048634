"""``/``: what runs here, and where to go. No secrets, nothing from elsewhere, in the reader's language."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from chassis.http import product_version
from chassis.i18n import Catalogue, choose_language
from gateway.pages import Page
from gateway.proxy.neighbours import Neighbours

_HERE = Path(__file__).parent


def start_page(neighbours: Neighbours, catalogue: Catalogue, links: list[tuple[str, str]]) -> Page:
    """The page. ``links``: further documents to point to, path and what it is."""
    template = Environment(loader=FileSystemLoader(_HERE), autoescape=True).get_template("start.html")

    async def page(request: Request) -> Response:
        language = choose_language(request.headers.get("accept-language", ""))
        content = template.render(
            say=lambda text: catalogue.text(text, language),
            language=language,
            version=product_version(),
            standings=await neighbours.standings(),
            links=links,
            base=f"{request.url.scheme}://{request.headers.get('host', 'localhost')}",
        )
        headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
        return HTMLResponse(content, headers=headers)

    return page


def standings_json(neighbours: Neighbours) -> Page:
    """What the page asks again and again while somebody looks: ``{"services": {"sales": "ok"}}``."""

    async def page(_request: Request) -> Response:
        told = {each.name: "ok" if each.is_ready else "unavailable" for each in await neighbours.standings()}
        return JSONResponse({"services": told}, headers={"Cache-Control": "no-store"})

    return page


def script() -> bytes:
    """What keeps the page up to date."""
    return (_HERE / "start.js").read_bytes()
