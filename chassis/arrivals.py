"""What comes off the queue: told apart, handled, and kept in hand while the database is away."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from chassis import metrics
from chassis.clock import utcnow
from chassis.database import is_away
from chassis.deliver import deliver, store
from chassis.event import Envelope, Undecodable, decode
from chassis.ids import new_id
from chassis.inbox import undecodable
from chassis.service import Node

log = structlog.get_logger(__name__)

AWAY_PAUSE_S = 0.5


@dataclass(slots=True, frozen=True)
class Message:
    """Bytes from the broker. ``redelivered``: somebody had it before and did not finish."""

    body: bytes
    redelivered: bool = False


class Stopping(Exception):
    """The process is asked to end while the database is away: leave the messages to the broker."""


def take_in(node: Node, messages: Sequence[Message], stopping: threading.Event, *, slow: bool | None = None) -> None:
    """Handle these messages; when this returns all may be acknowledged. Raises Stopping and then none may.

    While the service's own database is away it keeps them and tries again in place: handing them back would only make
    the broker deliver them again at once.
    """
    fresh: list[Envelope] = []
    suspects: list[Envelope] = []
    broken: list[tuple[bytes, str]] = []
    for message in messages:
        try:
            (suspects if message.redelivered else fresh).append(decode(message.body))
        except Undecodable as error:
            broken.append((message.body, str(error)))
    told = False
    while True:
        try:
            if broken:
                keep_undecodable(node, broken)
                broken = []
            if suspects:
                # Whoever had them died or was cut off. From the inbox each runs alone, its start counted before.
                store(node, suspects, starts=1, slow=slow)
                suspects = []
            deliver(node, fresh, slow=slow)
            return
        except Exception as error:
            if not is_away(error):
                raise
            if not told:
                log.warning("database away: keeping the batch", service=node.name, messages=len(messages))
                told = True
            if stopping.is_set():
                raise Stopping from error
            stopping.wait(AWAY_PAUSE_S)


def keep_undecodable(node: Node, broken: Sequence[tuple[bytes, str]]) -> None:
    """Put messages that are no event of ours, each with the reason, where an operator finds them."""
    rows = [
        {
            "id": new_id(),
            "body": body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),
            "reason": reason[:500],
            "received_at": utcnow(),
        }
        for body, reason in broken
    ]
    with node.db.begin() as tx:
        tx.execute(undecodable.insert(), rows)
    metrics.inbox_undecodable.labels(node.name).inc(len(rows))
    log.error("undecodable messages kept for the operator", service=node.name, count=len(rows))
