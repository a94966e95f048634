"""What every test has: the shared servers, by fixture or by marker, and no deadline on a busy machine."""

import pytest
from hypothesis import HealthCheck, settings

from tests import servers

# A shared or slow machine must not turn a property into a question of time; pytest-timeout bounds the whole test.
settings.register_profile("relata", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("relata")


def pytest_report_header() -> list[str]:
    return servers.describe()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked postgres, rabbitmq or redis runs only where such a server is."""
    needs = {"postgres": servers.postgres_url, "rabbitmq": servers.amqp_url, "redis": servers.redis_url}
    for marker, url in needs.items():
        if item.get_closest_marker(marker):
            url()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL server's maintenance database."""
    return servers.postgres_url()


@pytest.fixture(scope="session")
def amqp_url() -> str:
    """A RabbitMQ broker."""
    return servers.amqp_url()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis server."""
    return servers.redis_url()
