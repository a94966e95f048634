"""What the publisher calls sent: confirmed by the broker and in a queue, whatever happens on the wire."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from chassis import topology
from chassis.amqp import AmqpTransport
from chassis.event import encode
from chassis.service import Service
from chassis.transport import BusAway, Letter, Outcome
from tests.semantics.shop import OrderEvent, OrderNoted, Tries, as_told, orders, shop, taker
from tests.semantics.stage import kill
from tests.semantics.wire import Wire

pytestmark = pytest.mark.rabbitmq


class Line:
    """A publisher at the end of a wire, and the queue at the other end."""

    def __init__(self, bus_url: str, wire: Wire, receiver: Service) -> None:
        self.bus_url, self.wire, self.receiver = bus_url, wire, receiver
        self.prefix = f"relata_test_{uuid4().hex[:10]}"
        self.transport = AmqpTransport(wire.url, self.prefix, [shop(), receiver])

    def publish(self, *events: OrderEvent) -> list[Outcome]:
        return self.transport.publish([letter(event) for event in events])

    def ready(self) -> int:
        """How many messages wait in the receiver's queue."""
        ((messages, _),) = topology.depth(self.bus_url, self.prefix, [self.receiver]).values()
        return messages

    def unbind(self) -> None:
        names = topology.Names(self.prefix)
        connection = topology.connect(self.bus_url)
        for queue, keys in topology.queues_of(self.receiver, names).items():
            for key in keys:
                connection.channel().queue_unbind(queue, names.events, routing_key=key)
        connection.close()


def letter(event: OrderEvent) -> Letter:
    envelope = as_told(event)
    return Letter(envelope.id, envelope.type, encode(envelope))


@pytest.fixture
def line(amqp_url: str, tmp_path: Path) -> Iterator[Line]:
    receiver = taker(Tries(tmp_path), kill, many=True)
    with Wire(amqp_url) as wire:
        line = Line(amqp_url, wire, receiver)
        try:
            yield line
        finally:
            line.transport.close()
            topology.remove(amqp_url, line.prefix, [receiver])


def test_a_batch_that_arrived_is_sent_and_in_the_queue(line: Line) -> None:
    assert line.publish(*orders(300)) == [Outcome.SENT] * 300
    assert line.ready() == 300


def test_what_was_swallowed_on_the_way_does_not_count_as_sent(line: Line) -> None:
    line.publish(*orders(5))
    line.wire.clogged.set()
    cut = threading.Timer(1.0, line.wire.cut)
    cut.start()
    with pytest.raises(BusAway):
        line.publish(*orders(50))
    cut.join()
    assert line.wire.swallowed > 50 * 100, "nothing was lost on the way"
    assert line.ready() == 5
    assert line.publish(*orders(50)) == [Outcome.SENT] * 50, "it did not connect again"
    assert line.ready() == 55


def test_what_no_queue_takes_does_not_count_as_sent_and_the_binding_is_mended(line: Line) -> None:
    line.publish(*orders(5))
    line.unbind()
    lost, *rest = line.publish(*orders(3))
    assert {lost, *rest} == {Outcome.UNROUTABLE}
    assert line.publish(*orders(3)) == [Outcome.SENT] * 3
    assert line.ready() == 8


def test_in_a_batch_only_what_no_queue_takes_comes_back(line: Line) -> None:
    line.publish(*orders(1))
    good, bad = letter(orders(1)[0]), letter(orders(1)[0])
    bad.type = "shop.nothing.happened.v1"
    assert line.transport.publish([good, bad, letter(OrderNoted(order="a", label="n"))]) == [
        Outcome.SENT,
        Outcome.UNROUTABLE,
        Outcome.SENT,
    ]


@pytest.mark.slow
def test_a_broker_that_does_not_answer_is_given_up_in_bounded_time(line: Line) -> None:
    line.publish(*orders(1))
    line.wire.clogged.set()
    began = time.monotonic()
    with pytest.raises(BusAway):
        line.publish(*orders(1))
    assert time.monotonic() - began < 15
