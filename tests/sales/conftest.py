"""Sales on both databases; each test makes people of its own, so that nothing needs cleaning up."""

from collections.abc import Iterator

import pytest

from chassis.service import Node
from tests.chassis.engines import ENGINES
from tests.sales.stage import open_sales

# Here nothing depends on the database's own ways: SQLite in `make test`, both in `make test-long`.
SAME_ON_BOTH = {
    "test_customers",
    "test_leads_api",
    "test_money_rules",
    "test_opportunities_api",
    "test_parties_api",
    "test_products",
    "test_who_sees_customers",
    "test_who_sees_what",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "sales" and item.path.stem in SAME_ON_BOTH and "[postgresql" in item.name:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module", params=ENGINES)
def sales(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with open_sales(request.param, tmp_path_factory.mktemp("sales")) as node:
        yield node
