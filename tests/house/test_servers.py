"""The servers of a test run are found, or their absence is said; private ones die, freeze and come back as asked."""

import time
from collections.abc import Iterator
from pathlib import Path

import pika
import psycopg2
import pytest
import redis

from tests import servers
from tests.private_server import PrivateServer

pytestmark = pytest.mark.timeout(150)


@pytest.fixture
def fresh_search() -> Iterator[None]:
    servers.forget()
    yield
    servers.forget()


def refuses(server: PrivateServer) -> bool:
    try:
        server.answers(server.url)
    except Exception:
        return True
    return False


def test_a_private_postgres_keeps_what_was_committed_when_it_is_killed():
    with servers.private_postgres() as server:
        url = server.url.replace("+psycopg2", "")
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW max_connections")
            assert cursor.fetchone() == ("200",)
            cursor.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server.kill()
        assert refuses(server)
        server.start()
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT one FROM kept")
            assert cursor.fetchone() == (1,)
        folder = server.folder
    assert refuses(server)
    assert not folder.exists()


@pytest.mark.slow
def test_a_private_rabbitmq_keeps_a_quorum_queue_when_it_is_killed():
    with servers.private_rabbitmq() as server:
        with pika.BlockingConnection(pika.URLParameters(server.url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
            channel.basic_publish("", "kept", b"one", pika.BasicProperties(delivery_mode=2), mandatory=True)
        # RabbitMQ 3.10 writes its list of quorum queues with a second's delay: one killed sooner after a declaration
        # comes back with a queue that never finds its leader.
        time.sleep(3)
        server.kill()
        assert refuses(server)
        server.start()
        with pika.BlockingConnection(pika.URLParameters(server.url)) as connection:
            _, _, body = connection.channel().basic_get("kept", auto_ack=True)
        assert body == b"one"
        pids, folder = server.pids, server.folder
        assert pids
    assert server.pids == []
    assert not folder.exists()


def test_a_frozen_private_redis_holds_its_connections_and_answers_nobody():
    with servers.private_redis() as server, redis.Redis.from_url(server.url, socket_timeout=1) as client:
        client.set("one", "1")
        server.freeze()
        with pytest.raises(redis.exceptions.TimeoutError):
            client.get("one")
        server.thaw()
        server.wait_until_ready()
        assert client.get("one") == b"1"
        server.stop()
        assert refuses(server)


def test_a_killed_private_server_can_be_frozen_thawed_and_killed_again_without_harm():
    with servers.private_redis() as server:
        server.kill()
        server.freeze()
        server.thaw()
        server.kill()
        assert server.pids == []


def test_a_private_server_that_cannot_start_says_why(tmp_path: Path):
    server = PrivateServer(
        name="Teapot",
        url="teapot:",
        folder=tmp_path / "teapot",
        command=["sh", "-c", "echo short and stout >&2; exit 3"],
        answers=lambda url: psycopg2.connect(url).close(),
        ready_within_s=5,
    )
    server.folder.mkdir()
    with pytest.raises(RuntimeError, match=r"(?s)Teapot ended while starting.*short and stout"):
        server.__enter__()
    assert not server.folder.exists()


@pytest.mark.usefixtures("fresh_search")
def test_a_server_named_by_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch):
    with servers.private_redis() as server:
        monkeypatch.setenv("RELATA_TEST_REDIS_URL", server.url)
        assert servers.redis_url() == server.url
        assert f"Redis: {server.url[8:-2]}, named by RELATA_TEST_REDIS_URL" in servers.describe()


@pytest.mark.usefixtures("fresh_search")
def test_a_wrong_name_is_a_mistake_and_not_a_skip(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RELATA_TEST_POSTGRES_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(pytest.UsageError, match="RELATA_TEST_POSTGRES_URL names no PostgreSQL that answers"):
        servers.postgres_url()


def test_without_the_binaries_a_private_server_is_skipped_with_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(pytest.skip.Exception, match="no redis-server binary here"):
        servers.private_redis()


def test_in_ci_a_missing_server_is_a_failure(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(pytest.fail.Exception, match="CI=true wants every server"):
        servers.private_redis()
