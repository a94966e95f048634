"""Which tests of the chassis run on both databases in `make test`."""

import pytest

# Nothing here depends on the database's own ways: SQLite in `make test`, both in `make test-long`.
SAME_ON_BOTH = {"test_bulk", "test_history", "test_http", "test_http_problems", "test_paging", "test_records"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "chassis" and item.path.stem in SAME_ON_BOTH and "postgresql" in item.name:
            item.add_marker(pytest.mark.slow)
