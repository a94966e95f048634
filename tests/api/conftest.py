"""One installation for all files here, under xdist one for each process; `make test-long` takes a fleet as well."""

from collections.abc import Iterator

import pytest

from tests.api.stage import World
from tests.installation import Installation, installation

FLEET = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.redis]


@pytest.fixture(scope="session", params=["embedded", pytest.param("fleet", marks=FLEET)])
def relata(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running Relata; its webhooks may go to this machine."""
    with installation(request.param, tmp_path_factory.mktemp("api"), outside_allow_private="true") as running:
        yield running


@pytest.fixture(scope="session")
def world(relata: Installation) -> Iterator[World]:
    """What stands in it."""
    with relata.sign_in() as admin:
        yield World(relata, admin)
