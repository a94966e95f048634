"""Does every event type still reach every queue that needs it? Asked from end to end, and mended.

The feed takes every type, so ``mandatory`` cannot see that another queue lost its binding. A probe is published under
each routing key; the worker behind each queue answers it and does nothing else. A key whose probe never came back while
the queue was alive has lost its binding: an alert is raised and the topology declared again.
"""

import time
from collections.abc import Sequence
from typing import Any

import structlog

from chassis import metrics
from chassis.ids import new_id
from chassis.service import Service
from chassis.topology import BrokerError, Names, Properties, connect, declare, queues_of
from chassis.transport import BusAway

log = structlog.get_logger(__name__)

PROBE = "x-relata-probe"
ANSWER_WITHIN_S = 8.0
# A queue whose worker is away keeps the probe no longer than this.
PROBE_LIVES_MS = "30000"

Expected = dict[str, tuple[str, str]]  # correlation id -> (queue, routing key)


def keep_bindings(url: str, prefix: str, services: Sequence[Service]) -> int:
    """Probe, raise the alert and declare again what is missing; answers how many bindings were. Raises BusAway."""
    try:
        lost = missing_bindings(url, prefix, services)
        declare(url, prefix, services)
    except (BrokerError, OSError) as error:
        raise BusAway(type(error).__name__) from error
    for service in services:
        queues = queues_of(service, Names(prefix))
        metrics.bindings_missing.labels(service.name).set(sum(1 for queue, _key in lost if queue in queues))
    for queue, key in lost:
        log.error("binding was missing and is declared again", queue=queue, key=key)
    return len(lost)


def missing_bindings(url: str, prefix: str, services: Sequence[Service]) -> list[tuple[str, str]]:
    """(queue, routing key) pairs that events do not get through. A queue without a living worker is not judged."""
    names = Names(prefix)
    connection = connect(url)
    try:
        channel = connection.channel()
        replies = channel.queue_declare("", exclusive=True, auto_delete=True).method.queue
        answered: dict[str, set[str]] = {}

        def heard(_channel: Any, _method: Any, properties: Any, body: bytes) -> None:
            answered.setdefault(properties.correlation_id, set()).add(body.decode("utf-8", "replace"))

        channel.basic_consume(replies, heard, auto_ack=True)
        expected = _publish_probes(channel, names, services, replies)
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while time.monotonic() < deadline and not _all_answered(expected, answered):
            connection.process_data_events(time_limit=0.2)
        return _lost(expected, answered)
    finally:
        connection.close()


def _publish_probes(channel: Any, names: Names, services: Sequence[Service], replies: str) -> Expected:
    expected: Expected = {}
    for service in services:
        for queue, keys in queues_of(service, names).items():
            for key in sorted(keys):
                probe = new_id()
                expected[probe] = (queue, key)
                properties = Properties(
                    correlation_id=probe, reply_to=replies, headers={PROBE: "1"}, expiration=PROBE_LIVES_MS
                )
                channel.basic_publish(names.events, key.replace("#", "relata.probe"), b"", properties)
    return expected


def _all_answered(expected: Expected, answered: dict[str, set[str]]) -> bool:
    return all(queue in answered.get(probe, ()) for probe, (queue, _key) in expected.items())


def _lost(expected: Expected, answered: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Queues are in order, so a probe that a later one has overtaken did not come through."""
    lost = []
    order = list(expected)
    for place, (probe, (queue, key)) in enumerate(expected.items()):
        overtaken = any(queue in answered.get(later, ()) for later in order[place + 1 :])
        if queue not in answered.get(probe, ()) and overtaken:
            lost.append((queue, key))
    return lost
