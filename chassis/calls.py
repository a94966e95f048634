"""What a delivery handler sees and says: one delivery in, one outcome out.

A handler's module imports this, an HTTP or protocol library, and nothing of the database.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from chassis.service import Node


@dataclass(frozen=True)
class Delivery:
    """A row as its handler sees it. ``body`` is the payload as stored, the same bytes at every attempt.

    Send ``idempotency_key`` along (a webhook's id): it stays the same over all attempts and replays, so that a receiver
    who heard us twice can tell. ``attempts`` counts this one.
    """

    id: str
    kind: str
    receiver: str
    subject: str
    body: str
    headers: Mapping[str, str]
    idempotency_key: str
    event_id: str | None
    correlation_id: str | None
    attempts: int
    created_at: datetime

    @property
    def payload(self) -> Any:
        """The payload as JSON values."""
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Delivered:
    """They have it. ``request`` and ``answer`` are kept for people to read, without secrets."""

    status: int | None = None
    answer: str = ""
    request: str = ""
    reference: str | None = None


@dataclass(frozen=True)
class Refused:
    """They will never take it as it is: parked at once."""

    reason: str
    status: int | None = None
    answer: str = ""
    request: str = ""


@dataclass(frozen=True)
class Later:
    """Not now. With ``retry_after`` (seconds) they said when, and mean everything we have for them."""

    reason: str
    retry_after: float | None = None
    status: int | None = None
    answer: str = ""
    request: str = ""


@dataclass(frozen=True)
class Unknown:
    """Sent, but no answer came: it may have arrived. Waits longer, looks it up if the handler can, then sends again."""

    reason: str
    request: str = ""


@dataclass(frozen=True)
class Gone:
    """The receiver does not want to hear from us any more: everything for it is parked."""

    reason: str
    status: int | None = None
    answer: str = ""
    request: str = ""


@dataclass(frozen=True)
class GivenUp:
    """The last try failed too: parked. Handed to ``settled`` only."""

    reason: str


Outcome = Delivered | Refused | Later | Unknown | Gone
Settled = Delivered | Refused | Gone | GivenUp

# The schedule of Standard Webhooks: the wait before each attempt. Ten attempts over 75.6 hours.
DELAYS_S = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)


@dataclass(frozen=True)
class DeliveryHandler:
    """How deliveries of one kind are made. ``send`` makes one call, outside any transaction; what it raises is a Later.

    ``settled`` runs in the transaction that records a final outcome: keep the other side's reference there, emit what
    follows, switch off a receiver that is Gone. ``put_off`` runs in the one that records that it is tried again
    (not when the receiver only asked to slow down). ``look_up`` asks the other side for our ``idempotency_key`` before
    something that may have arrived is sent again; ``unknown_wait_s`` must exceed the other side's own time limit.
    """

    send: Callable[[Node, Delivery], Outcome]
    settled: Callable[[Session, Delivery, Settled], None] | None = None
    put_off: Callable[[Session, Delivery, Later | Unknown], None] | None = None
    look_up: Callable[[Node, Delivery], Delivered | None] | None = None
    timeout_s: float = 15.0
    unknown_wait_s: float = 120.0
    in_flight_per_receiver: int = 4
    delays_s: tuple[float, ...] = DELAYS_S
