"""One request at the console: who looks, what they sent, and how they are answered."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gateway.console.calling import Api, Record, Refused
from gateway.console.offers import Offers
from gateway.console.sessions import Session
from gateway.console.wording import Wording

PREFIX = "/app"
# It travels in a cookie, of which browsers keep no more than four kilobytes.
_LONGEST_FLASH = 400


@dataclass(frozen=True, slots=True)
class Flash:
    """A sentence for the next page. ``undo`` is a form of ours that takes it back: its path after ``/app``."""

    text: str
    undo: str = ""
    tone: str = "success"


@dataclass
class Visit:
    """One request. ``me`` is the answer of ``GET /me``; ``typed`` what a refused form said, and ``refused`` why."""

    request: Request
    session: Session
    api: Api
    wording: Wording
    templates: Any
    offers: Offers
    me: Record = field(default_factory=dict)
    form: Mapping[str, list[str]] = field(default_factory=dict)
    refused: Refused | None = None
    flash: Flash | None = None
    path: str = "/"
    new_flash: Flash | None = None
    new_language: str = ""

    @property
    def query(self) -> QueryParams:
        """What stands behind the question mark."""
        return self.request.query_params

    @property
    def wants_part(self) -> bool:
        """Whether htmx asks for a part of the page, and not a browser for the whole."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"

    @property
    def here(self) -> str:
        """This page, to come back to; the start for what is no page."""
        if self.request.method != "GET":
            return PREFIX
        query = self.request.url.query
        return PREFIX + self.path + (f"?{query}" if query else "")

    def new_key(self) -> str:
        """What makes a form count once, however often it is sent."""
        return secrets.token_urlsafe(16)

    def say(self, text: str, **values: object) -> str:
        """A sentence in the reader's language."""
        return self.wording.say(text, **values)

    def given(self, name: str) -> str:
        """A field of the form; "" when it is empty or not there."""
        return self.form.get(name, [""])[-1].strip()

    def facts(self, *names: str) -> dict[str, Any]:
        """These fields of the form that were there; null for those left empty."""
        return {name: self.given(name) or None for name in names if name in self.form}

    def points(self) -> dict[str, list[str]]:
        """Phones and e-mail addresses of the form, one to a line there."""
        return {
            name: [line.strip() for line in self.given(name).splitlines() if line.strip()]
            for name in ("phones", "emails")
            if name in self.form
        }

    def once(self) -> dict[str, str]:
        """What the form says about itself: that it counts once, and which version of the record was seen."""
        return {"key": self.given("key"), "version": self.given("version")}

    def may(self, privilege: str) -> bool:
        """Whether this person may do such a thing to some records: ``lead.write``."""
        privileges: Mapping[str, str] = self.me.get("privileges", {})
        return privileges.get(privilege, "none") != "none"

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page, or a part of one."""
        status = self.refused.status if self.refused and status == 200 else status
        content = self.templates.get_template(template).render(
            visit=self,
            me=self.me,
            say=self.say,
            shown=self.wording,
            refused=self.refused,
            **values,
        )
        return HTMLResponse(content, status)

    def lead_to(self, path: str, flash: str = "", *, undo: str = "", **params: object) -> Response:
        """Send the browser to a page of ours, with a sentence to show there."""
        if flash:
            self.new_flash = Flash(flash[:_LONGEST_FLASH], undo)
        query = urlencode({name: value for name, value in params.items() if value not in (None, "")})
        return Response(status_code=303, headers={"Location": PREFIX + path + (f"?{query}" if query else "")})


def own_path(path: str) -> str:
    """The path after ``/app`` if it is one of ours, else "": nobody is ever sent elsewhere."""
    rest = path.removeprefix(PREFIX)
    if rest == path or (rest and rest[0] not in "/?") or rest.startswith(("//", "/\\")):
        return ""
    return rest if rest.isascii() and rest.isprintable() and "\\" not in rest and ".." not in rest else ""


def flash_of(text: str) -> Flash | None:
    """The flash that was written like this."""
    try:
        known = json.loads(text)
        return Flash(str(known["text"])[:500], str(known["undo"])[:200], str(known["tone"])[:20])
    except (ValueError, TypeError, KeyError):
        return None
