"""A gateway for each file of tests; each test brings users and keys of its own, so that nothing needs cleaning up."""

from collections.abc import Iterator

import pytest

from tests.chassis.engines import ENGINES
from tests.gateway.mirror import Mirror
from tests.gateway.stage import House, open_house


def _open(engine: str, paths: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(engine, paths.mktemp("gateway"), {"/mirror": Mirror(), "/public": Mirror()}) as opened:
        yield opened


@pytest.fixture(scope="module", params=ENGINES)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For what the database has a say in."""
    yield from _open(request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For what happens before any database is asked."""
    yield from _open("sqlite", tmp_path_factory)
