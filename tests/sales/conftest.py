"""Sales on both databases; each test makes people of its own, so that nothing needs cleaning up."""

from collections.abc import Iterator

import pytest

from chassis.service import Node
from tests.chassis.engines import ENGINES
from tests.sales.stage import open_sales


@pytest.fixture(scope="module", params=ENGINES)
def sales(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with open_sales(request.param, tmp_path_factory.mktemp("sales")) as node:
        yield node
