"""Stories run against a whole product over public HTTP: embedded, and the same files against the fleet."""

from collections.abc import Iterator

import httpx
import pytest

from tests.installation import Installation, installation
from tests.tryton import Tryton, open_tryton

SERVERS = [pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.redis]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks everything twice takes its time on a fleet."""
    for item in items:
        if item.path.parent.name == "stories" and "[fleet-twice]" in item.name:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", params=["embedded", pytest.param("fleet", marks=SERVERS)])
def relata(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running Relata, shared by all stories. It may call an ERP in its own network."""
    with installation(request.param, tmp_path_factory.mktemp(request.param), outside_allow_private="true") as running:
        yield running


@pytest.fixture
def admin(relata: Installation) -> Iterator[httpx.Client]:
    """The administrator, signed in."""
    with relata.sign_in() as client:
        yield client


@pytest.fixture(scope="session")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    """One Tryton for all of them."""
    with open_tryton(tmp_path_factory.mktemp("tryton")) as running:
        yield running
