"""The bridge on both databases; each test brings documents of its own, so that nothing needs cleaning up."""

from collections.abc import Iterator

import pytest

from tests.chassis.engines import ENGINES
from tests.erp_bridge.stage import Bridge, open_bridge


@pytest.fixture(scope="module", params=ENGINES)
def bridge(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with open_bridge(request.param, tmp_path_factory.mktemp("bridge")) as opened:
        yield opened
