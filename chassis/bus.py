"""Picks the transport by URL; the only place that knows both."""

from collections.abc import Sequence

from chassis.service import Node
from chassis.transport import MemoryTransport, Transport


def open_transport(bus_url: str, prefix: str, nodes: Sequence[Node]) -> Transport:
    """The transport that this URL names: ``memory://`` for one process, ``amqp://`` for a fleet."""
    if bus_url == "memory://":
        return MemoryTransport(nodes)
    from chassis.amqp import AmqpTransport  # one process needs no broker library

    return AmqpTransport(bus_url, prefix, [node.service for node in nodes])
