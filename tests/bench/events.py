"""Figures of relay and worker by themselves, on PostgreSQL and RabbitMQ."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select

from chassis.amqp import AmqpTransport
from chassis.context import Context
from chassis.database import chassis_metadata
from chassis.inbox import inbox
from chassis.outbox import emit_many
from chassis.relay import Relay
from chassis.service import Node
from chassis.settings import Settings
from chassis.topology import remove
from tests import servers
from tests.bench.pair import BULK, ONE_BY_ONE, SENDER, Made, takings
from tests.bench.report import Row
from tests.chassis.engines import create_postgresql, database_url

SERVICES = [SENDER, BULK, ONE_BY_ONE]


@contextmanager
def _house() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory() as folder, database_url("postgresql", Path(folder)) as url:
        settings = Settings(
            database_url=url, bus_url=servers.amqp_url(), prefix=f"relata-bench-{uuid4().hex[:8]}", log_level="ERROR"
        )
        for service in SERVICES:
            create_postgresql(url.replace("{service}", service.name))
            node = Node(service, settings, pool_size=2)
            chassis_metadata.create_all(node.db.engine)
            takings.create_all(node.db.engine)
            node.close()
        try:
            yield settings
        finally:
            remove(settings.bus_url, settings.prefix, SERVICES)


def _fill_outbox(node: Node, count: int) -> None:
    for start in range(0, count, 500):
        with node.begin(Context.fresh("bench")) as tx:
            emit_many(tx, [(Made(thing_id=str(start + place), note="x" * 400), None) for place in range(500)])


def relay_rate(scale: float) -> Iterable[Row]:
    """A backlog from the outbox to the broker, confirmed and marked."""
    count = max(2000, int(40_000 * scale))
    with _house() as settings:
        yield Row("relay of a backlog", _relayed(settings, count), "events/s", 5000, 10_000)


def _relayed(settings: Settings, count: int) -> float:
    node = Node(SENDER, settings, pool_size=2)
    transport = AmqpTransport(settings.bus_url, settings.prefix, SERVICES)
    transport.declare()
    _fill_outbox(node, count)
    relay = Relay(node, transport)
    relay.step()
    began, sent = time.perf_counter(), 0
    while handled := relay.step():
        sent += handled
    rate = sent / (time.perf_counter() - began)
    transport.close()
    node.close()
    return rate


def worker_rate(scale: float) -> Iterable[Row]:
    """A waiting queue worked off by one worker process: in batches, and with a reaction for one event at a time."""
    count = max(2000, int(30_000 * scale))
    with _house() as settings:
        _relayed(settings, count)
        yield Row("worker, react_many", _worked(settings, "bulk", count), "events/s", 4000, 8000)
        yield Row("worker, one by one", _worked(settings, "single", count // 3), "events/s", 800)


def _worked(settings: Settings, name: str, count: int) -> float:
    node = Node(BULK if name == "bulk" else ONE_BY_ONE, settings, pool_size=1)
    environment = {
        "RELATA_DATABASE_URL": settings.database_url,
        "RELATA_BUS_URL": settings.bus_url,
        "RELATA_PREFIX": settings.prefix,
        "PATH": "/usr/bin:/bin",
    }
    root = Path(__file__).resolve().parents[2]
    worker = subprocess.Popen([sys.executable, "-m", "tests.bench.worker", name], env=environment, cwd=root)
    try:
        began, first = _when(node, 1)
        ended, last = _when(node, count)
        return (last - first) / (ended - began)
    finally:
        worker.terminate()
        worker.wait(40)
        node.close()


def _when(node: Node, count: int, within: float = 180) -> tuple[float, int]:
    deadline = time.perf_counter() + within
    while time.perf_counter() < deadline:
        with node.read() as tx:
            done = tx.scalar(select(func.count()).select_from(inbox)) or 0
        if done >= count:
            return time.perf_counter(), done
        time.sleep(0.02)
    raise AssertionError(f"{node.name}: {count} events not handled within {within} s")
