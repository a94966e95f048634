"""Publishes to RabbitMQ with pipelined confirms: a batch goes out at once, and counts as sent when each is confirmed.

``mandatory`` makes the broker return what no queue wants; such a message is confirmed all the same, so a return
overrules its confirm. pika's own loop runs in a thread: it answers heartbeats while the relay is busy elsewhere.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pika
import structlog
from pika.channel import Channel
from pika.exceptions import AMQPError

from chassis.service import Service
from chassis.topology import Names, declare
from chassis.transport import BusAway, Letter, Outcome

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S = 8.0
# Shorter than the relay's own measure of a publish, which its lease outlives.
PUBLISH_TIMEOUT_S = 5.0
MANDATORY = True


class _Batch:
    """Letters on their way and what is known of each."""

    def __init__(self, letters: Sequence[Letter]) -> None:
        self.letters = letters
        self.outcomes: list[Outcome | None] = [None] * len(letters)
        self.returned: set[str] = set()
        self.open = len(letters)
        self.lost = ""
        self.done = threading.Event()

    def settle(self, place: int, confirmed: bool) -> None:
        if confirmed and self.letters[place].id in self.returned:
            self.outcomes[place] = Outcome.UNROUTABLE
        else:
            self.outcomes[place] = Outcome.SENT if confirmed else Outcome.REFUSED
        self.open -= 1
        if self.open == 0:
            self.done.set()

    def lose(self, reason: str) -> None:
        self.lost = reason
        self.done.set()


class _Link:
    """One connection with one confirming channel, living in its own thread until it breaks."""

    def __init__(self, url: str, exchange: str) -> None:
        self.exchange = exchange
        self.ready = threading.Event()
        self.broken = ""
        self._channel: Channel | None = None
        self._tag = 0
        self._lowest = 1
        self._awaited: dict[int, tuple[_Batch, int]] = {}
        parameters = pika.URLParameters(url)
        parameters.heartbeat = 15
        parameters.blocked_connection_timeout = PUBLISH_TIMEOUT_S
        parameters.socket_timeout = 5
        parameters.stack_timeout = CONNECT_TIMEOUT_S
        parameters.connection_attempts = 1
        self._connection = pika.SelectConnection(
            parameters,
            on_open_callback=self._opened,
            on_open_error_callback=lambda _connection, error: self._break(error),
            on_close_callback=lambda _connection, error: self._break(error),
        )
        threading.Thread(target=self._run, name="amqp-link", daemon=True).start()

    def _run(self) -> None:
        try:
            self._connection.ioloop.start()
        except Exception as error:  # whatever ends the loop ends the link
            self._break(error)

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda _channel, error: self._break(error))
        channel.add_on_return_callback(self._returned)
        enable_confirms(channel, self._confirmed, lambda _frame: self.ready.set())

    def send(self, batch: _Batch) -> None:
        """Hand a batch to the loop's thread."""
        self._connection.ioloop.add_callback_threadsafe(lambda: self._send(batch))

    def _send(self, batch: _Batch) -> None:
        if self.broken or self._channel is None:
            batch.lose(self.broken or "no channel")
            return
        for place, letter in enumerate(batch.letters):
            self._tag += 1
            self._awaited[self._tag] = (batch, place)
            properties = pika.BasicProperties(
                delivery_mode=2,
                content_type="application/cloudevents+json",
                content_encoding="utf-8",
                message_id=letter.id,
                type=letter.type,
            )
            self._channel.basic_publish(
                self.exchange, letter.type, letter.body.encode(), properties, mandatory=MANDATORY
            )

    def _returned(self, _channel: Channel, _method: Any, properties: Any, _body: bytes) -> None:
        for batch, place in self._awaited.values():
            if batch.letters[place].id == properties.message_id:
                batch.returned.add(properties.message_id)
                return

    def _confirmed(self, frame: Any) -> None:
        method = frame.method
        confirmed = method.NAME == "Basic.Ack"
        tags = range(self._lowest, method.delivery_tag + 1) if method.multiple else (method.delivery_tag,)
        for tag in tags:
            awaited = self._awaited.pop(tag, None)
            if awaited is not None:
                awaited[0].settle(awaited[1], confirmed)
        if method.multiple:
            self._lowest = method.delivery_tag + 1

    def _break(self, error: object) -> None:
        if self.broken:
            return
        self.broken = f"{type(error).__name__}: {error}"[:200]
        for batch, _place in self._awaited.values():
            batch.lose(self.broken)
        self._awaited.clear()
        self.ready.set()
        self._connection.ioloop.stop()

    def close(self) -> None:
        """Close from any thread; a link that is stuck is left to its heartbeat."""
        if not self.broken:
            self._connection.ioloop.add_callback_threadsafe(self._close)

    def _close(self) -> None:
        if self._connection.is_open:
            self._connection.close()
        else:
            self._break("closed while opening")


def enable_confirms(channel: Channel, on_confirm: Callable[[Any], None], on_ready: Callable[[Any], None]) -> None:
    """Have the broker say of each message that it is safe on disk."""
    channel.confirm_delivery(on_confirm, callback=on_ready)


class AmqpTransport:
    """The fleet's transport. Connects when first used, declares the topology, and again after every break."""

    def __init__(self, url: str, prefix: str, services: Sequence[Service]) -> None:
        self._url = url
        self._names = Names(prefix)
        self._services = list(services)
        self._link: _Link | None = None
        self._opening = threading.Lock()

    def publish(self, letters: Sequence[Letter]) -> list[Outcome]:
        """See Transport: returns when every letter is confirmed, returned or refused; raises BusAway."""
        if not letters:
            return []
        link = self._open()
        batch = _Batch(letters)
        link.send(batch)
        finished = batch.done.wait(PUBLISH_TIMEOUT_S)
        if not finished or batch.lost:
            self._drop(link)
            raise BusAway(batch.lost or f"no confirm within {PUBLISH_TIMEOUT_S:.0f} s")
        outcomes = [outcome or Outcome.REFUSED for outcome in batch.outcomes]
        if Outcome.UNROUTABLE in outcomes:
            self.declare()  # somebody removed a queue or binding: put it back, the row is sent again
        return outcomes

    def declare(self) -> None:
        """Make the topology exist; raises BusAway."""
        try:
            declare(self._url, self._names.prefix, self._services)
        except (AMQPError, OSError) as error:
            raise BusAway(f"{type(error).__name__} while declaring") from error

    def _open(self) -> _Link:
        with self._opening:
            if self._link is not None and not self._link.broken:
                return self._link
            self.declare()
            link = _Link(self._url, self._names.events)
            if not link.ready.wait(CONNECT_TIMEOUT_S) or link.broken:
                link.close()
                raise BusAway(link.broken or "no answer while connecting")
            log.info("connected to the bus", exchange=self._names.events)
            self._link = link
            return link

    def _drop(self, link: _Link) -> None:
        with self._opening:
            if self._link is link:
                self._link = None
        link.close()

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()
            self._link = None
