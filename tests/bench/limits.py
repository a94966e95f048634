"""What the servers themselves can do here and now, by the shortest code there is: every figure is set beside one."""

import sqlite3
import tempfile
import time
from multiprocessing import Pool
from pathlib import Path
from uuid import uuid4

import psycopg2
from sqlalchemy import MetaData, make_url

from chassis.amqp import AmqpTransport
from chassis.service import Service
from chassis.topology import connect
from chassis.transport import Letter

BODY = "x" * 900


def _commits(arguments: tuple[str, str, float]) -> int:
    url, table, seconds = arguments
    connection = psycopg2.connect(url)
    done, end = 0, time.perf_counter() + seconds
    with connection.cursor() as cursor:
        while time.perf_counter() < end:
            cursor.execute(f"INSERT INTO {table} (body) VALUES (%s)", (BODY,))
            cursor.execute(f"INSERT INTO {table} (body) VALUES (%s)", (BODY,))
            connection.commit()
            done += 1
    connection.close()
    return done


def postgres_transactions(url: str, *, clients: int = 8, seconds: float = 4) -> float:
    """Transactions of two inserts a second."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    table = f"relata_bench_{uuid4().hex[:8]}"
    owner = psycopg2.connect(plain)
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} (id bigserial PRIMARY KEY, body text)")
        try:
            with Pool(clients) as pool:
                return sum(pool.map(_commits, [(plain, table, seconds)] * clients)) / seconds
        finally:
            cursor.execute(f"DROP TABLE {table}")
            owner.close()


def rabbitmq_confirms(url: str, *, seconds: float = 4, window: int = 500) -> float:
    """Messages a second through one quorum queue, each confirmed."""
    prefix = f"relata-bench-{uuid4().hex[:8]}"
    transport = AmqpTransport(url, prefix, [Service(name="bench", metadata=MetaData())])
    transport.declare()
    connection = connect(url)
    channel = connection.channel()
    channel.queue_declare(prefix, durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_bind(prefix, f"{prefix}.events", "#")
    try:
        sent, end, began = 0, time.perf_counter() + seconds, time.perf_counter()
        while time.perf_counter() < end:
            transport.publish([Letter(str(uuid4()), "bench.message.sent.v1", BODY) for _ in range(window)])
            sent += window
        return sent / (time.perf_counter() - began)
    finally:
        transport.close()
        channel.queue_delete(prefix)
        channel.exchange_delete(f"{prefix}.events")
        channel.exchange_delete(f"{prefix}.dead")
        connection.close()


def sqlite_transactions(*, seconds: float = 3) -> float:
    """Transactions of two inserts a second, WAL and synchronous=FULL, one writer."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        connection = sqlite3.connect(f"{folder}/bench.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, body text)")
        done, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO t (body) VALUES (?)", (BODY,))
            connection.execute("INSERT INTO t (body) VALUES (?)", (BODY,))
            connection.execute("COMMIT")
            done += 1
        connection.close()
        return done / seconds
