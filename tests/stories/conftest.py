"""Stories run against a whole product over public HTTP: embedded, and the same files against the fleet."""

from collections.abc import Iterator

import pytest

from tests.installation import Installation, installation

SERVERS = [pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.redis]


@pytest.fixture(scope="module", params=["embedded", pytest.param("fleet", marks=SERVERS)])
def relata(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running Relata, shared by the stories of one file."""
    with installation(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running
