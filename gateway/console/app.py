"""The console's ASGI app: sessions, forms that are surely ours, and a page for whatever goes wrong."""

import hmac
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.i18n import LANGUAGES, Catalogue, choose_language
from chassis.sealing import CannotOpen, seal, unseal
from chassis.settings import Settings
from gateway.console.calling import Api, Refused
from gateway.console.navigation import places_for
from gateway.console.offers import Offers
from gateway.console.pages import ROUTES
from gateway.console.pasts import page_of
from gateway.console.routes import Found, Get, Post, Table
from gateway.console.sessions import COOKIE, Renewals, Session, Sessions, new_session
from gateway.console.static_files import StaticFiles
from gateway.console.visits import PREFIX, Visit, flash_of
from gateway.console.wording import Wording

log = structlog.get_logger("console")

_HERE = Path(__file__).parent
_STATIC = PREFIX + "/static"
_LANGUAGE_COOKIE = "relata_language"
_FLASH_COOKIE = "relata_flash"
_FLASH_PURPOSE = "console flash"
_SESSION_LASTS_S = 14 * 24 * 3600
_YEAR_S = 365 * 24 * 3600
_FORM_LIMIT = 256 * 1024
_MOST_FIELDS = 2_000
_SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language, HX-Request",
}


class Console:
    """Serves everything under ``/app``."""

    def __init__(self, api: ASGIApp, settings: Settings, *messages: Path) -> None:
        """``api``: whoever answers ``/api/v1``, the public door itself. ``messages``: folders of texts besides ours."""
        self._api, self._settings = api, settings
        self._catalogue = Catalogue(*messages, *(_HERE / each / "messages" for each in ("", "flow", "cases")))
        self._sessions = Sessions(settings)
        self._renewals = Renewals(Api(api, "en", "127.0.0.1").renew)
        self._files = StaticFiles(_STATIC)
        self._offers = Offers(api)
        self._table = Table(ROUTES)
        self._templates = Environment(
            loader=FileSystemLoader(_HERE),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(
            pair=lambda each: (each, each),
            counted=_counted,
            stage_choice=lambda stage, wording: (stage["key"], wording.named(stage["name"])),
            pipeline_choice=lambda pipeline, wording: (pipeline["id"], wording.named(pipeline["name"])),
        )
        self._templates.globals.update(asset=self._files.address, app=PREFIX, places_for=places_for, page_of=page_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Whatever goes wrong is a page, too."""
        if scope["path"].startswith(_STATIC + "/") and scope["method"] == "GET":
            found = self._files.answer(scope["path"].removeprefix(_STATIC + "/"), scope)
            if found is not None:
                await found(scope, receive, send)
                return
        visit = self._arrive(Request(scope, receive))
        before = visit.session
        try:
            answer = await self._answer(visit, scope["method"])
        except Refused as refused:
            answer = self._refuse(visit, refused)
        except ClientDisconnect:
            return
        except Exception:
            log.exception("page failed", route=_named(visit.path))
            answer = self._refuse(visit, Refused(500, {"code": "internal"}))
        self._say_goodbye(visit, before, answer)
        await answer(scope, receive, send)

    def _arrive(self, request: Request) -> Visit:
        session = self._sessions.read(request.cookies.get(COOKIE)) or new_session()
        chosen = request.cookies.get(_LANGUAGE_COOKIE, "")
        language = chosen if chosen in LANGUAGES else choose_language(request.headers.get("accept-language", ""))
        address = request.client.host if request.client else ""
        return Visit(
            request=request,
            session=session,
            api=Api(self._api, language, address, session.access),
            wording=Wording(self._catalogue, language),
            templates=self._templates,
            offers=self._offers,
            flash=self._flash(request),
            path=request.scope["path"].removeprefix(PREFIX) or "/",
        )

    async def _answer(self, visit: Visit, method: str) -> Response:
        found = self._table.find(method, visit.path)
        if not isinstance(found, Found):
            await self._recognise(visit)
            raise Refused(405 if found else 404, {})
        if isinstance(found.entry, Post):
            visit.form = await _read_form(visit.request)
            _check_ours(visit)
        if not await self._recognise(visit) and not found.entry.public:
            return _to_sign_in(visit)
        if isinstance(found.entry, Get):
            return await found.entry.handler(visit, **found.ids)
        return await self._act(visit, found.entry, found.ids)

    async def _act(self, visit: Visit, entry: Post, ids: dict[str, str]) -> Response:
        try:
            return await entry.handler(visit, **ids)
        except Refused as refused:
            signed_out = refused.status == 401 and not entry.public
            if signed_out or refused.status >= 500 or entry.again is None or visit.wants_part:
                raise
            visit.refused = refused
            return await entry.again(visit, **ids)

    async def _recognise(self, visit: Visit) -> bool:
        """Whether somebody is signed in; tokens that run out are renewed first."""
        if not visit.session.is_signed_in:
            return False
        if visit.session.is_running_out:
            renewed = await self._renewals.renew(visit.session)
            visit.session = renewed or new_session()
            visit.api = replace(visit.api, token=visit.session.access)
            if renewed is None:
                return False
        try:
            visit.me = await visit.api.get("/me")
        except Refused as refused:
            if refused.status != 401:
                raise
            visit.session = new_session()
            visit.api = replace(visit.api, token="")
            return False
        chosen = visit.request.cookies.get(_LANGUAGE_COOKIE, "")
        language = chosen if chosen in LANGUAGES else visit.me["locale"]
        visit.api = replace(visit.api, language=language)
        visit.wording = Wording(self._catalogue, language, visit.me["time_zone"])
        return True

    def _refuse(self, visit: Visit, refused: Refused) -> Response:
        if refused.status == 401:
            visit.session = new_session()
            return _to_sign_in(visit)
        visit.refused = refused
        if visit.wants_part:
            return PlainTextResponse(
                visit.wording.problem(refused.status, refused.code, refused.detail), refused.status
            )
        return visit.show("templates/problem.html", refused.status, problem=refused)

    def _flash(self, request: Request) -> Any:
        try:
            return flash_of(unseal(self._settings, request.cookies.get(_FLASH_COOKIE, ""), purpose=_FLASH_PURPOSE))
        except CannotOpen:
            return None

    def _say_goodbye(self, visit: Visit, before: Session, answer: Response) -> None:
        """What the browser is to remember, and what it must not do."""
        for name, value in _SAFE.items():
            answer.headers.setdefault(name, value)
        answer.headers["Content-Language"] = visit.wording.language
        secure = visit.request.url.scheme == "https" or visit.request.headers.get("x-forwarded-proto") == "https"

        def remember(name: str, value: str, max_age: int) -> None:
            answer.set_cookie(name, value, max_age, path=PREFIX, secure=secure, httponly=True, samesite="lax")

        if visit.session != before or COOKIE not in visit.request.cookies:
            remember(COOKIE, self._sessions.write(visit.session), _SESSION_LASTS_S)
        if visit.new_language:
            remember(_LANGUAGE_COOKIE, visit.new_language, _YEAR_S)
        if visit.new_flash is not None:
            text = json.dumps(asdict(visit.new_flash), ensure_ascii=False)
            remember(_FLASH_COOKIE, seal(self._settings, text, purpose=_FLASH_PURPOSE), 60)
        elif visit.flash is not None and answer.status_code < 300 and not visit.wants_part:
            remember(_FLASH_COOKIE, "", 0)


async def _read_form(request: Request) -> dict[str, list[str]]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refused(415, {})
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _FORM_LIMIT:
            raise Refused(413, {})
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Refused(400, {}) from None


def _check_ours(visit: Visit) -> None:
    """A form, or a request of our script, that was made for this session; others may not act for the person."""
    sent = visit.request.headers.get("x-csrf-token") or visit.given("csrf")
    from_elsewhere = visit.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if from_elsewhere or not hmac.compare_digest(sent.encode(), visit.session.csrf.encode()):
        raise Refused(403, {"code": "form_expired"})


def _to_sign_in(visit: Visit) -> Response:
    target = visit.request.url.path
    if visit.request.method != "GET":
        target = ""
    elif visit.request.url.query:
        target += "?" + visit.request.url.query
    address = f"{PREFIX}/sign-in" + (f"?{urlencode({'next': target})}" if target else "")
    if visit.wants_part:
        return Response(status_code=401, headers={"HX-Redirect": f"{PREFIX}/sign-in"})
    return Response(status_code=303, headers={"Location": address})


def _counted(total: int | str | None, wording: Wording) -> str:
    return "" if total is None else total if isinstance(total, str) else wording.number(total)


def _named(path: str) -> str:
    return "/" + path.strip("/").partition("/")[0]
