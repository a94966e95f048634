"""One Relata for all tests of the console; each brings people and records of its own."""

from collections.abc import Iterator

import pytest

from tests.console.stage import Browser, Office, open_office


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Everything, on files of its own."""
    with open_office(tmp_path_factory.mktemp("console")) as opened:
        yield opened


@pytest.fixture(scope="session")
def admin(office: Office) -> Browser:
    """The administrator at a browser, signed in, reading English."""
    browser = office.browser("en").sign_in()
    browser.send("/language", language="en", next="/app/me")
    return browser
