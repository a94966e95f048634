"""The courier's two transactions: claim what is due for a receiver, and record what came of it. No call in between.

A claim is a lease that outlives the call and the time an unknown outcome must rest. A courier that dies after calling
and before recording leaves a leased row; when the lease has run out another sends it again, with the same key.
"""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

import orjson
import structlog
from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.orm import Session

from chassis.access import as_system
from chassis.calls import (
    Delivered,
    Delivery,
    DeliveryHandler,
    GivenUp,
    Gone,
    Later,
    Outcome,
    Refused,
    Settled,
    Unknown,
)
from chassis.clock import db_later, db_now, utcnow
from chassis.context import Context
from chassis.database import lock
from chassis.deliveries import CLAIMABLE, UNFINISHED, DeliveryState, deliveries, delivery_attempts, free_next
from chassis.service import Node

log = structlog.get_logger(__name__)

LOOK = 100
KEPT_CHARS = 2048
LONGEST_RETRY_AFTER_S = 86_400.0


@dataclass(frozen=True)
class Claimed:
    """A delivery in our hands until its lease ends. ``unsure``: an earlier call may have arrived."""

    delivery: Delivery
    lane: str | None
    step: int
    unsure: bool
    trying_since: datetime
    holder: str


def receivers_due(tx: Session) -> dict[str, str]:
    """Every receiver that something is due for, and of which kind.

    Steps from one receiver to the next in the index, however many rows each has.
    """
    walk = select(func.min(deliveries.c.receiver).label("receiver")).where(_claimable()).cte("walk", recursive=True)
    after = select(func.min(deliveries.c.receiver)).where(_claimable(), deliveries.c.receiver > walk.c.receiver)
    walk = walk.union_all(select(after.scalar_subquery()).where(walk.c.receiver.is_not(None)))
    its = _claimable() & (deliveries.c.receiver == walk.c.receiver)
    earliest = select(func.min(deliveries.c.next_attempt_at)).where(its).scalar_subquery()
    kind = select(deliveries.c.kind).where(its).limit(1).scalar_subquery()
    due = select(walk.c.receiver, kind).where(earliest <= db_now(tx))
    return {row.receiver: row[1] for row in tx.execute(due)}


def count_parked(tx: Session, most: int = 10_000) -> int:
    """How many deliveries wait for an operator, counted up to ``most``."""
    parked = select(deliveries.c.position).where(deliveries.c.state == DeliveryState.PARKED).limit(most).subquery()
    return tx.scalar(select(func.count()).select_from(parked)) or 0


def claim(node: Node, receiver: str, holder: str, at_most: int) -> list[Claimed]:
    """Lease up to ``at_most`` due deliveries for this receiver, oldest first; of a lane only its first may go."""
    with node.db.begin() as tx:
        rows = tx.execute(_due(tx, receiver)).all()
        # From here until commit nobody finishes a row of these lanes: what we see as blocked is not freed behind us.
        lock(tx, sorted({row.sequence_key for row in rows if row.sequence_key}))
        blocked = _blocked(tx, [row.position for row in rows if row.sequence_key])
        if blocked:
            behind = update(deliveries).where(deliveries.c.position.in_(blocked))
            tx.execute(behind.values(state=DeliveryState.WAITING, next_attempt_at=None))
        free = [row for row in rows if row.position not in blocked][:at_most]
        return [_lease(tx, node, row, holder) for row in free]


def _due(tx: Session, receiver: str) -> Select[Any]:
    wanted = _claimable() & (deliveries.c.receiver == receiver) & (deliveries.c.next_attempt_at <= db_now(tx))
    oldest = select(deliveries).where(wanted).order_by(deliveries.c.next_attempt_at, deliveries.c.position)
    return oldest.limit(LOOK).with_for_update(skip_locked=True)


def _blocked(tx: Session, positions: list[int]) -> set[int]:
    if not positions:
        return set()
    earlier = deliveries.alias()
    before = earlier.c.sequence_key == deliveries.c.sequence_key, earlier.c.position < deliveries.c.position
    open_before = select(earlier.c.position).where(*before, earlier.c.state.in_(UNFINISHED)).exists()
    return set(tx.scalars(select(deliveries.c.position).where(deliveries.c.position.in_(positions), open_before)))


def _lease(tx: Session, node: Node, row: Row[Any], holder: str) -> Claimed:
    # A lease that ran out: its courier died or could not record. It may have called, and it may be what killed it.
    lapsed = row.state == DeliveryState.LEASED
    if lapsed:
        tx.execute(delivery_attempts.insert().values(delivery_id=row.id, at=db_now(tx), outcome="lapsed"))
    clock = tx.scalars(select(db_now(tx))).one()
    taken = {
        "state": DeliveryState.LEASED,
        "holder": holder,
        "attempts": row.attempts + 1,
        "step": row.step + lapsed,
        "unsure": row.unsure or lapsed,
        "trying_since": row.trying_since or clock,
        "next_attempt_at": db_later(tx, _lease_s(node, row.kind)),
    }
    tx.execute(update(deliveries).where(deliveries.c.position == row.position).values(**taken))
    return Claimed(_delivery(row), row.sequence_key, taken["step"], taken["unsure"], row.trying_since or clock, holder)


def _lease_s(node: Node, kind: str) -> float:
    handler: DeliveryHandler | None = node.service.deliveries.get(kind)
    return handler.timeout_s + handler.unknown_wait_s * node.settings.retry_scale if handler else 60.0


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        kind=row.kind,
        receiver=row.receiver,
        subject=row.subject,
        body=row.payload,
        headers=orjson.loads(row.headers) if row.headers else {},
        idempotency_key=row.idempotency_key,
        event_id=row.event_id,
        correlation_id=row.correlation_id,
        attempts=row.attempts + 1,
        created_at=row.created_at,
    )


def record(node: Node, claimed: Claimed, outcome: Outcome, *, began: datetime, ms: int, settle: bool = True) -> None:
    """Write down what came of the call and what happens next; ``settled`` runs in the same transaction.

    When somebody else has taken the row over meanwhile, only the attempt is kept.
    """
    handler: DeliveryHandler | None = node.service.deliveries.get(claimed.delivery.kind)
    delivery = claimed.delivery
    context = Context(delivery.correlation_id or delivery.id, delivery.event_id, "courier")
    with node.begin(context) as tx:
        if claimed.lane:
            lock(tx, [claimed.lane])
        _keep_attempt(tx, claimed, outcome, began, ms)
        settled, values = _next(tx, node, handler, claimed, outcome)
        mine = update(deliveries).where(deliveries.c.id == delivery.id, deliveries.c.holder == claimed.holder)
        mine = mine.where(deliveries.c.state == DeliveryState.LEASED)
        if tx.execute(mine.values(**values, holder=None).returning(deliveries.c.id)).first() is None:
            log.warning("delivery was taken over before its outcome was recorded", delivery=delivery.id)
            return
        if isinstance(outcome, Gone):
            _park_all_for(tx, delivery.receiver, outcome.reason)
        if claimed.lane and isinstance(outcome, Delivered):
            free_next(tx, claimed.lane)
        if settle and handler is not None:
            as_system(tx, f"delivery {delivery.kind}")
            _tell(tx, handler, delivery, settled, outcome, slowed_down=values.get("step") == claimed.step)


def _tell(
    tx: Session,
    handler: DeliveryHandler,
    delivery: Delivery,
    settled: Settled | None,
    outcome: Outcome,
    *,
    slowed_down: bool,
) -> None:
    if settled is not None:
        if handler.settled is not None:
            handler.settled(tx, delivery, settled)
    elif handler.put_off is not None and isinstance(outcome, Later | Unknown) and not slowed_down:
        handler.put_off(tx, delivery, outcome)


def _keep_attempt(tx: Session, claimed: Claimed, outcome: Outcome, began: datetime, ms: int) -> None:
    answer, error = getattr(outcome, "answer", ""), getattr(outcome, "reason", "")
    row = {
        "delivery_id": claimed.delivery.id,
        "at": began,
        "ms": ms,
        "outcome": type(outcome).__name__.lower(),
        "status": getattr(outcome, "status", None),
        "request": _cut(outcome.request),
        "answer": _cut(answer),
        "error": _cut(error),
    }
    tx.execute(delivery_attempts.insert().values(**row))


def _cut(text: str) -> str | None:
    # PostgreSQL takes no NUL in text, and an answer from outside may hold anything.
    return text[:KEPT_CHARS].replace("\0", "\ufffd") or None


def _next(
    tx: Session, node: Node, handler: DeliveryHandler | None, claimed: Claimed, outcome: Outcome
) -> tuple[Settled | None, dict[str, Any]]:
    """The final outcome, if it is one, and what the row becomes."""
    status = getattr(outcome, "status", None)
    match outcome:
        case Delivered():
            finished = {"state": DeliveryState.DELIVERED, "finished_at": db_now(tx), "next_attempt_at": None}
            return outcome, {**finished, "reason": None, "last_status": status, "unsure": False}
        case Refused() | Gone():
            return outcome, _parked(outcome.reason, status)
        case Later() | Unknown():
            wait_s, step = _wait(node, handler, claimed, outcome)
            if wait_s is None:
                return GivenUp(outcome.reason), _parked(f"given up: {outcome.reason}", status)
            # Who could look it up has done so before it said "later"; who cannot does not know more than before.
            cannot_look = handler is None or handler.look_up is None
            unsure = isinstance(outcome, Unknown) or (claimed.unsure and cannot_look)
            retry = {"state": DeliveryState.RETRY, "step": step, "next_attempt_at": db_later(tx, wait_s)}
            return None, {**retry, "unsure": unsure, "reason": _cut(outcome.reason), "last_status": status}
        case _:
            assert_never(outcome)


def _parked(reason: str, status: int | None) -> dict[str, Any]:
    values = {"state": DeliveryState.PARKED, "next_attempt_at": None, "reason": _cut(reason), "last_status": status}
    return {**values, "trying_since": None}


def _wait(
    node: Node, handler: DeliveryHandler | None, claimed: Claimed, outcome: Later | Unknown
) -> tuple[float | None, int]:
    """Seconds until the next try and its step in the schedule; None when there is no next."""
    delays, scale = (handler or DeliveryHandler(send=_nobody)).delays_s, node.settings.retry_scale
    following = claimed.step + 1
    asked = outcome.retry_after if isinstance(outcome, Later) else None
    if asked is not None and following < len(delays) and asked < delays[following] * scale:
        # They only ask us to slow down: that is no failure of this row, unless it goes on for as long as the schedule.
        age = (utcnow() - claimed.trying_since).total_seconds()
        return (max(asked, 1.0 * scale), claimed.step) if age < sum(delays) * scale else (None, following)
    if following >= len(delays):
        return None, following
    # Jitter only adds: the whole schedule stays as long as promised, and a thousand rows do not come back as one.
    wait_s = delays[following] * scale * random.uniform(1.0, 1.1)
    if isinstance(outcome, Unknown) and handler is not None:
        wait_s = max(wait_s, handler.unknown_wait_s * scale)
    return max(wait_s, min(asked or 0.0, LONGEST_RETRY_AFTER_S)), following


def _nobody(_node: Node, delivery: Delivery) -> Outcome:
    return Refused(f"nobody delivers {delivery.kind} here")


def _park_all_for(tx: Session, receiver: str, reason: str) -> None:
    waiting = (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.WAITING)
    others = update(deliveries).where(deliveries.c.receiver == receiver, deliveries.c.state.in_(waiting))
    tx.execute(others.values(**_parked(f"the receiver is gone: {reason}", None)))


def _claimable() -> Any:
    return deliveries.c.state.in_(CLAIMABLE)
