"""Signing in and out, and the language of the pages."""

from dataclasses import replace

from starlette.responses import Response

from chassis.i18n import LANGUAGES
from gateway.console.calling import if_allowed
from gateway.console.routes import Entry, Get, Post
from gateway.console.sessions import new_session
from gateway.console.visits import Visit, own_path


async def ask_to_sign_in(visit: Visit) -> Response:
    """The form; whoever is signed in goes on."""
    wanted = visit.given("next") or visit.query.get("next", "")
    if visit.me and visit.refused is None:
        return visit.lead_to(own_path(wanted) or "/")
    return visit.show("sign_ins/sign_in.html", next=wanted if own_path(wanted) else "", email=visit.given("email"))


async def sign_in(visit: Visit) -> Response:
    """Begin a session of one's own: what somebody else may have left in the browser is not gone on with."""
    granted = await replace(visit.api, token="").sign_in(visit.given("email"), visit.form.get("password", [""])[-1])
    visit.session = granted.into(new_session())
    return visit.lead_to(own_path(visit.given("next")) or "/")


async def sign_out(visit: Visit) -> Response:
    """End the session here and at the API."""
    if visit.me:
        await if_allowed(visit.api.post("/auth/logout"), None)
    visit.session = new_session()
    # Said in the language of the page that shows it: whose language this was is gone.
    return visit.lead_to("/sign-in", "You are signed out.")


async def choose_language(visit: Visit) -> Response:
    """The other language, from now on."""
    language = visit.given("language")
    if language in LANGUAGES:
        visit.new_language = language
        if visit.me:
            await if_allowed(visit.api.patch("/me", {"locale": language}), None)
    return visit.lead_to(own_path(visit.given("next")) or "/")


ROUTES: list[Entry] = [
    Get("/sign-in", ask_to_sign_in, public=True),
    Post("/sign-in", sign_in, again=ask_to_sign_in, public=True),
    Post("/sign-out", sign_out, public=True),
    Post("/language", choose_language, public=True),
]
