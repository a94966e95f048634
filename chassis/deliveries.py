"""Every call to the outside is a row first and a call after: ``enqueue`` in the work's own transaction, and the courier
calls when that has committed. What left, what came back and what is still to do can be seen, replayed and dropped.

States: ``pending → leased → delivered | retry | parked``, ``retry → leased``, ``parked → pending | dropped``. In an
ordered lane everything behind an open or parked row is, or soon becomes, ``waiting``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    Uuid,
    and_,
    false,
    func,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from chassis.clock import UtcDateTime, db_now, utcnow
from chassis.database import chassis_metadata, lock
from chassis.ids import new_id
from chassis.service import Node


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    LEASED = "leased"
    RETRY = "retry"
    WAITING = "waiting"
    PARKED = "parked"
    DELIVERED = "delivered"
    DROPPED = "dropped"


CLAIMABLE = (DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.RETRY)
UNFINISHED = (*CLAIMABLE, DeliveryState.WAITING, DeliveryState.PARKED)
REPLAYABLE = (DeliveryState.PARKED, DeliveryState.DELIVERED, DeliveryState.DROPPED)
DROPPABLE = (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.WAITING, DeliveryState.PARKED)

# What is held back is due in another age; ``let_go`` makes it due now.
HELD_BACK = datetime(9000, 1, 1, tzinfo=UTC)

_number = BigInteger().with_variant(Integer, "sqlite")

deliveries = Table(
    "deliveries",
    chassis_metadata,
    Column("position", _number, primary_key=True, autoincrement=True),
    Column("id", Uuid(as_uuid=False), nullable=False, unique=True),
    Column("kind", String(50), nullable=False),
    Column("receiver", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    # The lane in which order is kept (receiver and subject), or none. Rows of a lane go out by position.
    Column("sequence_key", String(420)),
    Column("payload", Text, nullable=False),
    Column("headers", Text),
    Column("persons", Text),
    Column("idempotency_key", String(100), nullable=False),
    Column("event_id", String(100)),
    Column("correlation_id", String(100)),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # How far down the schedule of delays; a receiver that only asks us to slow down does not push a row along.
    Column("step", Integer, nullable=False, server_default="0"),
    # Whether the last call may have arrived although we have no answer.
    Column("unsure", Boolean, nullable=False, server_default=false()),
    # Of a leased row: the end of its lease. One column, so that one index finds all that is due.
    Column("next_attempt_at", UtcDateTime),
    Column("holder", String(100)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("trying_since", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("last_status", Integer),
    Column("reason", Text),
    sqlite_autoincrement=True,
)
_claimable = deliveries.c.state.in_(CLAIMABLE)
_unfinished = deliveries.c.state.in_(UNFINISHED)
_parked = deliveries.c.state == DeliveryState.PARKED
_finished = deliveries.c.finished_at.is_not(None)
Index(
    "deliveries_due",
    deliveries.c.receiver,
    deliveries.c.next_attempt_at,
    deliveries.c.position,
    postgresql_where=_claimable,
    sqlite_where=_claimable,
)
Index(
    "deliveries_lane",
    deliveries.c.sequence_key,
    deliveries.c.position,
    postgresql_where=_unfinished,
    sqlite_where=_unfinished,
)
Index("deliveries_parked", deliveries.c.position, postgresql_where=_parked, sqlite_where=_parked)
Index("deliveries_finished", deliveries.c.finished_at, postgresql_where=_finished, sqlite_where=_finished)
Index("deliveries_receiver", deliveries.c.receiver, deliveries.c.position)
# For journeys: what came of an event, and of a request by hand.
Index("deliveries_event", deliveries.c.event_id)
_by_hand = deliveries.c.event_id.is_(None)
Index("deliveries_by_hand", deliveries.c.correlation_id, postgresql_where=_by_hand, sqlite_where=_by_hand)

delivery_attempts = Table(
    "delivery_attempts",
    chassis_metadata,
    Column("id", _number, primary_key=True, autoincrement=True),
    Column("delivery_id", Uuid(as_uuid=False), ForeignKey(deliveries.c.id, ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ms", Integer),
    Column("outcome", String(10), nullable=False),
    Column("status", Integer),
    Column("request", Text),
    Column("answer", Text),
    Column("error", Text),
    sqlite_autoincrement=True,
)
Index("delivery_attempts_of", delivery_attempts.c.delivery_id, delivery_attempts.c.id)


@dataclass(frozen=True)
class Outgoing:
    """A call to be made: see ``enqueue``."""

    kind: str
    receiver: str
    subject: str
    payload: Any
    order: Literal["per_subject", "none"] = "none"
    headers: Mapping[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None
    event_id: str | None = None
    persons: Sequence[str] = ()
    not_before: datetime | None = None


class UnknownKind(TypeError):
    """No handler of this kind in the service's manifest; a bug, not bad input."""


def enqueue(
    tx: Session,
    *,
    kind: str,
    receiver: str,
    subject: str,
    payload: Any,
    order: Literal["per_subject", "none"] = "none",
    headers: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
    event_id: str | None = None,
    persons: Sequence[str] = (),
    not_before: datetime | None = None,
) -> str:
    """Have a call made if and only if this transaction commits. Answers the delivery's id.

    ``payload`` is JSON values, stored as the text that is sent. ``receiver`` names whom to call (``webhook:<id>``): its
    troubles hold up nobody else. No secrets in it: the handler looks those up when it calls.
    """
    call = Outgoing(
        kind, receiver, subject, payload, order, headers or {}, idempotency_key, event_id, persons, not_before
    )
    return enqueue_many(tx, [call])[0]


def enqueue_many(tx: Session, calls: Sequence[Outgoing]) -> list[str]:
    """Have many calls made, in one statement; answers their ids in the given order."""
    if not calls:
        return []
    if tx.info.get("projection"):
        raise TypeError("a projection neither emits nor delivers: it must be safe to run again")
    node: Node | None = tx.info.get("node")
    for call in calls:
        if node is not None and call.kind not in node.service.deliveries:
            raise UnknownKind(f"{node.name} delivers no {call.kind}")
    rows = [_row(tx, call) for call in calls]
    tx.execute(deliveries.insert(), rows)
    tx.info["delivers"] = True
    return [row["id"] for row in rows]


def _row(tx: Session, call: Outgoing) -> dict[str, Any]:
    context, now, identity = tx.info.get("context"), utcnow(), new_id()
    return {
        "id": identity,
        "kind": call.kind,
        "receiver": call.receiver,
        "subject": call.subject,
        "sequence_key": f"{call.receiver} {call.subject}" if call.order == "per_subject" else None,
        "payload": orjson.dumps(call.payload).decode(),
        "headers": orjson.dumps(dict(call.headers)).decode() if call.headers else None,
        "persons": ",".join(call.persons) or None,
        "idempotency_key": call.idempotency_key or identity,
        "event_id": call.event_id or (context.causation_id if context else None),
        "correlation_id": context.correlation_id if context else None,
        "state": DeliveryState.PENDING,
        "next_attempt_at": call.not_before or now,
        "created_at": now,
    }


@dataclass(frozen=True)
class Which:
    """The deliveries an operator means; what is not given does not narrow the choice."""

    ids: Sequence[str] | None = None
    kind: str | None = None
    receiver: str | None = None
    subject: str | None = None
    states: Sequence[DeliveryState] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        """The choice as SQL."""
        wanted: list[ColumnElement[bool]] = [
            deliveries.c[name] == value
            for name, value in (("kind", self.kind), ("receiver", self.receiver), ("subject", self.subject))
            if value is not None
        ]
        if self.ids is not None:
            wanted.append(deliveries.c.id.in_(self.ids))
        if self.states:
            wanted.append(deliveries.c.state.in_(self.states))
        if self.since is not None:
            wanted.append(deliveries.c.created_at >= self.since)
        if self.until is not None:
            wanted.append(deliveries.c.created_at < self.until)
        return and_(true(), *wanted)


def find_deliveries(tx: Session, which: Which, *, limit: int = 50, before: int | None = None) -> list[Row[Any]]:
    """Rows of ``deliveries``, newest first; ``before`` is the position of the last one seen."""
    found = select(deliveries).where(which.condition).order_by(deliveries.c.position.desc()).limit(limit)
    if before is not None:
        found = found.where(deliveries.c.position < before)
    return list(tx.execute(found))


def attempts_of(tx: Session, delivery_id: str) -> list[Row[Any]]:
    """Rows of ``delivery_attempts``, in the order they were made: time, outcome, status, ms, request, answer, error."""
    of = delivery_attempts.c.delivery_id == delivery_id
    return list(tx.execute(select(delivery_attempts).where(of).order_by(delivery_attempts.c.id)))


def replay(tx: Session, which: Which) -> int:
    """Send these again from the start of the schedule, with the idempotency keys they had. Answers how many.

    Parked ones unless ``which`` names states; delivered and dropped ones go out again when it does.
    """
    states = which.states or (DeliveryState.PARKED,)
    again = update(deliveries).where(
        which.condition, deliveries.c.state.in_(states), deliveries.c.state.in_(REPLAYABLE)
    )
    values = {"state": DeliveryState.PENDING, "step": 0, "next_attempt_at": db_now(tx), "finished_at": None}
    values |= {"trying_since": None, "reason": None}
    tx.info["delivers"] = True
    return len(tx.execute(again.values(**values).returning(deliveries.c.id)).all())


def drop(tx: Session, which: Which, *, reason: str) -> int:
    """Never send these; what waits behind them goes on. Answers how many. One that is being sent now is not dropped."""
    droppable = which.condition & deliveries.c.state.in_(DROPPABLE)
    lanes = tx.scalars(
        select(deliveries.c.sequence_key).where(droppable, deliveries.c.sequence_key.is_not(None)).distinct()
    )
    held = sorted(lane for lane in lanes if lane)
    lock(tx, held)
    values = {"state": DeliveryState.DROPPED, "finished_at": db_now(tx), "next_attempt_at": None, "reason": reason}
    dropped = tx.execute(update(deliveries).where(droppable).values(**values).returning(deliveries.c.id)).all()
    for lane in held:
        free_next(tx, lane)
    return len(dropped)


def free_next(tx: Session, lane: str) -> None:
    """Let the first unfinished row of this lane go, if it waits. The caller holds ``lock(tx, [lane])``."""
    other = deliveries.alias()
    first = select(func.min(other.c.position)).where(other.c.sequence_key == lane, other.c.state.in_(UNFINISHED))
    waits = (deliveries.c.position == first.scalar_subquery()) & (deliveries.c.state == DeliveryState.WAITING)
    tx.execute(update(deliveries).where(waits).values(state=DeliveryState.PENDING, next_attempt_at=db_now(tx)))
    tx.info["delivers"] = True


def hold_back(tx: Session, receiver: str) -> None:
    """Send this receiver nothing that is not on its way already; new rows come with ``not_before=HELD_BACK``."""
    mine = (deliveries.c.receiver == receiver) & deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.RETRY))
    tx.execute(update(deliveries).where(mine).values(next_attempt_at=HELD_BACK))


def let_go(tx: Session, receiver: str) -> None:
    """Send what was held back from this receiver, now."""
    mine = (deliveries.c.receiver == receiver) & deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.RETRY))
    held = update(deliveries).where(mine, deliveries.c.next_attempt_at >= HELD_BACK)
    tx.execute(held.values(next_attempt_at=db_now(tx)))
    tx.info["delivers"] = True


def try_now(tx: Session, receiver: str) -> None:
    """This receiver is there again: what waits for its next try goes now. What may have arrived keeps its time."""
    waits = (deliveries.c.receiver == receiver) & (deliveries.c.state == DeliveryState.RETRY)
    sure = waits & deliveries.c.unsure.is_(False) & (deliveries.c.next_attempt_at < HELD_BACK)
    tx.execute(update(deliveries).where(sure).values(next_attempt_at=db_now(tx)))
    tx.info["delivers"] = True
