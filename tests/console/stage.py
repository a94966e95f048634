"""A browser without a screen, in front of a whole Relata of this process."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.types import ASGIApp

from chassis.bus import open_transport
from chassis.settings import Settings
from deploy.installation import GATEWAY, all_services, migrate_all, open_nodes
from deploy.loops import Loops
from deploy.web import embedded_gateway
from gateway.identity.first_start import ensure_administrator
from tests.gateway.stage import ADMIN_EMAIL, ADMIN_PASSWORD, PASSWORD, SECRET, Loop, Visitor

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_HIDDEN = re.compile(r'type="hidden" name="([^"]*)" value="([^"]*)"')
_TAGS = re.compile(r"<(script|style|svg|head)\b.*?</\1>|<[^>]+>", re.DOTALL)


@dataclass
class Browser:
    """Keeps cookies, sends forms with the token that the last page had. Paths are relative to ``/app``."""

    app: ASGIApp
    loop: Loop
    language: str = "en"
    address: str = "203.0.113.7"
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    csrf: str = ""
    page: str = ""

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        """One request, as it is."""
        return self.loop.run(self._ask(method, path, content))

    async def _ask(self, method: str, path: str, content: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(self.address, 4711))
        headers = {"accept-language": self.language} | content.pop("headers", {})
        async with httpx.AsyncClient(transport=transport, base_url="http://test", cookies=self.cookies) as client:
            answer = await client.request(method, "/app" + path, headers=headers, **content)
            self.cookies = client.cookies
            return answer

    def open(self, path: str, *, status: int = 200, **content: Any) -> str:
        """A page, after whatever it leads to; the answer's ``status`` is checked."""
        answer = self.ask("GET", path, **content)
        while answer.status_code == 303:
            answer = self.ask("GET", answer.headers["location"].removeprefix("/app"))
        assert answer.status_code == status, (answer.status_code, said(answer.text)[:500])
        return self._see(answer)

    def send(self, path: str, hidden: Mapping[str, str] | None = None, *, status: int = 200, **fields: Any) -> str:
        """Send a form with its ``hidden`` fields, and see the page that it leads to."""
        answer = self.ask("POST", path, data={"csrf": self.csrf, **(hidden or {}), **fields})
        if answer.status_code == 303:
            return self.open(answer.headers["location"].removeprefix("/app"), status=status)
        assert answer.status_code == status, (answer.status_code, said(answer.text)[:500])
        return self._see(answer)

    def sign_in(self, email: str = ADMIN_EMAIL, password: str = ADMIN_PASSWORD) -> "Browser":
        """Sign in by the form."""
        self.open("/sign-in")
        self.send("/sign-in", email=email, password=password)
        return self

    def _see(self, answer: httpx.Response) -> str:
        self.page = answer.text
        if found := _CSRF.search(answer.text):
            self.csrf = found[1]
        return self.page


def said(page: str) -> str:
    """What somebody reads on this page, in one line."""
    return " ".join(unescape(_TAGS.sub(" ", page)).split())


def phrases(page: str) -> list[str]:
    """Each piece of text on this page, with the words that screen readers say instead of it."""
    spoken = re.findall(r'(?:aria-label|placeholder|title|data-is|data-confirm)="([^"]*)"', page)
    return [unescape(each).strip() for each in [*_TAGS.sub("\0", page).split("\0"), *spoken] if each.strip()]


def form_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes there."""
    form = page.split(f'action="/app{action}"', 1)[1].split("</form>", 1)[0]
    return {unescape(name): unescape(value) for name, value in _HIDDEN.findall(form)}


@dataclass
class Office:
    """Everything in this process, and those who work there."""

    app: ASGIApp
    loop: Loop
    admin: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.admin = self.api(ADMIN_EMAIL, ADMIN_PASSWORD)

    def api(self, email: str, password: str = PASSWORD) -> Visitor:
        """Somebody who calls the API."""
        visitor = Visitor(self.app, self.loop)
        told = visitor.password(email, password).json()
        visitor.headers["authorization"] = f"Bearer {told['access_token']}"
        return visitor

    def browser(self, language: str = "en") -> Browser:
        """Nobody yet, at a browser."""
        return Browser(self.app, self.loop, language)

    def hire(self, name: str, email: str, roles: Sequence[str] = ("salesperson",), **more: Any) -> str:
        """A new colleague; their id."""
        body = {"name": name, "email": email, "password": PASSWORD, "role_ids": list(roles), **more}
        made = self.admin.post("/users", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])


@contextmanager
def open_office(folder: Path) -> Iterator[Office]:
    """A whole Relata on SQLite files."""
    settings = Settings(
        database_url=f"sqlite:///{folder}/{{service}}.db",
        var=folder,
        secret=SecretStr(SECRET),
        admin_email=ADMIN_EMAIL,
        admin_password=SecretStr(ADMIN_PASSWORD),
        demo=False,
    )
    nodes = open_nodes(settings, all_services())
    migrate_all(nodes)
    loops, transport = Loops(), open_transport(settings.bus_url, settings.prefix, nodes)
    try:
        by_name = {node.name: node for node in nodes}
        ensure_administrator(by_name["gateway"])
        loops.start_relays(nodes, transport)
        for node in nodes:
            loops.start_inbox(node)
        app = embedded_gateway(by_name["gateway"], [node for node in nodes if node.name != GATEWAY])
        with Loop() as loop:
            yield Office(app, loop)
            loop.run(app.close())
    finally:
        loops.stop()
        transport.close()
        for node in nodes:
            node.close()
