"""What waits is measured: not sent, due, parked; and whether anybody sends."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import update

from chassis.clock import utcnow
from chassis.context import Context
from chassis.ids import new_id
from chassis.inbox import State, inbox
from chassis.measure import measure
from chassis.outbox import emit, outbox
from chassis.relay import Relay
from chassis.service import Node
from chassis.transport import BusAway, Letter, Outcome
from tests.chassis.engines import ENGINES, open_node
from tests.installation import eventually
from tests.semantics.shop import OrderPlaced, shop

EARLIER = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WAITING = (
    "relata_outbox_pending_rows",
    "relata_outbox_oldest_unsent_timestamp_seconds",
    "relata_inbox_pending_rows",
    "relata_inbox_oldest_due_timestamp_seconds",
    "relata_parked_rows",
)


@pytest.fixture(params=ENGINES)
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Node]:
    with open_node(str(request.param), tmp_path, shop()) as node:
        yield node


def gauge(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"service": "shop"})


def tell(node: Node, *orders: str) -> None:
    with node.begin(Context.fresh("test")) as tx:
        for order in orders:
            emit(tx, OrderPlaced(order=order, label="1"))


def arrive(node: Node, state: State, due: datetime | None) -> None:
    about = {"source": "relata/market", "subject": "order:ant", "type": OrderPlaced.type, "reaction": "shop.taste"}
    with node.db.begin() as tx:
        tx.execute(
            inbox.insert().values(
                **about,
                event_id=new_id(),
                sequence=1,
                state=state,
                envelope="{}",
                next_attempt_at=due,
                received_at=utcnow(),
            )
        )


def test_nothing_waits_in_an_empty_database(node: Node) -> None:
    measure(node)
    assert [gauge(name) for name in WAITING] == [0, 0, 0, 0, 0]


def test_what_waits_is_counted_and_the_oldest_is_dated(node: Node) -> None:
    tell(node, "ant", "bee")
    with node.db.begin() as tx:
        tx.execute(update(outbox).where(outbox.c.subject == "order:ant").values(created_at=EARLIER))
    arrive(node, State.PENDING, EARLIER)
    arrive(node, State.RETRY, utcnow() - timedelta(seconds=5))
    arrive(node, State.RETRY, utcnow() + timedelta(hours=1))  # its turn has not come: nobody is late with it
    arrive(node, State.PARKED, None)
    arrive(node, State.WAITING, None)
    measure(node)
    since = EARLIER.timestamp()
    assert [gauge(name) for name in WAITING] == [2, since, 2, since, 1]


class Bus:
    """Takes everything, or is away."""

    is_away = False

    def publish(self, letters: Sequence[Letter]) -> list[Outcome]:
        if self.is_away:
            raise BusAway("gone")
        return [Outcome.SENT for _ in letters]

    def close(self) -> None:
        pass


def test_a_relay_says_whether_it_would_send(tmp_path: Path) -> None:
    bus, stop = Bus(), threading.Event()
    with open_node("sqlite", tmp_path, shop()) as node:
        thread = threading.Thread(target=lambda: Relay(node, bus).run(stop))
        thread.start()
        try:
            eventually(lambda: gauge("relata_relay_active") == 1)
            bus.is_away = True
            tell(node, "ant")
            node.outbox_filled.set()
            eventually(lambda: gauge("relata_relay_active") == 0)
            bus.is_away = False
            eventually(lambda: gauge("relata_relay_active") == 1)
        finally:
            stop.set()
            thread.join(10)
    assert gauge("relata_relay_active") == 0, "one that has ended sends nothing"
