"""The servers of a test run: those the environment names, else those on the standard local ports, else containers.

Shared servers, found once a process: ``postgres_url()``, ``amqp_url()``, ``redis_url()``. Without one the test is
skipped with a sentence; where ``CI=true`` it fails, because a green run there must mean that nothing was left out.

Throw-away servers for tests that kill and freeze: ``private_postgres()``, ``private_rabbitmq()``, ``private_redis()``.
"""

import atexit
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NoReturn
from urllib.parse import urlsplit

import pytest

from tests.private_server import PrivateServer
from tests.private_servers import (
    Absent,
    amqp_answers,
    postgres_answers,
    postgres_server,
    rabbitmq_server,
    redis_answers,
    redis_server,
)

__all__ = [
    "KINDS",
    "Found",
    "PrivateServer",
    "amqp_url",
    "describe",
    "find",
    "forget",
    "postgres_url",
    "private_postgres",
    "private_rabbitmq",
    "private_redis",
    "redis_url",
]


@dataclass(frozen=True)
class Container:
    """How to run a server where a Docker engine answers. ``url`` takes {host} and {port}."""

    image: str
    port: int
    url: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A kind of server. ``answers(url)`` raises when no such server answers there."""

    name: str
    variable: str
    standard: str
    answers: Callable[[str], None]
    container: Container


KINDS = {
    "postgres": Kind(
        "PostgreSQL",
        "RELATA_TEST_POSTGRES_URL",
        "postgresql+psycopg2://postgres@127.0.0.1:5432/postgres",
        postgres_answers,
        Container(
            "postgres:17-alpine",
            5432,
            "postgresql+psycopg2://postgres@{host}:{port}/postgres",
            {"POSTGRES_HOST_AUTH_METHOD": "trust"},
        ),
    ),
    "rabbitmq": Kind(
        "RabbitMQ",
        "RELATA_TEST_AMQP_URL",
        "amqp://guest:guest@127.0.0.1:5672/%2F",
        amqp_answers,
        Container("rabbitmq:4-alpine", 5672, "amqp://guest:guest@{host}:{port}/%2F"),
    ),
    "redis": Kind(
        "Redis",
        "RELATA_TEST_REDIS_URL",
        "redis://127.0.0.1:6379/0",
        redis_answers,
        Container("redis:7-alpine", 6379, "redis://{host}:{port}/0"),
    ),
}


@dataclass(frozen=True)
class Found:
    """A server that answered, and how we came to it."""

    url: str
    how: str

    @property
    def where(self) -> str:
        """Host and port: what may be printed, since a URL may carry a password."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}"


def postgres_url() -> str:
    """A PostgreSQL server's maintenance database, for SQLAlchemy; make your own databases there, and drop them."""
    return _required("postgres")


def amqp_url() -> str:
    """A RabbitMQ broker; use your own prefix for queues and exchanges, and delete them."""
    return _required("rabbitmq")


def redis_url() -> str:
    """A Redis server; use your own prefix for keys, and delete them."""
    return _required("redis")


def find(key: str, *, containers: bool = True) -> Found | Absent:
    """The server of this kind, or a sentence that says why there is none. ``containers=False`` starts none."""
    here = _at_hand(key)
    if isinstance(here, Absent) and containers:
        return _in_a_container(key)
    return here


def describe() -> list[str]:
    """A line for each kind of server, without starting any."""
    lines = []
    for key, kind in KINDS.items():
        match find(key, containers=False):
            case Found() as found:
                lines.append(f"{kind.name}: {found.where}, {found.how}")
            case Absent(why):
                lines.append(f"{kind.name}: {why}")
    return lines


def forget() -> None:
    """Look again at the next question; a running container stays."""
    _at_hand.cache_clear()


def private_postgres() -> PrivateServer:
    """A PostgreSQL of one's own: ``with private_postgres() as server: …``."""
    return _private(postgres_server)


def private_rabbitmq() -> PrivateServer:
    """A RabbitMQ node of one's own, without plugins: ``with private_rabbitmq() as server: …``."""
    return _private(rabbitmq_server)


def private_redis() -> PrivateServer:
    """A Redis of one's own: ``with private_redis() as server: …``."""
    return _private(redis_server)


def _required(key: str) -> str:
    match find(key):
        case Found(url):
            return url
        case Absent(why):
            _go_without(why)


def _private(make: Callable[[], PrivateServer | Absent]) -> PrivateServer:
    match make():
        case Absent(why):
            _go_without(why)
        case server:
            return server


def _go_without(why: str) -> NoReturn:
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(f"{why}; CI=true wants every server", pytrace=False)
    pytest.skip(why)


@cache
def _at_hand(key: str) -> Found | Absent:
    kind = KINDS[key]
    named = os.environ.get(kind.variable)
    try:
        kind.answers(named or kind.standard)
    except Exception as error:
        if named:  # a wrong name is a mistake, never a reason to look elsewhere
            raise pytest.UsageError(f"{kind.variable} names no {kind.name} that answers: {_one_line(error)}") from error
        return Absent(f"no {kind.name} on its standard local port, and {kind.variable} names none")
    return Found(named or kind.standard, f"named by {kind.variable}" if named else "on its standard local port")


@cache
def _in_a_container(key: str) -> Found | Absent:
    kind = KINDS[key]
    absent = _at_hand(key)
    assert isinstance(absent, Absent)
    try:
        import docker

        docker.from_env(timeout=5).ping()
    except Exception:
        return Absent(f"{absent.why}, and no Docker engine answers")
    try:
        return Found(_start_container(kind), "in a container")
    except Exception as error:
        return Absent(f"{absent.why}, and its container did not start: {_one_line(error)}")


def _start_container(kind: Kind) -> str:
    from testcontainers.core.container import DockerContainer

    container = DockerContainer(kind.container.image).with_exposed_ports(kind.container.port)
    for name, value in kind.container.environment.items():
        container = container.with_env(name, value)
    container.start()
    atexit.register(container.stop)
    url = kind.container.url.format(
        host=container.get_container_host_ip(), port=container.get_exposed_port(kind.container.port)
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            kind.answers(url)
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.25)
        else:
            return url


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
