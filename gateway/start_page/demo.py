"""Trying the demo company out: a button each for its people. Where there is no demo company, nobody gets in here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from chassis.context import Context
from chassis.errors import BadRequest, NotAllowed, NotFound, TooLarge, TooMany
from chassis.http import Face
from chassis.http.trail import lay_trail
from chassis.i18n import LANGUAGES, say
from gateway.console.sessions import COOKIE, Granted, Sessions, new_session
from gateway.console.visits import PREFIX, own_path
from gateway.identity.access_tokens import LIFETIME_S, AccessTokens
from gateway.identity.sign_ins.actions import Tokens, begin_sign_in
from gateway.identity.users.queries import user_with_email
from gateway.limits.limiter import Limiter
from gateway.proxy.arrival import neighbourhood
from gateway.proxy.public import TOKEN_PATH, Strangers

SIGN_IN_PATH = "/demo/sign-in"
PARTNER = "partner"
_FORM_LIMIT = 4 * 1024
_SESSION_LASTS_S = 14 * 24 * 3600
_YEAR_S = 365 * 24 * 3600


class Demo(Protocol):
    """Whoever starts an installation that may have a demo company gives it to the gateway."""

    def people(self) -> Mapping[str, str]:
        """E-mail addresses by the part that they play; nobody without a demo company."""

    def partner_key(self) -> str:
        """A partner's key to push leads with; "" without a demo company."""


ShowPartner = Callable[[Request, str, str], Awaitable[Response]]


class DemoSignIn:
    """``POST /demo/sign-in`` with ``part``: a console session as that person, or the partner's key to look at.

    Counted with all other sign-ins. Only from our own pages: nobody else's page signs a visitor in.
    """

    def __init__(
        self, face: Face, demo: Demo | None, limiter: Limiter, strangers: Strangers, show_partner: ShowPartner
    ) -> None:
        self._face, self._demo, self._limiter, self._strangers = face, demo, limiter, strangers
        self._show_partner = show_partner
        self._sessions = Sessions(face.node.settings)

    async def __call__(self, request: Request) -> Response:
        """See the class."""
        await self._count(request)
        people = self._demo.people() if self._demo else {}
        if self._demo is None or not people:
            raise NotFound()
        _check_ours(request)
        form = await _read_form(request)
        language = form.get("language", "")
        if form.get("part") == PARTNER:
            return await self._show_partner(request, language, self._demo.partner_key())
        email = people.get(form.get("part", ""))
        if email is None:
            raise NotFound()
        return self._enter(await self._begin(request, email), form.get("next", ""), language, request)

    async def _count(self, request: Request) -> None:
        policy = self._strangers.policy(TOKEN_PATH, "POST")
        address = request.client.host if request.client else ""
        verdict = await self._limiter.take(f"{policy.name}:{neighbourhood(address)}", policy)
        if not verdict.allowed:
            message = say(
                "More requests than {quota} in {seconds} s.", quota=policy.quota, seconds=round(policy.window_s)
            )
            raise TooMany(message, headers={"Retry-After": str(int(verdict.wait_s) + 1)})

    async def _begin(self, request: Request, email: str) -> Tokens:
        trail = lay_trail("", "", request.headers.get("accept-language", ""))
        context = Context(trail.request_id, actor="service:gateway", traceparent=trail.traceparent)

        def settle() -> Tokens | None:
            with self._face.node.begin(context) as tx:
                user = user_with_email(tx, email)
                if user is None or not user.active:
                    return None
                return begin_sign_in(tx, user, AccessTokens.of(self._face.node.settings))

        tokens = await self._face.threads.run(settle)
        if tokens is None:
            raise NotFound()
        return tokens

    def _enter(self, tokens: Tokens, wanted: str, language: str, request: Request) -> Response:
        session = Granted(tokens.access, tokens.refresh, float(LIFETIME_S)).into(new_session())
        answer = Response(status_code=303, headers={"Location": PREFIX + (own_path(wanted) or "/")})
        secure = request.url.scheme == "https"
        cookies = [(COOKIE, self._sessions.write(session), _SESSION_LASTS_S)]
        if language in LANGUAGES:
            cookies.append(("relata_language", language, _YEAR_S))
        for name, value, max_age in cookies:
            answer.set_cookie(name, value, max_age, path=PREFIX, secure=secure, httponly=True, samesite="lax")
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _check_ours(request: Request) -> None:
    # Browsers say where a form comes from. Who says nothing is no browser, and gains nothing by it.
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if (site is not None and site != "same-origin") or (site is None and origin is not None and origin != ours):
        raise NotAllowed(say("This form is from elsewhere."))


async def _read_form(request: Request) -> dict[str, str]:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _FORM_LIMIT:
            raise TooLarge(say("The body is larger than {limit} bytes.", limit=_FORM_LIMIT))
    try:
        return {name: values[-1] for name, values in parse_qs(body.decode(), max_num_fields=20).items()}
    except ValueError:
        raise BadRequest(say("This is not a form.")) from None
