"""A real browser in front of a running Relata. Without a Chromium or without playwright these tests are skipped."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.installation import ADMIN_EMAIL, ADMIN_PASSWORD, Installation, installation

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), "")
PHONE = (390, 844)
DESK = (1280, 860)


@dataclass
class Screen:
    """A page in the browser, signed in. ``complaints`` is what the browser had against it: nothing, at the end."""

    page: Any
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """A page of the console, with all that it loads."""
        self.page.goto(self.url + "/app" + path)


@pytest.fixture(scope="session")
def relata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The product in one process."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with installation("embedded", tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="session")
def api(relata: Installation) -> Iterator[httpx.Client]:
    """The administrator, to prepare what is looked at."""
    with relata.sign_in() as client:
        yield client


@pytest.fixture(scope="session")
def chromium(relata: Installation) -> Iterator[Any]:
    """The browser."""
    with pytest.importorskip("playwright.sync_api").sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def _signed_in(chromium: Any, url: str, size: tuple[int, int], language: str) -> Iterator[Screen]:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale=language)
    context.add_cookies([{"name": "relata_language", "value": language, "url": f"{url}/app"}])
    context.set_default_timeout(15_000)
    screen = Screen(context.new_page(), url)
    screen.page.on("pageerror", lambda error: screen.complaints.append(str(error)))
    screen.page.on(
        "console", lambda said: screen.complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    screen.open("/sign-in")
    screen.page.fill("[name=email]", ADMIN_EMAIL)
    screen.page.fill("[name=password]", ADMIN_PASSWORD)
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_selector("main.page")
    yield screen
    context.close()
    assert not screen.complaints


@pytest.fixture
def desk(chromium: Any, relata: Installation) -> Iterator[Screen]:
    """At a desk, in English."""
    with _signed_in(chromium, relata.url, DESK, "en") as screen:
        yield screen


@pytest.fixture
def phone(chromium: Any, relata: Installation) -> Iterator[Screen]:
    """On a phone, in Vietnamese."""
    with _signed_in(chromium, relata.url, PHONE, "vi") as screen:
        yield screen


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core 4.14.1 (MPL-2.0), as it came from npm."""
    return (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
