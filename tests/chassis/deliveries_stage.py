"""A node with a real receiver, for the tests of deliveries."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Row
from sqlalchemy.orm import Session

from chassis.calls import (
    Delivered,
    Delivery,
    DeliveryHandler,
    Outcome,
    Settled,
)
from chassis.context import Context
from chassis.courier import courier
from chassis.deliveries import (
    Which,
    enqueue,
    find_deliveries,
)
from chassis.service import Node, Service
from chassis.webhooks import new_secret, send_webhook
from tests.chassis.engines import ENGINES, open_node
from tests.chassis.receiver import Heard, Receiver, open_receiver

SECRET = new_secret()
QUICK = 1e-5  # the whole schedule of 75 hours in less than three seconds


@dataclass
class Post:
    """A service that delivers webhooks to paths of one receiver, and notes how each delivery ended."""

    receiver: Receiver
    engine: str
    folder: Path
    settled: list[tuple[str, Settled]] = field(default_factory=list)
    send: Callable[[Node, Delivery], Outcome] | None = None
    look_up: Callable[[Node, Delivery], Delivered | None] | None = None
    timeout_s: float = 5.0

    def handler(self, **more: Any) -> DeliveryHandler:
        def send(node: Node, delivery: Delivery) -> Outcome:
            url = f"{self.receiver.url}/{delivery.receiver}"
            return self.send(node, delivery) if self.send else send_webhook(node.settings, url, SECRET, delivery)

        return DeliveryHandler(
            send, settled=self.note, look_up=self.look_up, timeout_s=self.timeout_s, unknown_wait_s=1.0, **more
        )

    def note(self, tx: Session, delivery: Delivery, outcome: Settled) -> None:
        self.settled.append((delivery.receiver, outcome))

    @contextmanager
    def open(self, scale: float = QUICK, **more: Any) -> Iterator[Node]:
        service = Service(name="shop", metadata=MetaData(), deliveries={"webhook": self.handler(**more)})
        with open_node(self.engine, self.folder, service, outside_allow_private=True, retry_scale=scale) as node:
            yield node


@pytest.fixture(params=ENGINES)
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    with open_receiver() as receiver:
        yield Post(receiver, request.param, tmp_path)


@contextmanager
def at_work(node: Node) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=courier, args=(node, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        node.deliveries_filled.set()
        thread.join(timeout=40)
        assert not thread.is_alive()


def put(node: Node, *numbers: int, receiver: str = "a", subject: str = "lead:1", order: Any = "none") -> list[str]:
    with node.begin(Context.fresh("test")) as tx:
        return [
            enqueue(tx, kind="webhook", receiver=receiver, subject=subject, payload={"n": n}, order=order)
            for n in numbers
        ]


def rows(node: Node, **which: Any) -> list[Row[Any]]:
    with node.db.read() as tx:
        return find_deliveries(tx, Which(**which), limit=10_000)[::-1]


def states(node: Node, **which: Any) -> Counter[str]:
    return Counter(row.state for row in rows(node, **which))


def eventually(holds: Callable[[], bool], within: float = 20.0) -> None:
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def numbers(heard: list[Heard]) -> list[int]:
    return [int(one.body.decode().partition(":")[2].rstrip("}")) for one in heard]
