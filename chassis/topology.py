"""What the broker must hold: one exchange, a quorum queue per service, a binding per type. Derived from the manifests.

::

    <prefix>.events (topic) --type--> <prefix>.<service>.inbox (quorum)
        --delivery limit--> <prefix>.dead (direct) --> <prefix>.<service>.dead (quorum)

Declaring is idempotent and is done before anybody publishes, since a topic exchange drops what no queue wants yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError

from chassis.service import Service

# Our own counting parks a poison at its third start; the broker's limit is only the net under it.
DELIVERY_LIMIT = 1000
QUEUE_ARGUMENTS = {
    "x-queue-type": "quorum",
    "x-delivery-limit": DELIVERY_LIMIT,
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


@dataclass(frozen=True)
class Names:
    """What things are called on the broker; the prefix lets several installations share one."""

    prefix: str

    @property
    def events(self) -> str:
        """The topic exchange that every event goes through."""
        return f"{self.prefix}.events"

    @property
    def dead(self) -> str:
        """The exchange behind the delivery limit."""
        return f"{self.prefix}.dead"

    def inbox(self, service: str) -> str:
        """A service's queue."""
        return f"{self.prefix}.{service}.inbox"

    def slow(self, service: str) -> str:
        """The queue of a service's slow reactions."""
        return f"{self.prefix}.{service}.slow"

    def dead_letters(self, service: str) -> str:
        """Where a service's messages end that the broker gave up on."""
        return f"{self.prefix}.{service}.dead"


def queues_of(service: Service, names: Names) -> dict[str, frozenset[str]]:
    """The queues of a service and the routing keys each needs; empty for a service that reacts to nothing."""
    keys: dict[str, set[str]] = {}
    for reaction in service.reactions:
        queue = names.slow(service.name) if reaction.slow else names.inbox(service.name)
        keys.setdefault(queue, set()).update(reaction.bindings)
    return {queue: frozenset(wanted) for queue, wanted in keys.items()}


def declare(url: str, prefix: str, services: Sequence[Service]) -> None:
    """Make exchange, queues and bindings exist; raises pika's AMQPError when the broker refuses or is away."""
    names = Names(prefix)
    connection = connect(url)
    try:
        channel = connection.channel()
        channel.exchange_declare(names.events, exchange_type="topic", durable=True)
        channel.exchange_declare(names.dead, exchange_type="direct", durable=True)
        for service in services:
            _declare_service(channel, service, names)
    finally:
        if connection.is_open:
            connection.close()


def _declare_service(channel: BlockingChannel, service: Service, names: Names) -> None:
    dead = names.dead_letters(service.name)
    queues = queues_of(service, names)
    if queues:
        channel.queue_declare(dead, durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(dead, names.dead, routing_key=service.name)
    for queue, keys in queues.items():
        arguments = QUEUE_ARGUMENTS | {
            "x-dead-letter-exchange": names.dead,
            "x-dead-letter-routing-key": service.name,
        }
        channel.queue_declare(queue, durable=True, arguments=arguments)
        for key in sorted(keys):
            channel.queue_bind(queue, names.events, routing_key=key)


def remove(url: str, prefix: str, services: Sequence[Service]) -> None:
    """Take everything of this installation off the broker (tests, uninstalling). Messages in the queues are lost."""
    names = Names(prefix)
    connection = connect(url)
    try:
        channel = connection.channel()
        for service in services:
            for queue in [*queues_of(service, names), names.dead_letters(service.name)]:
                channel.queue_delete(queue)
        channel.exchange_delete(names.events)
        channel.exchange_delete(names.dead)
    finally:
        connection.close()


def depth(url: str, prefix: str, services: Sequence[Service]) -> dict[str, tuple[int, int]]:
    """Ready messages and consumers of each queue."""
    names = Names(prefix)
    connection = connect(url)
    try:
        found = {}
        for service in services:
            for queue in queues_of(service, names):
                channel = connection.channel()
                try:
                    state = channel.queue_declare(queue, passive=True).method
                    found[queue] = (state.message_count, state.consumer_count)
                    channel.close()
                except AMQPError:
                    continue  # not declared yet: the channel is gone, the next queue gets its own
        return found
    finally:
        connection.close()


def connect(url: str) -> BlockingConnection:
    """A blocking connection with bounded waits, for the short work of declaring and looking."""
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = 5
    parameters.stack_timeout = 8
    parameters.blocked_connection_timeout = 8
    parameters.heartbeat = 30
    return BlockingConnection(parameters)


BrokerError = AMQPError
Properties = pika.BasicProperties
