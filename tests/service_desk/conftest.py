"""The service desk on both databases; each test makes cases of its own, so that nothing needs cleaning up."""

from collections.abc import Iterator

import pytest

from tests.chassis.engines import ENGINES
from tests.service_desk.stage import Desk, open_desk

# Locks are the database's own: these on both in `make test`, everything else on SQLite and in `make test-long` on both.
ON_BOTH = {"test_breaches", "test_entitlements"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "service_desk" and item.path.stem not in ON_BOTH and "[postgresql" in item.name:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module", params=ENGINES)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(request.param, tmp_path_factory.mktemp("service_desk")) as opened:
        yield opened
